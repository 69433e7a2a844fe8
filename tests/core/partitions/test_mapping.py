"""Mappings of sets agree with mapping each key by itself, and the meant deviations from the recorded tables."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.partitions.facts import Store
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError
from treadle.core.partitions import (
    AllPartitionMapping,
    DailyPartitionsDefinition,
    DimensionPartitionMapping,
    DynamicPartitionsDefinition,
    HourlyPartitionsDefinition,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MonthlyPartitionsDefinition,
    MultiPartitionMapping,
    MultiPartitionsDefinition,
    MultiToSingleDimensionPartitionMapping,
    PartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
    UpstreamPartitionsResult,
    WeeklyPartitionsDefinition,
    check_mapping,
    default_mapping,
)

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
STORE = Store(shops=["oslo", "rome", "lima"], others=["rome", "nice"])
ZONE = "America/New_York"
TIMES = [
    DailyPartitionsDefinition("2026-10-20", timezone=ZONE),
    DailyPartitionsDefinition("2026-10-10", timezone=ZONE, exclusions=["0 0 * * 0"], end_offset=1),
    DailyPartitionsDefinition("2026-10-25", timezone=ZONE, hour_offset=1, minute_offset=30),
    HourlyPartitionsDefinition("2026-10-30-00:00", timezone=ZONE),
    WeeklyPartitionsDefinition("2026-10-01", timezone=ZONE),
    MonthlyPartitionsDefinition("2026-08-01", timezone=ZONE, end_offset=1),
    TimeWindowPartitionsDefinition(
        datetime(2026, 10, 28), "%Y-%m-%d-%H", cron_schedule="0 */6 * * *", timezone=ZONE
    ),
]
LETTERS, DIGITS = StaticPartitionsDefinition(["a", "b", "c"]), StaticPartitionsDefinition(["1", "2"])
SHOPS = DynamicPartitionsDefinition(name="shops")
WIDE = MultiPartitionsDefinition({"day": TIMES[0], "letter": LETTERS, "shop": SHOPS})
FLAT = MultiPartitionsDefinition({"day": TIMES[1], "digit": DIGITS})
PAIRS = [
    (a, b, TimeWindowPartitionMapping(*offsets))
    for a in TIMES
    for b in TIMES
    for offsets in ((0, 0), (-1, 0), (-1, 1))
]
PAIRS += [
    (LETTERS, DIGITS, StaticPartitionMapping({"a": "1", "b": ["1", "2"]})),
    (SHOPS, DynamicPartitionsDefinition(name="others"), IdentityPartitionMapping()),
    (WIDE, LETTERS, MultiToSingleDimensionPartitionMapping()),
    (TIMES[4], WIDE, MultiToSingleDimensionPartitionMapping()),
    (WIDE, WIDE, IdentityPartitionMapping()),
    (WIDE, FLAT, LastPartitionMapping()),
    (FLAT, WIDE, SpecificPartitionsPartitionMapping(["2026-10-20|1"])),
    (FLAT, LETTERS, AllPartitionMapping()),
    (
        WIDE,
        FLAT,
        MultiPartitionMapping(
            {
                "day": DimensionPartitionMapping("day", TimeWindowPartitionMapping(-1, 0)),
                "letter": DimensionPartitionMapping("digit", StaticPartitionMapping({"a": "1", "c": "2"})),
            }
        ),
    ),
]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(PAIRS), st.data())
def test_mapping_a_set_is_mapping_its_keys(pair, data):
    upstream, downstream, mapping = pair
    above, below = upstream.space(NOW, STORE), downstream.space(NOW, STORE)
    wanted = data.draw(st.lists(st.sampled_from(list(below.all())), max_size=5, unique=True))
    found = mapping.upstream_of(below.of_keys(wanted), above)
    alone = [mapping.upstream_of(below.of_keys([key]), above) for key in wanted]
    assert set(found.partitions_subset) == {key for one in alone for key in one.partitions_subset}
    required = {key for one in alone for key in one.required_but_nonexistent_subset}
    if not isinstance(mapping, TimeWindowPartitionMapping) or mapping.start_offset == mapping.end_offset:
        assert set(found.required_but_nonexistent_partition_keys) == required
    changed = data.draw(st.lists(st.sampled_from(list(above.all())), max_size=5, unique=True))
    reached = mapping.downstream_of(above.of_keys(changed), below)
    assert set(reached) == {k for key in changed for k in mapping.downstream_of(above.of_keys([key]), below)}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PAIRS), st.data())
def test_downstream_is_upstream_read_backwards(pair, data):
    upstream, downstream, mapping = pair
    above, below = upstream.space(NOW, STORE), downstream.space(NOW, STORE)
    low = data.draw(st.sampled_from(list(below.all())))
    high = data.draw(st.sampled_from(list(above.all())))
    needs = high in mapping.upstream_of(below.of_keys([low]), above).partitions_subset
    assert needs == (low in mapping.downstream_of(above.of_keys([high]), below))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TIMES), st.sampled_from(TIMES), st.data())
def test_time_windows_map_by_overlap(upstream, downstream, data):
    above, below = upstream.space(NOW), downstream.space(NOW)
    key = data.draw(st.sampled_from(list(below.all())))
    window = downstream.time_window_for_partition_key(key)
    expected = set()
    for other in above.all():
        theirs = upstream.time_window_for_partition_key(other)
        # Times of one zone compare by the wall clock, which shows an hour twice in autumn.
        if (
            theirs.start.timestamp() < window.end.timestamp()
            and theirs.end.timestamp() > window.start.timestamp()
        ):
            expected.add(other)
    assert (
        set(TimeWindowPartitionMapping().upstream_of(below.of_keys([key]), above).partitions_subset)
        == expected
    )


def test_a_week_that_begins_on_an_excluded_day_gets_only_its_own_days():
    """Flaw 5: the peer adds the Saturday before."""
    days = DailyPartitionsDefinition("2026-01-01", exclusions=["0 0 * * 0"])
    weeks = WeeklyPartitionsDefinition("2026-01-04")
    week = weeks.subset_with_partition_keys(["2026-05-03"], NOW)
    found = default_mapping(days, weeks).upstream_of(week, days.space(NOW))
    assert list(found.partitions_subset) == [f"2026-05-0{n}" for n in range(4, 10)]
    assert not found.required_but_nonexistent_subset


def test_a_dimension_that_does_not_exist_is_refused():
    """Flaw 8: the peer accepts it."""
    mapping = MultiToSingleDimensionPartitionMapping("nope")
    with pytest.raises(InvalidDefinitionError, match="no dimension 'nope'") as caught:
        check_mapping(mapping, WIDE, LETTERS)
    assert caught.value.code == "invalid-partition-mapping"
    with pytest.raises(InvalidDefinitionError):
        mapping.upstream_of(LETTERS.space().all(), WIDE.space(NOW, STORE))


def test_specific_keys_that_do_not_exist_are_reported_not_handed_on():
    """Flaw 8."""
    mapping = SpecificPartitionsPartitionMapping(["a", "zzz"])
    found = mapping.upstream_of(DIGITS.space().all(), LETTERS.space())
    assert list(found.partitions_subset) == ["a"]
    assert found.required_but_nonexistent_partition_keys == ["zzz"]


@pytest.mark.parametrize(
    "offsets, day, required",
    [
        ((-1, -1), "2026-01-01", []),  # before the first, and led back there
        ((1, 1), "2026-01-10", []),  # after the last, and led on there
        ((-1, -1), "2026-01-12", ["2026-01-11"]),  # after the last, by way of an offset back
        ((-1, 0), "2026-01-11", ["2026-01-11"]),  # its own
        ((0, 1), "2026-01-11", ["2026-01-11"]),
        ((-3, -1), "2026-01-12", ["2026-01-11"]),
    ],
)
def test_an_offset_excuses_only_what_lies_beyond_the_end_to_which_it_leads(offsets, day, required):
    above = DailyPartitionsDefinition("2026-01-01", end_date="2026-01-11")
    below = DailyPartitionsDefinition("2025-12-01", end_date="2026-03-01")
    found = TimeWindowPartitionMapping(*offsets).upstream_of(
        below.subset_with_partition_keys([day]), above.space()
    )
    assert list(found.required_but_nonexistent_subset) == required


def test_specific_keys_of_times_that_do_not_exist_yet_are_left_out():
    """Mapped onto days up to a year's end, a key of the year after stops nothing; text that is no day does."""
    days = DailyPartitionsDefinition("2022-01-01", end_date="2023-01-01")
    mapping = SpecificPartitionsPartitionMapping(["2022-01-01", "2024-01-01", "someday"])
    found = mapping.upstream_of(DIGITS.space().all(), days.space(NOW))
    assert list(found.partitions_subset) == ["2022-01-01"]
    assert found.required_but_nonexistent_partition_keys == ["someday"]


