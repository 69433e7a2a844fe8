"""The peer's shape of a stored exception: a lazy, read-only view that the views of events hand out."""

from functools import cache
from typing import Any

from treadle._public_names import name_table
from treadle.core.events import ErrorInfo

_PEERS_BY_CODE = dict.fromkeys(("worker-lost", "no-result"), "ChildProcessCrashException")
"""The peer has a class for a step whose process ended; with us the code tells it."""


class ErrorView:
    """A stored exception as code written for the peer reads it.

    Args:
        error: what is stored.
    """

    __slots__ = ("_error",)

    def __init__(self, error: ErrorInfo) -> None:
        self._error = error

    @property
    def cls_name(self) -> str:
        """The name of its class, as the peer has it."""
        error = self._error
        return _PEERS_BY_CODE.get(error.code or "") or _peers_names().get(error.class_name, error.class_name)

    @property
    def class_name(self) -> str:
        """The name of its class."""
        return self._error.class_name

    @property
    def message(self) -> str:
        """The line with which a traceback ends: the class and what it said."""
        return f"{self.cls_name}: {self._error.message}\n"

    @property
    def stack(self) -> list[str]:
        """The lines of its traceback."""
        return self._error.stack.splitlines(keepends=True)

    @property
    def code(self) -> str | None:
        """The code of an error of ours."""
        return self._error.code

    @property
    def cause(self) -> "ErrorView | None":
        """What it was raised from."""
        return view_of_error(self._error.cause)

    @property
    def context(self) -> "ErrorView | None":
        """What was being handled when it was raised."""
        return view_of_error(self._error.context)

    def to_string(self) -> str:
        """Message and traceback, and below them what caused it."""
        return self._error.to_string()

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, ErrorView) and self._error == other._error

    def __hash__(self) -> int:
        return hash(self._error)

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"<{self.message.strip()}>"


def view_of_error(error: ErrorInfo | None) -> ErrorView | None:
    """The peer's shape of an error, where there is one."""
    return None if error is None else ErrorView(error)


@cache
def _peers_names() -> dict[str, str]:
    """The name of one of our errors -> the peer's."""
    return {
        inner: public
        for public, (module, inner) in name_table().items()
        if (public == f"Dagster{inner}" and module == "treadle.core.errors")
        or (public != inner and inner.endswith("Error") and module.startswith("treadle."))
    }
