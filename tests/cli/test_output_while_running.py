"""What a step prints is shown while it runs, by the command that runs it and by `treadle logs -f`."""

import json
import subprocess
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Project
from treadle.cli.step_output import OutputTail

PRINTING = """
import pathlib, sys, time
import treadle as dg

@dg.asset
def talks():
    print("first words")
    print("a complaint", file=sys.stderr)
    end = time.monotonic() + 60
    while not pathlib.Path("go").exists() and time.monotonic() < end:
        time.sleep(0.02)
    print("last words", end="")
"""


def read_until(process: "subprocess.Popen[str]", *words: str) -> str:
    assert process.stdout is not None
    seen, timer = "", threading.Timer(30, process.kill)
    timer.daemon = True
    timer.start()
    while not all(word in seen for word in words):
        line = process.stdout.readline()
        assert line, f"ended without {words!r}: {seen} {process.communicate()}"
        seen += line
    timer.cancel()
    return seen


@pytest.mark.parametrize("executor", ["processes", "threads", "in-process"])
def test_output_is_shown_while_the_step_runs(project: Project, executor: str) -> None:
    project.write("printing.py", PRINTING)
    running = project.start("materialize", "-f", "printing.py", "--select", "*", "--executor", executor)
    read_until(running, "first words")
    follower = project.start("logs", "latest", "-f")
    read_until(follower, "talks | first words", "talks | a complaint")
    assert running.poll() is None and not (project.folder / "go").exists()
    (project.folder / "go").touch()
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 0 and "last words" in said
    followed, _ = follower.communicate(timeout=60)
    assert followed.index("talks | last words") < followed.index("STEP_SUCCESS")
    told = [json.loads(line) for line in project.treadle("logs", "latest", "--json").out.splitlines()]
    printed = [(each["stream"], each["message"]) for each in told if each["type"] == "OUTPUT"]
    assert printed == [("stdout", "first words"), ("stdout", "last words"), ("stderr", "a complaint")]
    assert " | " not in project.treadle("logs", "latest", "--level", "warning").out


def test_a_tail_gives_whole_lines_and_the_rest_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "out"
    tail = OutputTail(file)
    assert list(tail.lines()) == []
    file.write_bytes(b"one\r\ntwo 10%\rtwo 20%\nthr")
    assert list(tail.lines()) == ["one", "two 20%"]
    with file.open("ab") as more:
        more.write("ee \xff ü".encode("latin-1"))
    assert list(tail.lines()) == []
    assert list(tail.lines(is_over=True)) == ["three \\xff \\xfc"]


def test_an_endless_line_comes_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_bytes(b"x" * 300_000)
    pieces = list(OutputTail(file).lines(is_over=True))
    assert len(pieces) > 1 and "".join(pieces) == "x" * 300_000
