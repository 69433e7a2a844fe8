"""Worker processes that die, hang, will not end, or leave others behind (T05–T08, T13, T61, I12)."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.run.running import run
from treadle import RetryPolicy, asset, asset_check
from treadle.core.errors import UnmetExecutorRequirementsError
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.run.captured_output import compute_log_folder, log_file_paths
from treadle.run.workers.fork_guard import start_method, why_not_fork
from treadle.store.instance import Instance

HOW = ["fork", "spawn"]
PATIENCE = 90.0
"""Seconds to wait for what must happen; a busy machine takes its time."""


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


def failure_of(result: Any, step: str, kind: EventType = EventType.STEP_FAILURE) -> Any:
    return next(event.data.error for event in result.events if event.type is kind and event.step_key == step)


@asset(retry_policy=RetryPolicy(max_retries=2))
def killed_once(context):
    if context.retry_number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return context.retry_number


@pytest.mark.parametrize("how", HOW)
def test_a_step_whose_process_is_killed_is_tried_again(how: str, instance: Instance) -> None:
    """T05: the message names the signal."""
    result = run([killed_once], instance, how)
    assert result.success
    assert result.asset_value("killed_once") == 1
    error = failure_of(result, "killed_once", EventType.STEP_UP_FOR_RETRY)
    assert "SIGKILL" in error.cause.message


@asset
def leaves_early():
    os._exit(0)


@asset
def other():
    return 1


@pytest.mark.parametrize("how", HOW)
def test_a_process_that_ends_before_its_result_fails_only_its_step(how: str, instance: Instance) -> None:
    """T06."""
    result = run([leaves_early, other], instance, how)
    assert result.get_failed_step_keys() == {"leaves_early"}
    assert failure_of(result, "leaves_early").code == "no-result"
    assert result.asset_value("other") == 1


@asset
def stubborn_thread() -> None:
    threading.Thread(target=time.sleep, args=(3600,), daemon=False).start()


def test_a_process_that_will_not_end_does_not_keep_its_steps_result(instance: Instance) -> None:
    """T07."""
    assert run([stubborn_thread], instance, "fork").success


@asset
def leaves_a_child() -> None:
    sleep = "import time; time.sleep(3600)"
    inner = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
    child = subprocess.Popen([sys.executable, "-c", inner])
    Path(os.environ["TEST_FILE"]).write_text(str(child.pid), encoding="utf-8")


def test_what_a_step_left_running_ends_with_the_run(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T08."""
    file = tmp_path / "pid"
    monkeypatch.setenv("TEST_FILE", str(file))
    assert run([leaves_a_child], instance, "fork").success
    pid = int(file.read_text(encoding="utf-8"))
    try:
        wait_until(lambda: not alive(pid))
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


@asset(timeout=0.3, retry_policy=RetryPolicy(max_retries=1))
def ignores_sigterm():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.01)


def test_a_step_that_ignores_sigterm_is_killed_at_its_timeout(instance: Instance) -> None:
    """T13: it counts as a failed attempt, and only this step is ended."""
    result = run([ignores_sigterm, other], instance, "fork")
    assert result.retry_attempts_for_node("ignores_sigterm") == 1
    assert failure_of(result, "ignores_sigterm").cause.class_name == "TimeoutError"
    assert result.asset_value("other") == 1


@asset
def guarded():
    return 1


@asset_check(asset=guarded, blocking=True)
def dies():
    os.kill(os.getpid(), signal.SIGKILL)


@asset(deps=[guarded])
def after_guarded():
    return 1


def test_a_blocking_check_whose_process_dies_stops_what_is_below(instance: Instance) -> None:
    """T67."""
    code_assets = [guarded, after_guarded, dies]
    result = run(code_assets, instance, "fork")
    assert not result.success
    assert result.is_node_untouched("after_guarded")
    assert result.is_node_success("guarded")


@asset
def prints_and_dies():
    os.system("echo from a shell")
    sys.stdout.write("last words")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def test_everything_written_before_a_kill_is_in_the_captured_output(instance: Instance) -> None:
    """T61, and DESIGN's point 5: subprocesses too."""
    result = run([prints_and_dies], instance, "fork")
    out, _ = log_file_paths(compute_log_folder(instance, result.run_id), "prints_and_dies")
    assert Path(out).read_text(encoding="utf-8") == "from a shell\nlast words"


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_what_a_step_with_a_long_name_prints_is_kept(how: str, instance: Instance) -> None:
    def prints(context):
        print(context.asset_key.path[-1][-1])

    names = ["s" * 240 + end for end in "ab"]
    result = run([asset(name=name)(prints) for name in names], instance, how)
    assert result.success
    folder = compute_log_folder(instance, result.run_id)
    for name in names:
        out, _ = log_file_paths(folder, name)
        assert Path(out).read_text(encoding="utf-8") == f"{name[-1]}\n"


