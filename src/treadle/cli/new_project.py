"""Writes a project's first files into a folder."""

import keyword
import re
from collections.abc import Mapping
from pathlib import Path

from treadle.cli.failing import fail


def refuse_package_name(name: str) -> None:
    """End the command where a project and its package can not be called so."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or keyword.iskeyword(name):
        fail(
            f"`{name}` cannot be the name of a Python package.",
            code="invalid-name",
            hint="Use letters, digits and underscores, beginning with a letter.",
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
