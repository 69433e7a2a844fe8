"""Definitions and mappings travel in a catalog and come back equal."""

from datetime import datetime

import msgspec
import pytest

from tests.core.partitions.facts import build, load
from treadle.core.partitions.definition import DynamicPartitionsDefinition, PartitionsDefinition
from treadle.core.partitions.mapping import PartitionMapping
from treadle.core.partitions.rhythms import DailyPartitionsDefinition
from treadle.core.partitions.wire import (
    DefinitionWire,
    MappingWire,
    UserCodeWire,
    definition_from_wire,
    definition_to_wire,
    mapping_from_wire,
    mapping_to_wire,
)

CASES = load("mappings")["cases"]
MORE = [c["definition"] for c in load("time_partitions")["cases"] if "at" in c]


def through_json(value, kind):
    return msgspec.json.decode(msgspec.json.encode(value), type=kind)


@pytest.mark.parametrize(
    "given", [c["upstream"] for c in CASES if c["upstream"]] + MORE, ids=lambda d: str(d)[:80]
)
def test_a_definition_comes_back_equal(given):
    definition = build(given)
    assert definition_from_wire(through_json(definition_to_wire(definition), DefinitionWire)) == definition


@pytest.mark.parametrize("given", [c["mapping"] for c in CASES if c["mapping"]], ids=lambda m: str(m)[:80])
def test_a_mapping_comes_back_equal(given):
    mapping = build(given)
    assert mapping_from_wire(through_json(mapping_to_wire(mapping), MappingWire)) == mapping


def test_the_pass_of_a_repeated_hour_is_kept():
    start = datetime(2026, 11, 1, 1, 30, fold=1)
    definition = DailyPartitionsDefinition(start, timezone="America/New_York", exclusions=[start])
    again = definition_from_wire(through_json(definition_to_wire(definition), DefinitionWire))
    assert again.start.fold == 1
    assert again == definition


def test_what_only_user_code_answers_travels_as_a_question():
    class Mine(PartitionsDefinition):
        pass

    class MyMapping(PartitionMapping):
        pass

    assert definition_to_wire(Mine(), "orders").id == "orders"
    assert isinstance(definition_to_wire(DynamicPartitionsDefinition(lambda now: ["a"])), UserCodeWire)
    assert mapping_to_wire(MyMapping(), "orders:raw") == UserCodeWire(
        "partition_mapping", "orders:raw", "MyMapping"
    )
