"""`Definitions.resolve_asset_graph()`: the questions that projects ask of it."""

import pytest

import treadle as dg

DAYS = dg.StaticPartitionsDefinition(["1"])


@dg.asset(
    group_name="raw",
    kinds={"csv"},
    owners=["team:a"],
    partitions_def=DAYS,
    code_version="1",
    metadata={"m": 1},
)
def orders() -> None:
    """All orders."""


@dg.asset(deps=[orders, "elsewhere"])
def report() -> None: ...


@dg.observable_source_asset
def watched() -> dg.DataVersion:
    return dg.DataVersion("1")


@dg.asset_check(asset=orders)
def not_empty() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


GRAPH = dg.Definitions([orders, report, watched], asset_checks=[not_empty]).resolve_asset_graph()


def keys(*names: str) -> set[dg.AssetKey]:
    return {dg.AssetKey(name) for name in names}


def test_assets_by_what_can_be_done_with_them() -> None:
    assert GRAPH.get_all_asset_keys() == keys("orders", "report", "watched", "elsewhere")
    assert GRAPH.materializable_asset_keys == keys("orders", "report")
    assert GRAPH.observable_asset_keys == keys("watched")
    assert GRAPH.external_asset_keys == keys("watched", "elsewhere")
    assert GRAPH.executable_asset_keys == keys("orders", "report", "watched")
    assert GRAPH.unexecutable_asset_keys == keys("elsewhere")
    assert GRAPH.unpartitioned_asset_keys == keys("report", "watched", "elsewhere")
    assert GRAPH.root_materializable_asset_keys == keys("orders")


def test_an_asset_tells_what_its_spec_says_and_who_is_next_to_it() -> None:
    node = GRAPH.get(dg.AssetKey("orders"))
    assert (node.group_name, node.description, node.code_version) == ("raw", "All orders.", "1")
    assert (node.kinds, list(node.owners), node.metadata["m"]) == ({"csv"}, ["team:a"], 1)
    assert node.partitions_def == DAYS and node.is_partitioned and node.is_executable and not node.is_external
    assert node.parent_keys == set() and node.child_keys == keys("report")
    assert node.check_keys == {dg.AssetCheckKey(dg.AssetKey("orders"), "not_empty")} == GRAPH.asset_check_keys
    assert GRAPH.get("report").parent_keys == keys("orders", "elsewhere")
    assert GRAPH.get("report").group_name == "default"


def test_groups_and_order() -> None:
    assert GRAPH.all_group_names == {"raw", "default"}
    assert GRAPH.asset_keys_for_group("raw") == keys("orders")
    assert GRAPH.toposorted_asset_keys_by_level == [keys("orders", "watched", "elsewhere"), keys("report")]
    assert GRAPH.toposorted_asset_keys[-1] == dg.AssetKey("report")


def test_an_asset_that_is_not_there_is_an_error_that_names_the_nearest() -> None:
    assert not GRAPH.has(dg.AssetKey("reports"))
    with pytest.raises(dg.InvalidArgumentError, match="report"):
        GRAPH.get("reports")


def test_selections_resolve_against_it() -> None:
    assert dg.AssetSelection.groups("raw").resolve(GRAPH) == keys("orders")


def test_an_asset_tells_how_it_is_run() -> None:
    @dg.asset(partitions_def=DAYS, pool="database", backfill_policy=dg.BackfillPolicy.single_run())
    def alone() -> None: ...

    @dg.op(pool="one")
    def first() -> int:
        return 1

    @dg.op(pool="two")
    def second(x: int) -> int:
        return x

    @dg.graph_asset
    def of_ops() -> int:
        return second(first())

    @dg.multi_asset(specs=[dg.AssetSpec("a"), dg.AssetSpec("b", deps=["a"])])
    def together() -> None: ...

    @dg.multi_asset(specs=[dg.AssetSpec("c"), dg.AssetSpec("d")], can_subset=True)
    def apart() -> None: ...

    graph = dg.Definitions([alone, of_ops, together, apart, dg.AssetSpec("elsewhere")]).resolve_asset_graph()
    assert graph.get("alone").backfill_policy == dg.BackfillPolicy.single_run()
    assert graph.get("of_ops").backfill_policy is None
    assert graph.get("alone").pools == {"database"}
    assert graph.get("of_ops").pools == {"one", "two"}
    assert graph.get("elsewhere").pools == set()
    assert graph.get("b").execution_set_asset_keys == keys("a", "b")
    assert graph.get("c").execution_set_asset_keys == keys("c")
    assert graph.get("elsewhere").execution_set_asset_keys == keys("elsewhere")


def test_an_asset_that_another_of_its_function_depends_on_is_upstream_too() -> None:
    @dg.multi_asset(specs=[dg.AssetSpec("a", deps=["orders"]), dg.AssetSpec("b", deps=["a"])])
    def together() -> None: ...

    assert together.dependency_keys == keys("orders", "a")
