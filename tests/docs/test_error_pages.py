"""Every error code has a page, every page a code, and a page's Python brings about the error that it tells of."""

from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_code_blocks import ROOT, python_of
from treadle.core.error_codes import CODES
from treadle.core.errors import PortableError
from treadle.core.problem import Problem

FOLDER = ROOT / "docs" / "errors"
PAGES = {path.stem: path for path in sorted(FOLDER.glob("*.md"))}
SHOWN = [code for code, path in PAGES.items() if python_of(path.read_text("utf-8")).strip()]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert sorted(PAGES) == sorted(CODES)


@pytest.mark.parametrize("code", PAGES)
def test_a_page_begins_with_its_code_and_is_short(code: str) -> None:
    lines = PAGES[code].read_text("utf-8").splitlines()
    assert lines[0] == f"# {code}"
    assert 4 < len(lines) < 60


@pytest.mark.parametrize("code", SHOWN)
def test_the_python_of_a_page_shows_the_error(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    for kind in (PortableError, Problem):
        made = kind.__init__

        def record(self: Any, *args: Any, made: Any = made, **named: Any) -> None:
            told.append(self)
            made(self, *args, **named)

        monkeypatch.setattr(kind, "__init__", record)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREADLE_HOME", str(tmp_path / "home"))
    exec(compile(python_of(PAGES[code].read_text("utf-8")), str(PAGES[code]), "exec"), {"__name__": code})
    codes = {getattr(each, "code", None) for each in told}
    assert code in codes or (code == "interrupted" and "KeyboardInterrupt" in PAGES[code].read_text("utf-8"))


def test_most_codes_show_their_error() -> None:
    assert len(SHOWN) > 80
