"""What steps log is shown to the person who runs a script."""

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


def test_settings_of_the_console_that_do_not_fit_are_refused_before_the_run() -> None:
    settings = {"log_level": 5, "nam": "x"}
    with pytest.raises(dg.InvalidConfigError) as raised:
        speaking.execute_in_process(run_config={"loggers": {"console": {"config": settings}}})
    assert "log_level" in str(raised.value) and "nam" in str(raised.value)
