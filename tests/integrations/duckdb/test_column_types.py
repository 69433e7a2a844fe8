"""What a partition gives comes back as it was given, whatever types the others had; or it is refused."""

import datetime
from datetime import UTC, date, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager, DuckDBPandasIOManager, DuckDBPolarsIOManager

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-08")
at = datetime.datetime


class Shop:
    """An asset `sales` whose partitions are given, one day after the other."""

    def __init__(self, folder, manager=DuckDBIOManager) -> None:
        self.database = str(folder / "shop.duckdb")
        self.told: list[str] = []
        self._resources = {"io_manager": manager(database=self.database)}

    def store(self, day: int, frame) -> None:
        @dg.asset(partitions_def=DAYS, metadata={"partition_expr": "day"})
        def sales(context):
            return frame

        with dg.DagsterInstance.ephemeral() as instance:
            told = {"partition_key": f"2024-01-0{day}", "resources": self._resources, "instance": instance}
            result = dg.materialize([sales], **told)
            self.told = [entry.user_message for entry in instance.all_logs(result.run_id)]

    def give(self, day: int, values, library=pl, **more) -> None:
        column = values if isinstance(values, pl.Series | pd.Series) else list(values)
        self.store(day, library.DataFrame({"day": [f"2024-01-0{day}"] * len(column), "x": column, **more}))

    def values(self, day: int | None = None, column: str = "x") -> list:
        where = f"where day = '2024-01-0{day}'" if day else ""
        return [row[0] for row in self.rows(f'select "{column}" from public.sales {where} order by rowid')]

    def type_of(self, column: str = "x") -> str:
        (kind,) = self.rows(f'select any_value(typeof("{column}")) from public.sales')
        return kind[0]

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.sql(query).pl().rows()


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path)


@pytest.mark.parametrize("manager", [DuckDBPandasIOManager, DuckDBPolarsIOManager])
def test_numbers_that_are_not_whole_widen_a_column_of_whole_ones(tmp_path, manager):
    shop = Shop(tmp_path, manager)
    library = pd if manager is DuckDBPandasIOManager else pl
    shop.give(1, [10, 20], library)
    shop.give(2, [0.4, 19.99], library)
    assert shop.values() == [10, 20, 0.4, 19.99]
    assert "Column `x` of `sales` was BIGINT and is now DOUBLE" in "".join(shop.told)


UTC_NOON = at(2024, 1, 1, 12, tzinfo=UTC)
INT8, INT32, UINT8, F32 = pl.Int8, pl.Int32, pl.UInt8, pl.Float32
WIDENED = {
    "int8, more": ([1], INT8, [300], None, "BIGINT"),
    "int8 and uint8": ([-1], INT8, [255], UINT8, "SMALLINT"),
    "whole, then a float": ([2**24 + 1], None, [0.5], F32, "DOUBLE"),
    "float32, then 64": ([0.5], F32, [0.1], None, "DOUBLE"),
    "NaN is no whole number": ([1], None, [float("nan")], None, "DOUBLE"),
    "infinity is no whole number": ([1], None, [float("inf")], None, "DOUBLE"),
    "unsigned, all stored are": ([1], None, [2**63], pl.UInt64, "UBIGINT"),
    "decimals": ([Decimal("1.50")], pl.Decimal(6, 2), [Decimal("0.125")], pl.Decimal(6, 3), "DECIMAL(7,3)"),
    "a day, then a time": ([date(2024, 1, 1)], None, [at(2024, 1, 1, 5)], None, "TIMESTAMP"),
    "nanoseconds": ([at(2024, 1, 1)], None, pl.Series([1], dtype=pl.Datetime("ns")), None, "TIMESTAMP_NS"),
    "lists": ([[1, None], []], None, [[0.5], None], None, "DOUBLE[]"),
    "a field more": ([{"a": 1}], None, [{"a": 2, "b": "c"}], None, "STRUCT(a BIGINT, b VARCHAR)"),
    "lists without items": ([[], None], None, [["a"]], None, "VARCHAR[]"),
    "nothing but nulls before": ([None, None], None, ["a"], None, "VARCHAR"),
}


@pytest.mark.parametrize("case", WIDENED)
def test_a_column_takes_a_wider_type_where_nothing_that_it_holds_changes(shop, case):
    first, first_type, second, second_type, kind = WIDENED[case]
    shop.give(1, pl.Series(first, dtype=first_type))
    before = shop.values(1)
    shop.give(2, pl.Series(second, dtype=second_type))
    assert shop.type_of() == kind
    held = shop.values(1)
    if "a day" in case:
        held = [moment.date() for moment in held if moment.time() == datetime.time()]
    if "field" in case:
        held = [{"a": value["a"]} for value in held if value["b"] is None]
    assert held == before
    assert repr(shop.values(2)) == repr([at(1970, 1, 1)] if case == "nanoseconds" else list(second))