def test_missing_combinations_of_dimensions_are_required():
    upstream = MultiPartitionsDefinition({"day": DailyPartitionsDefinition("2026-10-02"), "n": DIGITS})
    downstream = DailyPartitionsDefinition("2026-10-01")
    days = downstream.subset_with_partition_keys(["2026-10-01", "2026-10-02"], NOW)
    found = default_mapping(upstream, downstream).upstream_of(days, upstream.space(NOW))
    assert list(found.partitions_subset) == ["2026-10-02|1", "2026-10-02|2"]
    assert found.required_but_nonexistent_partition_keys == ["2026-10-01|1", "2026-10-01|2"]


def test_an_unpartitioned_asset_needs_a_mapping_that_can_stand_without_keys():
    for mapping in (IdentityPartitionMapping(), TimeWindowPartitionMapping(), StaticPartitionMapping({})):
        with pytest.raises(InvalidDefinitionError):
            check_mapping(mapping, LETTERS, None)
    with pytest.raises(InvariantViolationError):
        IdentityPartitionMapping().upstream_of(None, LETTERS.space())
    assert len(AllPartitionMapping().upstream_of(None, LETTERS.space()).partitions_subset) == 3


class FirstLetter(PartitionMapping):
    """As code written for the peer does it: only the two documented methods."""

    def get_upstream_mapped_partitions_result_for_partitions(
        self, downstream_partitions_subset, downstream_partitions_def, upstream_partitions_def,
        current_time=None, dynamic_partitions_store=None,
    ):  # fmt: skip
        keys = [key[0] for key in downstream_partitions_subset.get_partition_keys()]
        return UpstreamPartitionsResult(
            partitions_subset=upstream_partitions_def.subset_with_partition_keys(keys),
            required_but_nonexistent_subset=upstream_partitions_def.empty_subset(),
        )

    def get_downstream_partitions_for_partitions(
        self, upstream_partitions_subset, upstream_partitions_def, downstream_partitions_def,
        current_time=None, dynamic_partitions_store=None,
    ):  # fmt: skip
        first = set(upstream_partitions_subset.get_partition_keys())
        keys = [key for key in downstream_partitions_def.get_partition_keys() if key[0] in first]
        return downstream_partitions_def.empty_subset().with_partition_keys(keys)


