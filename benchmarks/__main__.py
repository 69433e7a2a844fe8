"""Prints figure, peer, ratio and floor of each benchmark. A case may be the beginning of names: `load` is load-1k, load-10k …"""

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.case import Case, SideName, case
from benchmarks.cases import load_all
from benchmarks.compare import PEER_PYTHON, compare
from benchmarks.report import as_table, shown, write_json


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    load_all()
    if options.list:
        floors = {
            chosen.name: f"; floor: {chosen.floor_is}" if chosen.floor_is else ""
            for chosen in case.cases.values()
        }
        print(
            "\n".join(
                f"{chosen.name:18} {chosen.what}{floors[chosen.name]}" for chosen in case.cases.values()
            )
        )
        return 0
    try:
        chosen_cases = choose(options.case)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    sides: list[SideName] = [side for side in ("ours", "peer", "floor") if side in options.sides.split(",")]
    rows = []
    for chosen in chosen_cases:
        row = compare(
            chosen, rounds=options.rounds, sides=sides, timeout=options.timeout, clock=options.clock
        )
        rows.append(row)
        values = [
            f"{side} {shown(value, row.unit)}"
            for side in sides
            if (value := getattr(row, side).value) is not None
        ]
        print(f"{chosen.name}: {', '.join(values) or 'nothing measured'}", file=sys.stderr, flush=True)
    print(as_table(rows))
    if options.json:
        write_json(rows, options.json, _peer_version(), options.clock)
    return 1 if any(row.ours.failed for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("case", nargs="*", help="a case, or the beginning of some (all)")
    parser.add_argument("--list", action="store_true", help="the cases")
    parser.add_argument("--rounds", type=int, default=5, help="measurements a side (5)")
    parser.add_argument("--sides", default="ours,peer,floor", help="which of ours,peer,floor (all)")
    parser.add_argument("--clock", default="wall", choices=("wall", "cpu"), help="what a second is (wall)")
    parser.add_argument("--timeout", type=float, default=300, help="seconds a measurement may take (300)")
    parser.add_argument("--json", type=Path, help="also write every measurement to this file")
    return parser


def choose(beginnings: list[str]) -> list[Case]:
    """The cases that begin so.

    Raises:
        ValueError: a beginning that no case has.
    """
    for beginning in beginnings:
        if not any(name.startswith(beginning) for name in case.cases):
            raise ValueError(f"no benchmark begins with {beginning!r}; there are: {', '.join(case.cases)}")
    return [c for c in case.cases.values() if not beginnings or c.name.startswith(tuple(beginnings))]


def _peer_version() -> str | None:
    if not PEER_PYTHON.exists():
        return None
    code = "from importlib.metadata import version; print(version('dagster'))"
    return (
        subprocess.run([str(PEER_PYTHON), "-c", code], capture_output=True, text=True).stdout.strip() or None
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
