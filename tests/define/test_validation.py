"""Everything that is wrong with definitions, at once (DESIGN idea 3; S1-55, S1-57, S2-D01b/d, S2-D02a/b, S3-27, B01-B05)."""

from typing import Any, Protocol, TypedDict

import pandas as pd
import polars as pl
import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError


def asset(name, deps=(), **arguments):
    return dg.asset(name=name, deps=list(deps), **arguments)(lambda: None)


def problems(*assets, **arguments):
    return dg.Definitions(assets=assets, **arguments).problems()


def codes(*assets, **arguments):
    return [problem.code for problem in problems(*assets, **arguments)]


class Database(dg.ConfigurableResource):
    url: str = "x"


class Other(dg.ConfigurableResource):
    url: str = "x"


@dg.asset
def taxi_trips(): ...


def test_a_misspelt_parameter_is_an_error_with_place_and_nearest_name():
    """B01, S1-55"""

    @dg.asset
    def upstream_asset(): ...

    @dg.asset
    def report(upsteam_asset): ...

    defs = dg.Definitions(assets=[upstream_asset, report])
    with pytest.raises(dg.DefinitionsError) as caught:
        defs.resolve()
    text = str(caught.value)
    assert "upsteam_asset" in text and "did you mean `upstream_asset`?" in text and f"{__file__}:" in text
    assert caught.value.code == "unknown-input"
    assert isinstance(caught.value, InvalidDefinitionError)


def test_a_misspelt_dep_is_a_warning_and_an_error_under_strict():
    """S2-D01b"""

    @dg.asset(deps=["taxi_trip"])
    def report(): ...

    (problem,) = dg.lint(dg.Definitions(assets=[taxi_trips, report]))
    assert (problem.code, problem.severity, problem.asset_key) == ("unknown-dep", "warning", report.key)
    assert problem.suggestion == "did you mean `taxi_trips`?" and "taxi_trip" in problem.message
    assert problem.where == report.op.where
    dg.Definitions(assets=[taxi_trips, report]).resolve()
    with pytest.raises(dg.DefinitionsError, match="taxi_trip"):
        dg.Definitions(assets=[taxi_trips, report], strict=True)


def test_a_spec_makes_an_unknown_dep_right():
    """S2-D01b"""
    assert codes(asset("report", ["taxi_trip"]), dg.AssetSpec("taxi_trip")) == []


def test_an_unknown_dep_is_shown_as_an_external_asset():
    catalog = dg.Definitions(assets=[asset("report", ["elsewhere"])]).resolve().catalog
    assert catalog.assets[dg.AssetKey("elsewhere")].kind == "external"


def test_a_cycle_is_spelt_in_order():
    """B02, S2-D01d"""

    @dg.asset
    def a(c): ...

    @dg.asset
    def b(a): ...

    @dg.asset
    def c(b): ...

    (problem,) = problems(b, c, a)
    assert problem.code == "dependency-cycle"
    assert "a -> b -> c -> a" in problem.message
    assert problem.where == a.op.where


def test_an_asset_that_depends_on_itself():
    (problem,) = problems(asset("a", ["a"]))
    assert "a -> a" in problem.message


def test_two_cycles_are_two_problems():
    assert (
        codes(asset("a", ["b"]), asset("b", ["a"]), asset("x", ["y"]), asset("y", ["x"]))
        == ["dependency-cycle"] * 2
    )


def test_a_long_chain_defined_backwards_is_no_cycle():
    chain = [asset(f"a{n}", [f"a{n - 1}"] if n else []) for n in range(3000)]
    assert codes(*reversed(chain)) == []


def test_a_key_taken_twice_is_told_with_both_places():
    """B03, S0-27"""

    @dg.asset(name="orders")
    def first(): ...

    @dg.asset(name="orders")
    def second(): ...

    (problem,) = problems(first, second)
    assert problem.code == "duplicate-key"
    assert first.op.where in problem.message and second.op.where in problem.message


