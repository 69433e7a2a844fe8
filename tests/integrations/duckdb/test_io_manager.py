"""Assets as DuckDB tables: names, types, partitions as rows, whole or not at all."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import polars as pl
import pytest

import treadle as dg
from treadle.core.errors import UnfitValueError
from treadle.integrations.duckdb import (
    DuckDBIOManager,
    DuckDBPandasIOManager,
    DuckDBPandasTypeHandler,
    DuckDBPolarsIOManager,
    DuckDBPolarsTypeHandler,
    build_duckdb_io_manager,
)
from treadle.integrations.duckdb.client import DuckDBClient

NEW_YORK = "America/New_York"


@pytest.fixture
def database(tmp_path) -> str:
    return str(tmp_path / "warehouse.duckdb")


def rows(database: str, query: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def run(database: str, *assets, manager=DuckDBIOManager, instance=None, **given):
    resources = {"io_manager": manager(database=database)}
    return dg.materialize(list(assets), resources=resources, instance=instance, **given)


@dg.asset
def orders() -> pd.DataFrame:
    return pd.DataFrame({"id": [1, 2], "price": [1.5, 2.5]})


def test_pandas_and_polars_are_stored_and_loaded_as_annotated(database):
    @dg.asset
    def prices(orders: pl.DataFrame) -> pl.DataFrame:
        return orders.select("price")

    @dg.asset
    def lazily(prices: pl.LazyFrame) -> pl.LazyFrame:
        assert isinstance(prices, pl.LazyFrame)
        return prices.select(pl.col("price") * 2)

    @dg.asset
    def total(lazily: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"total": [lazily["price"].sum()]})

    result = run(database, orders, prices, lazily, total)
    assert rows(database, "select * from public.total") == [(8.0,)]
    (event,) = result.asset_materializations_for_node("orders")
    assert event.metadata["dagster/row_count"].value == 2
    assert "public" in event.metadata["query"].value


@pytest.mark.parametrize("manager", [DuckDBPandasIOManager, DuckDBPolarsIOManager])
def test_a_manager_for_one_library_gives_that_one_without_annotation(database, manager):
    wanted = pd.DataFrame if manager is DuckDBPandasIOManager else pl.DataFrame

    @dg.asset
    def first():
        return wanted({"a": [1]})

    @dg.asset
    def second(first):
        assert isinstance(first, wanted)
        return first

    assert run(database, first, second, manager=manager).success


def test_columns_named_on_the_input_are_all_that_is_read(database):
    """S0-06."""

    @dg.asset(ins={"orders": dg.AssetIn(metadata={"columns": ["price"]})})
    def narrow(orders: pd.DataFrame) -> pd.DataFrame:
        assert list(orders.columns) == ["price"]
        return orders

    assert run(database, orders, narrow).success


def test_the_schema_is_the_assets_then_the_managers_then_the_keys_then_public(database):
    @dg.asset(key_prefix=["raw", "shop"])
    def by_prefix() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    @dg.asset(key_prefix="raw", metadata={"schema": "named"})
    def by_metadata() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    @dg.asset
    def plain() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    run(database, by_prefix, by_metadata, plain)
    names = "select table_schema || '.' || table_name from information_schema.tables order by 1"
    assert rows(database, names) == [("named.by_metadata",), ("public.plain",), ("shop.by_prefix",)]
    other = database + "2"
    dg.materialize(
        [by_prefix, by_metadata, plain],
        resources={"io_manager": DuckDBIOManager(database=other, schema="mine")},
    )
    assert rows(other, names) == [("mine.by_prefix",), ("mine.plain",), ("named.by_metadata",)]


def test_odd_names_are_names_not_sql(database):
    given = {
        "asset_key": dg.AssetKey(['a"; drop table x; --', "it's a.table"]),
        "asset_partitions_def": dg.StaticPartitionsDefinition(["o'clock"]),
        "partition_key": "o'clock",
        "definition_metadata": {"partition_expr": '"odd ""col"""'},
    }
    manager = DuckDBIOManager(database=database).create_io_manager(dg.build_init_resource_context())
    for _ in range(2):
        output = dg.build_output_context(**given)
        manager.handle_output(output, pd.DataFrame({'odd "col"': ["o'clock"], "select": [1]}))
    assert rows(database, 'select * from "a""; drop table x; --"."it\'s a.table"') == [("o'clock", 1)]
    loading = dg.build_input_context(
        upstream_output=output, **(given | {"definition_metadata": {"columns": ["select"]}})
    )
    assert list(manager.load_input(loading)["select"]) == [1]


