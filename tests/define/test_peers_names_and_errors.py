"""Errors and names that code written for the peer asks for."""

import logging

import pytest

import treadle as dg


def test_an_environment_variable_used_as_text_is_a_runtime_error():
    with pytest.raises(RuntimeError, match=r"EnvVar\('X'\)"):
        str(dg.EnvVar("X"))
    with pytest.raises(dg.InvariantViolationError):
        f"{dg.EnvVar('X')}"


def test_loggers_of_a_name_stand_below_the_builtin_one():
    assert dg.get_dagster_logger().name == "dagster.builtin"
    assert dg.get_dagster_logger("child").name == "dagster.builtin.child"


def test_lines_of_a_child_are_captured_and_kept_once(caplog):
    caplog.set_level(logging.INFO)

    @dg.op
    def talk():
        dg.get_dagster_logger()
        dg.get_dagster_logger("child").info("one line")

    @dg.job
    def talks():
        talk()

    with dg.DagsterInstance.ephemeral() as instance:
        result = talks.execute_in_process(instance=instance)
        kept = [each for each in instance.all_logs(result.run_id) if "one line" in each.message]
    assert len(kept) == 1
    assert [each.message for each in caplog.records if each.name == "dagster.builtin.child"] == ["one line"]
