"""What `docs/io-managers.md` says of frames that do not come back from DuckDB as they were given."""

from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager
from treadle.integrations.parquet import ParquetIOManager


def comes_back(manager: Any, frame: Any) -> Any:
    kind = type(frame)
    seen = []

    @dg.asset
    def source() -> kind:
        return frame

    @dg.asset
    def read(source: kind) -> None:
        seen.append(source)

    dg.materialize([source, read], resources={"io_manager": manager})
    return seen[0]


@pytest.fixture
def manager(tmp_path) -> DuckDBIOManager:
    return DuckDBIOManager(database=str(tmp_path / "warehouse.duckdb"))


def column(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"a": values})


def test_the_index_is_not_stored(manager):
    found = comes_back(manager, pd.DataFrame({"a": [1, 2]}, index=pd.Index(["r", "s"], name="k")))
    assert list(found.index) == [0, 1] and list(found.columns) == ["a"]


def test_names_of_columns_become_text(manager):
    assert list(comes_back(manager, pd.DataFrame([[1, 2]])).columns) == ["0", "1"]


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # DuckDB's own use of pandas
def test_times_with_a_zone_stay_instants(manager):
    given = column(pd.to_datetime(["2024-07-01 12:00"]).tz_localize("Europe/Berlin"))
    (found,) = comes_back(manager, given)["a"]
    assert found == given["a"][0] and found.astimezone(UTC).hour == 10


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([date(1500, 1, 1)], "datetime64"),
        ([Decimal("1.10")], "float64"),
        ([2**70], "float64"),
        (np.array([1.5], dtype="float16"), "float32"),
        ([True, None], "boolean"),
        (pd.Categorical([1, 2]), "int64"),
        (pd.Categorical(["b", "a"]), "category"),
    ],
)
def test_some_types_of_pandas_become_their_nearest(manager, values, expected):
    assert str(comes_back(manager, column(values))["a"].dtype).startswith(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["x", 1], ["x", "1"]),
        ([b"\x00\xff"], [bytearray(b"\x00\xff")]),
        ([{"x": 1}, {"y": "2"}], [{"x": "1"}, {"y": "2"}]),
        (pd.to_timedelta([1_001], unit="ns"), [pd.Timedelta(1, "us")]),
    ],
)
def test_some_values_become_others(manager, values, expected):
    assert comes_back(manager, column(values))["a"].tolist() == expected


def test_tuples_become_arrays_of_one_type(manager):
    (found,) = comes_back(manager, column([(1, "x")]))["a"]
    assert list(found) == ["1", "x"]


def test_categories_of_polars_become_text_and_spans_microseconds(manager):
    given = pl.DataFrame(
        {"a": pl.Series(["x"], dtype=pl.Categorical), "b": pl.Series([1_001], dtype=pl.Duration("ns"))}
    )
    found = comes_back(manager, given)
    assert found.schema["a"] == pl.String and found["b"].to_list() == [timedelta(microseconds=1)]


def test_parquet_gives_back_what_duckdb_does_not(tmp_path):
    given = pd.DataFrame(
        {
            "day": [date(1500, 1, 1)],
            "exact": [Decimal("22.222222222222222222")],
            "span": pd.to_timedelta([1_001], unit="ns"),
            "zoned": pd.to_datetime(["2024-07-01 12:00"]).tz_localize("Europe/Berlin"),
            "kind": pd.Categorical(["b"], categories=["b", "a"], ordered=True),
            "raw": [b"\x00\xff"],
        },
        index=pd.Index(["r"], name="k"),
    )
    pd.testing.assert_frame_equal(comes_back(ParquetIOManager(base_path=str(tmp_path)), given), given)
