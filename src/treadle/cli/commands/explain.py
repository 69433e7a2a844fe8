"""`treadle explain CODE`: the page of an error code, in the terminal."""

from pathlib import Path

import click

import treadle
from treadle.cli.failing import fail
from treadle.cli.output import json_option, print_json, print_table
from treadle.core.errors import CODES, did_you_mean

_PACKAGE = Path(treadle.__file__).resolve().parent
_FOLDERS = (_PACKAGE / "error_pages", _PACKAGE.parents[1] / "docs" / "errors")
"""Where an installed package has the pages, and where a clone has them."""


@click.command()
@click.argument("code", required=False)
@json_option
def explain(code: str | None, as_json: bool) -> None:
    """What an error code means, why it comes, and how to mend it; without CODE, the list of codes.

    For example: treadle explain unknown-asset
    """
    if code is None:
        _list_codes(as_json)
        return
    code = code.strip("[]`")
    if code not in CODES:
        fail(
            f"There is no error code `{code}`.",
            code="not-found",
            hint=did_you_mean(code, CODES) or "`treadle explain` lists them",
        )
    row = CODES[code]
    page = _page_of(code) or f"# {code}\n\n{row.meaning}\n"
    if as_json:
        print_json({"code": code, "severity": row.severity, "meaning": row.meaning, "page": page})
        return
    click.echo(page, nl=False)


def _list_codes(as_json: bool) -> None:
    rows = [(code, CODES[code].severity, CODES[code].meaning) for code in sorted(CODES)]
    if as_json:
        print_json([{"code": code, "severity": rank, "meaning": meaning} for code, rank, meaning in rows])
        return
    print_table(("code", "severity", "what it means"), rows)


def _page_of(code: str) -> str | None:
    for folder in _FOLDERS:
        page = folder / f"{code}.md"
        if page.is_file():
            return page.read_text(encoding="utf-8")
    return None
