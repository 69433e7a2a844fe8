"""Printing: tables that fit the terminal, plain columns in a pipe, JSON for machines; text from users made harmless."""

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from io import TextIOWrapper
from typing import Any, TextIO, TypeVar

import click

from treadle.cli.descriptors import mend_descriptors
from treadle.cli.documents import document_stream

_Command = TypeVar("_Command", bound=Callable[..., Any])


def json_option(command: _Command) -> _Command:
    """Adds `--json`, passed on as `as_json`, and `--no-color`."""
    command = click.option(
        "--no-color", is_flag=True, expose_value=False, callback=_without_colour, help="Print without colour."
    )(command)
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(command)


def _without_colour(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        os.environ["NO_COLOR"] = "1"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json_text(value, indent=2), file=document_stream())


def print_json_line(value: Any) -> None:
    """One of many JSON documents on standard output, in a line of its own, which a reader gets at once."""
    click.echo(json_text(value), file=document_stream())


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON as standard output can take it: characters are escaped where its encoding may lack them."""
    return json.dumps(
        value,
        indent=indent,
        ensure_ascii=not _takes_every_character(document_stream() or sys.stdout),
        default=str,
    )


def _takes_every_character(stream: Any) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"


def escape_what_streams_lack() -> None:
    """A character that the encoding of the output has not (a Windows code page, ASCII) is escaped, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not _takes_every_character(stream):
            stream.reconfigure(errors="backslashreplace")


def stand_in_for_closed_streams() -> None:
    """A process started without standard output or error (cron, `>&-`) prints nothing, rather than fail; streams that
    user code closed are opened again."""
    mend_descriptors()
    if sys.stdout is None or sys.stdout.closed:
        sys.stdout = open_again(1)
    if sys.stderr is None or sys.stderr.closed:
        sys.stderr = open_again(2)


def open_again(descriptor: int) -> TextIO:
    """A stream to a descriptor of this process; to nowhere, where that is closed too."""
    try:
        os.fstat(descriptor)
        return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    except OSError:
        return open(os.devnull, "w", encoding="utf-8")


def give_up_output(stream: Any, error: OSError) -> None:
    """What stands in a stream that can not be written goes nowhere; says so once, unless the reader just left."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):  # no descriptor: nothing of it is left to flush at exit
        return
    if not isinstance(error, BrokenPipeError):
        click.echo(f"The output can not be written ({error.strerror}); the rest is not shown.", err=True)


def wants_colour(stream: Any = None) -> bool:
    """Whether colour is welcome: a terminal, and NO_COLOR not set (no-color.org)."""
    stream = stream or sys.stdout
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def harmless(text: str) -> str:
    """Text from users without control characters or bidirectional overrides that could disguise the output."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in "\n\t"
        else f"\\u{ord(character):04x}"
        if unicodedata.category(character) in ("Cc", "Cf", "Cs")
        else character
        for character in text
    )


def counted(number: int, noun: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], nothing: str | None = None) -> None:
    """Rows under headings, in columns as wide as they need; on a terminal the widest give way until all fit.

    Args:
        nothing: said on standard error where there are no rows.
    """
    texts = [[harmless("" if cell is None else str(cell)).replace("\n", " ") for cell in row] for row in rows]
    if not texts and nothing is not None:
        click.echo(nothing, err=True)
        return
    widths = [
        max([len(heading), *(len(row[column]) for row in texts)]) for column, heading in enumerate(headings)
    ]
    width = _terminal_width()
    if width is not None:
        widths = _narrowed(widths, width)
    bold = wants_colour()
    heading_line = _line([heading.upper() for heading in headings], widths, width)
    click.echo(click.style(heading_line, bold=True) if bold else heading_line)
    for row in texts:
        click.echo(_line(row, widths, width))


_GAP = "  "
_NARROWEST = 9


def _narrowed(widths: Sequence[int], available: int) -> list[int]:
    """The widths of columns after the widest gave way, one character at a time, none below `_NARROWEST`."""
    found = list(widths)
    excess = sum(found) + len(_GAP) * (len(found) - 1) - available
    while excess > 0 and max(found) > _NARROWEST:
        found[found.index(max(found))] -= 1
        excess -= 1
    return found


def _line(cells: Sequence[str], widths: Sequence[int], available: int | None) -> str:
    line = _GAP.join(_cut(cell, width).ljust(width) for cell, width in zip(cells, widths, strict=True))
    return line.rstrip() if available is None else _cut(line.rstrip(), available)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def _terminal_width() -> int | None:
    """Columns of the terminal; None in a pipe, where nothing is cut."""
    if not sys.stdout.isatty():
        return None
    # A terminal that nobody sized says 0.
    return shutil.get_terminal_size((0, 0)).columns or None
