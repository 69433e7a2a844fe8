"""What the loggers that a user defines receive of a run: its lines and its events, and where each comes from."""

import json
import logging
import os
from typing import Any

import pytest

import treadle as dg
from treadle.core.events import EventType
from treadle.run.event_maker import EventMaker
from treadle.run.log_handlers import PythonLogs
from treadle.run.recorder import RunRecorder
from treadle.run.users_loggers import RunOrigin, event_teller
from treadle.store.event_views import RunEvent

NAMED: dict[str, Any] = {"loggers": {"mine": {}}}


class Keeping(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self.records = records

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def keeping(records: list[logging.LogRecord], level: int = logging.DEBUG, name: str = "app.child") -> Any:
    @dg.logger
    def mine(_context):
        made = logging.Logger(name, level)
        made.addHandler(Keeping(records))
        return made

    return mine


@dg.op
def talks(context) -> int:
    context.log.info("hello %s", "you", extra={"rows": 3})
    dg.get_dagster_logger("helpers").warning("from a helper")
    return 1


@dg.op
def breaks(context, number) -> None:
    raise ValueError("boom")


def job_with(logger_def: Any, name: str = "j") -> Any:
    @dg.job(name=name, logger_defs={"mine": logger_def}, tags={"team": "blue"})
    def made():
        breaks(talks())

    return made


def shown(records: list[logging.LogRecord]) -> list[tuple[str, str]]:
    return [
        (record.levelname, view.event_type.name if (view := record.dagster_meta["dagster_event"]) else "LINE")
        for record in records
    ]


def test_a_logger_learns_of_every_event_in_order_and_failures_are_errors():
    records: list[logging.LogRecord] = []
    result = job_with(keeping(records)).execute_in_process(NAMED, raise_on_error=False)
    assert not result.success
    assert shown(records) == [
        ("DEBUG", "RUN_START"),
        ("DEBUG", "RESOURCE_INIT_STARTED"),
        ("DEBUG", "RESOURCE_INIT_SUCCESS"),
        ("DEBUG", "STEP_START"),
        ("INFO", "LINE"),
        ("WARNING", "LINE"),
        ("DEBUG", "STEP_OUTPUT"),
        ("DEBUG", "HANDLED_OUTPUT"),
        ("DEBUG", "STEP_SUCCESS"),
        ("DEBUG", "STEP_START"),
        ("DEBUG", "LOADED_INPUT"),
        ("DEBUG", "STEP_INPUT"),
        ("ERROR", "STEP_FAILURE"),
        ("ERROR", "RUN_FAILURE"),
    ]
    failure = records[-2]
    assert isinstance(failure.dagster_event, RunEvent)
    assert failure.getMessage().startswith(f"j - {result.run_id} - {os.getpid()} - breaks - STEP_FAILURE - ")
    assert "ValueError: boom" in failure.getMessage()
    assert records[-1].getMessage().startswith(f"j - {result.run_id} - {os.getpid()} - RUN_FAILURE - ")


def test_a_logger_for_errors_gets_only_the_failures():
    records: list[logging.LogRecord] = []
    job_with(keeping(records, logging.ERROR)).execute_in_process(NAMED, raise_on_error=False)
    assert shown(records) == [("ERROR", "STEP_FAILURE"), ("ERROR", "RUN_FAILURE")]


def test_a_try_that_is_repeated_is_no_error_yet():
    records: list[logging.LogRecord] = []

    @dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
    def flaky(context) -> None:
        if context.retry_number == 0:
            raise ValueError("once")

    @dg.job(logger_defs={"mine": keeping(records)})
    def j():
        flaky()

    assert j.execute_in_process(NAMED).success
    levels = {event: level for level, event in shown(records)}
    assert levels["STEP_UP_FOR_RETRY"] == "DEBUG"
    assert levels["RUN_SUCCESS"] == "DEBUG"


def test_a_logger_that_run_config_does_not_name_gets_nothing():
    records: list[logging.LogRecord] = []
    job_with(keeping(records)).execute_in_process(raise_on_error=False)
    assert records == []


def test_records_say_of_which_run_job_op_and_step_they_are():
    records: list[logging.LogRecord] = []
    result = job_with(keeping(records, logging.INFO)).execute_in_process(NAMED, raise_on_error=False)
    line, helper, failure = records[:3]
    meta = line.dagster_meta
    expected = {
        "run_id": result.run_id,
        "job_name": "j",
        "op_name": "talks",
        "step_key": "talks",
        "orig_message": "hello you",
        "dagster_event": None,
        "resource_name": None,
    }
    assert {key: meta[key] for key in expected} == expected
    assert meta["job_tags"]["team"] == "blue"
    assert (line.rows, line.args) == (3, ())
    assert line.getMessage() == f"j - {result.run_id} - talks - hello you"
    assert helper.dagster_meta["orig_message"] == "from a helper"
    assert failure.dagster_meta["op_name"] == "breaks"


def test_the_op_of_a_mapped_step_in_a_graph_is_its_last_name():
    meta = RunOrigin("r", "j").meta("m", "outer.inner[k1]", 0.0, None)
    assert (meta["op_name"], meta["step_key"]) == ("inner", "outer.inner[k1]")


def test_records_bear_the_name_of_the_users_logger_and_its_filters_see_it():
    records: list[logging.LogRecord] = []
    job_with(keeping(records, name="app.child")).execute_in_process(NAMED, raise_on_error=False)
    assert {record.name for record in records} == {"app.child"}


def test_two_loggers_do_not_see_each_others_changes():
    first: list[logging.LogRecord] = []
    second: list[logging.LogRecord] = []

    @dg.job(
        logger_defs={
            "one": keeping(first, logging.INFO, "one"),
            "two": keeping(second, logging.INFO, "two"),
        }
    )
    def j():
        talks()

    assert j.execute_in_process({"loggers": {"one": {}, "two": {}}}).success
    assert [record.name for record in first] == ["one", "one"]
    assert [record.getMessage() for record in first] == [record.getMessage() for record in second]


def test_a_logger_without_a_level_has_that_of_its_parents():
    records: list[logging.LogRecord] = []

    @dg.logger
    def mine(_context):
        made = logging.getLogger("tests.unset")
        made.handlers = [Keeping(records)]
        return made

    parent = logging.getLogger("tests")
    parent.setLevel(logging.ERROR)
    try:
        job_with(mine).execute_in_process(NAMED, raise_on_error=False)
    finally:
        parent.setLevel(logging.NOTSET)
        logging.getLogger("tests.unset").handlers = []
    assert shown(records) == [("ERROR", "STEP_FAILURE"), ("ERROR", "RUN_FAILURE")]


def test_a_handler_that_raises_does_not_change_how_the_run_ends(caplog: pytest.LogCaptureFixture):
    class Offline(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ConnectionError("no network")

    @dg.logger
    def mine(_context):
        made = logging.Logger("offline", logging.ERROR)
        made.addHandler(Offline())
        return made

    with dg.DagsterInstance.ephemeral() as instance:
        result = job_with(mine).execute_in_process(NAMED, raise_on_error=False, instance=instance)
        run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.FAILURE
    said = [record.getMessage() for record in caplog.records if record.name == "treadle.run.loggers"]
    assert ["no network" in text for text in said] == [True, True]


@pytest.mark.parametrize("name", ["dagster.builtin.shipped", "shipping.child"])
def test_a_users_logger_whose_lines_come_back_to_the_run_does_not_loop(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    """Ours take up what goes to a logger below `dagster.builtin`, or below one that the settings name."""
    records: list[logging.LogRecord] = []

    @dg.logger
    def mine(_context):
        made = logging.getLogger(name)
        made.setLevel(logging.INFO)
        made.handlers = [Keeping(records)]
        return made

    managed = PythonLogs(("shipping",), logging.DEBUG)
    monkeypatch.setattr("treadle.run.engine.python_logs_of", lambda _instance: managed)
    try:
        job_with(mine).execute_in_process(NAMED, raise_on_error=False)
    finally:
        logging.getLogger(name).handlers = []
    assert [event for _, event in shown(records)] == ["LINE", "LINE", "STEP_FAILURE", "RUN_FAILURE"]


def test_runs_without_users_loggers_tell_nobody():
    assert event_teller([logging.StreamHandler()], "") is None


def test_an_event_is_in_the_batch_before_loggers_hear_of_it():
    written: list[Any] = []
    recorder = RunRecorder(written.extend)
    maker = EventMaker("r", "j")
    heard: list[int] = []
    recorder.tell_from(
        maker.make(EventType.RUN_START), lambda _event: heard.append(len(recorder.take_pending()))
    )
    recorder.record(maker.make(EventType.STEP_START, "a"))
    assert heard == [0, 1]


def test_the_console_of_ours_shows_lines_as_before(capsys: pytest.CaptureFixture[str]):
    job_with(keeping([])).execute_in_process({"loggers": {"console": {}}}, raise_on_error=False)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == ["INFO hello you", "WARNING from a helper"]


def test_json_lines_say_where_they_come_from(capsys: pytest.CaptureFixture[str]):
    result = job_with(dg.json_console_logger).execute_in_process(NAMED, raise_on_error=False)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["dagster_meta"]["step_key"]) for line in lines] == [
        ("INFO", "talks"),
        ("WARNING", "talks"),
        ("ERROR", "breaks"),
        ("ERROR", None),
    ]
    first, _, failure, _ = lines
    assert (first["message"], first["rows"], first["levelname"]) == ("hello you", 3, "INFO")
    assert first["msg"] == f"j - {result.run_id} - talks - hello you"
    assert (first["dagster_meta"]["run_id"], first["dagster_meta"]["job_name"]) == (result.run_id, "j")
    assert failure["dagster_meta"]["dagster_event"]["event_type_value"] == "STEP_FAILURE"


def test_json_lines_of_an_exception_have_its_traceback():
    try:
        raise KeyError("gone")
    except KeyError as error:
        info = (KeyError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), info)
    line = json.loads(dg.JsonLogFormatter().format(record))
    assert line["exception"].endswith("KeyError: 'gone'")


