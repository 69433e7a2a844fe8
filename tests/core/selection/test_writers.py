"""Writers of assets in selections and in the tag of a run (S2-D12)."""

import pytest

import treadle as dg
from treadle.core.keys import AssetKey
from treadle.core.selection.writers import WRITERS_TAG, writers_from_tags, writers_tag

SHOP = dg.Definitions(
    assets=[
        dg.asset(key="orders", writer="shopify")(lambda: 1),
        dg.asset(key="orders", writer="amazon")(lambda: 1),
        dg.asset(name="report", deps=["orders"])(lambda: 1),
    ]
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("writer:orders/shopify", {"orders"}),
        ("writer:orders/shopify+", {"orders", "report"}),
        ("writer:orders/shopify or key:report", {"orders", "report"}),
    ],
)
def test_a_writer_stands_for_its_asset(text: str, keys: set[str]) -> None:
    found = dg.AssetSelection.from_string(text).resolve(SHOP)
    assert {key.to_user_string() for key in found} == keys


def test_the_tag_of_a_run_tells_its_writers() -> None:
    writers = {AssetKey(["raw", "orders"]): ("amazon", "shopify"), AssetKey("refunds"): ("amazon",)}
    assert writers_from_tags(writers_tag(writers)) == writers
    assert writers_tag({}) == {} and writers_from_tags({}) == {}
    assert writers_from_tags({WRITERS_TAG: "orders/amazon, orders/shopify"}) == {
        AssetKey("orders"): ("amazon", "shopify")
    }
    assert writers_from_tags({WRITERS_TAG: "3"}) == {}
