"""The public surface is a recorded list: a name that disappears breaks somebody's code."""

import importlib

import pytest

import treadle
from tests.repository.source_tree import PACKAGE, ROOT
from treadle import _public_names

RECORDED = ROOT / "tests" / "data" / "public_names.txt"


def test_the_public_names_are_the_recorded_ones() -> None:
    recorded = set(RECORDED.read_text("utf-8").split())
    now = set(_public_names.name_table())
    assert recorded - now == set(), "public names that are gone; if that is meant, take them out of the file"
    assert now - recorded == set(), "new public names: `make names` records them"


def test_every_public_name_resolves() -> None:
    missing = []
    for public, (module, inner) in _public_names.name_table().items():
        if not hasattr(importlib.import_module(module), inner):
            missing.append(f"{public}: {module} has no {inner}")
        elif getattr(treadle, public) is not getattr(importlib.import_module(module), inner):
            missing.append(f"{public} is not what {module} has")
    assert missing == []


def test_no_public_name_is_listed_twice() -> None:
    homes: dict[str, list[str]] = {}
    for module, names in _public_names.MODULES.items():
        for entry in names.split():
            homes.setdefault(entry.partition("=")[0], []).append(module)
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}


def test_editors_see_the_same_names_as_the_interpreter() -> None:
    stub = (PACKAGE / "__init__.pyi").read_text("utf-8")
    assert stub == _public_names.stub_text(), "`make names` writes it anew"


def test_a_misspelt_name_is_told_with_the_one_that_was_meant() -> None:
    """S3-05, S2-D01a"""
    with pytest.raises(AttributeError, match="did you mean `Definitions`"):
        treadle.efinitions
