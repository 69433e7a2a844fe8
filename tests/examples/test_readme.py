"""Who does what the README says sees what it shows: the example script, and an asset added to the flights project."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCE
from tests.docs.test_code_blocks import ROOT
from tests.docs.test_tutorial import what_stays

README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE, ADDED = re.findall(r"^```python\n(.*?)^```$", README, re.S | re.M)
WIRED = {
    "asset_checks=dg.load_asset_checks_from_modules([checks]),": r"^ +(asset_checks=.*)$",
    "resources={": r"^ +(resources=\{\n.*)$",
}
"""What stands in the project's definitions, and where the README has what takes its place."""


def treadle(folder: Path, *words: str, code: int = 0) -> list[str]:
    """What the command prints in the folder, without ids and times."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TREADLE_")}
    done = subprocess.run(
        [sys.executable, "-m", "treadle.cli.main", *words],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(SOURCE), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return what_stays(done.stdout)


def shown(command: str) -> list[str]:
    """The output below a command, as far as the README shows it."""
    start = README.index(f"$ {command}\n") + len(command) + 3
    return what_stays(re.split(r"^(?:```|\$ )", README[start:], maxsplit=1, flags=re.M)[0])


def without_days(lines: list[str]) -> list[str]:
    """Each day the partitions are one more."""
    return [re.sub(r"of \d+ materialized", "", line) for line in lines]


def test_the_example_is_the_quickstart_and_prints_what_is_shown(tmp_path: Path) -> None:
    file = ROOT / "examples" / "quickstart" / "orders.py"
    assert EXAMPLE in file.read_text("utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert what_stays(done.stdout) == shown("python orders.py")


def test_the_example_is_remembered_and_its_mistakes_are_told(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "quickstart" / "orders.py", tmp_path)
    backfill = "treadle backfill -f orders.py --select '*' --from 2024-01-01 --to 2024-01-31"
    told = treadle(tmp_path, *shlex.split(backfill)[1:])
    assert ["...", *told[-2:]] == shown(backfill)
    show = "treadle show -f orders.py revenue"
    told = without_days(treadle(tmp_path, *shlex.split(show)[1:]))
    lines = [line for line in without_days(shown(show)) if line != "..."]
    assert len(lines) > 3 and [line for line in lines if line not in told] == []
    wrong = EXAMPLE.replace("revenue(raw_orders:", "revenue(raw_order:")
    (tmp_path / "orders.py").write_text('"""A day."""\n\n' + wrong)
    told = treadle(tmp_path, "check", "-f", "orders.py", code=1)
    known = [re.sub(r"^\S*/orders.py", "orders.py", line) for line in shown("treadle check -f orders.py")]
    assert [re.sub(r"^\S*/orders.py", "orders.py", line) for line in told] == known


@pytest.mark.timeout(300)
def test_an_asset_a_check_and_a_resource_are_added_to_the_flights(tmp_path: Path) -> None:
    flights = ROOT / "examples" / "flights"
    shutil.copytree(flights, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("data", ".treadle"))
    with (tmp_path / "flights" / "clean.py").open("a") as clean:
        clean.write("\n\n" + ADDED)
    (told, *_) = treadle(tmp_path, "check", code=1)
    assert "clean.py" in told and "unknown-resource" in told and "add `holidays` to `resources`" in told
    definitions = tmp_path / "flights" / "definitions.py"
    text = definitions.read_text()
    for old, new in WIRED.items():
        (found,) = re.findall(new, README, re.M)
        assert text.count(old) == 1
        text = text.replace(old, found)
    definitions.write_text(text)
    assert treadle(tmp_path, "check") == shown("treadle check")
    day = ("--partition", "2013-07-04")
    treadle(tmp_path, "materialize", "--select", "+clean_flights", *day)
    told = treadle(tmp_path, "materialize", "--select", "holiday_flights", *day)
    assert told == shown("treadle materialize --select holiday_flights --partition 2013-07-04")
