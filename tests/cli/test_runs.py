"""Looking at runs while they go on and afterwards; several processes on one home; being told to stop."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time

import pytest

import treadle as dg
from tests.cli.conftest import Project
from tests.store.making import NOW, begin, event
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus

SHOP = """
import time
import treadle as dg

@dg.asset
def orders(context):
    context.log.info("three came in")
    context.log.warning("one is odd")
    return [1, 2, 3]

@dg.asset
def broken(orders):
    raise ValueError("no such luck")
"""
WAITING = """
import pathlib, time
import treadle as dg

@dg.asset
def patient(context):
    context.log.info("waiting")
    end = time.monotonic() + 60
    while not pathlib.Path("go").exists() and time.monotonic() < end:
        time.sleep(0.02)
    context.log.info("going")
    return 1
"""


def _read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    seen, timer = "", threading.Timer(30, process.kill)
    timer.daemon = True
    timer.start()
    while words not in seen:
        line = process.stdout.readline()
        assert line, f"ended without {words!r}: {seen} {process.communicate()}"
        seen += line
    timer.cancel()
    return seen


def test_runs_are_listed_shown_and_filtered(project: Project) -> None:
    project.write("shop.py", SHOP)
    assert project.treadle("runs").err == "There are no runs.\n"
    project.treadle("materialize", "-f", "shop.py", "-a", "orders")
    project.treadle("materialize", "-f", "shop.py", "--select", "orders,broken")
    found = json.loads(project.treadle("runs", "--json").out)
    assert [run["status"] for run in found] == ["FAILURE", "SUCCESS"]
    listed = project.treadle("run", "list").out.splitlines()
    assert ["Failed" in listed[1], "Succeeded" in listed[2]] == [True, True]
    assert len(json.loads(project.treadle("runs", "--json", "--status", "SUCCESS").out)) == 1
    assert len(json.loads(project.treadle("runs", "--json", "--limit", "1").out)) == 1
    shown = project.treadle("runs", found[0]["run_id"][:8]).out
    assert "ValueError: no such luck" in shown
    assert "orders" in shown and "Succeeded" in shown
    assert project.treadle("run", "show", "nothing").code == 2
    steps = json.loads(project.treadle("run", "show", "latest", "--json").out)["steps"]
    assert {step["step"]: step["state"] for step in steps} == {"orders": "Succeeded", "broken": "Failed"}


def test_logs_tell_events_lines_and_tracebacks(project: Project) -> None:
    path = project.write("shop.py", SHOP)
    project.treadle("materialize", "-f", "shop.py", "--select", "orders,broken")
    logs = project.treadle("logs", "latest").out
    assert "INFO orders: three came in" in logs
    assert "RUN_FAILURE" in logs
    assert f'File "{path}", line 13, in broken' in logs
    assert project.treadle("logs", "latest", "--level", "warning", "--step", "orders").out.count("\n") == 1
    events = [json.loads(line) for line in project.treadle("logs", "latest", "--json").out.splitlines()]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert any(event["message"] == "one is odd" and event["level"] == "WARNING" for event in events)


def test_following_a_log_ends_with_the_run(project: Project) -> None:
    project.write("wait.py", WAITING)
    run = project.start("materialize", "-f", "wait.py", "-a", "patient")
    _read_until(run, "waiting")
    follower = project.start("logs", "latest", "-f")
    _read_until(follower, "INFO patient: waiting")
    project.write("go", "")
    out, _ = follower.communicate(timeout=30)
    assert follower.returncode == 0
    assert "INFO patient: going" in out and "RUN_SUCCESS" in out
    assert run.communicate(timeout=30) and run.returncode == 0


def test_following_runs_tells_of_those_of_other_processes(project: Project) -> None:
    project.write("shop.py", SHOP)
    project.treadle("materialize", "-f", "shop.py", "-a", "orders")
    follower = project.start("runs", "--follow")
    _read_until(follower, "Succeeded")
    project.treadle("materialize", "-f", "shop.py", "--select", "orders,broken")
    _read_until(follower, "Failed")
    follower.send_signal(signal.SIGINT)
    follower.communicate(timeout=30)
    assert follower.returncode == 130


@pytest.mark.parametrize("command", [["runs"], ["run", "list"]])
def test_following_runs_for_machines_prints_an_object_a_line(command: list[str], project: Project) -> None:
    project.write("shop.py", SHOP)
    project.treadle("materialize", "-f", "shop.py", "-a", "orders")
    follower = project.start(*command, "--follow", "--json")
    listed = json.loads(follower.stdout.readline())
    assert (listed["status"], listed["changed_at"]) == ("SUCCESS", None)
    project.treadle("materialize", "-f", "shop.py", "--select", "orders,broken")
    seen = []
    while "FAILURE" not in seen:
        change = json.loads(follower.stdout.readline())
        assert change["run_id"] != listed["run_id"] and change["changed_at"] > listed["created_at"]
        seen.append(change["status"])
    assert seen.index("STARTED") < seen.index("FAILURE")
    follower.send_signal(signal.SIGINT)
    rest = follower.communicate(timeout=30)[0].splitlines()
    assert [json.loads(line)["error"]["code"] for line in rest] == ["interrupted"]
    assert follower.returncode == 130


@pytest.mark.parametrize("command", [["logs", "nosuch"], ["runs", "--follow", "--limit", "0"]])
def test_an_error_in_a_stream_of_lines_is_a_line(command: list[str], project: Project) -> None:
    done = project.treadle(*command, "--json")
    (line,) = done.out.splitlines()
    assert (done.code, set(json.loads(line))) == (2, {"error"})


def test_pruning_removes_logs_and_keeps_what_was_made(project: Project) -> None:
    project.write("shop.py", SHOP)
    project.treadle("materialize", "-f", "shop.py", "-a", "orders")
    assert project.treadle("prune").out.startswith("Removed 0 events")
    pruned = json.loads(project.treadle("prune", "--older-than", "0", "--json").out)
    assert pruned["runs"] == 1 and pruned["events"] > 0
    assert len(json.loads(project.treadle("runs", "--json").out)) == 1
    assert "Fresh" in project.treadle("list", "-f", "shop.py", "--select", "orders").out


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_stop_ends_canceled(project: Project, sent: signal.Signals) -> None:
    project.write("wait.py", WAITING)
    run = project.start("materialize", "-f", "wait.py", "-a", "patient")
    _read_until(run, "waiting")
    run.send_signal(sent)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == (130 if sent == signal.SIGINT else 143)
    assert "CANCELED run" in out
    assert "Traceback" not in out
    assert json.loads(project.treadle("runs", "--json").out)[0]["status"] == "CANCELED"


def test_a_killed_run_is_closed_by_the_next_command(project: Project) -> None:
    project.write("wait.py", WAITING)
    run = project.start("materialize", "-f", "wait.py", "-a", "patient")
    _read_until(run, "waiting")
    run.kill()
    run.communicate()
    found = json.loads(project.treadle("runs", "--json").out)[0]
    assert (found["status"], found["end_reason"]) == ("FAILURE", "worker-lost")


def test_two_processes_work_on_one_home_at_once(project: Project) -> None:
    source = "import treadle as dg\n" + "".join(f"@dg.asset\ndef {{p}}{n}(): return {n}\n" for n in range(15))
    project.write("a.py", source.format(p="a"))
    project.write("b.py", source.format(p="b"))
    both = [project.start("materialize", "-f", f"{name}.py", "--select", "*") for name in "ab"]
    ended = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert [out.splitlines()[-1].endswith("15 assets") for out, _ in ended] == [True, True]
    assert len(dg.DagsterInstance.get().get_asset_keys()) == 30


@pytest.mark.parametrize("executor", ["in-process", "processes"])
def test_a_pool_holds_across_two_processes_and_a_killed_one_frees_its_slot(
    project: Project, executor: str
) -> None:
    """T02"""
    project.write("treadle.toml", "compat = false\n[pools]\ndb = 1\n")
    project.write(
        "pool.py",
        "import pathlib, time\nimport treadle as dg\n"
        "@dg.asset(pool='db')\ndef first():\n    pathlib.Path('began').touch()\n    time.sleep(60)\n"
        "@dg.asset(pool='db')\ndef second(): return pathlib.Path('killed').exists()\n"
        "@dg.asset\ndef other(): ...\n",
    )
    # its own process group: killing the process and its workers leaves nothing behind
    holder = subprocess.Popen(
        [sys.executable, "-m", "treadle.cli.main", "materialize", "-f", "pool.py", "--select", "first,other"]
        + ["--executor", executor],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (project.folder / "began").exists():
        assert holder.poll() is None
        time.sleep(0.02)
    waiting = project.start("materialize", "-f", "pool.py", "-a", "second", "--executor", "in-process")
    time.sleep(1.0)
    assert waiting.poll() is None
    project.write("killed", "")
    os.killpg(holder.pid, signal.SIGKILL)
    holder.wait()
    # any command that opens the store sees that the holder is gone; nothing waits for a time-out
    assert project.treadle("runs").code == 0
    out, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 0, out + err
    assert out.splitlines()[-1].endswith("1 asset")


POOLED = """
import os, time
import treadle as dg

