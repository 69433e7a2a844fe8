"""Columns of types that a store does not know: refused when they are stored, with the column's name and what to do."""

from datetime import timedelta

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager
from treadle.integrations.parquet import ParquetIOManager

SPAN = timedelta(seconds=1)


def duck(folder) -> DuckDBIOManager:
    return DuckDBIOManager(database=str(folder / "warehouse.duckdb"))


def parquet(folder) -> ParquetIOManager:
    return ParquetIOManager(base_path=str(folder))


def stored(manager, frame) -> None:
    @dg.asset
    def source():
        return frame

    dg.materialize([source], resources={"io_manager": manager})


def of_polars(values, kind) -> pl.DataFrame:
    return pl.DataFrame({"fine": [1], "odd": pl.Series(values, dtype=kind)})


def of_pandas(values) -> pd.DataFrame:
    return pd.DataFrame({"fine": range(len(values)), "odd": values})


CASES = {
    "period": (duck, of_pandas(pd.period_range("2024-01", "2024-02", freq="M")), "period"),
    "interval": (duck, of_pandas(pd.interval_range(0, 2)), "interval"),
    "sparse in DuckDB": (duck, of_pandas(pd.arrays.SparseArray([0, 1])), "Sparse"),
    "sparse in Parquet": (parquet, of_pandas(pd.arrays.SparseArray([0, 1])), "Sparse"),
    "complex in DuckDB": (duck, of_pandas([1 + 2j]), "complex128"),
    "complex in Parquet": (parquet, of_pandas([1 + 2j]), "complex128"),
    "more than 64 bits": (parquet, of_pandas([2**70]), "too large"),
    "Int128 in DuckDB": (duck, of_polars([2**100], pl.Int128), "Int128"),
    "Int128 in Parquet": (parquet, of_polars([2**100], pl.Int128), "Int128"),
    "Int128 in lists": (parquet, of_polars([[2**100]], pl.List(pl.Int128)), "Int128"),
    "a struct without fields": (parquet, of_polars([{}], pl.Struct([])), "struct<>"),
    "durations in lists": (duck, of_polars([[SPAN]], pl.List(pl.Duration)), "Duration"),
    "durations in structs": (duck, of_polars([{"d": SPAN}], pl.Struct({"d": pl.Duration})), "Duration"),
    "durations deeper": (
        duck,
        of_polars([[{"d": [SPAN]}]], pl.List(pl.Struct({"d": pl.List(pl.Duration)}))),
        "Duration",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_column_of_a_type_that_is_not_known_is_named(tmp_path, case):
    manager, frame, kind = CASES[case]
    with pytest.raises(dg.DagsterInvariantViolationError) as refused:
        stored(manager(tmp_path), frame)
    assert refused.value.code == "unsupported-type"
    assert all(part in str(refused.value) for part in ("`odd`", "`source`", kind))
    assert "FilesystemIOManager" in refused.value.hint
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_struct_without_fields_is_refused_on_a_url_and_in_arrow_tables_too():
    table = pa.table({"fine": [1], "odd": pa.array([{}], pa.struct([]))})
    with pytest.raises(dg.DagsterInvariantViolationError, match="`odd` of `source` is struct<>"):
        stored(ParquetIOManager(base_path="memory://treadle-test-unknown-types"), table)


def test_two_columns_of_one_name_are_refused_by_parquet(tmp_path):
    with pytest.raises(dg.UnfitValueError, match="`source` has several columns called `a`") as refused:
        stored(parquet(tmp_path), pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert refused.value.code == "unfit-columns"


def test_a_table_with_intervals_in_lists_tells_polars_readers_why_and_pandas_reads_it(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema public")
        connection.execute("create table public.spans as select [interval 1 second] as odd")
    spans = dg.AssetSpec("spans")

    @dg.asset
    def eager(spans: pl.DataFrame) -> None: ...

    @dg.asset
    def in_pandas(spans: pd.DataFrame) -> None:
        assert len(spans) == 1

    resources = {"io_manager": duck(tmp_path)}
    assert dg.materialize([spans, in_pandas], resources=resources).success
    with pytest.raises(dg.DagsterInvariantViolationError, match="which Polars cannot hold") as refused:
        dg.materialize([spans, eager], resources=resources)
    assert refused.value.code == "unsupported-type"


@pytest.mark.parametrize("manager", [duck, parquet])
def test_a_field_that_is_only_called_as_an_odd_type_is_fine(tmp_path, manager):
    frame = of_polars(
        [{"Duration": 1, "INTERVAL": 2}], pl.Struct({"Duration": pl.Int64, "INTERVAL": pl.Int64})
    )

    @dg.asset
    def source() -> pl.DataFrame:
        return frame

    @dg.asset
    def read(source: pl.DataFrame) -> None:
        assert source.equals(frame)

    assert dg.materialize([source, read], resources={"io_manager": manager(tmp_path)}).success