def test_a_mapping_of_ones_own_is_asked_like_ours():
    words = StaticPartitionsDefinition(["apple", "cherry", "axe"])
    check_mapping(FirstLetter(), LETTERS, words)
    found = FirstLetter().upstream_of(words.subset_with_partition_keys(["cherry"]), LETTERS.space())
    assert list(found.partitions_subset) == ["c"]
    letters = LETTERS.subset_with_partition_keys(["a"])
    assert list(FirstLetter().downstream_of(letters, words.space())) == ["apple", "axe"]


def test_ours_answer_to_the_documented_names_too():
    days = DailyPartitionsDefinition("2026-10-01")
    day = days.subset_with_partition_keys(["2026-10-05"], NOW)
    mapping = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    found = mapping.get_upstream_mapped_partitions_result_for_partitions(day, days, days, current_time=NOW)
    assert list(found.partitions_subset) == ["2026-10-04"]
    assert list(mapping.get_downstream_partitions_for_partitions(day, days, days, NOW)) == ["2026-10-06"]


def test_keys_of_dimensions_with_other_names_are_joined_by_their_text():
    above = MultiPartitionsDefinition({"a": DIGITS, "b": LETTERS})
    below = MultiPartitionsDefinition({"a": DIGITS, "z": LETTERS})
    wanted = below.subset_with_partition_keys(["2|c"])
    found = IdentityPartitionMapping().upstream_of(wanted, above.space())
    assert (list(found.partitions_subset), list(found.required_but_nonexistent_subset)) == (["2|c"], [])
    back = IdentityPartitionMapping().downstream_of(found.partitions_subset, below.space())
    assert list(back) == ["2|c"]


def test_the_identity_mapping_refuses_another_number_of_dimensions():
    with pytest.raises(InvalidDefinitionError, match="3 dimensions"):
        check_mapping(IdentityPartitionMapping(), WIDE, FLAT)
