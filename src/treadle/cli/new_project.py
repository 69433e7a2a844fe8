"""Writes a project's first files into a folder."""

import keyword
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from treadle.cli.failing import fail

_TAKEN: Final = frozenset({"treadle", "dagster", "test", "tests"})
"""What projects import, Python's own tests, and the folder of a project's tests."""


def refuse_package_name(name: str) -> None:
    """End the command where a project and its package can not be called so."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or keyword.iskeyword(name):
        fail(
            f"`{name}` cannot be the name of a Python package.",
            code="invalid-name",
            hint="Use letters, digits and underscores, beginning with a letter.",
        )
    if name in sys.stdlib_module_names or name in _TAKEN:
        fail(
            f"`{name}` cannot be the name of a project: its package would hide the module `{name}`"
            + (" of Python." if name in sys.stdlib_module_names else "."),
            code="invalid-name",
            hint=f"Choose another name, such as `{name}_project`.",
        )


def refuse_path_taken(path: Path) -> None:
    """End the command before it writes over what is there."""
    fail(
        f"`{path}` exists; nothing was changed.",
        code="path-taken",
        hint="Choose another name, or remove the folder first.",
    )


def write_files(folder: Path, files: Mapping[str, str], name: str) -> None:
    """Write `files` (paths and texts, both with `{name}` where the project's name belongs) below `folder`."""
    for place, text in files.items():
        path = folder / place.format(name=name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(name=name), encoding="utf-8")
