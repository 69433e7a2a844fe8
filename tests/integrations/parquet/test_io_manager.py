"""Assets as Parquet files: types, partitions as files, ranges split by a column."""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from upath import UPath

import treadle as dg
from treadle.define.context.step_state import KeyList, PartitionView
from treadle.integrations.parquet import ParquetIOManager

NEW_YORK = "America/New_York"
DAILY = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-08")


def files(folder) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    )


def run(base, *assets, instance=None, **given):
    resources = {"io_manager": ParquetIOManager(base_path=str(base))}
    return dg.materialize(list(assets), resources=resources, instance=instance, **given)


@dg.asset
def orders() -> pd.DataFrame:
    return pd.DataFrame({"id": [1, 2], "price": [1.5, 2.5], "city": pd.Categorical(["rome", "oslo"])})


@dg.asset
def eager(orders: pl.DataFrame) -> pl.DataFrame:
    return orders.select("price")


@dg.asset
def lazily(eager: pl.LazyFrame) -> pl.LazyFrame:
    assert isinstance(eager, pl.LazyFrame)
    return eager.select(pl.col("price") * 2)


@dg.asset
def arrow(lazily: pa.Table) -> pa.Table:
    return lazily


@dg.asset
def total(arrow) -> pd.DataFrame:
    assert isinstance(arrow, pd.DataFrame)
    return pd.DataFrame({"total": [arrow["price"].sum()]})


@pytest.mark.parametrize("url", ["{folder}", "file://{folder}", "memory://treadle-test-parquet"])
def test_frames_of_every_library_go_through_files_of_any_url(tmp_path, url):
    base = url.format(folder=tmp_path)
    result = run(base, orders, eager, lazily, arrow, total)
    assert pl.read_parquet((UPath(base) / "total.parquet").read_bytes())["total"].to_list() == [8.0]
    (event,) = result.asset_materializations_for_node("orders")
    assert event.metadata["dagster/row_count"].value == 2
    assert str(event.metadata["path"].value).endswith("orders.parquet")
    if not url.startswith("memory"):
        assert len(files(tmp_path)) == 5


def test_a_lazy_load_reads_only_what_is_needed_and_when_it_is(tmp_path):
    """S0-06: the file is scanned, not read; columns named on the input are all there is."""
    seen = {}

    @dg.asset(ins={"orders": dg.AssetIn(metadata={"columns": ["price", "id"]})})
    def narrow(orders: pl.LazyFrame) -> pl.DataFrame:
        seen["columns"] = orders.collect_schema().names()
        seen["plan"] = orders.select("price").explain()
        return orders.select("price").collect()

    assert run(tmp_path, orders, narrow).success
    assert seen["columns"] == ["price", "id"]
    assert "Parquet SCAN" in seen["plan"] and "PROJECT 1/3" in seen["plan"]


def test_columns_named_on_the_input_are_all_that_is_read(tmp_path):
    @dg.asset(ins={"orders": dg.AssetIn(metadata={"columns": ["price"]})})
    def narrow(orders: pd.DataFrame) -> None:
        assert list(orders.columns) == ["price"]

    assert run(tmp_path, orders, narrow).success


@pytest.mark.parametrize("wanted", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table])
@pytest.mark.parametrize(
    ("columns", "hint"),
    [
        (["id", "prise"], "Did you mean `price`?"),
        (["Price"], "Did you mean `price`?"),
        ("zz", "id, price, city"),
    ],
)
def test_a_column_that_is_not_stored_is_refused_and_never_left_out(tmp_path, wanted, columns, hint):
    @dg.asset(ins={"orders": dg.AssetIn(metadata={"columns": columns})})
    def read(orders: wanted) -> None:
        raise AssertionError(orders)

    with pytest.raises(dg.UnfitValueError, match="asks for column") as refused:
        run(tmp_path, orders, read)
    assert refused.value.code == "unknown-column" and hint in refused.value.hint