def witness(word):
    descriptor = os.open("witness", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{word} {os.getpid()}\\n".encode())
    os.close(descriptor)

def make(name):
    @dg.asset(name=name, pool="db")
    def made():
        witness("begin")
        time.sleep(0.05)
        witness("end")
    return made

steps = [make(f"PREFIX{n}") for n in range(4)]
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def test_steps_of_two_commands_that_share_a_pool_never_overlap(
    kind: str, project: Project, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I6: one slot, two runs with workers of their own."""
    project.write("treadle.toml", "compat = false\n[pools]\ndb = 1\n")
    if kind == "postgres":
        monkeypatch.setitem(os.environ, "TREADLE_STORE_URL", request.getfixturevalue("postgres_url"))
    names = "ab"
    for name in names:
        project.write(f"{name}.py", POOLED.replace("PREFIX", name))
    options = ["--select", "*", "--executor", "processes"]
    both = [project.start("materialize", "-f", f"{name}.py", *options) for name in names]
    ended = [process.communicate(timeout=90) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    lines = [line.split() for line in (project.folder / "witness").read_text().splitlines()]
    assert [word for word, _ in lines] == ["begin", "end"] * 8
    assert all(begun[1] == over[1] for begun, over in zip(lines[::2], lines[1::2], strict=True))


def test_a_reader_that_goes_away_is_no_error(project: Project) -> None:
    project.write(
        "many.py", "import treadle as dg\n" + "".join(f"@dg.asset\ndef a{n}(): ...\n" for n in range(2000))
    )
    process = project.start("list", "-f", "many.py")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait(timeout=30)


def test_names_that_would_disguise_output_are_made_harmless(project: Project) -> None:
    project.write(
        "evil.py",
        "import treadle as dg\n@dg.asset\ndef made(context):\n    context.log.info('\\x1b[31mred\\u202ereversed')\n",
    )
    out = project.treadle("materialize", "-f", "evil.py", "-a", "made").out
    assert "\x1b" not in out and "\u202e" not in out
    assert "\\u001b[31mred" in out


def _on_a_terminal(project: Project, *arguments: str, **variables: str) -> str:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "treadle.cli.main", *arguments],
        cwd=project.folder,
        env={**project.environment, "TERM": "xterm-256color", **variables},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert process.wait(timeout=30) == 0, shown.decode()
    return shown.decode()


@pytest.mark.parametrize("executor", ["in-process", "processes"])
def test_a_terminal_gets_a_live_view_and_the_same_last_line(project: Project, executor: str) -> None:
    project.write(
        "shop.py",
        "import time\nimport treadle as dg\n@dg.asset\ndef orders(context):\n"
        "    context.log.info('three came in')\n    print('printed')\n    time.sleep(0.5)\n    return 1\n",
    )
    shown = _on_a_terminal(project, "materialize", "-f", "shop.py", "-a", "orders", "--executor", executor)
    assert "SUCCESS run" in shown
    assert "three came in" in shown
    assert "▶ orders" in shown
    assert "printed" in shown
    kept = next((project.folder / ".treadle").rglob("orders.out")).read_text()
    assert kept == "printed\n"


def test_a_live_view_does_not_keep_workers_from_being_forked(project: Project) -> None:
    project.write(
        "wide.py",
        "import os\nimport treadle as dg\nimported_in = os.getpid()\n"
        "@dg.asset\ndef a(context): context.log.info(f'imported here: {os.getpid() == imported_in}')\n"
        "@dg.asset\ndef b(): ...\n",
    )
    shown = _on_a_terminal(project, "materialize", "-f", "wide.py", "--select", "*")
    assert "imported here: False" in shown  # forked: the module was imported by the parent


def test_a_backfill_on_a_terminal_shows_how_far_it_is(project: Project) -> None:
    project.write(
        "letters.py",
        "import time\nimport treadle as dg\n"
        "@dg.asset(partitions_def=dg.StaticPartitionsDefinition(list('abc')))\n"
        "def letters():\n    time.sleep(0.3)\n    return 1\n",
    )
    shown = _on_a_terminal(project, "backfill", "-f", "letters.py", "-a", "letters", NO_COLOR="1")
    assert "2/3 done" in shown
    assert "SUCCESS backfill" in shown


def test_open_steps_of_a_run_that_is_over_are_not_shown_as_running(project: Project) -> None:
    """What a process said that no longer held the run stands in the log, marked, and changes no step."""
    with dg.Instance.at(project.folder / ".treadle") as instance:
        store = instance.store
        for run_id, asked in (("lost", False), ("stopped", True)):
            begun = begin(store, run_id, event(run_id, EventType.STEP_START, step_key="s"))
            if asked:
                store.transition_run(run_id, RunStatus.CANCELING, NOW)
            assert store.reap_lease(begun, NOW)
            store.append_events(begun, [event(run_id, EventType.STEP_SUCCESS, step_key="s")], NOW)
    for run_id, word in (("lost", "Lost"), ("stopped", "Canceled")):
        (step,) = json.loads(project.treadle("runs", run_id, "--json").out)["steps"]
        assert (step["state"], step["seconds"]) == (word, None)
        assert "STEP_SUCCESS s:  (stale: another process held the run)" in project.treadle("logs", run_id).out
