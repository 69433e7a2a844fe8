"""Running a script for a step: through the pipes client where there is one, else as a plain process."""

import importlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from treadle.components.resolution.definition_models import OpSpec
from treadle.core.asset_events import AssetCheckResult, MaterializeResult
from treadle.core.errors import SubprocessError
from treadle.core.specs import AssetCheckSpec, AssetSpec


class ScriptSpec(OpSpec):
    """A script, and what is said of its step."""

    type: Literal["script"] = "script"
    path: str
    args: list[str] | str | None = None


def run_script(
    context: Any,
    command: Sequence[str],
    script: Path,
    assets: Sequence[AssetSpec],
    checks: Sequence[AssetCheckSpec],
) -> Any:
    """Run a command for a step; what it prints is the step's output.

    Args:
        context: of the step.
        command: the program and its arguments.
        script: runs in its folder.
        assets: what the step makes.
        checks: what it evaluates; a script that reports nothing passes them by ending well.

    Raises:
        SubprocessError: it ended with another code than 0.
    """
    client = getattr(importlib.import_module("treadle"), "PipesSubprocessClient", None)
    if client is not None:
        return client().run(context=context, command=list(command), cwd=str(script.parent)).get_results()
    _run(command, script.parent)
    return [
        *(MaterializeResult(asset_key=spec.key) for spec in assets),
        *(AssetCheckResult(asset_key=spec.asset_key, check_name=spec.name, passed=True) for spec in checks),
    ]


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise SubprocessError(f"`{command[0]}` can not be started: {error.strerror}") from error
    last: list[str] = []

    def pass_on(source: Any, target: Any) -> None:
        for line in source:
            target.write(line)
            last[:] = [*last[-19:], line]

    with process:
        reader = threading.Thread(target=pass_on, args=(process.stderr, sys.stderr))
        reader.start()
        pass_on(process.stdout, sys.stdout)
        reader.join()
    if process.returncode != 0:
        raise SubprocessError(
            f"`{' '.join(command)}` ended with code {process.returncode}; its last output:\n{''.join(last)}"
        )
