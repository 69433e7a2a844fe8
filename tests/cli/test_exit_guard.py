"""`os._exit` in a step that runs in the command's own process does not look like success."""

import json
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Project

ENDING = """
import os
import treadle as dg

@dg.asset
def first(): return 1

@dg.asset
def ending(context, first):
    print("about to go")
    {how}
"""


def run(project: Project, how: str, *more: str) -> tuple[int, str, str]:
    project.write("ending.py", ENDING.format(how=how))
    done = project.process("materialize", "-f", "ending.py", "--select", "*", *more)
    return done.code, done.out, done.err


@pytest.mark.parametrize(
    "how",
    [
        "os._exit(0)",
        "import threading; thread = threading.Thread(target=os._exit, args=(0,)); thread.start(); thread.join()",
    ],
)
def test_a_step_that_ends_the_process_fails_the_command_and_its_run(project: Project, how: str) -> None:
    code, out, err = run(project, how)
    assert code == 1
    assert "os._exit(0) at " in err and "FAILURE run" in err and "(worker-lost)" in err
    assert "about to go" in out
    (listed,) = json.loads(project.treadle("runs", "--json").out)
    assert (listed["status"], listed["end_reason"]) == ("FAILURE", "worker-lost")
    logged = project.treadle("logs", "latest").out
    assert "was ended by os._exit(0) at" in logged
    assert project.process("runs").err == "", "it is said once"


def test_a_step_in_a_thread_that_ends_the_process_is_not_waited_for(project: Project) -> None:
    code, _, err = run(project, "os._exit(0)", "--executor", "threads")
    assert code == 1
    assert "(worker-lost)" in err
    assert "Waiting for" not in err


def test_the_code_that_a_step_asks_for_is_the_commands(project: Project) -> None:
    assert run(project, "os._exit(7)")[0] == 7


def test_children_of_a_step_end_as_they_like(project: Project) -> None:
    how = "\n    ".join(
        ["pid = os.fork()", "if pid == 0: os._exit(0)", "assert os.waitpid(pid, 0)[1] == 0", "return 2"]
    )
    code, out, err = run(project, how)
    assert (code, err) == (0, "")
    assert "SUCCESS" in out


def test_definitions_that_end_the_process_do_not_load(project: Project) -> None:
    project.write("gone.py", "import os\nos._exit(0)\n")
    done = project.process("list", "-f", "gone.py")
    assert done.code == 1
    assert "gone.py:2" in done.err


def test_the_next_command_tells_of_a_run_whose_process_is_gone(project: Project) -> None:
    code, _, _ = run(project, "import time; time.sleep(0.3); os.kill(os.getpid(), 9)")
    assert code == -signal.SIGKILL
    listed = project.process("runs", "--json")
    (found,) = json.loads(listed.out)
    assert f"Run {found['run_id']} has ended: its process " in listed.err
    assert found["end_reason"] == "worker-lost"
    shown = json.loads(project.treadle("runs", "latest", "--json").out)
    states = {step["step"]: (step["state"], step["seconds"]) for step in shown["steps"]}
    assert states["first"][0] == "Succeeded"
    assert states["ending"] == ("Lost", None)
    assert "ending  Lost" in project.treadle("runs", "latest").out


def steps_of_latest(project: Project) -> dict[str, str]:
    shown = json.loads(project.process("runs", "latest", "--json").out)
    return {step["step"]: step["state"] for step in shown["steps"]}


def was_made(project: Project, asset: str) -> bool:
    line = next(each for each in project.treadle("list", "-f", "ending.py").out.splitlines() if asset in each)
    return "Never materialized" not in line


@pytest.mark.parametrize("executor", ["in-process", "threads"])
def test_what_a_run_did_just_before_its_process_ended_itself_is_stored(
    project: Project, executor: str
) -> None:
    code, out, err = run(project, "os._exit(0)", "--executor", executor)
    assert code == 1 and "first done in" in out
    assert "FAILURE run" in err
    assert steps_of_latest(project) == {"first": "Succeeded", "ending": "Lost"}
    assert was_made(project, "first")
    logged = project.treadle("logs", "latest").out
    assert "stale" not in logged
    kept = [path.read_text() for path in project.folder.rglob("ending.err")]
    assert not any("FAILURE" in text for text in kept), "the command's own words are no output of the step"


@pytest.mark.parametrize("executor", ["in-process", "threads"])
@pytest.mark.parametrize(
    "how",
    ["import ctypes; ctypes.string_at(0)", "os.kill(os.getpid(), 9)", "os.closerange(3, 99); os.abort()"],
)
def test_a_crash_at_once_after_its_start_names_the_step(project: Project, how: str, executor: str) -> None:
    code, _, _ = run(project, how, "--executor", executor)
    assert code < 0
    assert steps_of_latest(project) == {"first": "Succeeded", "ending": "Lost"}
    assert was_made(project, "first")
    assert "stale" not in project.treadle("logs", "latest").out
    assert waiting_files(project.folder) == []


def test_a_run_that_ends_leaves_no_waiting_events(project: Project) -> None:
    assert run(project, "pass")[0] == 0
    assert waiting_files(project.folder) == []


def waiting_files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.waiting*"))


@pytest.mark.parametrize("how", ['os.execv("/bin/true", ["true"])', 'os.execlp("true", "true")'])
@pytest.mark.parametrize("executor", ["in-process", "threads"])
def test_a_step_can_not_put_another_program_in_the_place_of_the_command(
    project: Project, how: str, executor: str
) -> None:
    code, out, _ = run(project, how, "--executor", executor)
    assert code == 1
    assert "would put" in out and "into the process of the command" in out
    assert steps_of_latest(project) == {"first": "Succeeded", "ending": "Failed"}


def test_where_no_run_goes_on_and_in_children_another_program_may_come(project: Project) -> None:
    child = "\n    ".join(
        ["pid = os.fork()", 'if pid == 0: os.execlp("true", "true")', "assert os.waitpid(pid, 0)[1] == 0"]
    )
    assert run(project, child)[0] == 0
    project.write("other.py", 'import os\nos.execlp("echo", "echo", "another program")\n')
    done = project.process("list", "-f", "other.py")
    assert (done.code, done.out) == (0, "another program\n")


ORPHAN = """
import os, time
import psutil
import treadle as dg

@dg.asset
def orphan(context):
    command = psutil.Process(os.getppid())
    for child in command.children():
        if "-I" in child.cmdline():
            child.kill()  # it would end this process first
    command.kill()
    time.sleep(0.5)
    context.log.info("nobody hears this")
    open("went_on", "w").close()

@dg.asset
def other(): ...
"""


def test_a_worker_whose_command_was_killed_ends_without_a_word(project: Project) -> None:
    project.write("orphan.py", ORPHAN)
    done = project.process("materialize", "-f", "orphan.py", "--select", "*", "--executor", "processes")
    assert done.code == -signal.SIGKILL
    assert "Traceback" not in done.err