SCRIPT = """
import sys, time
from pathlib import Path
from treadle import asset
from treadle.store.instance import Instance
from tests.run.running import run

@asset
def sleeps():
    import os, subprocess
    child = subprocess.Popen(["sleep", "3600"])
    pids = Path(sys.argv[2])
    pids.with_suffix(".new").write_text(f"{os.getpid()} {child.pid}")
    pids.with_suffix(".new").replace(pids)  # whoever sees it sees all of it
    time.sleep(3600)

result = run([sleeps], Instance.at(Path(sys.argv[1])), sys.argv[3])
print(result.status.value)
"""


class Script:
    """A run in a process of its own, whose step has written its process id and that of its child."""

    def __init__(self, tmp_path: Path, how: str) -> None:
        script, pids = tmp_path / "script.py", tmp_path / "pids"
        script.write_text(SCRIPT, encoding="utf-8")
        root = Path(__file__).parents[2]
        self.pids: list[int] = []
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "home"), str(pids), how],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
        )
        try:
            wait_until(pids.exists)
        except BaseException:
            self.clean_up()
            raise
        self.pids = [int(pid) for pid in pids.read_text(encoding="utf-8").split()]

    def end(self) -> str:
        """What it printed, after it has ended by itself."""
        output, _ = self.process.communicate(timeout=PATIENCE)
        return output.strip()

    def clean_up(self) -> None:
        """Kill what a failed test left; after one that passed nothing is left."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
        for pid in self.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def start_script(tmp_path: Path) -> Iterator[Callable[[str], Script]]:
    begun: list[Script] = []

    def start(how: str) -> Script:
        begun.append(Script(tmp_path, how))
        return begun[-1]

    yield start
    for script in begun:
        script.clean_up()


@pytest.mark.parametrize("how", ["in_process", "fork"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_as_canceled(
    how: str, number: int, tmp_path: Path, start_script: Callable[[str], Script]
) -> None:
    """Ctrl-C ends cleanly with a final state; I12."""
    script = start_script(how)
    script.process.send_signal(number)
    assert script.end() == "CANCELED"
    wait_until(lambda: not any(map(alive, script.pids)))
    with Instance.at(tmp_path / "home") as instance:
        (run_record,) = instance.get_runs()
        assert run_record.status.value == "CANCELED"


def test_workers_die_with_the_runs_process(tmp_path: Path, start_script: Callable[[str], Script]) -> None:
    """T08: kill -9 of the run's process leaves nothing behind, and the next opener ends the run."""
    script = start_script("fork")
    script.process.kill()
    script.end()
    wait_until(lambda: not any(map(alive, script.pids)))
    with Instance.at(tmp_path / "home") as instance:
        (run_record,) = instance.get_runs()
        assert run_record.status.value == "FAILURE"


def test_forking_is_not_safe_beside_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TREADLE_START_METHOD", raising=False)
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="busy")
    thread.start()
    try:
        assert "busy" in (why_not_fork() or "")
        assert start_method() == "spawn"
    finally:
        stop.set()
        thread.join()


def test_an_empty_start_method_is_none_and_an_unknown_one_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TREADLE_START_METHOD", "")
    assert start_method() in ("fork", "spawn")
    monkeypatch.setenv("TREADLE_START_METHOD", "bogus")
    with pytest.raises(
        UnmetExecutorRequirementsError, match=r"TREADLE_START_METHOD is `bogus`.*`forkserver`"
    ):
        start_method()
    assert start_method("spawn") == "spawn"


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Any, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_a_run_that_is_asked_to_stop_starts_no_new_step(how: str, instance: Instance) -> None:
    """I12: whoever asks, by the store."""
    result = run([asks_to_stop, never_starts], instance, how)
    assert result.status.value == "CANCELED"
    assert result.is_node_untouched("never_starts")


@asset
def asks_to_stop(context) -> None:
    context.instance.store.transition_run(context.run.run_id, RunStatus.CANCELING, time.time())
    time.sleep(3600)


@asset(deps=[asks_to_stop])
def never_starts() -> None: ...
