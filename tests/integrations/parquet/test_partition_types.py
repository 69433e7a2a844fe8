"""Partitions whose columns have several types, read as one frame: whole or lazily, with the same answer."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import treadle as dg
from treadle.integrations.parquet import ParquetIOManager

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-08")


def read_all(folder, frames, wanted, columns=None):
    """What an asset gets that reads all days, of which these frames are the first ones."""
    given = dict(zip(DAYS.get_partition_keys(), frames, strict=False))
    found = []

    @dg.asset(partitions_def=DAYS)
    def sales(context):
        return given[context.partition_key]

    metadata = {"allow_missing_partitions": True, **({"columns": columns} if columns else {})}

    @dg.asset(ins={"sales": dg.AssetIn(metadata=metadata)})
    def reader(sales: wanted) -> None:
        found.append(sales.collect() if wanted is pl.LazyFrame else sales)

    resources = {"io_manager": ParquetIOManager(base_path=str(folder))}
    with dg.DagsterInstance.ephemeral() as instance:
        for key in given:
            dg.materialize([sales], partition_key=key, resources=resources, instance=instance)
        dg.materialize([sales, reader], selection=[reader], resources=resources, instance=instance)
    return found[0]


EMPTY = [
    pd.DataFrame({"day": [], "x": []}),
    pd.DataFrame([], columns=["day", "x"]),
    pl.DataFrame(schema={"day": pl.String, "x": pl.List(pl.Int8)}),
    pl.DataFrame({"day": [date(2024, 1, 1)], "x": [None]}, schema_overrides={"x": pl.Float64}),
    pd.DataFrame({"day": [], "x": pd.Series([], dtype="Int64")}),
]


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame, pd.DataFrame, pa.Table])
@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("where", [0, 1])
@pytest.mark.parametrize("library", [pd, pl])
def test_a_column_without_values_has_no_type(tmp_path, wanted, empty, where, library):
    frames = [
        library.DataFrame({"day": [date(2024, 1, day)], "x": [text]}) for day, text in ((2, "a"), (3, "b"))
    ]
    frames.insert(where, empty)
    found = read_all(tmp_path, frames, wanted)
    table = (
        pa.table(found)
        if wanted is pa.Table
        else pa.Table.from_pandas(found)
        if wanted is pd.DataFrame
        else found.to_arrow()
    )
    assert [text for text in table["x"].to_pylist() if text is not None] == ["a", "b"]
    assert table["day"].to_pylist()[-1] == date(2024, 1, 3)
    assert len(found) == 2 + len(empty)


def test_columns_without_values_anywhere_are_no_obstacle(tmp_path):
    frames = [pl.DataFrame(schema={"x": kind}) for kind in (pl.Float64, pl.Date, pl.String)]
    for wanted in (pl.DataFrame, pl.LazyFrame):
        assert read_all(tmp_path / wanted.__name__, frames, wanted).rows() == []


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame])
@pytest.mark.parametrize(
    "first, second",
    [
        ([1], ["a"]),
        ([True], [1]),
        ([date(2024, 1, 1)], [1.5]),
        ([date(2024, 1, 1)], ["2024-01-02"]),
        ([datetime(2024, 1, 1)], [datetime(2024, 1, 1, tzinfo=UTC)]),
        ([2**53 + 1], [0.5]),
        ([0.5], [None, -(2**53) - 1]),
        ([[1]], [["a"]]),
        ([Decimal("0.1")], ["0.1"]),
    ],
)
def test_types_that_do_not_go_together_are_told_with_their_partitions(tmp_path, wanted, first, second):
    frames = [pl.DataFrame({"x": []}), pl.DataFrame({"x": first}), pl.DataFrame({"x": second})]
    with pytest.raises(dg.UnfitValueError, match="Column `x` of input `sales`") as refused:
        read_all(tmp_path, frames, wanted)
    assert refused.value.code == "column-types-differ"
    assert "2024-01-02" in str(refused.value) or "2024-01-03" in str(refused.value)


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame])
def test_types_that_go_together_become_the_wider_one(tmp_path, wanted):
    frames = [pl.DataFrame({"x": [1]}), pl.DataFrame({"x": [0.5]}), pl.DataFrame({"x": [3], "y": ["new"]})]
    found = read_all(tmp_path, frames, wanted)
    assert found.rows() == [(1.0, None), (0.5, None), (3.0, "new")]


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame])
def test_columns_that_are_not_read_may_differ_and_those_that_are_may_be_missing(tmp_path, wanted):
    frames = [
        pl.DataFrame({"x": [1, 2], "n": [1, 2]}),
        pl.DataFrame({"x": ["a"], "n": [0.5]}),
        pl.DataFrame({"x": [3]}),
    ]
    found = read_all(tmp_path, frames, wanted, columns=["n"])
    assert found.rows() == [(1.0,), (2.0,), (0.5,), (None,)]


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame])
def test_enums_of_several_partitions_keep_their_values(tmp_path, wanted):
    frames = [pl.DataFrame({"x": pl.Series([last], dtype=pl.Enum(["a", last]))}) for last in ("b", "c")]
    assert [str(text) for text in read_all(tmp_path, frames, wanted)["x"]] == ["b", "c"]
    assert isinstance(read_all(tmp_path / "one", frames[:1] * 2, wanted).schema["x"], pl.Enum)


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame])
@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (pl.Series([Decimal("1.2")]), pl.Series([Decimal("1.25")]), pl.Decimal(38, 2)),
        (pl.Series(["a"], dtype=pl.Categorical), pl.Series(["b"]), pl.String),
        (pl.Series([date(2024, 1, 1)]), pl.Series([datetime(2024, 1, 1, 5)]), pl.Datetime("us")),
    ],
    ids=["decimals", "categories", "days"],
)
def test_types_of_which_one_holds_the_other_become_that_one(tmp_path, wanted, one, other, kind):
    for first, second in ((one, other), (other, one)):
        frames = [pl.DataFrame({"x": first}), pl.DataFrame({"x": second})]
        found = read_all(tmp_path / str(first.dtype), frames, wanted)
        assert found.schema["x"] == kind
        assert found["x"].to_list() == [each.cast(kind)[0] for each in (first, second)]