@pytest.mark.parametrize("wanted", [pd.DataFrame, pl.LazyFrame])
def test_a_column_that_some_partitions_have_is_null_in_the_others(tmp_path, wanted):
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["x", "y"]))
    def grown(context) -> pd.DataFrame:
        return pd.DataFrame({"a": [1]} if context.partition_key == "x" else {"a": [2], "b": [3.0]})

    @dg.asset(ins={"grown": dg.AssetIn(metadata={"columns": ["b"]})})
    def read(grown: wanted) -> pd.DataFrame:
        frame = grown if wanted is pd.DataFrame else grown.collect().to_pandas()
        assert frame["b"].isna().tolist() == [True, False]
        return frame

    with dg.DagsterInstance.ephemeral() as instance:
        for key in ("x", "y"):
            run(tmp_path, grown, instance=instance, partition_key=key)
        assert run(tmp_path, grown, read, selection=[read], instance=instance).success


def test_a_field_of_structs_and_one_name_alone_may_be_asked_for(tmp_path):
    @dg.asset
    def nested() -> pl.DataFrame:
        return pl.DataFrame({"s": [{"x": 1, "y": 2}], "other": [1]})

    @dg.asset(ins={"nested": dg.AssetIn(metadata={"columns": "s.x"})})
    def read(nested: pl.DataFrame) -> None:
        assert nested.to_dicts() == [{"s": {"x": 1}}]

    assert run(tmp_path, nested, read).success


def test_an_unknown_type_is_refused_both_ways(tmp_path):
    @dg.asset
    def number():
        return 5

    @dg.asset
    def text(orders: str) -> None: ...

    with pytest.raises(dg.DagsterInvariantViolationError, match="cannot store a int as `number`"):
        run(tmp_path, number)
    with pytest.raises(dg.DagsterInvariantViolationError, match="cannot load input `orders` as str"):
        run(tmp_path, orders, text)
    assert files(tmp_path) == ["orders.parquet"]


def test_what_is_not_stored_is_named(tmp_path):
    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.raises(dg.ValueNotStoredError, match=r"`orders`.*orders\.parquet"):
            run(tmp_path, orders, eager, selection=[eager], instance=instance)


def ranged(first: str, last: str) -> dict[str, str]:
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


@dg.asset(
    partitions_def=DAILY, metadata={"partition_expr": "day"}, backfill_policy=dg.BackfillPolicy.single_run()
)
def days(context) -> pl.DataFrame:
    kept = [date.fromisoformat(key) for key in context.partition_keys if key != "2024-01-03"]
    return pl.DataFrame({"day": kept * 2, "n": range(2 * len(kept))}, schema={"day": pl.Date, "n": pl.Int64})


@pytest.mark.parametrize("wanted", [pl.DataFrame, pl.LazyFrame, pd.DataFrame, pa.Table])
def test_a_range_is_split_into_a_file_a_partition_and_loads_as_one_frame(tmp_path, wanted):
    """S4-08; a partition without rows has an empty file."""
    sizes = []

    @dg.asset
    def count(days: wanted) -> None:
        rows = days.collect() if isinstance(days, pl.LazyFrame) else days
        assert isinstance(days, wanted)
        sizes.append(len(rows))

    with dg.DagsterInstance.ephemeral() as instance:
        assert run(tmp_path, days, tags=ranged("2024-01-01", "2024-01-07"), instance=instance).success
        run(tmp_path, days, partition_key="2024-01-02", instance=instance)
        run(tmp_path, days, count, selection=[count], instance=instance)
    assert files(tmp_path) == [f"days/2024-01-0{n}.parquet" for n in range(1, 8)]
    assert pl.read_parquet(tmp_path / "days" / "2024-01-03.parquet").height == 0
    assert pl.read_parquet(tmp_path / "days" / "2024-01-02.parquet")["day"].unique().to_list() == [
        date(2024, 1, 2)
    ]
    assert sizes == [12]


def test_a_row_outside_the_range_is_refused_before_anything_is_written(tmp_path):
    for stray in (date(2024, 1, 7), None):

        @dg.asset(
            name="strays",
            partitions_def=DAILY,
            metadata={"partition_expr": "day"},
            backfill_policy=dg.BackfillPolicy.single_run(),
        )
        def strays() -> pl.DataFrame:
            return pl.DataFrame({"day": [date(2024, 1, 1), stray]})

        with pytest.raises(dg.DagsterInvariantViolationError, match="belongs to none of the 2") as error:
            run(tmp_path, strays, tags=ranged("2024-01-01", "2024-01-02"))
        assert error.value.code == "row-outside-partitions"
    assert files(tmp_path) == []


