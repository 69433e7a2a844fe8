"""Looks at exceptions of user code, whose classes may do anything: raise where they are shown, even end the process.

What stands here never raises and calls as little of theirs as it can.
"""

import traceback
from typing import Any, cast


def cause_of(error: BaseException) -> BaseException | None:
    """What it was raised from, whatever its class makes of the attribute."""
    return cast("BaseException | None", _CAUSE(error))


def context_of(error: BaseException) -> BaseException | None:
    """What was handled when it was raised, where that is worth telling: not beside a cause."""
    if _CAUSE(error) is not None or _SUPPRESSES(error):
        return None
    return cast("BaseException | None", _CONTEXT(error))


def members_of(error: BaseException) -> tuple[BaseException, ...]:
    """A group's; of others none."""
    return tuple(_MEMBERS(error)) if isinstance(error, BaseExceptionGroup) else ()


def code_of(error: BaseException) -> str | None:
    """Its `code`, where that is text."""
    try:
        code: Any = getattr(error, "code", None)
    except BaseException:  # noqa: BLE001 - a property of a class of user code
        return None
    return code if isinstance(code, str) else None


def plain_text(error: BaseException) -> str:
    """What `str` makes of it."""
    try:
        return str(error)
    except BaseException as broken:  # noqa: BLE001 - of user code, it may raise anything; its class must still be told
        return f"<{type(error).__name__} whose text could not be made: {type(broken).__name__}>"


def told_in_a_line(error: BaseException) -> str:
    """Its class and text."""
    return f"{type(error).__name__}: {plain_text(error)}"


def last_lines(error: BaseException) -> str:
    """What Python prints of it below the traceback."""
    try:
        return "".join(traceback.format_exception_only(type(error), error)).strip()
    except BaseException:  # noqa: BLE001 - it looks at the error's attributes
        return told_in_a_line(error)


def traceback_text(error: BaseException) -> str:
    """What Python prints of it, without what it was raised from."""
    trace = error.__traceback__
    try:
        return "".join(traceback.format_exception(type(error), error, trace, chain=False))
    except BaseException:  # noqa: BLE001 - it looks at the error's attributes
        lines = traceback.format_tb(trace)
        return "".join(["Traceback (most recent call last):\n", *lines, told_in_a_line(error), "\n"])


_CAUSE = vars(BaseException)["__cause__"].__get__
_CONTEXT = vars(BaseException)["__context__"].__get__
_SUPPRESSES = vars(BaseException)["__suppress_context__"].__get__
_MEMBERS = vars(BaseExceptionGroup)["exceptions"].__get__
