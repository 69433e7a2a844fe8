"""`AssetValueLoader` as its users make it: from definitions by key."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError


@dg.asset
def upstream() -> int:
    return 1


@dg.asset
def downstream(upstream: int) -> int:
    return upstream + 1


def test_a_loader_is_made_of_definitions_by_key():
    with dg.instance_for_test() as instance:
        assert dg.materialize([upstream, downstream], instance=instance).success
        loader = dg.AssetValueLoader({downstream.key: downstream}, instance=instance)
        assert loader.load_asset_value("downstream") == 2
        named = dg.AssetValueLoader(assets_defs_by_key={upstream.key: upstream}, instance=instance)
        assert named.load_asset_value(upstream.key) == 1


def test_a_loader_of_something_else_is_refused():
    with pytest.raises(InvalidArgumentError, match="assets_defs_by_key"):
        dg.AssetValueLoader([downstream])
