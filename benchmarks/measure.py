"""Takes one measurement in this process and prints it: `python -m benchmarks.measure CASE ours|peer|floor`."""

import json
import sys
import warnings

from benchmarks.case import NotAvailable, Side, case
from benchmarks.cases import load_all


def main(name: str, side_name: str) -> int:
    warnings.simplefilter("ignore")
    load_all()
    chosen = case.cases[name]
    side = Side(side_name)  # type: ignore[arg-type]
    measure = chosen.floor if side_name == "floor" else chosen.measure
    assert measure is not None
    try:
        result: dict[str, object] = {"value": measure(side)}
    except NotAvailable as missing:
        result = {"missing": str(missing)}
    except Exception as error:  # noqa: BLE001  whatever it is, the table must show it
        result = {"failed": f"{type(error).__name__}: {str(error)[:300]}"}
    print("\n" + json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