def test_a_range_needs_to_know_the_column(tmp_path):
    @dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def silent() -> pl.DataFrame:
        return pl.DataFrame({"a": [1]})

    with pytest.raises(dg.DagsterInvariantViolationError, match="nothing says") as error:
        run(tmp_path, silent, tags=ranged("2024-01-01", "2024-01-02"))
    assert error.value.code == "missing-partition-expr" and "columns: a" in error.value.hint


def store(base, definition, keys, frame, expression="at") -> None:
    """Store a frame as the manager does for a run of these partitions."""
    manager = ParquetIOManager(base_path=str(base)).create_io_manager(dg.build_init_resource_context())
    context = dg.build_output_context(
        asset_key=dg.AssetKey("t"),
        asset_partitions_def=definition,
        partition_key=keys[0] if keys else "none",
        definition_metadata={"partition_expr": expression},
    )
    context._asset_partitions = PartitionView(definition, KeyList(keys), is_range=True)
    manager.handle_output(context, frame)


def stored(base, key: str) -> list[int]:
    return pl.read_parquet(base / "t" / f"{key.replace(':', '%3A')}.parquet")["n"].to_list()


def test_a_run_of_no_partitions_stores_no_file_and_has_no_place_for_a_row(tmp_path):
    store(tmp_path, DAILY, [], pl.DataFrame(schema={"at": pl.Date, "n": pl.Int64}))
    assert files(tmp_path) == []
    with pytest.raises(dg.DagsterInvariantViolationError, match="none of the 0 partitions") as refused:
        store(tmp_path, DAILY, [], pl.DataFrame({"at": [date(2024, 1, 1)], "n": [1]}))
    assert refused.value.code == "row-outside-partitions" and files(tmp_path) == []


