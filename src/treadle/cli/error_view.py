"""How a stored error is shown: its class and message, the frames of the user's code, what caused it, a group's members.

A terminal gets the user's frames only; `logs` and machines get every frame that is not Treadle's own.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from treadle.cli.output import harmless
from treadle.core.error_codes import CODES
from treadle.core.events import ErrorInfo

_WRAPPERS = frozenset(
    {
        "ConfigMappingFunctionError",
        "HandleOutputError",
        "LoadInputError",
        "MaxRetriesExceededError",
        "ResourceFunctionError",
        "RetryRequestedFromPolicy",
        "StepExecutionError",
        "TypeCheckError",
        "UserCodeExecutionError",
    }
)
"""Errors that only say where another one came up."""

_MOST_MEMBERS = 10
"""Members of a group that a terminal shows."""


def root_error(error: ErrorInfo | None) -> ErrorInfo | None:
    """What the user's code raised, under the errors that Treadle wrapped around it."""
    while error is not None and error.cause is not None and error.class_name in _WRAPPERS:
        error = error.cause
    return error


def error_text(error: ErrorInfo | None) -> str:
    """One line: class and message."""
    found = root_error(error)
    return "an unknown error" if found is None else _first_line(found)


def hint_of(error: ErrorInfo) -> str | None:
    """What to do about it: what the error itself says, else what its code says to everybody."""
    marked = [line.strip() for line in error.message.splitlines() if line.startswith("  hint: ")]
    if marked:
        return "\n".join(line.removeprefix("hint: ") for line in marked)
    general = CODES[error.code].hint if error.code in CODES else ""
    return general if general and "{" not in general else None


def brief_stack(error: ErrorInfo | None) -> str:
    """The frames of the user's code through which it went, and below them its causes and members with theirs."""
    return _shown(error, _users_frames)


def whole_stack(error: ErrorInfo | None) -> str:
    """The traceback without Treadle's own frames, and below it its causes and members with theirs."""
    return _shown(error, _foreign_frames)


def causes_of(error: ErrorInfo | None) -> Iterator[tuple[str, ErrorInfo]]:
    """What it was raised from, and so on, each with the words for how: `caused by`, `while handling`."""
    found = root_error(error)
    while found is not None:
        if found.cause is None and found.context is not None and raised_at(found.context) is None:
            return  # what others handled meanwhile says nothing of the user's code
        word = "caused by" if found.cause is not None else "while handling"
        found = found.cause or found.context
        if found is not None:
            yield word, found


def raised_at(error: ErrorInfo) -> str | None:
    """`file:line` of the user's code that raised it, or that called what raised it."""
    places = re.findall(
        r'^  File "(.+)", line (\d+)', "\n".join(_users_frames(_own_lines(error))), re.MULTILINE
    )
    return ":".join(places[-1]) if places else None


def error_line(error: ErrorInfo) -> str:
    """One line: class, message and where the user's code raised it."""
    place = raised_at(error)
    return _first_line(error) + (f" (at {place})" if place else "")


def error_as_json(error: ErrorInfo) -> dict[str, Any]:
    """An error for machines, with its causes and members."""
    found = root_error(error) or error
    told: dict[str, Any] = {
        "message": _first_line(found),
        "class": found.class_name,
        "at": raised_at(found),
        "stack": harmless("\n".join(_foreign_frames(_own_lines(found))) or _without_frames(found)),
    }
    code = error.code or found.code
    if code is not None:
        told["code"] = code
    if found.cause is not None:
        told["cause"] = error_as_json(found.cause)
    elif found.context is not None:
        told["context"] = error_as_json(found.context)
    if found.members:
        told["members"] = [error_as_json(member) for member in found.members]
    return told


def _first_line(error: ErrorInfo) -> str:
    message = error.message.strip().splitlines()
    return f"{error.class_name}: {message[0]}" if message else error.class_name


def _shown(error: ErrorInfo | None, frames: Callable[[list[str]], list[str]]) -> str:
    found = root_error(error)
    if found is None or not found.stack:
        return ""
    lines = frames(_own_lines(found)) or _without_frames(found).splitlines()
    lines += _members(found, frames)
    for word, cause in causes_of(found):
        lines += _part(f"{word} ", cause, frames)
    return harmless("\n".join(lines))


def _part(label: str, error: ErrorInfo, frames: Callable[[list[str]], list[str]]) -> list[str]:
    """A cause or member: a line that says what it is, its frames below, and its members."""
    kept = [line for line in frames(_own_lines(error)) if line.startswith("  ")]
    return [f"{label}{_first_line(error)}", *kept, *_members(error, frames)]


def _members(error: ErrorInfo, frames: Callable[[list[str]], list[str]]) -> list[str]:
    lines: list[str] = []
    for member in error.members[:_MOST_MEMBERS]:
        lines += _part("- ", member, frames)
        for word, cause in causes_of(member):
            lines += _part(f"  {word} ", cause, frames)
    if len(error.members) > _MOST_MEMBERS:
        lines.append(f"- and {len(error.members) - _MOST_MEMBERS} more")
    return lines


def _own_lines(error: ErrorInfo) -> list[str]:
    """The lines of its own traceback; of a group without those of its members."""
    lines = error.stack.splitlines()
    if not error.members:
        return lines
    kept: list[str] = []
    for line in lines:
        if re.match(r"\s*\+-\+-", line):
            break
        kept.append(re.sub(r"^ *[|+] ", "", line, count=1))
    return kept


_OWN_FOLDER = str(Path(__file__).resolve().parents[1]) + os.sep
_STANDARD_FOLDER = str(Path(os.__file__).resolve().parent) + os.sep
_STANDARD = re.compile(r'"<frozen |[/\\]lib[/\\]python3\.\d+[/\\]', re.IGNORECASE)
_INSTALLED = re.compile(r"[/\\](site|dist)-packages[/\\]")


def _foreign_frames(lines: list[str]) -> list[str]:
    """The traceback without Treadle's frames; nothing where no frame is of the user's code or of a package."""
    if not any(_is_users(line) or _is_of_package(line) for line in lines):
        return []
    return _keep(lines, lambda line: _OWN_FOLDER not in line)


def _users_frames(lines: list[str]) -> list[str]:
    """The traceback with the user's frames alone; those of installed packages where all of the code is installed."""
    wanted = _is_users if any(map(_is_users, lines)) else _is_of_package
    return _keep(lines, wanted) if any(map(wanted, lines)) else []


def _is_users(line: str) -> bool:
    """Whether the line names a frame that is neither Treadle's, nor Python's, nor an installed package's."""
    if not line.startswith("  File ") or _OWN_FOLDER in line or _INSTALLED.search(line):
        return False
    return _STANDARD_FOLDER not in line and not _STANDARD.search(line)


def _is_of_package(line: str) -> bool:
    return line.startswith("  File ") and _OWN_FOLDER not in line and bool(_INSTALLED.search(line))


def _keep(lines: list[str], wanted: Callable[[str], bool]) -> list[str]:
    kept: list[str] = []
    skipping = False
    for line in lines:
        if line.startswith("  File "):
            skipping = not wanted(line)
        elif not line.startswith("    "):
            # What says how often a frame was repeated belongs to it.
            skipping = skipping and line.startswith("  [Previous line")
        if not skipping:
            kept.append(line)
    return kept


def _without_frames(error: ErrorInfo) -> str:
    """What an error says besides its first line, where none of its frames is the user's."""
    return "\n".join(error.message.strip().splitlines()[1:])
