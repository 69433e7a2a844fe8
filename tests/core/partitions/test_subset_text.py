"""Sets of partitions as text: in the peer's form, both ways, and never half read."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.partitions.test_sets import DEFINITIONS, NOW, STORE
from treadle.core.errors import InvariantViolationError, TreadleError, UnknownPartitionError
from treadle.core.partitions import (
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    HourlyPartitionsDefinition,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
    partition_loading_context,
)

LETTERS = StaticPartitionsDefinition(["c", "a", "b"])
DAYS = DailyPartitionsDefinition("2024-01-01")
PEERS = [
    (LETTERS, ["c", "a"], '{"version": 1, "subset": ["a", "c"]}'),
    (
        DAYS,
        ["2024-01-01", "2024-01-02", "2024-01-05"],
        '{"version": 1, "time_windows": [[1704067200.0, 1704240000.0], [1704412800.0, 1704499200.0]], '
        '"num_partitions": 3}',
    ),
    (
        HourlyPartitionsDefinition("2024-01-01-00:00", timezone="Europe/Berlin"),
        ["2024-03-31-01:00", "2024-10-27-02:00"],
        '{"version": 1, "time_windows": [[1711843200.0, 1711846800.0], [1729987200.0, 1729990800.0]], '
        '"num_partitions": 2}',
    ),
    (
        MultiPartitionsDefinition({"x": LETTERS, "d": DAYS}),
        ["2024-01-01|a", "2024-01-02|b"],
        '{"version": 1, "subset": ["2024-01-01|a", "2024-01-02|b"]}',
    ),
    (LETTERS, [], '{"version": 1, "subset": []}'),
    (DAYS, [], '{"version": 1, "time_windows": [], "num_partitions": 0}'),
]


@pytest.mark.parametrize(("definition", "keys", "text"), PEERS)
def test_the_peers_texts_are_written_and_read(definition, keys, text):
    chosen = definition.subset_with_partition_keys(keys)
    assert chosen.serialize() == text
    assert definition.deserialize_subset(text) == chosen


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_set_comes_back_from_its_text(data):
    definition = data.draw(st.sampled_from(DEFINITIONS))
    with partition_loading_context(NOW, STORE):
        keys = [str(key) for key in definition.get_partition_keys()]
        chosen = definition.subset_with_partition_keys(data.draw(st.sets(st.sampled_from(keys))))
        read = definition.deserialize_subset(chosen.serialize())
        assert read == chosen and set(read) == set(chosen)
        assert read | chosen == read & chosen and (read - chosen).is_empty and len(read) == len(chosen)
        assert definition.can_deserialize_subset(chosen.serialize(), None, type(definition).__name__)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([LETTERS, DAYS]),
    st.one_of(
        st.text(max_size=20),
        st.recursive(
            st.none() | st.floats() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["version", "subset", "time_windows"]), inner)
            ),
            max_leaves=6,
        ).map(json.dumps),
    ),
)
def test_any_text_is_read_or_refused_with_a_code(definition, text):
    try:
        assert isinstance(definition.deserialize_subset(text).serialize(), str)
    except TreadleError as error:
        assert error.code in ("unreadable-subset", "unknown-partition")
        assert not definition.can_deserialize_subset(text)


@pytest.mark.parametrize(
    ("definition", "text", "why"),
    [
        (LETTERS, "", "not JSON"),
        (LETTERS, "3", "not a JSON object"),
        (LETTERS, '{"version": 2, "subset": ["a"]}', "version is 2"),
        (LETTERS, '{"version": 1, "subset": [1]}', "not all texts"),
        (LETTERS, '{"version": 1, "time_windows": [], "num_partitions": 0}', "of time windows"),
        (DAYS, '{"version": 1, "subset": ["2024-01-01"]}', "of keys"),
        (DAYS, '{"version": 1, "time_windows": [[1704067200.0]]}', "no window of two times"),
        (DAYS, '{"version": 1, "time_windows": [[1704067200.0, 1704070800.0]]}', "begins or ends at"),
        (DAYS, '{"version": 1, "time_windows": [[1704153600.0, 1704067200.0]]}', "ends before it begins"),
    ],
)
def test_damaged_and_foreign_text_is_refused_with_the_reason(definition, text, why):
    with pytest.raises(InvariantViolationError, match=why) as caught:
        definition.deserialize_subset(text)
    assert caught.value.code == "unreadable-subset"


def test_partitions_that_are_gone_are_named():
    with pytest.raises(UnknownPartitionError, match="'zz'"):
        LETTERS.deserialize_subset('{"version": 1, "subset": ["zz"]}')
    with pytest.raises(UnknownPartitionError, match="2023-12-31"):
        DAYS.deserialize_subset('{"version": 1, "time_windows": [[1703980800.0, 1704153600.0]]}')
    assert not LETTERS.can_deserialize_subset('{"version": 1, "subset": ["zz"]}')


def test_dynamic_keys_are_read_without_a_store_and_kept_when_deleted():
    shops = DynamicPartitionsDefinition(name="shops")
    text = '{"version": 1, "subset": ["rome", "tallinn"]}'
    assert set(shops.deserialize_subset(text)) == {"rome", "tallinn"}
    with partition_loading_context(NOW, STORE):
        read = shops.deserialize_subset(text)
        assert list(read) == ["rome", "tallinn"] and read.serialize() == text
        assert list(read & shops.subset_with_all_partitions()) == ["rome"]


def test_a_text_of_another_class_of_definition_is_not_for_this_one():
    assert not DAYS.can_deserialize_subset(
        '{"version": 1, "time_windows": []}', None, "StaticPartitionsDefinition"
    )


def test_texts_of_the_first_form_tell_no_version():
    days = '{"time_windows": [[1704153600.0, 1704240000.0]], "num_partitions": 1}'
    assert DAYS.deserialize_subset(days).get_partition_keys() == ["2024-01-02"]
    assert LETTERS.deserialize_subset('{"subset": ["a"]}').get_partition_keys() == {"a"}
