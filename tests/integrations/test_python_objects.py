"""A column of Python objects is refused before anything is stored: a table keeps an address or a `repr` of them."""

import datetime
import decimal
import enum
import uuid
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager, DuckDBPolarsTypeHandler
from treadle.integrations.parquet import ParquetIOManager


class Odd: ...


class Told:
    def __str__(self) -> str:
        return "told"


class Color(enum.Enum):
    RED = 1


def objects(values: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"good": range(len(values)), "kept": pd.Series(values, dtype=object)})


def stored(manager: Any, frame: Any) -> Any:
    @dg.asset(key=["shop", "orders"])
    def orders():
        return frame

    return dg.materialize([orders], resources={"io_manager": manager}, raise_on_error=False)


def refusal(result: Any) -> str:
    assert not result.success
    (event,) = result.get_step_failure_events()
    error = event.step_failure_data.error
    assert error.cls_name == "DagsterInvariantViolationError"
    return str(error.message)


@pytest.fixture(params=["parquet", "duckdb"])
def manager(request, tmp_path) -> Any:
    if request.param == "parquet":
        return ParquetIOManager(base_path=str(tmp_path / "lake"))
    return DuckDBIOManager(database=str(tmp_path / "warehouse.duckdb"))


@pytest.fixture
def database(tmp_path) -> str:
    return str(tmp_path / "warehouse.duckdb")


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"good": [1], "kept": [Odd()]}),
        pl.DataFrame({"good": [1, 2], "kept": pl.Series([None, Odd()], dtype=pl.Object)}),
        pl.DataFrame({"good": [1], "kept": [Odd()]}).lazy(),
        objects([Odd()]),
        objects(["text"] * 3000 + [Odd()]),
        pd.DataFrame({"kept": pd.Categorical([Odd()])}),
    ],
)
def test_the_error_names_the_column_and_the_asset(manager, frame) -> None:
    said = refusal(stored(manager, frame))
    assert "`shop/orders`" in said
    assert "column `kept`" in said.lower() or "column kept" in said
    assert "Odd" in said


def test_nothing_is_written_and_what_was_stored_stays(manager, tmp_path) -> None:
    assert "Odd" in refusal(stored(manager, pl.DataFrame({"kept": [Odd()]})))
    assert not list(tmp_path.rglob("*.parquet"))
    assert stored(manager, objects(["before"])).success

    @dg.asset(ins={"found": dg.AssetIn(["shop", "orders"])}, io_manager_key="kept_here")
    def seen(found: pd.DataFrame) -> list[str]:
        return list(found["kept"])

    for frame in (pl.DataFrame({"kept": [Odd()]}), objects([Odd()])):
        assert not stored(manager, frame).success
        result = dg.materialize(
            [seen, dg.AssetSpec(["shop", "orders"])],
            resources={"io_manager": manager, "kept_here": dg.mem_io_manager},
        )
        assert result.asset_value("seen") == ["before"]


@pytest.mark.parametrize(
    "values",
    [
        [Odd(), {"a": 1}],
        [{"a": Odd()}],
        [[Odd()]],
        [["a"], [Odd()]],
        [np.array([Odd()], dtype=object)],
        [{1, 2}],
        [{"a": 1}, "text"],
        [1, b"x", {}],
        [Odd],
        [len, None],
    ],
)
def test_duckdb_is_given_nothing_that_it_would_keep_as_its_repr(database, values) -> None:
    assert "`kept`" in refusal(stored(DuckDBIOManager(database=database), objects(values)))


DAY = datetime.date(2026, 1, 1)
PLAIN: list[tuple[list[Any], list[Any]]] = [
    (["a", None], ["a", None]),
    ([1, "a", None, 1.5, True], ["1", "a", None, "1.5", "True"]),
    ([pd.NA, pd.NaT, "a"], [None, None, "a"]),
    ([decimal.Decimal("1.5"), "a"], ["1.5", "a"]),
    ([DAY], [DAY]),
    ([DAY, "a"], ["2026-01-01", "a"]),
    ([np.int64(1), "a"], ["1", "a"]),
    ([b"x"], [b"x"]),
    ([[1, 2], [3]], [[1, 2], [3]]),
    ([[1], ["a"]], [["1"], ["a"]]),
    ([["a"], [1]], [["a"], ["1"]]),
    ([np.array([1.5])], [[1.5]]),
    ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}]),
    ([{"a": [{"b": "x"}]}], [{"a": [{"b": "x"}]}]),
    ([{"a": 1}, {"b": "x"}], [{"a": "1"}, {"b": "x"}]),
    ([uuid.UUID(int=1)], [uuid.UUID(int=1)]),
    ([Path("a/b"), Told(), Color.RED], ["a/b", "told", "Color.RED"]),
]


@pytest.mark.parametrize(("values", "kept"), PLAIN)
def test_duckdb_keeps_plain_values_as_before(database, values, kept) -> None:
    assert stored(DuckDBIOManager(database=database), objects(values)).success
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.execute("select kept from shop.orders order by good").fetchall()
    assert [row[0] for row in rows] == kept


@pytest.mark.parametrize("values", [["a", None], [1, None], [DAY], [["a"]], [{"a": 1}], [None], [b"x"]])
def test_parquet_keeps_plain_values_as_before(tmp_path, values) -> None:
    assert stored(ParquetIOManager(base_path=str(tmp_path)), objects(values)).success


def test_a_handler_alone_stores_what_has_neither_asset_nor_name(tmp_path):
    """As handlers are tested in packages: with a context that was given nothing."""
    place = dg.TableSlice(table="frames", schema="main")
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        handler, context = DuckDBPolarsTypeHandler(), dg.build_output_context()
        handler.handle_output(context, place, pl.DataFrame({"a": [1, 2]}), connection)
        assert connection.execute("select a from frames").fetchall() == [(1,), (2,)]
        with pytest.raises(dg.DagsterInvariantViolationError, match="Column `a` of `frames`"):
            odd = pl.DataFrame({"a": pl.Series([Odd()], dtype=pl.Object)})
            handler.handle_output(context, place, odd, connection)