def test_a_database_whose_name_is_also_a_schema_is_no_ambiguity(tmp_path):
    @dg.asset(key_prefix="shop")
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    @dg.asset
    def after(orders: pd.DataFrame) -> pd.DataFrame:
        return orders

    assert run(str(tmp_path / "shop.v1.duckdb"), orders, after).success


PANDAS_ONLY = [
    DuckDBPandasIOManager(database="x"),
    DuckDBPandasIOManager.configure_at_launch(),
    build_duckdb_io_manager([DuckDBPandasTypeHandler()]),
    build_duckdb_io_manager([DuckDBPandasTypeHandler()]).configured({"database": "x"}),
]


@pytest.mark.parametrize("manager", PANDAS_ONLY)
def test_a_frame_of_the_library_that_the_manager_has_no_handler_for_is_told_when_loaded(manager):
    """Issue 3 §2"""

    @dg.asset
    def prices(orders: pl.DataFrame) -> None: ...

    (problem,) = dg.Definitions([orders, prices], resources={"io_manager": manager}).problems()
    assert (problem.code, problem.severity) == ("incompatible-types", "warning")
    assert "`polars.DataFrame`" in problem.message and "keeps only `pandas.DataFrame`" in problem.message


def test_a_manager_with_handlers_for_both_libraries_is_no_problem():
    class Both(DuckDBPandasIOManager):
        @staticmethod
        def type_handlers():
            return [DuckDBPandasTypeHandler(), DuckDBPolarsTypeHandler()]

    @dg.asset
    def prices(orders: pl.DataFrame) -> None: ...

    for manager in (DuckDBIOManager(database="x"), Both(database="x")):
        assert dg.Definitions([orders, prices], resources={"io_manager": manager}).problems() == []
    only_polars = {"io_manager": DuckDBPolarsIOManager(database="x")}
    (problem,) = dg.Definitions([orders, prices], resources=only_polars).problems()
    assert "keeps only `polars.DataFrame`" in problem.message


def test_a_run_says_of_which_library_the_frame_is(database):
    @dg.asset
    def prices(orders: pl.DataFrame) -> None: ...

    with pytest.raises(UnfitValueError, match=r"does not have a handler for type") as error:
        run(database, orders, prices, manager=DuckDBPandasIOManager)
    assert error.value.hint == "It can not keep a `polars.DataFrame`; it stores: `pandas.DataFrame`"


def test_nothing_given_writes_nothing_and_an_unknown_type_is_refused(database):
    @dg.asset
    def nothing():
        return None

    @dg.asset
    def number():
        return 5

    assert run(database, nothing).success
    with pytest.raises(UnfitValueError, match=r"int.* to store in table `number`") as error:
        run(database, number)
    # As the suites of published packages match it.
    assert "IOManager does not have a handler for type '<class 'int'>'" in str(error.value)
    assert error.value.code == "unsupported-type" and "DataFrame" in error.value.hint

    @dg.asset
    def loads_as_text(orders: str) -> None: ...

    with pytest.raises(UnfitValueError, match=r"str.* to load from table `orders`"):
        run(database, orders, loads_as_text)


def test_a_table_that_is_not_there_is_named(database):
    @dg.asset
    def after(orders: pd.DataFrame) -> None: ...

    run(database, orders)
    with duckdb.connect(database) as connection:
        connection.execute("drop table public.orders")
    with pytest.raises(dg.ValueNotStoredError, match="no table"):
        run(database, orders, after, selection=[after])


