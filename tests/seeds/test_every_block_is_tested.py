"""No block of the sources is left out: each is run by a test, or its module says why not yet."""

import re
from importlib import import_module
from types import ModuleType

import pytest

from tests.seeds.blocks import DATA

COUNTS = {"custom_assets": 5, "asset_tutorial": 46, "course": 10, "patterns": 11}


@pytest.mark.parametrize("source", COUNTS)
def test_each_block_has_a_test_or_a_reason(source: str) -> None:
    module: ModuleType = import_module(f"tests.seeds.test_{source}")
    numbers = sorted(int(path.stem) for path in (DATA / source).iterdir())
    assert numbers == list(range(1, COUNTS[source] + 1)) == sorted(module.BLOCKS)
    for number, told in module.BLOCKS.items():
        if told.startswith("later: "):
            assert len(told) > 30, f"block {number} of {source} has no reason"
        else:
            assert all(callable(getattr(module, name, None)) for name in re.findall(r"\w+", told)), number


def test_all_sources_are_known() -> None:
    assert {path.name for path in DATA.iterdir()} == set(COUNTS)
