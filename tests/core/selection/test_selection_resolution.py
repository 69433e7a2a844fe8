"""What a selection means on a graph: unknown names, external assets, walks, checks, seams."""

import pickle
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.core.selection.selection_example_graph import check_key
from treadle.core.catalog import AssetNode, Catalog, CheckNode, Computation, OutputNode
from treadle.core.errors import InvalidSubsetError, InvariantViolationError
from treadle.core.keys import AssetKey
from treadle.core.selection import graph as graph_module
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.graph import (
    AssetsAndChecks,
    SelectableAsset,
    SelectableGraph,
    register_graph_builder,
)


def graph(edges: dict[str, list[str]], external: set[str] = frozenset(), checks: tuple[str, ...] = ()):
    return AssetsAndChecks(
        [
            SelectableAsset(
                key=AssetKey(name.split("/")),
                parents=[AssetKey(parent.split("/")) for parent in parents],
                is_materializable=name not in external,
            )
            for name, parents in edges.items()
        ],
        map(check_key, checks),
    )


def names(keys: set[AssetKey]) -> set[str]:
    return {key.to_user_string() for key in keys}


CHAIN = graph({"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}, checks=("a:fresh", "c:fresh"))


def test_what_depends_on_an_asset_is_counted_by_its_downstream() -> None:
    """S2-02"""
    assert names(AssetSelection.assets("b").downstream().resolve(CHAIN)) == {"b", "c", "d"}
    assert names(AssetSelection.assets("b").downstream(include_self=False).resolve(CHAIN)) == {"c", "d"}


def test_one_quoted_key_is_one_asset() -> None:
    """S3-28"""
    labs = graph({"labs/source/facilities": [], "labs/source/members": []})
    selection = AssetSelection.from_string('key:"labs/source/facilities"')
    assert names(selection.resolve(labs)) == {"labs/source/facilities"}


def test_an_unknown_name_is_an_error_that_shows_the_nearest() -> None:
    known = graph({"raw/orders": [], "raw/order_items": [], "stg/customers": []})
    with pytest.raises(InvalidSubsetError, match="an asset that does not exist: `raw/order`") as caught:
        AssetSelection.assets("raw/order").resolve(known)
    assert "`raw/orders`" in (caught.value.hint or "")
    with pytest.raises(InvalidSubsetError) as caught:
        AssetSelection.from_string("customers").resolve(known)
    assert caught.value.hint == "did you mean `stg/customers`?"
    assert AssetSelection.assets("raw/order", "raw/orders").resolve(known, allow_missing=True) == {
        AssetKey(["raw", "orders"])
    }


def test_an_unknown_check_is_an_error_too() -> None:
    with pytest.raises(InvalidSubsetError, match="`a:fresch`") as caught:
        AssetSelection.checks(check_key("a:fresch")).resolve_checks(CHAIN)
    assert caught.value.hint == "did you mean `a:fresh` or `c:fresh`?"


def test_many_unknown_names_make_a_short_message() -> None:
    with pytest.raises(InvalidSubsetError) as caught:
        AssetSelection.assets(*[f"n{i}" for i in range(1000)]).resolve(CHAIN)
    assert "assets that do not exist" in caught.value.message
    assert len(caught.value.message) < 200


def test_checks_of_an_asset_run_without_it() -> None:
    """S1-33"""
    selection = AssetSelection.checks_for_assets(SimpleNamespace(keys={AssetKey("a")}))
    assert selection.resolve(CHAIN) == set()
    assert selection.resolve_checks(CHAIN) == {check_key("a:fresh")}


def test_external_assets_are_met_only_where_asked_for() -> None:
    some = graph({"ext": [], "a": ["ext"], "b": ["a"]}, external={"ext"})
    above_b = AssetSelection.assets("b").upstream()
    assert names(above_b.resolve(some)) == {"a", "b"}
    assert names(above_b.upstream_source_assets().resolve(some)) == {"ext"}
    assert names(AssetSelection.assets("ext").upstream().resolve(some)) == {"ext"}
    assert names(AssetSelection.all(include_sources=True).materializable().resolve(some)) == {"a", "b"}
    assert names((AssetSelection.assets("ext", "a") - AssetSelection.assets("a")).resolve(some)) == {"ext"}


def test_roots_and_sinks_look_past_assets_that_are_not_chosen() -> None:
    ends = AssetSelection.assets("a", "d")
    assert names(ends.roots().resolve(CHAIN)) == {"a"}
    assert names(ends.sinks().resolve(CHAIN)) == {"d"}


def test_an_asset_that_depends_on_itself_can_be_a_root_and_a_sink() -> None:
    looped = graph({"a": ["a"], "b": ["a", "b"]})
    assert names(AssetSelection.all().roots().resolve(looped)) == {"a"}
    assert names(AssetSelection.all().sinks().resolve(looped)) == {"b"}
    assert names(AssetSelection.assets("a").downstream(5).resolve(looped)) == {"a", "b"}


def test_a_graph_of_twenty_thousand_levels_is_walked() -> None:
    deep = graph({f"n{i}": [f"n{i - 1}"] if i else [] for i in range(20_000)})
    assert len(AssetSelection.from_string("*n10000*").resolve(deep)) == 20_000
    assert names(AssetSelection.from_string("roots(*)").resolve(deep)) == {"n0"}
    assert names(AssetSelection.from_string("2+n19999").resolve(deep)) == {"n19997", "n19998", "n19999"}


def test_an_expression_of_thousands_of_operations_is_evaluated() -> None:
    selection = AssetSelection.all()
    for _ in range(5_000):
        selection = (selection - AssetSelection.assets("a")) & AssetSelection.all()
    assert names(selection.resolve(CHAIN)) == {"b", "c", "d"}
    assert selection.to_selection_str().count("and not") == 4_999


def test_a_part_that_is_used_twice_is_evaluated_once() -> None:
    selection = AssetSelection.assets("a")
    for _ in range(60):
        selection = (selection - AssetSelection.assets("d")) | selection.downstream(1)
    assert names(selection.resolve(CHAIN)) == {"a", "b", "c", "d"}


def test_equal_selections_are_equal_and_hash_and_pickle() -> None:
    one = AssetSelection.groups("a").upstream(2) - AssetSelection.assets("x")
    assert one == AssetSelection.from_string('2+group:"a"') - AssetSelection.assets(["x"])
    assert len({one, pickle.loads(pickle.dumps(one))}) == 1


class EveryOther(AssetSelection):
    """A selection of a user's own, as integrations write them."""

    def resolve_inner(self, asset_graph: SelectableGraph, allow_missing: bool) -> set[AssetKey]:
        return set(sorted(asset_graph.keys)[::2])


def test_a_selection_class_of_ones_own_takes_part_in_expressions() -> None:
    selection = EveryOther().downstream(1) - AssetSelection.assets("a")
    assert names(selection.resolve(CHAIN)) == {"b", "c", "d"}
    assert EveryOther().resolve_checks(CHAIN) == {check_key("a:fresh"), check_key("c:fresh")}
    frozen = selection.to_serializable_asset_selection(CHAIN)
    assert frozen.resolve(CHAIN) == selection.resolve(CHAIN)
    assert frozen.resolve_checks(CHAIN) == selection.resolve_checks(CHAIN)


def test_a_class_that_overrides_nothing_says_so() -> None:
    with pytest.raises(NotImplementedError, match="resolve_inner"):
        AssetSelection().resolve(CHAIN)


@pytest.fixture
def no_builder() -> Iterator[None]:
    before = list(graph_module._builders)
    graph_module._builders.clear()
    yield
    graph_module._builders[:] = before


def test_definitions_resolve_through_the_registered_builder(no_builder: None) -> None:
    definitions = [SimpleNamespace(keys={AssetKey("a")}), SimpleNamespace(keys={AssetKey("b")})]
    with pytest.raises(InvariantViolationError):
        AssetSelection.all().resolve(definitions)
    register_graph_builder(
        lambda given: AssetsAndChecks([SelectableAsset(key=key) for one in given for key in one.keys])
    )
    assert names(AssetSelection.all().resolve(definitions)) == {"a", "b"}


def test_a_catalog_is_selected_from_directly() -> None:
    def node(name: str, parents: tuple[str, ...] = (), **attributes: object) -> AssetNode:
        deps = [SimpleNamespace(asset_key=AssetKey(parent)) for parent in parents]
        spec = {"deps": deps, "group_name": None, "tags": {}, "kinds": set(), "owners": []}
        kind = attributes.pop("kind", "materializable")
        return AssetNode(spec=SimpleNamespace(**spec | attributes), kind=kind, computation="make")  # type: ignore[arg-type]

    outputs = tuple(OutputNode(name=name, asset_key=AssetKey(name)) for name in ("one", "two"))
    catalog = Catalog(
        assets={
            AssetKey("ext"): node("ext", kind="external"),
            AssetKey("one"): node("one", ("ext", "unknown"), kinds={"dbt"}, owners=["team:a"]),
            AssetKey("two"): node("two", ("one",), group_name="marts", tags={"tier": "1"}),
        },
        checks={check_key("one:fresh"): CheckNode(spec=None, computation="make", output="c")},
        computations={"make": Computation(name="make", outputs=outputs)},
    )

    def chosen(text: str) -> set[str]:
        return names(AssetSelection.from_string(text).resolve(catalog))

    assert chosen("*") == {"one", "two"}
    assert chosen("*one*") == {"one", "two"}
    assert chosen("group:default") == {"one"}
    assert chosen("group:marts and tag:tier=1") == {"two"}
    assert chosen('kind:dbt and owner:"team:a"') == {"one"}
    assert AssetSelection.assets("one").resolve_checks(catalog) == {check_key("one:fresh")}
    assert names(AssetSelection.assets("one").required_multi_asset_neighbors().resolve(catalog)) == {
        "one",
        "two",
    }
