"""How long it takes until anything can happen: import, the command line."""

import sys
from pathlib import Path

from benchmarks.case import Side, case, seconds_of_command


def bare_interpreter(_: Side) -> float:
    return seconds_of_command(sys.executable, "-c", "pass")


@case(
    "import",
    "import, over a bare interpreter",
    "s",
    target=0.090,
    floor=bare_interpreter,
    floor_is="a bare interpreter",
)
def import_package(side: Side) -> float:
    with_it = seconds_of_command(sys.executable, "-c", f"import {side.package}")
    return with_it - seconds_of_command(sys.executable, "-c", "pass")


@case(
    "import-asset",
    "import the names a file of assets uses, over a bare interpreter",
    "s",
    target=0.090,
    floor=bare_interpreter,
    floor_is="a bare interpreter",
)
def import_asset(side: Side) -> float:
    names = "AssetExecutionContext, Definitions, MaterializeResult, asset, asset_check"
    side.dg.asset  # noqa: B018  not available where the name is missing
    with_it = seconds_of_command(sys.executable, "-c", f"from {side.package} import {names}")
    return with_it - seconds_of_command(sys.executable, "-c", "pass")


@case(
    "first-run",
    "a script that defines and materializes one asset, over a bare interpreter",
    "s",
    floor=bare_interpreter,
    floor_is="a bare interpreter",
)
def first_run(side: Side) -> float:
    side.dg.asset  # noqa: B018
    with side.home() as home:
        file = Path(home, "one_run.py")
        lines = (
            f"import {side.package} as dg",
            "@dg.asset",
            "def one():",
            "    return 1",
            "dg.materialize([one])",
        )
        file.write_text("\n".join(lines) + "\n")
        with_it = seconds_of_command(sys.executable, str(file), cwd=home)
        return with_it - seconds_of_command(sys.executable, "-c", "pass")


@case(
    "cli-version",
    "command line: --version",
    "s",
    target=0.150,
    floor=bare_interpreter,
    floor_is="a bare interpreter",
)
def version(side: Side) -> float:
    return seconds_of_command(*side.command, "--version")


@case(
    "cli-materialize",
    "command line: materialize one asset",
    "s",
    target=0.400,
    floor=bare_interpreter,
    floor_is="a bare interpreter",
)
def materialize(side: Side) -> float:
    side.dg.asset  # noqa: B018
    with side.home() as home:
        file = Path(home, "one_asset.py")
        file.write_text(f"import {side.package} as dg\n\n\n@dg.asset\ndef one():\n    return 1\n")
        command = (*side.command, "asset", "materialize", "--select", "one", "-f", str(file))
        return seconds_of_command(*command, cwd=home, times=3)
