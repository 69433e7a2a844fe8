"""Names of tables, schemas, columns and files: compared as DuckDB compares them, and none that cannot be used."""

import duckdb
import pandas as pd
import polars as pl
import pytest

import treadle as dg
from treadle.core.errors import UnfitValueError
from treadle.integrations.duckdb import DuckDBClient, DuckDBIOManager, DuckDBResource
from treadle.integrations.duckdb.client import table_exists

PARTS = dg.StaticPartitionsDefinition(["x", "y"])


@pytest.fixture
def database(tmp_path) -> str:
    return str(tmp_path / "warehouse.duckdb")


def partitioned(*key: str, expression: str = "p") -> dg.AssetsDefinition:
    @dg.asset(key=list(key), partitions_def=PARTS, metadata={"partition_expr": expression})
    def compute(context) -> pd.DataFrame:
        return pd.DataFrame({"p": [context.partition_key], "v": [1]})

    return compute


def rows(database: str, query: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    "made",
    [
        "create schema SHOP; create table SHOP.ORDERS(p varchar, v bigint)",
        "create schema shop; create table shop.Orders(P varchar, V bigint)",
        "create schema Shop; create table Shop.orders(p varchar, v bigint)",
    ],
)
def test_a_table_that_was_made_in_another_case_has_a_partition_once(database, made):
    with duckdb.connect(database) as connection:
        connection.execute(made)
    manager = {"io_manager": DuckDBIOManager(database=database)}
    asset = partitioned("shop", "orders", expression="P")

    @dg.asset(ins={"orders": dg.AssetIn(key=["shop", "orders"], metadata={"columns": ["V"]})})
    def read(orders: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"rows": [len(orders)]})

    with dg.DagsterInstance.ephemeral() as instance:
        for key in ("x", "x", "y", "x"):
            dg.materialize([asset], partition_key=key, resources=manager, instance=instance)
        dg.materialize([asset, read], selection=[read], resources=manager, instance=instance)
    assert sorted(rows(database, "select * from shop.orders")) == [("x", 1), ("y", 1)]
    assert rows(database, "select * from public.read") == [(2,)]


def test_a_schema_that_another_asset_made_in_another_case_is_the_same_one(database):
    @dg.asset(key=["Raw", "first"])
    def first() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    manager = {"io_manager": DuckDBIOManager(database=database)}
    dg.materialize([first], resources=manager)
    for _ in range(3):
        dg.materialize([partitioned("raw", "second")], partition_key="x", resources=manager)
    assert rows(database, "from raw.second") == [("x", 1)]


def test_an_asset_renamed_by_case_alone_replaces_its_rows(database):
    manager = {"io_manager": DuckDBIOManager(database=database)}
    for name in ("Sales", "sales", "SALES"):
        dg.materialize([partitioned(name)], partition_key="x", resources=manager)
    assert rows(database, "from public.sales") == [("x", 1)]


def test_a_table_of_another_database_that_is_attached_is_no_table_of_this_one(database, tmp_path):
    """MotherDuck attaches all that one has."""
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("create schema public; create table public.sales as select 'x' as p, 1 as v")

    sales = dg.TableSlice("sales", "public", database)
    context = dg.build_output_context(asset_key=dg.AssetKey("sales"))
    with DuckDBClient().connect(context, sales) as connection:
        connection.execute(f"attach '{tmp_path / 'other.duckdb'}' as other (read_only)")
        assert not table_exists(sales, connection)
        connection.execute("create schema public; create table public.SALES as select 1 as v")
        assert table_exists(sales, connection)


def test_letters_beyond_a_to_z_that_differ_by_case_are_two_names(database):
    """To DuckDB, too: `É` and `é` are two columns."""
    both = {"x": ["É"], "y": ["É", "é"]}

    @dg.asset(partitions_def=PARTS, metadata={"partition_expr": "p"})
    def accents(context) -> pd.DataFrame:
        return pd.DataFrame(
            {"p": [context.partition_key], **{name: [1] for name in both[context.partition_key]}}
        )

    manager = {"io_manager": DuckDBIOManager(database=database)}
    for key in ("x", "y", "y"):
        dg.materialize([accents], partition_key=key, resources=manager)
    assert rows(database, 'select p, "É", "é" from public.accents order by p') == [
        ("x", 1, None),
        ("y", 1, 1),
    ]


@pytest.mark.parametrize("library", [pd, pl])
def test_a_column_whose_name_duckdb_would_cut_is_refused(database, library):
    @dg.asset
    def cut():
        return library.DataFrame({"a\x00b": [1]})

    with pytest.raises(UnfitValueError, match="has a NUL in its name") as raised:
        dg.materialize([cut], resources={"io_manager": DuckDBIOManager(database=database)})
    assert raised.value.code == "unfit-columns"


@pytest.mark.parametrize(
    "name",
    ["main.duckdb", "Main.db", "system.db", "TEMP.db", ".duckdb", "..db", "memory.db", "public.db", "x y.db"]
    + ["a?b=1.db", "é\n.db", "a'b\"c.db", "my.data.v2.duckdb", "noext", "123.db", "select.db"],
)
def test_a_file_may_have_any_name(tmp_path, name):
    """DuckDB names a database after its file, but not always by its stem."""
    database = str(tmp_path / name)
    parts = [partitioned("s", "first")]

    @dg.asset(ins={"first": dg.AssetIn(key=["s", "first"])})
    def second(first: pl.DataFrame, warehouse: dg.ResourceParam[DuckDBResource]) -> pl.DataFrame:
        with warehouse.get_connection() as connection:
            assert connection.sql("from s.first").fetchall() == [("x", 1)]
        return first

    resources = {
        "io_manager": DuckDBIOManager(database=database),
        "warehouse": DuckDBResource(database=database, read_only=True),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            dg.materialize(parts, partition_key="x", resources=resources, instance=instance)
        dg.materialize([*parts, second], selection=[second], resources=resources, instance=instance)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert rows(database, "select table_name from information_schema.tables order by 1") == [
        ("first",),
        ("second",),
    ]


@pytest.mark.parametrize(
    ("columns", "hint"), [(["v", "pp"], "Did you mean `p`?"), ("zzz", "Its columns are: p, v.")]
)
def test_a_column_that_is_not_stored_is_named_with_those_near_it(database, columns, hint):
    asset = partitioned("orders")

    @dg.asset(ins={"orders": dg.AssetIn(metadata={"columns": columns})})
    def read(orders: pd.DataFrame) -> None:
        raise AssertionError(orders)

    manager = {"io_manager": DuckDBIOManager(database=database)}
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([asset], partition_key="x", resources=manager, instance=instance)
        with pytest.raises(UnfitValueError, match="asks for column") as refused:
            dg.materialize([asset, read], selection=[read], resources=manager, instance=instance)
    assert refused.value.code == "unknown-column" and refused.value.hint == hint
