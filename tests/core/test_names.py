"""Names: which the recorded tables accept and refuse, and what the refusal says."""

import json
from pathlib import Path

import pytest

from treadle.core.errors import InvalidDefinitionError, TreadleError
from treadle.core.names import (
    check_asset_key_parts,
    check_definition_tags,
    check_group_name,
    check_key,
    check_key_prefix,
    check_kinds,
    check_name,
    check_owners,
    check_run_tags,
    op_name_of,
)

FACTS = json.loads((Path(__file__).parents[1] / "data/facts/names_and_metadata.json").read_text())

# The peer's rule lets a newline at the end of a name pass; we refuse it (docs/compatibility.d/values.md).
NEWLINE = "a\n"


def rows(table):
    return [pytest.param(row, id=repr(row["input"])[:40]) for row in FACTS[table]["rows"]]


def outcome(function, *args):
    try:
        return True, function(*args)
    except TreadleError:
        return False, None


def agrees(row, accepted, value, expect=None):
    expected = row["ok"] and row["input"] != NEWLINE
    assert accepted is expected
    if accepted:
        assert value == (row["value"] if expect is None else expect)


@pytest.mark.parametrize("row", rows("op_name"))
def test_op_names(row):
    agrees(row, *outcome(check_name, row["input"], "op"))


@pytest.mark.parametrize("table", ["job_name", "schedule_name", "sensor_name", "asset_out_name"])
def test_names_of_jobs_schedules_sensors_and_outputs_follow_the_same_rule(table):
    for row in FACTS[table]["rows"]:
        if row["input"] == "":
            continue  # an empty name means the default one, which is the definition's own matter
        expected = row["value"] if row["ok"] else None
        agrees(row, *outcome(check_name, row["input"], "job"), expect=expected and row["input"])


@pytest.mark.parametrize("row", rows("asset_name"))
def test_asset_names(row):
    if row["input"] == "":
        return
    accepted, parts = outcome(check_asset_key_parts, [row["input"]])
    agrees(row, accepted, parts, [row["input"]])


@pytest.mark.parametrize("row", rows("asset_key_prefix"))
def test_key_prefixes_leave_out_empty_parts(row):
    def checked(prefix):
        return list(check_asset_key_parts([*check_key_prefix(prefix), "x"]))

    agrees(row, *outcome(checked, row["input"]))


@pytest.mark.parametrize("row", rows("asset_op_name"))
def test_the_step_of_an_asset_is_named_after_its_key(row):
    parts = [row["input"]] if isinstance(row["input"], str) else row["input"]
    agrees(row, *outcome(lambda: op_name_of(check_asset_key_parts(parts))))


@pytest.mark.parametrize("row", rows("group_name_spec"))
def test_group_names(row):
    agrees(row, *outcome(check_group_name, row["input"]))


@pytest.mark.parametrize("table", ["resource_key", "check_name"])
def test_resource_keys_and_check_names_may_be_any_text(table):
    for row in FACTS[table]["rows"]:
        assert check_key(row["input"], "name") == row["input"]


def tags_of(row):
    return {int(key): value for key, value in row["input"].items()} if row.get("key_is_int") else row["input"]


@pytest.mark.parametrize("row", rows("asset_tags"))
def test_asset_tags_are_strict(row):
    agrees(row, *outcome(check_definition_tags, tags_of(row)))


@pytest.mark.parametrize("table", ["job_tags", "run_tags_execute", "op_tags"])
def test_run_tags_take_any_text_and_keep_the_rest_as_json(table):
    for row in FACTS[table]["rows"]:
        agrees(row, *outcome(check_run_tags, tags_of(row)))


@pytest.mark.parametrize("row", rows("owners"))
def test_owners_are_email_addresses_or_teams(row):
    agrees(row, *outcome(check_owners, row["input"]))


@pytest.mark.parametrize("row", rows("kinds"))
def test_kinds(row):
    accepted, kinds = outcome(check_kinds, row["input"])
    agrees(row, accepted, kinds and sorted(kinds), row.get("value") or frozenset())


def test_a_refusal_says_the_rule_the_value_and_a_name_that_fits():
    with pytest.raises(InvalidDefinitionError) as caught:
        check_name("daily-load", "job")
    assert caught.value.code == "invalid-name"
    assert "'daily-load' is no name for a job: it may hold only letters, digits and underscores" in str(
        caught.value
    )
    assert "try `daily_load`" in str(caught.value)


def test_a_reserved_word_is_refused_with_the_reason():
    with pytest.raises(InvalidDefinitionError, match="may not be a word that Python or Treadle uses itself"):
        check_name("config", "op")


def test_a_tag_value_that_breaks_the_rule_is_refused_with_the_rule():
    """S1-10."""
    with pytest.raises(InvalidDefinitionError, match="at most 63 letters, digits") as caught:
        check_definition_tags({"team": "data platform"})
    assert caught.value.code == "invalid-tag"
    assert "'data platform'" in str(caught.value)


def test_the_wrong_type_is_named_with_its_argument():
    """B04: `tags={1: None}`."""
    with pytest.raises(
        InvalidDefinitionError, match="argument `tags` must be a mapping of text to text, got 1"
    ) as caught:
        check_definition_tags({1: None})
    assert caught.value.code == "invalid-argument"
