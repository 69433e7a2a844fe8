"""What steps print reaches their files: each line at once, a flood in few writes, nothing lost."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import treadle as dg
from treadle.core.events import EventType
from treadle.run.paced_file import LINES_AT_ONCE, PARTS_TOGETHER, PacedFile
from treadle.store.instance import Instance


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "step.out"


def count_writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        sizes.append(len(data))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    return sizes


def test_a_line_can_be_read_as_soon_as_it_is_printed(path: Path) -> None:
    file = PacedFile(str(path))
    print("one", 1, file=file)
    assert path.read_text() == "one 1\n"
    print("two", end="", file=file)
    assert path.read_text() == "one 1\n"
    file.renew()
    assert path.read_text() == "one 1\ntwo"
    file.close()


def test_a_flood_is_written_in_few_pieces_and_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = PacedFile(str(path))
    sizes = count_writes(monkeypatch)
    for n in range(10_000):
        file.write(f"line {n}\n")
    file.close()
    assert path.read_text().splitlines() == [f"line {n}" for n in range(10_000)]
    assert len(sizes) <= LINES_AT_ONCE + 10_000 // PARTS_TOGETHER + 1


def test_after_a_flood_a_line_is_written_at_once_again(path: Path) -> None:
    file = PacedFile(str(path))
    for n in range(LINES_AT_ONCE + 5):
        file.write(f"{n}\n")
    assert len(path.read_text().splitlines()) == LINES_AT_ONCE
    file.renew()
    file.write("last words\n")
    assert path.read_text().splitlines()[-2:] == [str(LINES_AT_ONCE + 4), "last words"]
    file.close()


def test_what_is_written_after_the_end_is_not_lost(path: Path) -> None:
    file = PacedFile(str(path))
    file.write("before\n")
    file.close()
    file.write("after\n")
    assert path.read_text() == "before\nafter\n"


def test_threads_lose_nothing_to_each_other(path: Path) -> None:
    file = PacedFile(str(path))
    over = threading.Event()

    def renew() -> None:
        while not over.is_set():
            file.renew()

    def talk(name: str) -> None:
        for n in range(3_000):
            file.write(f"{name} {n}\n")

    talkers = [threading.Thread(target=talk, args=(name,)) for name in "abc"]
    keeper = threading.Thread(target=renew)
    for thread in [keeper, *talkers]:
        thread.start()
    for thread in talkers:
        thread.join()
    over.set()
    keeper.join()
    file.close()
    lines = path.read_text().splitlines()
    for name in "abc":
        assert [line for line in lines if line[0] == name] == [f"{name} {n}" for n in range(3_000)]


def test_what_a_full_disk_refused_is_written_once_there_is_space(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = PacedFile(str(path))
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 3:
            return real(descriptor, data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        file.write("abcdef\n")
    monkeypatch.undo()
    file.write("ghi\n")
    file.close()
    assert path.read_text() == "abcdef\nghi\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_repeat_what_its_parent_printed(path: Path) -> None:
    file = PacedFile(str(path))
    for n in range(LINES_AT_ONCE + 1):
        file.write(f"{n}\n")
    child = os.fork()
    if child == 0:
        file.write("child\n")
        file.close()
        os._exit(0)
    os.waitpid(child, 0)
    file.close()
    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted([*map(str, range(LINES_AT_ONCE + 1)), "child"])


def test_a_flood_of_a_step_is_kept_whole_while_the_terminal_gets_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = [f"line {n}" for n in range(3_000)]

    @dg.asset
    def flood() -> None:
        for n in range(3_000):
            print("line", n)

    @dg.asset(deps=[flood])
    def looks(context: dg.AssetExecutionContext) -> None:
        print("looks")

    with Instance.at(tmp_path / "home") as instance:
        result = dg.materialize([flood, looks], instance=instance)
        told = [event for event in result.events if event.type is EventType.LOGS_CAPTURED]
        kept = {event.step_key: Path(event.data.metadata["stdout"]).read_text() for event in told}
    assert kept["flood"].splitlines() == wanted
    assert kept["looks"] == "looks\n"
    assert capsys.readouterr().out.splitlines() == [*wanted, "looks"]


def test_a_mapped_step_that_prints_keeps_its_output(tmp_path: Path) -> None:
    @dg.op(out=dg.DynamicOut(str))
    def names() -> Any:
        for name in ("a", "b"):
            yield dg.DynamicOutput(name, mapping_key=name)

    @dg.op
    def says(name: str) -> None:
        print("name", name)

    @dg.job
    def talks() -> None:
        names().map(says)

    with Instance.at(tmp_path / "home") as instance:
        result = talks.execute_in_process(instance=instance)
        told = [event for event in result.events if event.type is EventType.LOGS_CAPTURED]
        kept = {event.step_key: Path(event.data.metadata["stdout"]).read_text() for event in told}
    assert kept == {"says[a]": "name a\n", "says[b]": "name b\n"}


def test_a_step_that_prints_nothing_has_no_file(tmp_path: Path) -> None:
    @dg.asset
    def quiet() -> None:
        sys.stdout.flush()

    with Instance.at(tmp_path / "home") as instance:
        result = dg.materialize([quiet], instance=instance)
        assert not [event for event in result.events if event.type is EventType.LOGS_CAPTURED]
        assert not list(Path(instance.root_directory).rglob("*.out"))


def test_a_run_within_a_step_keeps_its_output_apart(tmp_path: Path) -> None:
    @dg.asset
    def inner() -> None:
        print("inside")

    with Instance.at(tmp_path / "home") as instance:

        @dg.asset
        def outer() -> None:
            print("before")
            dg.materialize([inner], instance=instance)
            print("after")

        result = dg.materialize([outer], instance=instance)
        files = {
            path.relative_to(Path(instance.root_directory, "compute_logs")): path.read_text()
            for path in Path(instance.root_directory).rglob("*.out")
        }
    assert files.pop(Path(result.run_id, "outer.out")) == "before\nafter\n"
    assert [(path.name, text) for path, text in files.items()] == [("inner.out", "inside\n")]


KILLED = """
import os, signal, sys
from pathlib import Path
import treadle as dg

@dg.asset
def floods():
    for n in range(700):
        print(n)
    os.kill(os.getpid(), signal.SIGKILL)

with dg.Instance.at(Path(sys.argv[1])) as instance:
    dg.materialize([floods], instance=instance)
"""


def test_of_a_flood_the_last_64_lines_may_be_lost_with_the_process_and_no_more(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home")],
        env=environment,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (kept,) = (tmp_path / "home").rglob("floods.out")
    assert len(kept.read_text().splitlines()) >= 700 - 64
