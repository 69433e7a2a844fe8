"""A page for every dislike of seed 002 (S2-D17): each has a block that runs, and can be found."""

from pathlib import Path

import pytest

from tests.docs.test_code_blocks import ROOT, python_of

FOLDER = ROOT / "docs" / "dislikes"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
COUNT = 17
"""Twelve numbered ones, and five of the summary."""


def test_every_dislike_has_its_page() -> None:
    assert [int(page.name[:2]) for page in PAGES] == list(range(1, COUNT + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_quotes_the_dislike_and_answers_with_code(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "\n> " in text
    assert "import treadle as dg" in python_of(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_linked_from_the_index_and_stands_in_the_navigation(page: Path) -> None:
    assert f"]({page.name})" in (FOLDER / "index.md").read_text("utf-8")
    assert f"dislikes/{page.name}" in (ROOT / "mkdocs.yml").read_text("utf-8")


def test_every_concept_is_told_at_a_glance() -> None:
    page = (ROOT / "docs" / "concepts.md").read_text("utf-8")
    words = [
        "Asset",
        "Op",
        "Job",
        "Definitions",
        "Group",
        "Partition",
        "Resource",
        "Check",
        "Schedule",
        "Sensor",
        "Automation",
        "Run",
        "Backfill",
    ]
    assert [word for word in (*words, "Code location", "IO manager") if f"\n## {word}\n" not in page] == []
