"""Assets whose files would be those of another's partitions, and those that would have one table."""

import functools
from typing import Any

import pandas as pd
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager, DuckDBPandasIOManager, duckdb_pandas_io_manager
from treadle.integrations.parquet import ParquetIOManager

PARTS = dg.StaticPartitionsDefinition(["b", "c"])


@pytest.mark.parametrize(("last", "clashes"), [("b", True), ("d", False)])
def test_an_asset_at_the_place_of_a_partition_is_a_problem(last: str, clashes: bool) -> None:
    @dg.asset(partitions_def=PARTS)
    def a() -> int:
        return 1

    @dg.asset(key=["a", last])
    def nested() -> int:
        return 2

    found = [problem.code for problem in dg.lint(dg.Definitions(assets=[a, nested]))]
    assert ("path-clash" in found) is clashes


def codes(*assets: dg.AssetsDefinition, manager: Any = None) -> list[str]:
    return [problem.code for problem in clashes_of(*assets, manager=manager)]


def clashes_of(*assets: dg.AssetsDefinition, manager: Any = None, **resources: Any) -> list[dg.Problem]:
    given = resources if manager is None else {"io_manager": manager, **resources}
    problems = dg.lint(dg.Definitions(assets=list(assets), resources=given))
    assert all(problem.severity == "warning" for problem in problems if problem.code == "path-clash")
    return [problem for problem in problems if problem.code == "path-clash"]


def asset_at(
    *key: str, partitions: dg.PartitionsDefinition | None = None, **given: Any
) -> dg.AssetsDefinition:
    @dg.asset(key=list(key), partitions_def=partitions, **given)
    def compute() -> int:
        return 1

    return compute


@pytest.mark.parametrize(
    ("last", "clashes"),
    [
        ("2026-01-02", True),
        ("2031-01-02", True),
        ("2025-12-31", False),
        ("2026-1-2", False),
        ("latest", False),
    ],
)
def test_days_clash_whether_they_are_over_or_still_to_come(last: str, clashes: bool) -> None:
    days = dg.DailyPartitionsDefinition("2026-01-01")
    assert ("path-clash" in codes(asset_at("a", partitions=days), asset_at("a", last))) is clashes


def test_days_after_the_end_and_days_left_out_clash_with_nothing() -> None:
    days = dg.TimeWindowPartitionsDefinition(
        "2026-01-01", "%Y-%m-%d", end="2026-01-11", cron_schedule="@daily", exclusions=["0 0 3 * *"]
    )
    clashing = [
        day
        for day in ("2026-01-02", "2026-01-03", "2026-01-10", "2026-01-11")
        if "path-clash" in codes(asset_at("a", partitions=days), asset_at("a", day))
    ]
    assert clashing == ["2026-01-02", "2026-01-10"]


@pytest.mark.parametrize(
    ("below", "clashes"),
    [
        (("b", "2026-01-02"), True),
        (("2026-01-02", "b"), False),
        (("d", "2026-01-02"), False),
        (("b",), False),
        (("b", "2026-01-02", "more"), False),
    ],
)
def test_partitions_of_two_dimensions_lie_two_folders_down_in_the_order_of_their_names(
    below: tuple[str, ...], clashes: bool
) -> None:
    both = dg.MultiPartitionsDefinition({"day": dg.DailyPartitionsDefinition("2026-01-01"), "color": PARTS})
    assert ("path-clash" in codes(asset_at("a", partitions=both), asset_at("a", *below))) is clashes