KEPT = {
    "floats that are whole": ([1], None, [2.0, None], None, [2, None]),
    "a smaller integer": ([1], None, [2], INT8, [2]),
    "whole numbers among floats": ([0.5], None, [2], None, [2.0]),
    "floats that fit 32 bits": ([0.5], F32, [0.25], None, [0.25]),
    "decimals of fewer digits": (
        [Decimal("0.125")],
        pl.Decimal(6, 3),
        [Decimal("1.5")],
        pl.Decimal(4, 1),
        None,
    ),
    "midnights": ([date(2024, 1, 1)], None, [at(2024, 1, 2)], None, [date(2024, 1, 2)]),
    "days": ([at(2024, 1, 1, 5)], None, [date(2024, 1, 2)], None, [at(2024, 1, 2)]),
    "text as the days are told": ([date(2024, 1, 1)], None, ["2024-01-02"], None, [date(2024, 1, 2)]),
    "nothing but nulls": ([date(2024, 1, 1)], None, [None], pl.Int64, [None]),
    "nulls among instants": ([UTC_NOON], None, [None], pl.Null, [None]),
}


@pytest.mark.parametrize("case", KEPT)
def test_a_column_keeps_its_type_where_that_holds_every_value(shop, case):
    first, first_type, second, second_type, expected = KEPT[case]
    shop.give(1, pl.Series(first, dtype=first_type))
    kind = shop.type_of()
    shop.give(2, pl.Series(second, dtype=second_type))
    assert shop.type_of() == kind
    assert shop.values(2) == (second if expected is None else expected)
    assert "is now" not in "".join(shop.told)


REFUSED = {
    "text among numbers": ([1], None, ["05"], None, "05"),
    "even text of a number": ([1], None, ["5"], None, "5"),
    "numbers among text": (["05"], None, [5], None, "5"),
    "numbers among booleans": ([True], None, [1], None, "1"),
    "booleans among numbers": ([1], None, [True], None, "true"),
    "a wall time among instants": ([UTC_NOON], None, [at(2024, 1, 2)], None, "2024-01-02 00:00:00"),
    "an instant among wall times": ([at(2024, 1, 2)], None, [UTC_NOON], None, "2024-01-01"),
    "a day that is no date": ([date(2024, 1, 1)], None, ["2024-1-2"], None, "2024-1-2"),
    "floats among integers that they cannot tell": ([2**53 + 1], None, [0.5], None, "0.5"),
    "integers that floats cannot tell": ([0.5], None, [2**53 + 1], None, str(2**53 + 1)),
    "a float among decimals": ([Decimal("0.10")], pl.Decimal(6, 2), [0.125], None, "0.125"),
    "what pandas would read as a float": ([-1], None, [2**63], pl.UInt64, str(2**63)),
    "spans among numbers": ([1], None, [timedelta(days=1)], None, "24:00:00"),
    "bytes among text": (["a"], None, [b"a"], None, "a"),
    "lists of text among lists of numbers": ([[1]], None, [["1"]], None, "[1]"),
    "structs of no common field": ([{"a": 1}], None, [{"b": 1}], None, "{'b': 1}"),
    "arrays of another size": (
        [[1, 2]],
        pl.Array(pl.Int64, 2),
        [[1, 2, 3]],
        pl.Array(pl.Int64, 3),
        "[1, 2, 3]",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_values_that_would_come_back_as_others_are_refused_and_nothing_is_stored(shop, case):
    first, first_type, second, second_type, example = REFUSED[case]
    shop.give(1, pl.Series(first, dtype=first_type))
    kind, before = shop.type_of(), shop.values()
    with pytest.raises(dg.UnfitValueError) as refused:
        shop.give(
            2, pl.Series([None, *second], dtype=second_type), other=["a new column"] * (len(second) + 1)
        )
    assert refused.value.code == "column-types-differ"
    assert "`x` of `sales`" in str(refused.value) and f"such as {example}" in str(refused.value)
    assert kind in str(refused.value)
    assert (shop.type_of(), shop.values()) == (kind, before)
    assert shop.rows("select count(*) from information_schema.columns where column_name = 'other'") == [(0,)]


@pytest.mark.parametrize(
    "first, second, kind",
    [
        (["a"], ["a", "b"], "ENUM('a', 'b')"),
        (["a"], ["it's"], "VARCHAR"),
        (["a", "b"], ["b"], "ENUM('a', 'b')"),
    ],
)
def test_categories_stay_where_those_of_one_side_are_enough(shop, first, second, kind):
    shop.give(1, pd.Series(first, dtype="category"), pd)
    shop.give(2, pd.Series(second, dtype="category"), pd)
    assert (shop.type_of(), shop.values()) == (kind, first + second)
    shop.give(3, ["b"])
    assert (shop.type_of(), shop.values(3)) == (kind, ["b"])


def test_a_partition_that_alone_had_the_type_may_change_it(shop):
    shop.give(1, ["many"])
    shop.give(1, [5])
    assert (shop.type_of(), shop.values()) == ("BIGINT", [5])


@pytest.mark.parametrize(
    "empty", [pd.DataFrame([], columns=["day", "x"]), pd.DataFrame({"day": [], "x": []})]
)
def test_an_empty_first_partition_spoils_nothing(shop, empty):
    shop.store(1, empty)
    shop.give(2, ["Oslo"], pd)
    shop.store(3, empty)
    shop.give(3, ["Rome"])
    assert shop.values() == ["Oslo", "Rome"]


def test_an_index_on_a_column_that_needs_another_type_is_told_as_the_refusal_it_is(shop):
    shop.give(1, [1])
    with duckdb.connect(shop.database) as connection:
        connection.execute("create index by_x on public.sales (x)")
    with pytest.raises(dg.UnfitValueError, match="BIGINT") as refused:
        shop.give(2, [0.5])
    assert isinstance(refused.value.__cause__, duckdb.Error)
    assert shop.values() == [1]


def test_columns_of_odd_names_are_widened(shop):
    name = 'odd "name", 100% of it'
    for day, value in ((1, 1), (2, 0.5)):
        shop.store(day, pl.DataFrame({"day": [f"2024-01-0{day}"], name: [value]}))
    assert [row[0] for row in shop.rows("select * exclude (day) from public.sales order by 1")] == [0.5, 1.0]


def test_a_new_column_is_added_empty_in_other_partitions_and_told(shop):
    shop.give(1, [1])
    shop.give(2, [2], note=["late"])
    assert "new column `note` (VARCHAR)" in "".join(shop.told)
    shop.give(3, [3])
    assert shop.values(column="note") == [None, "late", None]


@pytest.mark.parametrize(
    "odd, even",
    [
        (0.4, 1),
        ("text", 1),
        (Decimal("0.123"), Decimal("0.1")),
        ([0.5], [1]),
        ({"a": 1, "b": 2}, {"a": 1, "b": None}),
    ],
)
def test_every_row_counts_for_the_type_of_python_objects(shop, odd, even):
    column = pd.Series([even] * 3000, dtype=object)
    column[1] = odd  # DuckDB looks at every third of these
    shop.give(1, column, pd)
    assert shop.values()[1] == odd


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"day": ["2024-01-01"], "a": [1], "A": [2]}),
        pd.DataFrame([["2024-01-01", 1, 2]], columns=["day", "a", "a"]),
        pd.DataFrame([["2024-01-01", 1]], columns=["day", ""]),
        pl.DataFrame({"day": ["2024-01-01"], "": [1]}),
        pl.DataFrame(),
        pd.DataFrame(),
    ],
)
def test_names_that_duckdb_would_change_are_refused_before_anything_is_stored(shop, frame):
    with pytest.raises(dg.UnfitValueError) as refused:
        shop.store(1, frame)
    assert refused.value.code == "unfit-columns"
    assert refused.value.hint
    assert shop.rows("select count(*) from information_schema.tables") == [(0,)]


