"""Multi-dimensional, static and dynamic definitions as recorded (S1-24, S1-25, B08). Deviations are named."""

import pytest

from tests.core.partitions.facts import Store, build, instant, is_error, load, same_list
from treadle.core.errors import InvalidDefinitionError, TreadleError, UnknownPartitionError
from treadle.core.partitions.definition import (
    AddDynamicPartitionsRequest,
    DynamicPartitionsDefinition,
    StaticPartitionsDefinition,
)
from treadle.core.partitions.keys import MultiPartitionKey, PartitionKeyRange, check_partition_key

FACTS = load("multi_dynamic")


@pytest.mark.parametrize("row", FACTS["multi_partition_key"], ids=lambda r: str(r["keys_by_dimension"]))
def test_multi_partition_key(row):
    given, result = dict(row["keys_by_dimension"]), row["result"]
    if is_error(result):
        with pytest.raises(TreadleError):
            MultiPartitionKey(given)
        return
    key = MultiPartitionKey(given)
    assert isinstance(key, str)
    assert key == result["text"]
    assert hash(key) == hash(result["text"])
    assert [list(item) for item in key.keys_by_dimension.items()] == result["keys_by_dimension"]
    assert [list(item) for item in key.dimension_keys] == result["dimension_keys"]


@pytest.mark.parametrize(
    "row", FACTS["multi_partition_key_equality"], ids=lambda r: f"{r['left']} {r['right']}"
)
def test_multi_partition_keys_are_equal_by_text(row):
    assert (MultiPartitionKey(row["left"]) == MultiPartitionKey(row["right"])) == row["equal"]


def number_of_dimensions(row):
    return len(row["definition"]["args"]["partitions_defs"])


@pytest.mark.parametrize("row", FACTS["multi_partitions"], ids=lambda r: str(r["definition"])[:120])
def test_multi_partitions(row):
    result = row["result"]
    if number_of_dimensions(row) > 2:
        assert build(row["definition"]).get_partition_keys() == [
            "x|y|z"
        ]  # any number of dimensions, by design
        return
    if is_error(result):
        with pytest.raises(TreadleError):
            build(row["definition"])
        return
    definition = build(row["definition"])
    now = instant(row["current_time"])
    keys_now = row["dynamic_partitions"] or []
    store = Store(dyn=keys_now, **{"m|n": keys_now})
    keys = definition.get_partition_keys(now, store)
    assert definition.partition_dimension_names == result["partition_dimension_names"]
    assert definition.primary_dimension.name == result["primary"]
    assert definition.secondary_dimension.name == result["secondary"]
    assert definition.has_time_window_dimension == result["has_time_window_dimension"]
    if is_error(result["time_window_dimension"]):
        with pytest.raises(TreadleError):
            _ = definition.time_window_dimension
    else:
        assert definition.time_window_dimension.name == result["time_window_dimension"]
    assert (
        len(keys) == result["count"] == definition.get_num_partitions(now, store)
    )  # flaw 9: the peer counts 1
    if "keys" in result:
        assert keys == result["keys"]
    else:
        assert (keys[:10], keys[-10:]) == (result["first_10"], result["last_10"])
    assert definition.get_first_partition_key(now, store) == result["first"]
    assert definition.get_last_partition_key(now, store) == result["last"]
    for key, expected in result["has_key"].items():
        assert definition.has_partition_key(key, now, store) == expected, key
    for text, expected in result["from_text"].items():
        if is_error(expected):
            with pytest.raises(UnknownPartitionError):
                definition.get_partition_key_from_str(text)
        else:
            assert definition.get_partition_key_from_str(text).keys_by_dimension == expected
    if not keys:
        return
    for dimension, expected in result["with_dimension_value"].items():
        value = keys[0].keys_by_dimension[dimension]
        found = definition.get_multipartition_keys_with_dimension_value(dimension, value, store, now)
        assert same_list(found, expected)
        assert all(key.keys_by_dimension[dimension] == value for key in found)
    assert definition.get_tags_for_partition_key(keys[0]) == result["tags"]
    ends = PartitionKeyRange(str(keys[0]), str(keys[min(3, len(keys) - 1)]))
    assert same_list(definition.get_partition_keys_in_range(ends, store, now), result["range"])
    across = result["range_across"]
    ends = PartitionKeyRange(across["start"], across["end"])
    assert same_list(definition.get_partition_keys_in_range(ends, store, now), across["result"])
    with pytest.raises(TreadleError):
        definition.get_multipartition_keys_with_dimension_value("nope", "a", store, now)


