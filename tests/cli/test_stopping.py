"""Commands and scripts that are told to stop: what they say while they wait, and what the shell gets (T20, I12)."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCE, Project

WAITING = """
import signal, time
from pathlib import Path
import treadle as dg

def wait(name):
    Path(name).touch()
    while not Path("go").exists():
        time.sleep(0.02)

@dg.asset
def sleeper():
    wait("sleeper_runs")

@dg.asset
def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    wait("deaf_runs")

@dg.asset
async def cancelled():
    import asyncio
    asyncio.get_running_loop().call_later(0.2, Path("cancelled_runs").touch)
    for _ in range(2):
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            pass
"""


def started(project: Project, asset: str, *options: str) -> "subprocess.Popen[str]":
    """A command that materializes an asset of WAITING, once its step runs."""
    project.write("wait.py", WAITING)
    process = project.start("materialize", "-f", "wait.py", "-a", asset, *options)
    until((project.folder / f"{asset}_runs").exists)
    return process


def until(is_so) -> None:
    for _ in range(2000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def test_ctrl_c_names_the_threads_that_are_waited_for_and_a_second_one_gives_them_up(
    project: Project,
) -> None:
    run = started(project, "sleeper", "--executor", "threads")
    run.send_signal(signal.SIGINT)
    said = line_of(run)
    assert said == ("Waiting for sleeper: a thread can not be interrupted. A second Ctrl-C gives up on it.\n")
    time.sleep(0.4)  # nearer, it would be one keystroke that came twice
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert (run.returncode, err) == (130, "")
    assert "CANCELED run" in out


def test_after_one_ctrl_c_a_thread_may_end_its_step(project: Project) -> None:
    run = started(project, "sleeper", "--executor", "threads")
    run.send_signal(signal.SIGINT)
    assert line_of(run).startswith("Waiting for sleeper")
    project.write("go", "")
    out, err = run.communicate(timeout=30)
    assert (run.returncode, err) == (130, "")
    assert "sleeper done" in out and "CANCELED run" in out


def test_a_second_ctrl_c_kills_a_process_that_does_not_end(project: Project) -> None:
    run = started(project, "deaf", "--executor", "processes")
    run.send_signal(signal.SIGINT)
    assert line_of(run) == (
        "Waiting for deaf: what has not ended in 5 s is killed. A second Ctrl-C kills it now.\n"
    )
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 130
    waited = re.search(r"deaf stopped after ([\d.]+) s", out)
    assert waited is not None and float(waited[1]) < 5


def test_a_coroutine_that_goes_on_after_its_cancel_is_named_and_cancelled_again(project: Project) -> None:
    run = started(project, "cancelled", "--executor", "in-process")
    run.send_signal(signal.SIGINT)
    assert line_of(run) == "Waiting for cancelled: it was cancelled, and goes on.\n"
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 130 and "CANCELED run" in out


@pytest.mark.parametrize("executor", ["in-process", "threads", "processes"])
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_shell_gets_the_signals_own_code(
    project: Project, executor: str, sent: signal.Signals, status: int
) -> None:
    run = started(project, "sleeper", "--executor", executor, "--json")
    run.send_signal(sent)
    if executor == "threads":
        line_of(run)
        project.write("go", "")
    out, _ = run.communicate(timeout=30)
    assert run.returncode == status
    assert json.loads(out)["status"] == "CANCELED"


SCRIPT = """
import sys
from pathlib import Path
import treadle as dg
from wait import sleeper, wait

@dg.op
def sleeps():
    wait("sleeper_runs")

@dg.job
def waits():
    sleeps()

if __name__ == "__main__":
    with dg.Instance.at(Path("home")) as instance:
        match sys.argv[1]:
            case "execute_job":
                dg.execute_job(waits, instance=instance)
            case "execute_in_process":
                waits.execute_in_process(instance=instance, raise_on_error=False)
            case "materialize":
                dg.materialize([sleeper], instance=instance, raise_on_error=False)
    print("goes on")
"""


@pytest.mark.parametrize("verb", ["execute_job", "execute_in_process", "materialize"])
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)])
def test_a_script_does_not_go_on_after_the_signal_that_canceled_its_run(
    tmp_path: Path, verb: str, sent: signal.Signals, status: int
) -> None:
    (tmp_path / "wait.py").write_text(WAITING)
    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, "script.py", verb],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until((tmp_path / "sleeper_runs").exists)
        process.send_signal(sent)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == status, (
        err
    )  # a KeyboardInterrupt ends Python by the signal itself: 130 in a shell
    assert "goes on" not in out
