"""A reader who types the tutorial along sees what it says: its files are written, its commands run, their output compared."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCE
from tests.docs.test_code_blocks import ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
BLOCK = re.compile(
    r'^```(?:python title="(?P<file>[\w.]+)"|(?P<console>console))\n(?P<text>.*?)^```$', re.S | re.M
)
CHANGING = {
    r"\S*/cafe\.py:": "cafe.py:",
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "<run>",
    r"\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b": "<run>",
    r"\d+(\.\d+)? ?(ms|s)\b": "<time>",
    r"\b(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\b": "<moment>",
    r"[ \t]+": " ",
}


def what_stays(text: str) -> list[str]:
    """The lines without ids, times and the width of columns."""
    for pattern, stands in CHANGING.items():
        text = re.sub(pattern, stands, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def typed() -> Iterator[tuple[str, str, str]]:
    """(file, its text, "") to append, or ("", command, the output that the page shows), in order."""
    for block in BLOCK.finditer(PAGE):
        if block["file"]:
            yield block["file"], block["text"], ""
            continue
        for command in re.split(r"^\$ ", block["text"], flags=re.M)[1:]:
            line, _, output = command.partition("\n")
            yield "", line, output


def run(line: str, folder: Path) -> str:
    """What the command prints to a terminal, progress included."""
    program, *arguments = shlex.split(line)
    module = {"treadle": "treadle.cli.main", "pytest": "pytest"}[program]
    options = ["-p", "no:cacheprovider"] if program == "pytest" else []
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments, *options],
        cwd=folder,
        env={
            "PYTHONPATH": f"{SOURCE}:{folder}",
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "NO_COLOR": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}"
    return done.stdout


@pytest.mark.timeout(300)
def test_the_tutorial_typed_along(tmp_path: Path) -> None:
    for file, text, output in typed():
        if file:
            with (tmp_path / file).open("a") as written:
                written.write(text + "\n\n")
            if file == "make_tills.py":
                subprocess.run([sys.executable, file], cwd=tmp_path, check=True)
        else:
            assert what_stays(run(text, tmp_path)) == what_stays(output), text
    assert (tmp_path / "price_list.txt").exists()
