"""Definitions and mappings travel in a catalog and come back equal; users' own travel as questions."""

from datetime import datetime

import pytest

from tests.core.partitions.facts import build, load
from treadle.core.errors import InvariantViolationError
from treadle.core.opaque import UserCode
from treadle.core.partitions import (
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    PartitionMapping,
    PartitionsDefinition,
)
from treadle.core.wire import decode_json, encode_json

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


CASES = load("mappings")["cases"]
MORE = [c["definition"] for c in load("time_partitions")["cases"] if "at" in c]


@pytest.mark.parametrize(
    "given", [c["upstream"] for c in CASES if c["upstream"]] + MORE, ids=lambda d: str(d)[:80]
)
def test_a_definition_comes_back_equal(given):
    definition = build(given)
    again = decode_json(encode_json(definition))
    assert again == definition
    assert repr(again) == repr(definition)


@pytest.mark.parametrize("given", [c["mapping"] for c in CASES if c["mapping"]], ids=lambda m: str(m)[:80])
def test_a_mapping_comes_back_equal(given):
    mapping = build(given)
    assert decode_json(encode_json(mapping)) == mapping


def test_the_pass_of_a_repeated_hour_is_kept():
    start = datetime(2026, 11, 1, 1, 30, fold=1)
    definition = DailyPartitionsDefinition(start, timezone="America/New_York", exclusions=[start])
    again = decode_json(encode_json(definition))
    assert again.start.fold == 1
    assert again.time_window_for_partition_key("2026-11-01") == definition.time_window_for_partition_key(
        "2026-11-01"
    )


def test_what_only_user_code_answers_travels_as_a_question():
    class Mine(PartitionsDefinition):
        pass

    class MyMapping(PartitionMapping):
        pass

    assert decode_json(encode_json(Mine())).kind == "partitions_definition"
    question = decode_json(encode_json(MyMapping()))
    assert isinstance(question, UserCode)
    assert question.kind == "partition_mapping"
    made_by_code = decode_json(encode_json(DynamicPartitionsDefinition(lambda now: ["a"])))
    with pytest.raises(InvariantViolationError):
        made_by_code.get_partition_keys()