def test_a_write_that_fails_leaves_the_table_as_it_was(database):
    failing = {"now": False}

    @dg.asset
    def orders() -> pl.DataFrame:
        column = pl.Series([object()], dtype=pl.Object) if failing["now"] else pl.Series([1])
        return pl.DataFrame({"a": column})

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["x"]), metadata={"partition_expr": "k"})
    def parts() -> pl.DataFrame:
        return pl.DataFrame({"k": ["x"], **({"K": [1]} if failing["now"] else {})})

    run(database, orders)
    run(database, parts, partition_key="x")
    failing["now"] = True
    for asset, key in ((orders, None), (parts, "x")):
        result = run(database, asset, partition_key=key, raise_on_error=False)
        assert not result.success and not result.asset_materializations_for_node(asset.key.path[-1])
    assert rows(database, "select a from public.orders") == [(1,)]
    assert rows(database, "select k from public.parts") == [("x",)]


def test_an_unpartitioned_table_may_change_its_columns(database):
    columns = {"a": [1]}

    @dg.asset
    def table() -> pd.DataFrame:
        return pd.DataFrame(columns)

    run(database, table)
    columns = {"b": ["x"], "c": [2]}
    run(database, table)
    assert rows(database, "select b, c from public.table") == [("x", 2)]


DAILY = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-08")


@dg.asset(
    partitions_def=DAILY, metadata={"partition_expr": "day"}, backfill_policy=dg.BackfillPolicy.single_run()
)
def days(context) -> pd.DataFrame:
    keys = context.partition_keys
    return pd.DataFrame(
        {"day": [date.fromisoformat(key) for key in keys], "run": [context.run.run_id] * len(keys)}
    )


def test_a_partition_replaces_exactly_its_rows(database):
    for key in ("2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"):
        run(database, days, partition_key=key)
    found = rows(
        database,
        "select cast(day as varchar), count(distinct run), count(*) from public.days group by 1 order by 1",
    )
    assert found == [("2024-01-01", 1, 1), ("2024-01-02", 1, 1), ("2024-01-03", 1, 1)]


def test_a_range_is_written_at_once_and_several_partitions_load_as_one_frame(database):
    """S4-08."""
    tags = {
        "dagster/asset_partition_range_start": "2024-01-02",
        "dagster/asset_partition_range_end": "2024-01-05",
    }

    @dg.asset
    def count(days: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"n": [len(days)]})

    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            assert run(database, days, tags=tags, instance=instance).success
        run(database, days, count, selection=[count], instance=instance)
    assert rows(database, "select n from public.count") == [(4,)]


def slice_of(definition, keys, expression="moment"):
    """What a manager asks for when it loads these partitions."""
    from treadle.define.context.step_state import KeyList, PartitionView

    context = dg.build_input_context(
        name="t",
        asset_key=dg.AssetKey("t"),
        asset_partitions_def=definition,
        partition_key=keys[0] if keys else "none",
        upstream_output=dg.build_output_context(definition_metadata={"partition_expr": expression}),
    )
    context._asset_partitions = PartitionView(definition, KeyList(keys), is_range=True)
    return context


def load(database, definition, keys, expression="moment") -> pl.DataFrame:
    manager = DuckDBPolarsIOManager(database=database).create_io_manager(dg.build_init_resource_context())
    return manager.load_input(slice_of(definition, keys, expression))


def test_partitions_that_do_not_follow_each_other_load_without_those_between(database):
    with duckdb.connect(database) as connection:
        connection.execute("create schema public")
        connection.execute(
            "create table public.t as select date '2024-01-01' + i::int as moment from range(7) r(i)"
        )
    found = load(database, DAILY, ["2024-01-05", "2024-01-01", "2024-01-02"])
    assert sorted(found["moment"].to_list()) == [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 5)]
    assert load(database, DAILY, []).height == 0 and load(database, DAILY, []).columns == ["moment"]


