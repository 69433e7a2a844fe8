"""What the documentation site takes from the code: every public name stands on one page of the API reference."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from treadle._public_names import MODULES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_pages", ROOT / "tools" / "docs_pages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_stands_on_one_page(pages: ModuleType) -> None:
    shown = [
        spelling
        for names in pages.names_by_area().values()
        for name, _, aliases in names
        for spelling in (name, *aliases)
    ]
    public = [word.partition("=")[0] for names in MODULES.values() for word in names.split()]
    assert sorted(set(public) - set(shown)) == []
    assert sorted(name for name in set(shown) if shown.count(name) > 1) == []


def test_every_name_has_an_area(pages: ModuleType) -> None:
    assert pages.names_by_area().get(pages.OTHER, []) == []
