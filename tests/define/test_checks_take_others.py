"""Checks that take the values of other assets beside the one they check."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError


def test_assets_that_a_check_takes_are_among_its_additional_deps() -> None:
    @dg.asset_check(
        asset="orders",
        additional_ins={"rates": dg.AssetIn("fx"), "both": dg.AssetIn("in_both")},
        additional_deps=["later", "in_both"],
    )
    def converted(orders, rates, both):
        return dg.AssetCheckResult(passed=True)

    deps = [dep.asset_key.to_user_string() for dep in converted.check_spec.additional_deps]
    assert deps == ["later", "in_both", "fx"]


def test_a_check_names_the_checked_asset_once() -> None:
    with pytest.raises(InvalidDefinitionError, match="additional_ins"):

        @dg.asset_check(asset="orders", additional_ins={"o": dg.AssetIn("orders")})
        def counted(o): ...