TIMES = ["DATE", "TIMESTAMP", "TIMESTAMPTZ", "VARCHAR", "TIMESTAMP_NS"]


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK])
@pytest.mark.parametrize("session_zone", ["UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("kind", TIMES)
def test_a_day_selects_its_rows_whatever_type_the_column_has(database, kind, zone, session_zone):
    """Over the night in March in which New York's clocks go forward. Wall time in the zone, but for TIMESTAMPTZ."""
    definition = dg.DailyPartitionsDefinition("2024-03-01", timezone=zone)
    first = datetime(2024, 3, 9, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    instants = [first + timedelta(hours=hour) for hour in range(72)]
    with duckdb.connect(database) as connection:
        connection.execute(f"set timezone = '{session_zone}'")
        connection.execute("create schema public")
        connection.execute(f"create table public.t (n int, moment {kind})")
        for number, instant in enumerate(instants):
            wall = instant.astimezone(ZoneInfo(zone))
            text = instant.isoformat() if kind == "TIMESTAMPTZ" else wall.strftime("%Y-%m-%d %H:%M:%S")
            connection.execute(
                "insert into public.t values (?, ?)", [number, text[:10] if kind == "VARCHAR" else text]
            )
    found = load(database, definition, ["2024-03-10"])["n"].to_list()
    expected = [
        n for n, at in enumerate(instants) if at.astimezone(ZoneInfo(zone)).date() == date(2024, 3, 10)
    ]
    assert sorted(found) == expected and len(expected) == (24 if zone == "UTC" else 23)


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ"])
def test_hours_select_their_rows_also_when_clocks_go_back(database, kind):
    definition = dg.HourlyPartitionsDefinition("2024-11-03-00:00", timezone=NEW_YORK)
    keys = definition.get_partition_keys()[:5]
    starts = [definition.time_window_for_partition_key(key).start for key in keys]
    with duckdb.connect(database) as connection:
        connection.execute("create schema public")
        connection.execute(f"create table public.t (n int, moment {kind})")
        for number, start in enumerate(starts):
            text = start.isoformat() if kind == "TIMESTAMPTZ" else start.strftime("%Y-%m-%d %H:%M:%S")
            connection.execute("insert into public.t values (?, ?)", [number, text])
    for number, key in enumerate(keys):
        if kind == "TIMESTAMP" and number in (1, 2):
            # Both show 01:00 on the wall: nobody can tell their rows apart.
            with pytest.raises(duckdb.Error, match="occurs twice"):
                load(database, definition, [key])
        else:
            assert load(database, definition, [key])["n"].to_list() == [number]
    assert sorted(load(database, definition, keys)["n"].to_list()) == [0, 1, 2, 3, 4]


def test_hours_that_clocks_show_twice_load_without_the_one_between(database):
    """One ends and the other begins at 03:00 on the wall, with an hour between the two."""
    definition = dg.HourlyPartitionsDefinition("2024-10-27-00:00", timezone="Europe/Berlin")
    keys = definition.get_partition_keys()[:5]
    with duckdb.connect(database) as connection:
        connection.execute("create schema public")
        connection.execute("create table public.t (n int, moment timestamptz)")
        for number, key in enumerate(keys):
            start = definition.time_window_for_partition_key(key).start
            connection.execute("insert into public.t values (?, ?)", [number, start.isoformat()])
    for chosen in ((1, 3), (0, 2), (1, 2), (0, 1, 3, 4)):
        found = load(database, definition, [keys[number] for number in chosen])
        assert sorted(found["n"].to_list()) == list(chosen)


CITIES = dg.MultiPartitionsDefinition(
    {"day": DAILY, "city": dg.StaticPartitionsDefinition(["rome", "oslo", "bonn"])}
)


def test_partitions_that_are_no_block_of_two_dimensions_are_refused(database):
    """Cut by each dimension on its own, rome on the second day would be among them."""
    with duckdb.connect(database) as connection:
        connection.execute("create schema public")
        connection.execute("create table public.t (day date, city varchar)")
        connection.execute("insert into public.t select '2024-01-01', unnest(['rome', 'oslo'])")
        connection.execute("insert into public.t select '2024-01-02', unnest(['rome', 'oslo'])")
    columns = {"day": "day", "city": "city"}

    def cells(*chosen: str) -> list[str]:
        keys = [cell.split() for cell in chosen]
        return [dg.MultiPartitionKey({"day": f"2024-01-0{day}", "city": city}) for day, city in keys]

    for chosen in (("1 rome", "2 oslo"), ("1 rome", "1 oslo", "2 rome")):
        with pytest.raises(dg.DagsterInvariantViolationError, match="not all combinations") as refused:
            load(database, CITIES, cells(*chosen), columns)
        assert refused.value.code == "partitions-not-a-product"
    for chosen in (("1 rome", "2 rome"), ("1 rome", "1 oslo", "2 rome", "2 oslo")):
        assert load(database, CITIES, cells(*chosen), columns).height == len(chosen)


def test_several_dimensions_are_several_columns(database):
    multi = dg.MultiPartitionsDefinition(
        {"day": DAILY, "city": dg.StaticPartitionsDefinition(["rome", "oslo"])}
    )

    @dg.asset(partitions_def=multi, metadata={"partition_expr": {"day": "day", "city": "city"}})
    def visits(context) -> pl.DataFrame:
        key = context.partition_key.keys_by_dimension
        return pl.DataFrame(
            {"day": [date.fromisoformat(key["day"])], "city": [key["city"]], "run": [context.run.run_id]}
        )

    for city in ("rome", "oslo", "rome"):
        run(database, visits, partition_key=dg.MultiPartitionKey({"day": "2024-01-01", "city": city}))
    assert rows(database, "select city from public.visits order by 1") == [("oslo",), ("rome",)]


def test_a_partitioned_asset_must_say_which_column(database):
    @dg.asset(partitions_def=DAILY)
    def silent() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    with pytest.raises(
        dg.DagsterInvalidDefinitionError, match="which column its partitions stand in"
    ) as error:
        run(database, silent, partition_key="2024-01-01")
    assert error.value.code == "missing-partition-expr"


def test_rows_outside_the_partition_are_told(database, caplog):
    @dg.asset(partitions_def=DAILY, metadata={"partition_expr": "day"})
    def stray(context) -> pd.DataFrame:
        return pd.DataFrame({"day": [date(2024, 1, 1), date(2024, 2, 2), None]})

    with dg.DagsterInstance.ephemeral() as instance:
        result = run(database, stray, partition_key="2024-01-01", instance=instance)
        told = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert any("2 rows of `stray` lie outside" in message for message in told)


def test_the_older_spelling_is_configured(database):
    manager = build_duckdb_io_manager([DuckDBPandasTypeHandler()]).configured({"database": database})
    assert dg.materialize([orders], resources={"io_manager": manager}).success
    assert rows(database, "select count(*) from public.orders") == [(2,)]


def test_what_an_op_says_of_its_output_holds_where_that_is_loaded(database):
    @dg.op(out=dg.Out(metadata={"schema": "raw"}))
    def read() -> pd.DataFrame:
        return pd.DataFrame({"id": [1, 2]})

    @dg.op(out=dg.Out(metadata={"schema": "clean"}))
    def count(found: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"rows": [len(found)]})

    @dg.job(resource_defs={"io_manager": DuckDBIOManager(database=database)})
    def counted():
        count(read())

    assert counted.execute_in_process().success
    assert rows(database, "select * from clean.result") == [(2,)]


def test_a_manager_that_extends_the_write_may_connect_around_it(database):
    class Described(dg.DbIOManager):
        def _get_table_slice(self, context, output_context):
            found = super()._get_table_slice(context, output_context)
            table = output_context.definition_metadata.get("table", found.table)
            return dg.TableSlice(table, found.schema, found.database)

        def handle_output(self, context, obj):
            table_slice = self._get_table_slice(context, context)
            self._check_supported_type(type(obj))
            with self._db_client.connect(context, table_slice):
                super().handle_output(context, obj)

    @dg.asset(metadata={"table": "all_orders"})
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"id": [1]})

    manager = Described(
        type_handlers=[DuckDBPandasTypeHandler()], db_client=DuckDBClient(), database=database
    )
    assert dg.materialize([orders], resources={"io_manager": manager}).success
    assert rows(database, "select * from public.all_orders") == [(1,)]


def test_polars_durations_come_back_as_durations(database):
    frame = pl.DataFrame(
        {'the "gap"': [timedelta(days=40, seconds=5, microseconds=7), None, timedelta(-1)], "id": [1, 2, 3]}
    )
    seen = []

    @dg.asset
    def gaps() -> pl.DataFrame:
        return frame

    @dg.asset
    def reader(gaps: pl.DataFrame) -> None:
        seen.append(gaps)

    assert run(database, gaps, reader).success
    assert seen[0].equals(frame)
    assert seen[0].schema == frame.schema
