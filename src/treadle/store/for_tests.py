"""An instance for a test: in a folder of its own, gone afterwards."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from treadle.store.deployment_settings import DEPLOYMENT_FILE, checked_settings
from treadle.store.instance import Instance

_HOME: Final = "TREADLE_HOME"


@contextlib.contextmanager
def instance_for_test(
    overrides: Mapping[str, Any] | None = None,
    set_dagster_home: bool = True,
    temp_dir: str | None = None,
    synchronous_run_coordinator: bool = False,
    synchronous_run_launcher: bool = False,
) -> Iterator[Instance]:
    """An instance on disk for a test.

    Args:
        overrides: what `get_settings` of it, and of `Instance.get()`, tells.
        set_dagster_home: make it the home of this process, too, so that `Instance.get()` opens the same store.
        temp_dir: the folder; a new one, removed afterwards, where not given.
        synchronous_run_coordinator: accepted and not used, as is the last.

    Example:
        >>> with instance_for_test() as instance:
        ...     instance.get_runs_count()
        0
    """
    with contextlib.ExitStack() as leaving:
        folder = temp_dir or leaving.enter_context(tempfile.TemporaryDirectory(prefix="treadle-"))
        if set_dagster_home:
            leaving.callback(_set_home, os.environ.get(_HOME))
            _set_home(folder)
        told = checked_settings(overrides, "overrides=")
        if told:
            (Path(folder) / DEPLOYMENT_FILE).write_text(json.dumps(told, default=str), encoding="utf-8")
        with Instance.at(Path(folder)) as instance:
            yield instance


def _set_home(folder: str | None) -> None:
    if folder is None:
        os.environ.pop(_HOME, None)
    else:
        os.environ[_HOME] = folder