@pytest.mark.parametrize("base", ["{folder}", "memory://treadle-test-compression"])
@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_files_are_compressed_as_asked_wherever_they_are(tmp_path, base, compression):
    @dg.asset
    def frame() -> pd.DataFrame:
        return pd.DataFrame({"a": [1] * 100})

    place = base.format(folder=tmp_path)
    manager = ParquetIOManager(base_path=place, compression=compression)
    dg.materialize([frame], resources={"io_manager": manager})
    with (UPath(place) / "frame.parquet").open("rb") as file:
        footer = pq.read_metadata(file)
    expected = "UNCOMPRESSED" if compression == "none" else compression.upper()
    assert footer.row_group(0).column(0).compression == expected


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK])
@pytest.mark.parametrize("kind", ["aware", "aware elsewhere", "naive", "text"])
def test_days_are_told_by_instants_wall_times_and_text(tmp_path, zone, kind):
    definition = dg.DailyPartitionsDefinition("2024-03-01", timezone=zone)
    keys = ["2024-03-09", "2024-03-10", "2024-03-11"]
    first = datetime(2024, 3, 9, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    hours = definition.time_window_for_partition_key("2024-03-11").end.timestamp() - first.timestamp()
    instants = [first + timedelta(hours=hour) for hour in range(int(hours / 3600))]
    walls = [instant.astimezone(ZoneInfo(zone)) for instant in instants]
    column = {
        "aware": pl.Series(instants, dtype=pl.Datetime("us", "UTC")),
        "aware elsewhere": pl.Series(instants, dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(
            "Asia/Tokyo"
        ),
        "naive": pl.Series([wall.replace(tzinfo=None) for wall in walls]),
        "text": pl.Series([wall.strftime("%Y-%m-%d") for wall in walls]),
    }[kind]
    store(tmp_path, definition, keys, pl.DataFrame({"at": column, "n": range(len(instants))}))
    for key in keys:
        assert stored(tmp_path, key) == [
            n for n, wall in enumerate(walls) if wall.strftime("%Y-%m-%d") == key
        ]


def test_hours_that_clocks_show_twice_need_a_zone(tmp_path):
    definition = dg.HourlyPartitionsDefinition("2024-11-03-00:00", timezone=NEW_YORK)
    keys = list(definition.get_partition_keys()[:4])
    starts = [definition.time_window_for_partition_key(key).start for key in keys]
    aware = pl.Series([start.astimezone(UTC) for start in starts], dtype=pl.Datetime("us", "UTC"))
    store(tmp_path, definition, keys, pl.DataFrame({"at": aware, "n": range(4)}))
    assert [stored(tmp_path, key) for key in keys] == [[0], [1], [2], [3]]
    naive = pl.DataFrame({"at": [start.replace(tzinfo=None) for start in starts], "n": range(4)})
    with pytest.raises(dg.DagsterInvariantViolationError, match="show twice"):
        store(tmp_path, definition, keys, naive)


def test_numbers_and_categories_are_static_keys(tmp_path):
    years = dg.StaticPartitionsDefinition(["2023", "2024"])
    store(tmp_path, years, ["2023", "2024"], pl.DataFrame({"at": [2024, 2023, 2024], "n": [0, 1, 2]}))
    assert (stored(tmp_path, "2023"), stored(tmp_path, "2024")) == ([1], [0, 2])
    categories = pd.DataFrame({"at": pd.Categorical(["2024", "2023"]), "n": [5, 6]})
    store(tmp_path, years, ["2023", "2024"], categories)
    assert (stored(tmp_path, "2023"), stored(tmp_path, "2024")) == ([6], [5])


def test_several_dimensions_are_several_columns(tmp_path):
    multi = dg.MultiPartitionsDefinition(
        {"day": DAILY, "city": dg.StaticPartitionsDefinition(["rome", "oslo"])}
    )
    keys = [
        dg.MultiPartitionKey({"day": day, "city": city})
        for city in ("oslo", "rome")
        for day in ("2024-01-01", "2024-01-02")
    ]
    frame = pl.DataFrame(
        {
            "d": [date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 2)],
            "c": ["rome", "oslo", "oslo"],
            "n": [0, 1, 2],
        }
    )
    store(tmp_path, multi, keys, frame, {"day": "d", "city": "c"})
    read = {name: pl.read_parquet(tmp_path / "t" / name)["n"].to_list() for name in files(tmp_path / "t")}
    assert read == {
        "oslo/2024-01-01.parquet": [1],
        "oslo/2024-01-02.parquet": [2],
        "rome/2024-01-01.parquet": [],
        "rome/2024-01-02.parquet": [0],
    }


def test_partitions_of_different_columns_load_under_each_other(tmp_path):
    @dg.asset(partitions_def=DAILY)
    def growing(context) -> pl.DataFrame:
        extra = {"b": [2]} if context.partition_key == "2024-01-02" else {}
        return pl.DataFrame({"a": [1], **extra})

    found = []

    @dg.asset(ins={"growing": dg.AssetIn(metadata={"allow_missing_partitions": True})})
    def lazy(growing: pl.LazyFrame) -> None:
        found.append(growing.collect().sort("b", nulls_last=True).rows())

    @dg.asset(ins={"growing": dg.AssetIn(metadata={"allow_missing_partitions": True})})
    def whole(growing: pl.DataFrame) -> None:
        found.append(growing.sort("b", nulls_last=True).rows())

    with dg.DagsterInstance.ephemeral() as instance:
        for key in ("2024-01-01", "2024-01-02"):
            run(tmp_path, growing, partition_key=key, instance=instance)
        run(tmp_path, growing, lazy, whole, selection=[lazy, whole], instance=instance)
    assert found == [[(1, 2), (1, None)]] * 2


def test_a_frame_that_cannot_be_written_leaves_the_old_file(tmp_path):
    run(tmp_path, orders)
    before = (tmp_path / "orders.parquet").read_bytes()

    @dg.asset(name="orders")
    def broken() -> pd.DataFrame:
        return pd.DataFrame({"a": [object()]})

    assert not run(tmp_path, broken, raise_on_error=False).success
    assert files(tmp_path) == ["orders.parquet"]
    assert (tmp_path / "orders.parquet").read_bytes() == before