def test_loggers_hear_of_steps_in_workers_once(tmp_path):
    told = tmp_path / "told"

    class Writes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            view = record.dagster_meta["dagster_event"]
            with told.open("a") as file:
                what = view.event_type.name if view else record.dagster_meta["orig_message"]
                file.write(f"{record.levelname} {what} {record.dagster_meta['step_key']}\n")

    @dg.logger
    def mine(_context):
        made = logging.Logger("files", logging.INFO)
        made.addHandler(Writes())
        return made

    @dg.op
    def dies(number) -> None:
        os._exit(3)

    @dg.job(logger_defs={"mine": mine}, executor_def=dg.multiprocess_executor)
    def j():
        number = talks()
        breaks(number)
        dies(number)

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        dg.execute_job(j, instance, run_config=NAMED)
    lines = told.read_text().splitlines()
    assert sorted(lines) == [
        "ERROR RUN_FAILURE None",
        "ERROR STEP_FAILURE breaks",
        "ERROR STEP_FAILURE dies",
        "INFO hello you talks",
        "WARNING from a helper talks",
    ]
    assert lines[-1] == "ERROR RUN_FAILURE None"


def test_handlers_of_a_users_logger_stay_open_whatever_its_name() -> None:
    closed: list[str] = []

    class Closing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None: ...

        def close(self) -> None:
            closed.append(self.__class__.__name__)
            super().close()

    shared = logging.Logger("dagster", logging.DEBUG)
    shared.addHandler(Closing())

    @dg.logger
    def mine(_context):
        return shared

    job_with(mine).execute_in_process(run_config=NAMED, raise_on_error=False)
    assert not closed
