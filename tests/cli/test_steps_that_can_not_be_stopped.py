"""A step in the command's own process that catches everything: the process, which is the command's, ends with it."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import Project
from tests.cli.test_stopping import until

STUBBORN = """
import time
from pathlib import Path
import treadle as dg

@dg.asset
def before(): return 1

@dg.asset({options})
def stubborn(before):
    print("step's own words")
    Path("stubborn_runs").touch()
    while True:
        try:
            time.sleep(0.05)
            raise ConnectionError
        except:
            pass

@dg.asset
def after(stubborn): ...
"""


def started(project: Project, *more: str) -> "subprocess.Popen[str]":
    project.write("stubborn.py", STUBBORN.format(options=""))
    process = project.start("materialize", "-f", "stubborn.py", "--select", "*", *more)
    until((project.folder / "stubborn_runs").exists)
    return process


def send_twice(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    process.send_signal(number)
    time.sleep(0.5)  # nearer, it would be one keystroke that came twice
    assert process.poll() is None
    process.send_signal(number)


def steps_of_latest(project: Project) -> dict[str, str]:
    shown = json.loads(project.treadle("runs", "latest", "--json").out)
    return {step["step"]: step["state"] for step in shown["steps"]}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_gives_it_up_and_the_run_is_canceled(
    project: Project, number: signal.Signals, code: int
) -> None:
    process = started(project)
    send_twice(process, number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, "")
    assert "stubborn stopped after" in out and "CANCELED run" in out and "--from-failure" in out
    assert out.count("step's own words") == 1
    (run,) = json.loads(project.treadle("runs", "--json").out)
    assert run["status"] == "CANCELED"
    assert steps_of_latest(project) == {"before": "Succeeded", "stubborn": "Failed"}
    kept = next(project.folder.rglob("stubborn.out")).read_text()
    assert kept == "step's own words\n", "the command's last lines are no output of the step"


def test_machines_get_their_document_of_it(project: Project) -> None:
    process = started(project, "--executor", "in-process", "--json")
    send_twice(process, signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    told = json.loads(out[out.index("{") :])
    assert (told["status"], told["failed_steps"]) == ("CANCELED", ["stubborn"])


def test_a_timeout_that_it_catches_ends_it_too_and_is_not_tried_again(project: Project) -> None:
    options = "timeout=0.1, retry_policy=dg.RetryPolicy(max_retries=3)"
    project.write("stubborn.py", STUBBORN.format(options=options))
    done = project.process("materialize", "-f", "stubborn.py", "--select", "*", "--executor", "in-process")
    assert done.code == 1
    assert "longer than its timeout of 0.1 s" in done.out and "caught that each time" in done.out
    assert "FAILURE run" in done.out
    assert steps_of_latest(project)["stubborn"] == "Failed"


def test_a_step_that_ends_after_the_second_signal_is_waited_for(project: Project) -> None:
    project.write(
        "polite.py",
        """
import time
from pathlib import Path
import treadle as dg

@dg.asset
def polite():
    try:
        Path("polite_runs").touch()
        time.sleep(60)
    except KeyboardInterrupt:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            time.sleep(0.3)
            Path("tidied").touch()
            raise
""",
    )
    process = project.start("materialize", "-f", "polite.py", "--select", "*")
    until((project.folder / "polite_runs").exists)
    send_twice(process, signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130 and "CANCELED run" in out
    assert (project.folder / "tidied").exists()


def test_a_backfill_ends_with_it_and_goes_on_later(project: Project) -> None:
    options = "partitions_def=dg.StaticPartitionsDefinition(['a', 'b'])"
    project.write("stubborn.py", STUBBORN.format(options=options).replace("stubborn(before)", "stubborn()"))
    process = project.start("backfill", "-f", "stubborn.py", "-a", "stubborn")
    until((project.folder / "stubborn_runs").exists)
    send_twice(process, signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert "CANCELED run" in err and "--resume" in err


def test_in_a_program_nothing_ends_the_process(project: Project) -> None:
    project.write(
        "program.py",
        STUBBORN.format(options="timeout=0.1").replace("while True", "for _ in range(120)")
        + "\nresult = dg.materialize([before, stubborn, after], raise_on_error=False)"
        + "\nprint('the program goes on:', result.success)\n",
    )
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "the program goes on: False" in done.stdout
