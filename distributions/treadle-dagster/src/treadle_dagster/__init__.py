"""Packages that bear Dagster's names and hand over to Treadle. `take_the_place_of` is what each of them calls."""

import importlib
import os
import sys
from pathlib import Path

import treadle.compat

_SAID = "TREADLE_DAGSTER_SAID"


def take_the_place_of(name: str) -> None:
    """From here on the module `name`, which is being imported, is Treadle's, and so are all others of that family."""
    say_where_both_are_installed()
    treadle.compat.install()
    del sys.modules[name]
    importlib.import_module(name)


def say_where_both_are_installed() -> None:
    """Tell once, also for child processes, that the real package was installed into the same folder."""
    real = real_distribution()
    if real is None or _SAID in os.environ:
        return
    os.environ[_SAID] = "1"
    sys.stderr.write(
        f"treadle-dagster: {real} is installed in the same place, and each overwrites files of the other. "
        "The name means Treadle here. To mend it: uninstall `dagster` and `treadle-dagster`, then install one of them.\n"
    )


def real_distribution() -> str | None:
    """Name and version of the real package beside this one, such as `dagster 1.13.27`; None where there is none."""
    # The list of a folder, not importlib.metadata: that takes longer than all else here.
    for entry in Path(__file__).resolve().parents[1].glob("dagster-*.dist-info"):
        return entry.name.removesuffix(".dist-info").replace("-", " ", 1)
    return None
