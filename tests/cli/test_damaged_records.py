"""One damaged record takes no command down (B29)."""

import json
import sqlite3
from pathlib import Path

from tests.cli.conftest import Project


def change(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / ".treadle" / "treadle.db")
    with connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def test_a_damaged_event_is_shown_as_corrupt_by_every_command(made_twice: Project) -> None:
    change(made_twice.folder, "UPDATE asset_events SET body = x'00'  WHERE id = 3")
    listed = made_twice.treadle("list", "-f", "two.py")
    assert (listed.code, "second" in listed.out) == (0, True)
    shown = made_twice.treadle("show", "first", "-f", "two.py")
    assert (shown.code, "corrupt-record: event 3 " in shown.out) == (0, True)
    assert "Corrupt record (event 3)" in shown.out
    assert made_twice.treadle("why", "first", "-f", "two.py").code in (0, 1)
    assert made_twice.treadle("runs", "latest").code == 0
    log = made_twice.treadle("logs", "latest")
    assert (log.code, "corrupt-record: event 3 " in log.out) == (0, True)


def test_a_damaged_run_is_listed_as_corrupt_among_the_others(made_twice: Project) -> None:
    change(made_twice.folder, "UPDATE runs SET body = x'6e6f' WHERE id = 2")
    listed = made_twice.treadle("runs")
    assert (listed.code, listed.out.count("Succeeded"), listed.out.count("(corrupt-record)")) == (0, 2, 1), (
        listed.out
    )
    newest, oldest = json.loads(made_twice.treadle("runs", "--json").out)
    assert (newest["end_reason"], oldest["end_reason"]) == ("corrupt-record", None)
    one = made_twice.treadle("runs", newest["run_id"])
    assert (one.code, "can not be read" in one.out) == (0, True)
