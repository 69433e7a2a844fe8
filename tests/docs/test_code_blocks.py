"""Every Python block of the README and of docs/ runs. A page is one session: its blocks share their names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TYPED_ALONG = ROOT / "docs" / "tutorial.md"
"""Its blocks are parts of files; `test_tutorial.py` runs them."""
SESSIONS = [page for page in PAGES if page != TYPED_ALONG]
FENCE = re.compile(r"^\s*```(\w*)")


def python_of(page_text: str) -> str:
    """The page's Python, each line where it stands in the page, so that errors name the page's lines."""
    lines, inside = [], ""
    for line in page_text.splitlines():
        fence = FENCE.match(line)
        if fence:
            inside = "" if inside else fence[1] or "text"
            lines.append("")
        else:
            lines.append(line if inside == "python" else "")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", SESSIONS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(ROOT / "examples" / "flights")  # the README adds to this example
    monkeypatch.setenv("TREADLE_HOME", str(tmp_path / "home"))
    code = compile(python_of(page.read_text("utf-8")), str(page), "exec")
    exec(code, {"__name__": page.stem})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!\w+://|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
    dead = [link for link in links if not (page.parent / link).exists()]
    assert dead == []


def test_blocks_keep_their_lines_and_other_languages_are_left_out() -> None:
    page = "# A\n```python\nx = 1\n```\ntext\n```sh\nmake demo\n```\n```python\ny = x\n```\n"
    assert python_of(page) == "\n\nx = 1\n\n\n\n\n\n\ny = x\n\n"