@pytest.mark.parametrize("row", FACTS["static_partitions"], ids=lambda r: ascii(r["partition_keys"]))
def test_static_partitions(row):
    keys, result = row["partition_keys"], row["result"]
    if keys == "('a' * 1000)":
        assert StaticPartitionsDefinition(["a" * 1000]).get_num_partitions() == 1
        return
    never_usable = keys and any(isinstance(key, str) and ("\x1b" in key or "\x7f" in key) for key in keys)
    if is_error(result) or never_usable:  # deviation: every control character is refused, not only some
        with pytest.raises(InvalidDefinitionError) as caught:
            StaticPartitionsDefinition(keys)
        assert caught.value.code == "invalid-partition-key"
        return
    definition = StaticPartitionsDefinition(keys)
    assert definition.get_partition_keys() == result["keys"]
    assert definition.get_first_partition_key() == result["first"]
    assert definition.get_last_partition_key() == result["last"]
    assert definition.get_num_partitions() == result["num"]


def test_static_ranges_membership_and_equality():
    for row in FACTS["static_range"]:
        definition = StaticPartitionsDefinition(row["keys"])
        ends = PartitionKeyRange(row["start"], row["end"])
        if is_error(row["result"]):
            with pytest.raises(UnknownPartitionError):
                definition.get_partition_keys_in_range(ends)
        else:
            assert definition.get_partition_keys_in_range(ends) == row["result"]
    for row in FACTS["static_has"]:
        assert StaticPartitionsDefinition(row["keys"]).has_partition_key(row["key"]) == row["result"]
    for row in FACTS["static_equality"]:
        left, right = (StaticPartitionsDefinition(row[side]) for side in ("left", "right"))
        assert (left == right) == row["equal"]
    for row in FACTS["partition_key_range_construction"]:
        assert tuple(PartitionKeyRange(row["start"], row["end"])) == (row["start"], row["end"])


def test_dynamic_definitions_as_recorded():
    rows = {row["ask"]: row["result"] for row in FACTS["dynamic_definition"]}
    store = Store(d=["a", "c", "z", "aa", "b", "1"], empty=[])
    definition, empty = DynamicPartitionsDefinition(name="d"), DynamicPartitionsDefinition(name="empty")
    with pytest.raises(TreadleError):
        definition.get_partition_keys()
    with pytest.raises(TreadleError):
        definition.has_partition_key("a")
    assert definition.get_partition_keys(dynamic_partitions_store=store) == rows["get_partition_keys"]
    assert definition.get_num_partitions(dynamic_partitions_store=store) == rows["get_num_partitions"]
    assert (
        definition.get_first_partition_key(dynamic_partitions_store=store) == rows["get_first_partition_key"]
    )
    assert definition.get_last_partition_key(dynamic_partitions_store=store) == rows["get_last_partition_key"]
    for key in ("a", "nope"):
        found = definition.has_partition_key(key, dynamic_partitions_store=store)
        assert found == rows[f"has_partition_key {key}"]
    for ends in (("a", "z"), ("z", "a")):
        found = definition.get_partition_keys_in_range(
            PartitionKeyRange(*ends), dynamic_partitions_store=store
        )
        assert found == rows["range " + "..".join(ends)]
    with pytest.raises(UnknownPartitionError):
        definition.get_partition_keys_in_range(PartitionKeyRange("a", "nope"), dynamic_partitions_store=store)
    assert empty.get_last_partition_key(dynamic_partitions_store=store) is None
    assert (
        DynamicPartitionsDefinition(lambda now: ["b", "a"]).get_partition_keys() == rows["partition_fn keys"]
    )
    assert definition == DynamicPartitionsDefinition(name="d")
    assert definition != empty
    assert definition.build_add_request(["n1", "n2"]) == AddDynamicPartitionsRequest("d", ["n1", "n2"])
    assert definition.build_delete_request(["n1"]).partition_keys == ["n1"]
    for wrong in ({}, {"name": 5}, {"name": "d", "partition_fn": list}):
        with pytest.raises(InvalidDefinitionError):
            DynamicPartitionsDefinition(**wrong)
    with pytest.raises(TreadleError):
        DynamicPartitionsDefinition(lambda now: []).build_add_request(["a"])


def test_a_dynamic_key_that_can_never_be_used_is_refused_when_asked_for():
    """B09, flaw 9: the peer adds any text."""
    definition = DynamicPartitionsDefinition(name="d")
    for key in ("a...b", "a\x00b", "a\nb", "a\x1bb", "a\x85b", "\ud800", 1, None):
        with pytest.raises(InvalidDefinitionError) as caught:
            definition.build_add_request([key])
        assert caught.value.code == "invalid-partition-key"
    for key in ("", " ", "../../x", "a/b", "a|b", "日本", "CON", "a" * 300):
        assert check_partition_key(key) == key
