"""What steps log is shown to the person who runs a script."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

import treadle as dg


@dg.asset
def orders(context: Any) -> int:
    context.log.debug("hardly of interest")
    context.log.info("read 7 rows")
    return 1


@dg.op
def speak(context: Any) -> None:
    context.log.warning("nearly full")


@dg.job
def speaking() -> None:
    speak()


def test_lines_from_info_on_reach_stderr_with_level_and_step(capfd: pytest.CaptureFixture[str]) -> None:
    dg.materialize([orders])
    shown = capfd.readouterr()
    assert "INFO orders: read 7 rows" in shown.err
    assert "hardly" not in shown.err
    assert shown.out == ""


def test_jobs_show_them_too(capfd: pytest.CaptureFixture[str]) -> None:
    speaking.execute_in_process()
    assert "WARNING speak: nearly full" in capfd.readouterr().err


def test_loggers_of_run_config_take_their_place(capfd: pytest.CaptureFixture[str]) -> None:
    speaking.execute_in_process(run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}})
    assert "nearly full" not in capfd.readouterr().err


MODULE = """
import treadle as dg

@dg.op
def first(context):
    for number in range(3):
        context.log.info("read table %d", number)
    context.log.debug("hardly of interest")
    print("printed")
    return 1

@dg.op
def second(context, first):
    try:
        1 / 0
    except ZeroDivisionError:
        context.log.exception("went wrong")

@dg.job(executor_def=dg.multiprocess_executor)
def speaking_apart():
    second(first())
"""


@pytest.fixture
def speaking_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "speaking_module.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield dg.reconstructable(importlib.import_module("speaking_module").speaking_apart)
    sys.modules.pop("speaking_module", None)


@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_what_workers_log_is_shown_once_and_in_order(
    start: str, speaking_apart: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path / "home")) as instance:
        config = {"execution": {"config": {"start_method": {start: {}}}}}
        result = dg.execute_job(speaking_apart, instance, run_config=config)
        assert result.success
        kept = (tmp_path / "home" / "compute_logs" / result.run_id / "first.err").read_text()
    shown = capfd.readouterr()
    lines = [line.partition(" INFO ")[2] for line in shown.err.splitlines() if " INFO first" in line]
    assert lines == [f"first: read table {number}" for number in range(3)]
    assert "hardly" not in shown.err
    assert shown.err.count("ERROR second: went wrong") == shown.err.count("division by zero") == 1
    assert shown.out == "printed\n"
    assert "read table" not in kept


@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_loggers_of_run_config_take_their_place_in_workers(
    start: str, speaking_apart: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path / "home")) as instance:
        config = {
            "execution": {"config": {"start_method": {start: {}}}},
            "loggers": {"console": {"config": {"log_level": "ERROR"}}},
        }
        assert dg.execute_job(speaking_apart, instance, run_config=config).success
    shown = capfd.readouterr()
    assert "read table" not in shown.err + shown.out
    assert (shown.err + shown.out).count("went wrong") == 1


def test_settings_of_the_console_that_do_not_fit_are_refused_before_the_run() -> None:
    settings = {"log_level": 5, "nam": "x"}
    with pytest.raises(dg.InvalidConfigError) as raised:
        speaking.execute_in_process(run_config={"loggers": {"console": {"config": settings}}})
    assert "log_level" in str(raised.value) and "nam" in str(raised.value)