def test_an_asset_and_a_spec_of_one_key_are_two_and_equal_specs_are_one():
    assert codes(asset("a"), dg.AssetSpec("a")) == ["duplicate-key"]
    assert codes(dg.AssetSpec("a"), dg.AssetSpec("a")) == []
    assert codes(dg.AssetSpec("a"), dg.AssetSpec("a", group_name="g")) == ["duplicate-key"]


def test_a_check_taken_twice_is_told_with_both_places():
    def make():
        @dg.asset_check(asset=taxi_trips)
        def full(): ...

        return full

    (problem,) = problems(taxi_trips, asset_checks=[make(), make()])
    assert problem.code == "duplicate-key" and "taxi_trips:full" in problem.message


def test_a_missing_resource_is_told_with_parameter_place_and_nearest_key():
    """S2-D02a, B05"""

    @dg.asset
    def table(warehose: Database): ...

    (problem,) = problems(table, resources={"warehouse": Database()})
    assert problem.code == "unknown-resource"
    assert "`table`" in problem.message and "`warehose`" in problem.message
    assert (problem.where, problem.suggestion) == (table.op.where, "did you mean `warehouse`?")


def test_a_missing_required_resource_key():
    assert codes(asset("a", required_resource_keys={"db"})) == ["unknown-resource"]
    assert codes(asset("a", required_resource_keys={"db"}), resources={"db": 1}) == []
    assert (
        codes(
            asset(
                "a",
                required_resource_keys={"db"},
                resource_defs={"db": dg.ResourceDefinition.none_resource()},
            )
        )
        == []
    )


def test_a_missing_io_manager():
    """S3-27"""
    (problem,) = problems(
        asset("a", io_manager_key="csv_io"), resources={"csv_io_manager": dg.mem_io_manager}
    )
    assert problem.code == "missing-io-manager"
    assert "`csv_io`" in problem.message and problem.suggestion == "did you mean `csv_io_manager`?"


def test_the_default_io_manager_is_always_there():
    assert codes(asset("a")) == []


def test_an_object_of_another_resource_class_is_refused():
    """S2-D02b"""

    @dg.asset
    def table(db: Database): ...

    (problem,) = problems(table, resources={"db": Other()})
    assert (
        problem.code == "wrong-resource-kind" and "Database" in problem.message and "Other" in problem.message
    )
    assert codes(table, resources={"db": dg.ResourceDefinition.mock_resource()}) == []
    assert codes(table, resources={"db": object()}) == []


def test_a_resource_given_as_the_default_value():
    """S2-D02c"""
    warehouse = Database()

    @dg.asset
    def table(db: Database = warehouse): ...

    assert dg.Definitions(assets=[table]).resolve().resources["db"].source is warehouse
    other = Database(url="y")
    assert dg.Definitions(assets=[table], resources={"db": other}).resolve().resources["db"].source is other


def test_resources_that_need_what_is_not_there():
    @dg.resource(required_resource_keys={"secret"})
    def db(context): ...

    assert codes(resources={"db": db}) == ["unknown-resource"]


def test_neighbours_whose_partitions_do_not_fit_are_told_with_both_definitions():
    """S1-57"""
    a = asset("a", partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))
    static = dg.StaticPartitionsDefinition(["x"])
    (problem,) = problems(a, asset("b", ["a"], partitions_def=static))
    assert problem.code == "partition-mismatch"
    assert "DailyPartitionsDefinition" in problem.message and "StaticPartitionsDefinition" in problem.message
    mapped = asset("b", [dg.AssetDep("a", partition_mapping=dg.AllPartitionMapping())], partitions_def=static)
    assert codes(a, mapped) == []


