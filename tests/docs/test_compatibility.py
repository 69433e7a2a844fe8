"""The list of names that are missing does not rot."""

import re
from pathlib import Path

import treadle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"


def test_names_listed_as_missing_are_missing() -> None:
    section = PAGE.read_text("utf-8").split("## Public names that are not there yet")[1].split("\n## ")[0]
    listed = re.findall(r"`(\w+)`", section)
    assert [name for name in listed if hasattr(treadle, name)] == [], (
        "these are there now: take them off the list"
    )