def test_a_frame_without_columns_is_a_partition_without_rows_where_the_table_is_known(shop):
    shop.give(1, [1])
    shop.give(2, [2])
    shop.store(2, pd.DataFrame())
    assert shop.values() == [1]


def test_a_frame_without_the_partitions_column_is_told_which_it_has(shop):
    with pytest.raises(dg.DagsterInvariantViolationError, match="day") as refused:
        shop.store(1, pd.DataFrame({"x": [1], "y": np.array([1.0])}))
    assert refused.value.code == "missing-partition-expr"
    assert "x, y" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("TIMESTAMP", "2024-01-01T05:00:00", "2024-01-01 05:00:00"),
        ("TIMESTAMP", "2024-01-01 05:00", "2024-01-01 05:00:00"),
        ("TIMESTAMP", "2024-01-01T05:00:00.1234567", None),
        ("TIMESTAMP", "2024-01-01T05:00:00+02:00", None),
        ("DATE", "2024-01-01", "2024-01-01"),
        ("DATE", "2024-01-01T05:00:00", None),
    ],
)
def test_text_of_a_time_fits_a_column_that_keeps_no_less(shop, kind, text, kept):
    with duckdb.connect(shop.database) as connection:
        connection.execute(
            f"create schema if not exists public; create table public.sales (day varchar, x {kind})"
        )
        connection.execute("insert into public.sales values ('2023-12-31', '2023-12-31')")
    frame = pd.DataFrame({"day": ["2024-01-01"], "x": [text]})
    if kept is None:
        with pytest.raises(dg.UnfitValueError) as refused:
            shop.store(1, frame)
        assert refused.value.code == "column-types-differ"
    else:
        shop.store(1, frame)
        assert shop.rows("select cast(x as varchar) from public.sales where day = '2024-01-01'") == [(kept,)]