def test_the_place_that_is_warned_of_is_the_one_that_files_have(tmp_path) -> None:
    """What is told is true: the second value takes the place of the first."""
    both = dg.MultiPartitionsDefinition({"day": dg.DailyPartitionsDefinition("2026-01-01"), "color": PARTS})
    files = {"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))}
    cell = dg.MultiPartitionKey({"day": "2026-01-02", "color": "b"})
    dg.materialize([asset_at("a", partitions=both)], partition_key=cell, resources=files)
    (before,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    dg.materialize([asset_at("a", "b", "2026-01-02")], resources=files)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [before]


class TextFiles(dg.UPathIOManager):
    def dump_to_path(self, context, obj, path):
        path.write_text(obj)

    def load_from_path(self, context, path):
        return path.read_text()


class ConfiguredFiles(dg.ConfigurableIOManager, TextFiles):
    folder: str = "texts"


class FilesElsewhere(TextFiles):
    def get_path_for_partition(self, context, path, partition):
        return path / "partitions" / partition


class OwnParquet(ParquetIOManager):
    def create_io_manager(self, context):
        return FilesElsewhere("texts")


@pytest.mark.parametrize(
    ("manager", "clashes"),
    [
        (dg.FilesystemIOManager(base_dir="values"), True),
        (ParquetIOManager(base_path="lake"), True),
        (TextFiles("texts"), True),
        (ConfiguredFiles(), True),
        (dg.fs_io_manager, True),
        (dg.mem_io_manager, True),
        (FilesElsewhere("texts"), False),
        (OwnParquet(base_path="lake"), False),
        (DuckDBIOManager(database="shop.duckdb"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_manager_of_files_by_key_is_known_and_those_with_paths_of_their_own_are_not(
    manager: Any, clashes: bool
) -> None:
    assert bool(codes(asset_at("a", partitions=PARTS), asset_at("a", "b"), manager=manager)) is clashes


def test_a_partition_of_parquet_is_where_the_warning_says(tmp_path) -> None:
    frame = functools.partial(pd.DataFrame, {"v": [1]})
    files = {"io_manager": ParquetIOManager(base_path=str(tmp_path))}

    @dg.asset(partitions_def=PARTS)
    def a() -> pd.DataFrame:
        return frame()

    @dg.asset(key=["a", "b"])
    def nested() -> pd.DataFrame:
        return frame()

    dg.materialize([a], partition_key="b", resources=files)
    dg.materialize([nested], resources=files)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b.parquet"]


def test_partitions_that_are_added_later_may_come_to_lie_where_an_asset_is() -> None:
    dynamic = dg.DynamicPartitionsDefinition(name="customers")
    (problem,) = clashes_of(asset_at("a", partitions=dynamic), asset_at("a", "b"))
    assert "would be" in problem.message
    both = dg.MultiPartitionsDefinition({"color": PARTS, "customer": dynamic})
    assert codes(asset_at("a", partitions=both), asset_at("a", "b", "anything"))
    assert not codes(asset_at("a", partitions=both), asset_at("a", "d", "anything"))
    assert not codes(asset_at("a", partitions=dynamic), asset_at("a", "b", "deeper"))


def test_what_is_not_stored_is_nowhere() -> None:
    @dg.asset(key=["a", "b"])
    def writes_itself() -> None: ...

    @dg.multi_asset(specs=[dg.AssetSpec(["a", "c"])])
    def materializes_itself(): ...

    assert not codes(asset_at("a", partitions=PARTS), writes_itself, materializes_itself)
    assert not codes(asset_at("a", partitions=PARTS), dg.AssetSpec(["a", "b"]), dg.AssetSpec(["a", "c"]))


ONE_SCHEMA = {"database": "shop.duckdb", "schema": "s"}


@pytest.mark.parametrize(
    ("first", "second", "config", "clashes"),
    [
        (("a", "t"), ("b", "t"), ONE_SCHEMA, True),
        (("a", "t"), ("b", "t"), {"database": "shop.duckdb"}, False),
        (("a", "t"), ("b", "t"), {"database": "shop.duckdb", "schema": dg.EnvVar("SCHEMA")}, True),
        (("a", "t"), ("b", "u"), ONE_SCHEMA, False),
        (("Raw", "t"), ("raw", "T"), {"database": "shop.duckdb"}, True),
        (("sales",), ("public", "Sales"), {"database": dg.EnvVar("DATABASE")}, True),
        (("x", "a", "t"), ("y", "a", "t"), {"database": "shop.duckdb"}, True),
    ],
)
def test_assets_of_one_table_are_told(first, second, config, clashes) -> None:
    manager = DuckDBIOManager(**config)
    found = clashes_of(asset_at(*first), asset_at(*second), manager=manager)
    assert bool(found) is clashes
    for problem in found:
        assert "/".join(first) in problem.message and problem.asset_key == dg.AssetKey(list(second))


def test_a_schema_in_the_metadata_decides_which_table_it_is() -> None:
    moved = asset_at("b", "t", metadata={"schema": "A"})
    assert codes(asset_at("a", "t"), moved, manager=DuckDBIOManager(database="shop.duckdb"))
    assert not codes(asset_at("a", "t"), moved, manager=DuckDBIOManager(**ONE_SCHEMA))


def test_two_managers_of_one_database_have_one_table_and_those_of_two_have_two() -> None:
    other = asset_at("a", "T", io_manager_key="other")
    for first, database, clashes in (
        ("shop.duckdb", "shop.duckdb", True),
        ("shop.duckdb", "./shop.duckdb", True),
        ("shop.duckdb", "stock.duckdb", False),
        (":memory:", ":memory:", False),
    ):
        managers = {
            "manager": DuckDBIOManager(database=first),
            "other": DuckDBPandasIOManager(database=database),
        }
        assert bool(clashes_of(asset_at("a", "t"), other, **managers)) is clashes


@pytest.mark.parametrize("manager", [DuckDBIOManager.configure_at_launch(), duckdb_pandas_io_manager])
def test_where_the_run_says_the_schema_case_alone_makes_no_other_table(manager: Any) -> None:
    assert codes(asset_at("a", "t"), asset_at("A", "t"), manager=manager)
    assert not codes(asset_at("a", "t"), asset_at("b", "t"), manager=manager)


class OwnTables(DuckDBIOManager):
    def create_io_manager(self, context):
        raise NotImplementedError


def test_a_manager_that_makes_its_own_tables_is_not_known() -> None:
    assert not codes(asset_at("a", "t"), asset_at("b", "t"), manager=OwnTables(**ONE_SCHEMA))
