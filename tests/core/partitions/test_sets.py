"""Partition sets behave as Python's sets of keys do, in any number of dimensions."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.partitions.facts import Store
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, UnknownPartitionError
from treadle.core.partitions import (
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    HourlyPartitionsDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    Partition,
    PartitionKeyRange,
    PartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionsDefinition,
    partition_loading_context,
    regions,
    runs,
)

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
STORE = Store(shops=["oslo", "rome", "lima"])
NEW_YORK = "America/New_York"
DEFINITIONS = [
    StaticPartitionsDefinition(["d", "b", "a", "c"]),
    DailyPartitionsDefinition("2026-10-20", timezone=NEW_YORK, exclusions=["0 0 * * 0,6"]),
    HourlyPartitionsDefinition("2026-10-31-20:00", timezone=NEW_YORK),
    TimeWindowPartitionsDefinition("2026-W30", "%Y-W%W", cron_schedule="0 0 * * 1"),
    DynamicPartitionsDefinition(name="shops"),
    MultiPartitionsDefinition(
        {"day": DailyPartitionsDefinition("2026-10-29"), "shop": DynamicPartitionsDefinition(name="shops")}
    ),
    MultiPartitionsDefinition(
        {
            "z": StaticPartitionsDefinition(["1", "2"]),
            "a": StaticPartitionsDefinition(["q", "p", "r"]),
            "m": DailyPartitionsDefinition("2026-10-26", exclusions=["0 0 * * 3"]),
        }
    ),
]
integers = st.sets(st.integers(-20, 40))


@given(integers, integers)
def test_runs_are_canonical_and_agree_with_sets(a, b):
    left, right = runs.runs_of(a), runs.runs_of(b)
    for ours, theirs in (
        (runs.union(left, right), a | b),
        (runs.intersection(left, right), a & b),
        (runs.difference(left, right), a - b),
    ):
        assert set(runs.members(ours)) == theirs
        assert ours == runs.runs_of(theirs)
        assert runs.size(ours) == len(theirs)
    assert all(runs.contains(left, n) == (n in a) for n in range(-22, 43))


points = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)))


@settings(deadline=None)
@given(points, points)
def test_regions_are_canonical_and_agree_with_sets(a, b):
    left, right = regions.of_points(a, 3), regions.of_points(b, 3)
    for ours, theirs in (
        (regions.union(left, right, 3), a | b),
        (regions.intersection(left, right, 3), a & b),
        (regions.difference(left, right, 3), a - b),
    ):
        assert list(regions.points(ours, 3)) == sorted(theirs)
        assert ours == regions.of_points(theirs, 3)
        assert regions.size(ours, 3) == len(theirs)
    assert {p for box in regions.boxes(left, 3) for p in regions.points(regions.box(box), 3)} == a
    assert all(regions.contains(left, p, 3) == (p in a) for p in b)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DEFINITIONS), st.data())
def test_sets_of_keys_agree_with_python_sets(definition, data):
    space = definition.space(NOW, STORE)
    all_keys = [str(key) for key in space.all()]
    assert len(set(all_keys)) == len(all_keys) == len(space.all())
    drawn = st.sets(st.sampled_from(all_keys))
    a, b = data.draw(drawn), data.draw(drawn)
    # one of the two is built at another time: equal definitions combine all the same
    left, right = space.of_keys(a), definition.space(NOW, STORE).of_keys(b)
    assert set(left | right) == a | b
    assert set(left & right) == a & b
    assert set(left - right) == a - b
    assert set(~left) == set(all_keys) - a
    assert (left == right) == (a == b)
    assert (left <= right) == (a <= b)
    assert len(left) == len(a)
    assert bool(left) == bool(a)
    assert [str(key) for key in left] == [key for key in all_keys if key in a]
    assert all((key in left) == (key in a) for key in all_keys)
    if a == b:
        assert hash(left) == hash(right)
    again = pickle.loads(pickle.dumps(left))
    assert again == left
    found = [
        key
        for r in left.get_partition_key_ranges()
        for key in definition.get_partition_keys_in_range(r, STORE, NOW)
    ]
    assert sorted(map(str, found)) == sorted(a)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DEFINITIONS), st.data())
def test_a_range_is_what_stands_between_its_ends(definition, data):
    keys = [str(key) for key in definition.get_partition_keys(NOW, STORE)]
    first, last = data.draw(st.sampled_from(range(len(keys)))), data.draw(st.sampled_from(range(len(keys))))
    found = definition.get_partition_keys_in_range(PartitionKeyRange(keys[first], keys[last]), STORE, NOW)
    ends = zip(keys[first].split("|"), keys[last].split("|"), strict=True)
    sides = _sides(keys)
    inside = [
        set(side[side.index(start) : side.index(end) + 1])
        for side, (start, end) in zip(sides, ends, strict=True)
    ]
    assert found == [
        key for key in keys if all(part in side for part, side in zip(key.split("|"), inside, strict=True))
    ]


def _sides(keys: list[str]) -> list[list[str]]:
    """The keys of each dimension, in their order."""
    parts = [key.split("|") for key in keys]
    return [list(dict.fromkeys(row[place] for row in parts)) for place in range(len(parts[0]))]


def test_a_range_of_several_dimensions_is_the_range_of_each():
    p = MultiPartitionsDefinition(
        {"day": StaticPartitionsDefinition(list("xyz")), "hour": StaticPartitionsDefinition(list("1234"))}
    )

    def between(start, end):
        return p.get_partition_keys_in_range(PartitionKeyRange(start, end))

    assert between("x|2", "z|2") == ["x|2", "y|2", "z|2"]
    assert between("x|2", "y|3") == ["x|2", "x|3", "y|2", "y|3"]
    assert between("x|3", "y|2") == []


def test_definitions_are_values():
    for definition in DEFINITIONS:
        assert pickle.loads(pickle.dumps(definition)) == definition
        assert hash(pickle.loads(pickle.dumps(definition))) == hash(definition)
    later = DailyPartitionsDefinition("2026-01-01")._replace(end_offset=1)
    assert later.end_offset == 1
    assert StaticPartitionsDefinition(["a"])._replace(partition_keys=["b"]).get_partition_keys() == ["b"]
    key = MultiPartitionKey({"b": "2", "a": "1"})
    assert pickle.loads(pickle.dumps(key)).keys_by_dimension == {"a": "1", "b": "2"}


def test_an_unknown_key_is_refused_with_near_ones():
    """B08, S1-24."""
    days = DailyPartitionsDefinition("2026-01-01")
    with pytest.raises(UnknownPartitionError) as caught:
        days.subset_with_partition_keys(["2026-10-1"], NOW)
    assert caught.value.code == "unknown-partition"
    assert "2026-10-1" in str(caught.value)
    assert caught.value.hint == "Did you mean '2026-10-01'?"
    with pytest.raises(UnknownPartitionError) as caught:
        DEFINITIONS[5].validate_partition_key("2026-10-29|osol", NOW, STORE)
    assert "'oslo'" in caught.value.hint
    with pytest.raises(UnknownPartitionError) as caught:
        DEFINITIONS[5].validate_partition_key("2026-10-29", NOW, STORE)
    assert "day|shop" in caught.value.hint


def test_sets_of_different_definitions_do_not_mix():
    with pytest.raises(InvariantViolationError):
        StaticPartitionsDefinition(["a"]).space().all() | StaticPartitionsDefinition(["b"]).space().all()


def test_sets_of_a_growing_definition_combine():
    days = DailyPartitionsDefinition("2026-10-01")
    early = days.subset_with_all_partitions(datetime(2026, 10, 3, tzinfo=UTC))
    late = days.subset_with_all_partitions(NOW)
    assert early <= late
    assert len(late - early) == len(late) - 2
    shops = DynamicPartitionsDefinition(name="shops")
    before = shops.subset_with_partition_keys(["b", "a"], None, Store(shops=["a", "b", "c"]))
    after = shops.subset_with_partition_keys(["d", "a"], None, Store(shops=["d", "a"]))
    assert set(before | after) == {"a", "b", "d"}
    assert set(before & after) == {"a"}


def test_a_definition_of_ones_own_needs_only_its_keys():
    class Regions(PartitionsDefinition):
        def get_partition_keys(self, current_time=None, dynamic_partitions_store=None):
            return ["eu", "us", "ap"]

    own = Regions()
    assert own.has_partition_key("us")
    assert own.get_last_partition_key() == "ap"
    assert list(own.subset_with_partition_keys(["ap", "eu"])) == ["eu", "ap"]
    assert own.get_partition_keys_in_range(PartitionKeyRange("us", "ap")) == ["us", "ap"]


def test_the_loading_context_gives_time_and_store():
    with partition_loading_context(datetime(2026, 10, 23, tzinfo=UTC), STORE):
        assert DailyPartitionsDefinition("2026-10-20").get_partition_keys() == [
            "2026-10-20",
            "2026-10-21",
            "2026-10-22",
        ]
        assert DynamicPartitionsDefinition(name="shops").get_partition_keys() == STORE.keys["shops"]
        with partition_loading_context(datetime(2026, 10, 21, tzinfo=UTC)):
            assert DailyPartitionsDefinition("2026-10-20").get_partition_keys() == ["2026-10-20"]


def test_subclasses_may_carry_attributes_of_their_own():
    class Countries(StaticPartitionsDefinition):
        def __init__(self, continent):
            super().__init__(["no", "it"])
            self.continent = continent

    made = Countries("europe")
    assert made.continent == "europe"
    assert made.get_partition_keys() == ["no", "it"]
    with pytest.raises(AttributeError):
        DailyPartitionsDefinition("2026-01-01").end_offset = 3


def test_fields_are_replaced_within_the_class():
    days = DailyPartitionsDefinition("2026-01-01", timezone=NEW_YORK)
    assert days._replace(end_offset=1) == DailyPartitionsDefinition(
        "2026-01-01", timezone=NEW_YORK, end_offset=1
    )
    assert Partition(3).name == "3"
    assert Partition(3, name="three").name == "three"


def test_many_threads_may_number_the_same_windows():
    hours = HourlyPartitionsDefinition("1975-01-01-00:00", timezone="Europe/Lisbon")
    keys = [f"{year}-06-01-12:00" for year in range(1975, 2026)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda key: hours.grid.ordinal_of(key), keys * 4))
    assert found == [hours.grid.ordinal_of(key) for key in keys] * 4
    assert found[:51] == sorted(found[:51])


def test_a_day_with_a_clock_change_is_one_partition():
    """S1-22: days with a clock change have one key like any other."""
    days = DailyPartitionsDefinition("2026-03-07", end_date="2026-03-10", timezone=NEW_YORK)
    assert days.get_partition_keys(NOW) == ["2026-03-07", "2026-03-08", "2026-03-09"]
    windows = [days.time_window_for_partition_key(key) for key in days.get_partition_keys(NOW)]
    assert [w.seconds / 3600 for w in windows] == [24, 23, 24]
    assert len(days.windows_of(days.subset_with_all_partitions(NOW))) == 1


def test_ranges_reach_over_what_is_left_out():
    days = DailyPartitionsDefinition("2026-10-01", exclusions=["0 0 * * 0"])
    every = days.subset_with_all_partitions(NOW)
    assert every.get_partition_key_ranges() == [PartitionKeyRange("2026-10-01", "2026-10-31")]
    assert (every - days.subset_with_partition_keys(["2026-10-06"], NOW)).get_partition_key_ranges() == [
        PartitionKeyRange("2026-10-01", "2026-10-05"),
        PartitionKeyRange("2026-10-07", "2026-10-31"),
    ]


def test_an_end_at_the_end_of_the_calendar_is_no_end() -> None:
    days = DailyPartitionsDefinition("2024-01-01", end_date="9999-12-31")
    assert days.get_partition_keys(datetime(2024, 1, 3, tzinfo=UTC)) == ["2024-01-01", "2024-01-02"]


def test_a_start_at_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="too late"):
        DailyPartitionsDefinition("9999-12-01", end_date="9999-12-31")


def test_keys_of_a_set_are_a_list_where_they_are_times_and_else_a_set_in_order():
    days, letters = DailyPartitionsDefinition("2026-01-01"), StaticPartitionsDefinition(["b", "a", "c"])
    assert days.subset_with_partition_keys(["2026-01-02", "2026-01-01"]).get_partition_keys() == [
        "2026-01-01",
        "2026-01-02",
    ]
    found = letters.subset_with_partition_keys(["c", "b"]).get_partition_keys()
    assert found == {"b", "c"}
    assert list(found) == ["b", "c"]


def test_a_key_whose_dimensions_stand_in_another_order_is_told_the_right_one():
    months = StaticPartitionsDefinition(["2024-03-01", "2024-04-01"])
    regions = StaticPartitionsDefinition(["eu", "us"])
    space = MultiPartitionsDefinition({"month": months, "region": regions}).space()
    turned = space.unknown("eu|2024-03-01")
    assert turned.nearest == ["2024-03-01|eu"]
    assert "month|region" in str(turned.hint)
    assert "dimension 'region'" in space.unknown("2024-03-01|mars").message


def test_ranges_of_two_dimensions_run_along_the_longer_one():
    days = DailyPartitionsDefinition("2026-01-01", end_date="2026-05-01")
    cells = MultiPartitionsDefinition({"day": days, "shop": StaticPartitionsDefinition(["a", "b"])})
    assert cells.subset_with_all_partitions().get_partition_key_ranges() == [
        PartitionKeyRange("2026-01-01|a", "2026-04-30|a"),
        PartitionKeyRange("2026-01-01|b", "2026-04-30|b"),
    ]
    one_day = cells.subset_with_partition_keys(["2026-01-01|a", "2026-01-01|b"])
    assert one_day.get_partition_key_ranges() == [PartitionKeyRange("2026-01-01|a", "2026-01-01|b")]
    corner = cells.subset_with_partition_keys(
        ["2026-01-01|a", "2026-01-02|a", "2026-01-04|a", "2026-01-01|b"]
    )
    assert corner.get_partition_key_ranges() == [
        PartitionKeyRange("2026-01-01|a", "2026-01-02|a"),
        PartitionKeyRange("2026-01-04|a", "2026-01-04|a"),
        PartitionKeyRange("2026-01-01|b", "2026-01-01|b"),
    ]
