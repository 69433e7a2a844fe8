"""Modules that a test loads from temporary folders go with it: the next test may have other ones of the same names."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


def forget_modules(since: set[str], folder: Path) -> None:
    """Forget what was imported from below a folder and is not among these names."""
    loaded = [name for name in set(sys.modules) - since if _place_of(name).startswith(f"{folder}/")]
    for name in loaded:
        del sys.modules[name]


def _place_of(name: str) -> str:
    file = getattr(sys.modules[name], "__file__", None)
    if file is not None:
        return str(file)
    folders = getattr(sys.modules[name], "__path__", None)  # a package without `__init__.py`
    return str(next(iter(folders), "")) if folders else ""


@pytest.fixture(autouse=True)
def _own_modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    since = set(sys.modules)
    yield
    forget_modules(since, tmp_path_factory.getbasetemp())
