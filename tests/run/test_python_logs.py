"""`python_logs` of a deployment's settings: lines of Python's loggers become lines of the run."""

import logging
from pathlib import Path
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


def test_a_line_of_a_logger_that_is_managed_twice_comes_once():
    told = lines({"managed_python_loggers": ["root", "a_library", "a_library.part"]})
    assert told == ["own debug", "own warning", "library warning", "not asked for", "builtin debug"]


def in_processes() -> dg.JobDefinition:
    return speech


@pytest.mark.parametrize(
    "executor",
    [{"in_process": {}}, {"multiprocess": {}}, {"multiprocess": {"start_method": {"spawn": {}}}}],
    ids=["in_process", "fork", "spawn"],
)
def test_handlers_of_the_settings_get_lines_and_events_of_every_process(
    tmp_path: Path, executor: dict[str, Any]
):
    file = tmp_path / "all.log"
    handler = {"class": "logging.FileHandler", "filename": str(file), "formatter": "short", "level": "DEBUG"}
    config = {
        "formatters": {"short": {"format": "%(levelname)s %(name)s %(message)s"}},
        "handlers": {"file": handler, "errors": {**handler, "level": "ERROR"}},
    }
    settings = {"python_logs": {"dagster_handler_config": config}}
    with dg.instance_for_test(overrides=settings) as instance:
        result = dg.execute_job(
            dg.reconstructable(in_processes), instance, run_config={"execution": {"config": executor}}
        )
        assert result.success
    told = file.read_text(encoding="utf-8").splitlines()
    place = f"speech - {result.run_id}"
    assert told.count(f"WARNING dagster {place} - speaking - own warning") == 1
    assert told.count(f"DEBUG dagster {place} - speaking - own debug") == 1
    for kind in ("RUN_START", "STEP_START", "STEP_SUCCESS", "RUN_SUCCESS"):
        assert len([line for line in told if f" - {kind} - " in line]) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"dagster_handler_config": {"loggers": {"a": {"level": "INFO"}}}},
        {"dagster_handler_config": {"handlers": {"a": {"class": "no_such.Handler"}}}},
        {"python_log_level": "LOUD"},
    ],
)
def test_settings_that_cannot_be_meant_leave_no_run_behind(settings: dict[str, Any]):
    with dg.instance_for_test(overrides={"python_logs": settings}) as instance:
        with pytest.raises(ConfigurationError, match="python_logs"):
            speech.execute_in_process(instance=instance)
        assert instance.get_runs_count() == 0


def test_the_consoles_logger_follows_the_settings():
    with dg.instance_for_test(overrides={"python_logs": {"python_log_level": "ERROR"}}) as instance:
        ((made, config),) = dg.default_system_loggers(instance)
    assert made is dg.colored_console_logger
    assert config["log_level"] == "ERROR"
