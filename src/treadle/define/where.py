"""Where a definition stands in the user's files: `file:line`, read from code objects only."""

import linecache
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

_OWN_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def where_of(function: Any) -> str | None:
    """`file:line` of a function's `def` line (not of its decorators), or None for built-ins.

    Args:
        function: a function, partial, wrapped function or callable object.
    """
    code = code_of(function)
    if code is None:
        return None
    return _where_of_def(code.co_filename, code.co_firstlineno, code.co_name)


def code_of(function: Any) -> Any:
    """The code object of a function, or of the `__call__` of an object that is called like one; None for built-ins."""
    function = innermost(function)
    code = getattr(function, "__code__", None)
    if code is None:
        method = vars(type(function)).get("__call__")
        code = getattr(method, "__code__", None)
    return code


def innermost(function: Any) -> Any:
    """The function under partials and `functools.wraps` wrappers."""
    for _ in range(50):
        inner = getattr(function, "__wrapped__", None) or getattr(function, "func", None)
        if inner is None or not callable(inner):
            return function
        function = inner
    return function


@lru_cache(maxsize=65536)
def _where_of_def(path: str, first: int, name: str) -> str:
    """A code object starts at its first decorator; read on to the line that has the `def`."""
    if name == "<lambda>":
        return f"{path}:{first}"
    lines = _lines_of(path)
    starts = (f"def {name}", f"async def {name}", f"class {name}")
    for number in range(first, min(first + 200, len(lines) + 1)):
        if lines[number - 1].lstrip().startswith(starts):
            return f"{path}:{number}"
    return f"{path}:{first}"


@lru_cache(maxsize=256)
def _lines_of(path: str) -> list[str]:
    return linecache.getlines(path)


def caller_where(skip: Callable[[str], bool] | None = None) -> str | None:
    """`file:line` of the nearest caller outside Treadle: where a definition without a function was made."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not is_own_file(name) and not (skip and skip(name)):
            return f"{name}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def is_own_file(path: str) -> bool:
    """Whether a file is Treadle's, or code that attrs wrote for it."""
    return path.startswith((_OWN_FOLDER, "<attrs"))


def direct_caller_where() -> str | None:
    """`file:line` of what called the caller of this, where that is the user's code."""
    frame = sys._getframe(2)
    path = frame.f_code.co_filename
    return None if is_own_file(path) else f"{path}:{frame.f_lineno}"


class DocOf:
    """`__doc__` of what a decorator made: on the class its own text, on an instance that of the user's function.

    Args:
        of_class: the class's own docstring.
        attribute: where an instance keeps the function.
    """

    def __init__(self, of_class: str | None, attribute: str) -> None:
        self._of_class = of_class
        self._attribute = attribute

    def __get__(self, instance: Any, owner: type | None = None) -> str | None:
        if instance is None:
            return self._of_class
        return getattr(innermost(getattr(instance, self._attribute, None)), "__doc__", None)