def multi(**keys):
    return dg.MultiPartitionsDefinition(
        {name: dg.StaticPartitionsDefinition(list(one)) for name, one in keys.items()}
    )


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (multi(a="12", b="xy", c="pq"), multi(a="12", b="xy")),
        (multi(a="12", b="xy"), multi(a="12", b="xy", c="pq")),
    ],
)
def test_neighbours_with_another_number_of_dimensions_never_agree(above, below):
    a = asset("a", partitions_def=above)
    (problem,) = problems(a, asset("b", ["a"], partitions_def=below))
    assert (problem.code, problem.severity) == ("partition-mismatch", "error")
    assert "3 dimensions" in problem.message or "of 3" in problem.message
    every = dg.AssetDep("a", partition_mapping=dg.AllPartitionMapping())
    assert codes(a, asset("b", [every], partitions_def=below)) == []


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (dg.StaticPartitionsDefinition(["a"]), dg.StaticPartitionsDefinition(["b"])),
        (multi(a="12", b="xy"), multi(a="34", b="xy")),
        (multi(a="12", b="xy"), multi(q="12", z="uv")),
    ],
)
def test_neighbours_without_a_key_in_common_are_a_warning(above, below):
    a = asset("a", partitions_def=above)
    (problem,) = problems(a, asset("b", ["a"], partitions_def=below))
    assert (problem.code, problem.severity) == ("partition-mismatch", "warning")


def test_neighbours_with_some_keys_in_common_fit():
    a = asset("a", partitions_def=multi(a="12", b="xy"))
    assert codes(a, asset("b", ["a"], partitions_def=multi(a="23", z="xy"))) == []
    assert codes(a, asset("b", ["a"], partitions_def=multi(a="12", b="xy"))) == []


def test_daily_into_monthly_fits_by_itself():
    a = asset("a", partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))
    assert codes(a, asset("b", ["a"], partitions_def=dg.MonthlyPartitionsDefinition("2024-01-01"))) == []


def test_a_frame_of_one_library_into_a_parameter_of_another_is_a_warning():
    @dg.asset
    def frame() -> pd.DataFrame: ...

    @dg.asset
    def report(frame: pl.DataFrame): ...

    (problem,) = problems(frame, report)
    assert (problem.code, problem.severity) == ("incompatible-types", "warning")
    assert "pandas.DataFrame" in problem.message and "polars.DataFrame" in problem.message


class _Order(TypedDict):
    shop: str


class _HasShop(Protocol):
    shop: str


@pytest.mark.parametrize("wanted", [Any, object, _Order, _HasShop, complex, float])
@pytest.mark.parametrize("given", [dict, int, Any, _Order, _HasShop])
def test_types_of_which_nothing_can_be_told_are_no_problem(given, wanted):
    @dg.asset
    def orders() -> given: ...

    @dg.asset
    def rows(orders: wanted) -> None: ...

    told = {"incompatible-types"} if given is dict and wanted in (complex, float) else set()
    assert {problem.code for problem in problems(orders, rows)} == told


def test_types_that_fit_or_are_stored_by_someone_else_are_no_problem():
    class Mine(dg.IOManager):
        def handle_output(self, context, obj): ...
        def load_input(self, context): ...

    @dg.asset
    def frame() -> pd.DataFrame: ...

    @dg.asset
    def report(frame: pl.DataFrame): ...

    @dg.asset
    def number() -> int: ...

    @dg.asset
    def same(number: int, frame: pd.DataFrame): ...

    @dg.asset
    def wider(number: float, frame): ...

    assert codes(frame, report, resources={"io_manager": Mine()}) == []
    assert codes(frame, number, same, wider) == []


def test_keys_that_look_alike_are_a_warning():
    (problem,) = problems(asset("orders"), asset("Orders"))
    assert (problem.code, problem.severity) == ("lookalike-key", "warning")


def test_all_problems_are_told_at_once():
    @dg.asset(required_resource_keys={"db"})
    def a(nope): ...

    with pytest.raises(dg.DefinitionsError) as caught:
        dg.Definitions(assets=[a, asset("b", ["b"])]).resolve()
    assert [problem.code for problem in caught.value.problems] == [
        "unknown-input",
        "dependency-cycle",
        "unknown-resource",
    ]
    assert "3 problems" in str(caught.value)


