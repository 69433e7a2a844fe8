"""`python_logs` of a deployment's settings: lines of Python's loggers become lines of the run."""

import logging
from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import ConfigurationError

LIBRARY = logging.getLogger("a_library.part")


@dg.op
def speaking(context: dg.OpExecutionContext) -> None:
    context.log.debug("own debug")
    context.log.warning("own warning")
    LIBRARY.info("library info")
    LIBRARY.warning("library %s", "warning")
    logging.getLogger("another").error("not asked for")
    dg.get_dagster_logger().debug("builtin debug")


@dg.job
def speech() -> None:
    speaking()


def lines(settings: dict[str, Any]) -> list[str]:
    with dg.instance_for_test(overrides={"python_logs": settings}) as instance:
        result = speech.execute_in_process(instance=instance)
        return [entry.user_message for entry in instance.all_logs(result.run_id) if not entry.dagster_event]


def test_lines_of_managed_loggers_are_lines_of_the_run():
    told = lines({"managed_python_loggers": ["a_library"]})
    assert told == ["own debug", "own warning", "library warning", "builtin debug"]


def test_the_level_holds_for_managed_loggers_and_for_the_steps_own_log():
    told = lines({"managed_python_loggers": ["a_library"], "python_log_level": "INFO"})
    assert told == ["own warning", "library info", "library warning"]
    assert lines({"python_log_level": "warning"}) == ["own warning"]


def test_the_root_logger_gives_all_lines_once():
    told = lines({"managed_python_loggers": ["root"]})
    assert told == ["own debug", "own warning", "library warning", "not asked for", "builtin debug"]


def test_loggers_are_as_they_were_after_the_run():
    logger = logging.getLogger("a_library")
    before = (list(logger.handlers), logger.level)
    lines({"managed_python_loggers": ["a_library"], "python_log_level": "INFO"})
    assert (list(logger.handlers), logger.level) == before


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ConfigurationError, match="LOUD"):
        lines({"python_log_level": "LOUD"})
