"""Stored sets survive changes of the definition; what no longer maps is reported."""

from datetime import UTC, datetime
from itertools import count

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.partitions.facts import Store
from treadle.core.partitions.definition import DynamicPartitionsDefinition, StaticPartitionsDefinition
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.rhythms import DailyPartitionsDefinition, HourlyPartitionsDefinition
from treadle.core.partitions.runs import contains
from treadle.core.partitions.stored import StoredSet, from_stored, stored_keys, to_stored

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
STORE = Store(shops=["oslo", "rome", "lima", "kyiv"])


class Ids:
    """Ids as a store allocates them: one counter for all scopes, never reused."""

    def __init__(self):
        self.given = {}
        self._next = count(1)

    def ids_for(self, scope, keys):
        return [self.given.setdefault((scope, key), None) or self._allocate(scope, key) for key in keys]

    def _allocate(self, scope, key):
        self.given[scope, key] = next(self._next)
        return self.given[scope, key]

    def keys_within(self, scope, ids):
        return {
            number: key for (s, key), number in self.given.items() if s == scope and contains(ids, number)
        }


DEFINITIONS = [
    DailyPartitionsDefinition("2026-03-01", timezone="America/New_York", exclusions=["0 0 * * 0"]),
    HourlyPartitionsDefinition("2026-03-07-00:00", timezone="America/New_York"),
    StaticPartitionsDefinition(["a", "b", "c", "d"]),
    DynamicPartitionsDefinition(name="shops"),
    MultiPartitionsDefinition(
        {"day": DailyPartitionsDefinition("2026-03-10"), "shop": DynamicPartitionsDefinition(name="shops")}
    ),
    MultiPartitionsDefinition(
        {
            "a|b=c": StaticPartitionsDefinition(["x", "y"]),
            "day": DailyPartitionsDefinition("2026-03-15"),
            "hour": HourlyPartitionsDefinition("2026-03-20-06:00"),
        }
    ),
    MultiPartitionsDefinition(
        {"x": StaticPartitionsDefinition(["1", "2"]), "y": StaticPartitionsDefinition(["3", "4", "5"])}
    ),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DEFINITIONS), st.data())
def test_a_set_comes_back_from_its_stored_form(definition, data):
    space = definition.space(NOW, STORE)
    keys = data.draw(st.sets(st.sampled_from([str(key) for key in space.all()])))
    ids = Ids()
    partitions = space.of_keys(keys)
    stored = to_stored(partitions, ids)
    restored = from_stored(space, msgspec.json.decode(msgspec.json.encode(stored), type=StoredSet), ids)
    assert restored.partitions == partitions
    assert restored.dropped == StoredSet({})
    assert stored_keys(definition, keys, ids) == (stored, [])


def test_times_are_stored_as_ranges_and_keys_as_ids():
    days = DailyPartitionsDefinition("2026-03-01").space(NOW)
    ids = Ids()
    assert to_stored(days.key_range("2026-03-02", "2026-03-04"), ids).runs == {
        "": ((1772409600, 1772668800),)
    }
    assert ids.given == {}
    shops = DynamicPartitionsDefinition(name="shops").space(NOW, STORE)
    assert to_stored(shops.of_keys(["lima", "kyiv"]), ids).runs == {"": ((1, 3),)}
    assert ids.given == {("dynamic:shops", "lima"): 1, ("dynamic:shops", "kyiv"): 2}
    both = DEFINITIONS[4].space(NOW, STORE).of_keys(["2026-03-10|kyiv"])
    assert list(to_stored(both, ids).runs) == ["shop=2"]
    assert to_stored(None, ids).runs == {"": ((0, 1),)}


def test_a_removed_static_key_is_dropped_and_reported():
    """T47: what still maps is kept."""
    ids = Ids()
    stored = to_stored(StaticPartitionsDefinition(["a", "b", "c"]).space().all(), ids)
    restored = from_stored(StaticPartitionsDefinition(["c", "a", "new"]).space(), stored, ids)
    assert set(restored.partitions) == {"a", "c"}
    assert restored.dropped.runs == {"": ((2, 3),)}


def test_a_moved_start_and_a_finer_rhythm_keep_the_time_that_was_made():
    ids = Ids()
    stored = to_stored(
        DailyPartitionsDefinition("2026-03-01").space(NOW).key_range("2026-03-02", "2026-03-05"), ids
    )
    later = from_stored(DailyPartitionsDefinition("2026-03-04").space(NOW), stored, ids)
    assert list(later.partitions) == ["2026-03-04", "2026-03-05"]
    assert later.dropped.runs == {"": ((1772409600, 1772582400),)}
    hours = from_stored(HourlyPartitionsDefinition("2026-03-01-00:00").space(NOW), stored, ids)
    assert len(hours.partitions) == 96
    back = from_stored(
        DailyPartitionsDefinition("2026-03-01").space(NOW), StoredSet({"": ((1772409600, 1772500000),)}), ids
    )
    assert list(back.partitions) == ["2026-03-02"]  # the second day is not whole
    assert back.dropped.runs == {"": ((1772496000, 1772500000),)}


def test_a_slice_of_a_dimension_that_is_gone_is_dropped():
    ids = Ids()
    stored = to_stored(DEFINITIONS[6].space().all(), ids)
    restored = from_stored(StaticPartitionsDefinition(["1", "2"]).space(), stored, ids)
    assert not restored.partitions
    assert restored.dropped == stored


def test_events_may_name_keys_that_do_not_exist_now():
    """T48: a deleted dynamic key's event is kept; text that can be no key is reported."""
    ids = Ids()
    stored, unknown = stored_keys(DailyPartitionsDefinition("2026-03-01"), ["2031-01-01", "soon"], ids)
    assert stored.runs == {"": ((1924992000, 1925078400),)}
    assert unknown == ["soon"]
    stored, unknown = stored_keys(DEFINITIONS[4], ["2026-03-10|gone", "2026-03-10"], ids)
    assert list(stored.runs) == ["shop=1"]
    assert unknown == ["2026-03-10"]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=repr)
def test_what_was_stored_for_another_kind_of_partitions_is_dropped_however_much_it_is(definition):
    """Seconds are no ids and ids are no seconds; nobody counts them one by one."""
    decades = StoredSet({"": ((-(10**9), 2 * 10**9),)})
    other_ids = StoredSet({"": ((2**39, 2**39 + 3), (2**51, 2**51 + 10**8))})
    space = definition.space(NOW, STORE)
    is_time = isinstance(definition, DailyPartitionsDefinition | HourlyPartitionsDefinition)
    assert bool(from_stored(space, decades, Ids()).partitions) == is_time
    found = from_stored(space, other_ids, Ids())
    assert not found.partitions
    assert found.dropped == other_ids