def test_a_late_reference_that_fails_is_told():
    (problem,) = problems(asset("a", [lambda: undefined_name]))  # noqa: F821
    assert "undefined_name" in problem.message and problem.code == "invalid-definition"


def test_a_check_of_an_unknown_asset_is_a_warning():
    @dg.asset_check(asset="taxi_trip")
    def full(): ...

    found = problems(taxi_trips, asset_checks=[full])
    assert [(problem.code, problem.severity) for problem in found] == [("unknown-dep", "warning")]


def test_clean_definitions_have_no_problem():
    assert dg.lint(dg.Definitions(assets=[taxi_trips, asset("report", [taxi_trips])])) == []


def test_kinds_come_from_resources_and_what_stores_the_asset_unless_given():
    """S2-D11"""

    class DuckDBResource(dg.ConfigurableResource):
        x: int = 1

    @dg.asset
    def plain(db: DuckDBResource): ...

    @dg.asset(kinds={"mine"})
    def given(db: DuckDBResource): ...

    assets = (
        dg.Definitions(assets=[plain, given, asset("none")], resources={"db": DuckDBResource()})
        .resolve()
        .catalog.assets
    )
    assert [node.spec.kinds for node in assets.values()] == [{"duckdb"}, {"mine"}, set()]


def test_a_step_that_would_have_to_run_before_and_after_another():
    """`b` needs `a` and `c` needs `b`, and `a` and `c` are made in one step."""

    def make(can_subset):
        @dg.multi_asset(specs=[dg.AssetSpec("a"), dg.AssetSpec("c", deps=["b"])], can_subset=can_subset)
        def both(): ...

        return both

    (problem,) = problems(make(False), asset("b", ["a"]))
    assert problem.code == "dependency-cycle" and "a -> b; b -> c" in problem.message
    assert "can_subset" in problem.suggestion
    assert codes(make(True), asset("b", ["a"])) == []


def test_a_hook_s_missing_resource():
    @dg.success_hook(required_resource_keys={"slack"})
    def tell(context): ...

    assert codes(asset("a", hooks={tell})) == ["unknown-resource"]
    assert codes(asset("a"), jobs=[dg.define_asset_job("j", hooks={tell})]) == ["unknown-resource"]
    assert codes(asset("a", hooks={tell}), resources={"slack": 1}) == []


def test_the_missing_resource_of_a_hook_on_one_step_of_a_job():
    @dg.success_hook(required_resource_keys={"slack"})
    def tell(context): ...

    @dg.op
    def work(): ...

    @dg.graph
    def steps():
        work.with_hooks({tell})()
        work.alias("again").with_hooks({tell})()

    (first, second) = problems(asset("a"), jobs=[steps.to_job("j")])
    assert "hook `tell` of op `work` of job `j` needs the resource `slack`" in first.message
    assert "op `again`" in second.message
    assert codes(asset("a"), jobs=[steps.to_job("j")], resources={"slack": 1}) == []
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="slack"):
        steps.to_job("k", resource_defs={"other": dg.ResourceDefinition.hardcoded_resource(1)})


def test_a_late_reference_of_an_external_asset_that_fails_is_told():
    (problem,) = problems(dg.AssetSpec("a", deps=[lambda: undefined_name]))  # noqa: F821
    assert "undefined_name" in problem.message


def test_two_resources_under_one_key_are_told():
    """B03: whether assets bring them or they stand as default values."""

    @dg.asset
    def one(db: Database = Database(url="1")): ...

    @dg.asset
    def other(db: Database = Database(url="2")): ...

    (problem,) = problems(one, other)
    assert problem.code == "duplicate-key" and "`db`" in problem.message and problem.where == other.op.where
    assert codes(one, other, resources={"db": Database()}) == []
    brought = [asset(name, resource_defs={"db": object()}, required_resource_keys={"db"}) for name in "ab"]
    assert codes(*brought) == ["duplicate-key"]
