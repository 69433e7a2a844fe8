"""A text file that others read while it is written, and whose writer may print hundreds of thousands of lines."""

import os
import threading
import weakref
from typing import Final

LINES_AT_ONCE: Final = 100
"""Lines that are written each for itself between two calls of `renew`; what comes beyond them is a flood."""
PARTS_TOGETHER: Final = 128
"""Pieces of text of a flood that are written together; `print` gives two a line. What waits is lost with `kill -9`."""
LONG_TEXT: Final = 65536
"""Characters of a piece that waits for no others."""


class PacedFile:
    """Text appended to a file: each line at once, those of a flood many at a time. Safe to use from several threads.

    Whoever opens it calls `renew` some 20 times a second: what waits is written then, and lines go at once again.

    Args:
        path: the file; it is made, or appended to.
    """

    __slots__ = ("__weakref__", "_descriptor", "_left", "_lock", "_parts", "closed", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.closed = False
        self._parts: list[str] = []  # only ever the same list: appending to it takes no lock
        self._left = LINES_AT_ONCE
        self._lock = threading.Lock()
        self._descriptor = _open(path)
        _OPEN.add(self)

    def write(self, text: str) -> None:
        """Append text.

        Raises:
            OSError: the file can not be written, now or when what came before was.
        """
        parts = self._parts
        parts.append(text)
        if self._left > 0:
            if "\n" in text:
                self._left -= 1
                self.flush()
        elif len(parts) >= PARTS_TOGETHER or len(text) >= LONG_TEXT or self.closed:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            self._send()

    def renew(self) -> None:
        """Write what waits; the next lines are written at once."""
        with self._lock:
            self._left = LINES_AT_ONCE
            self._send()

    def close(self) -> None:
        """Write what waits and give up the descriptor. What is written later reaches the file all the same."""
        with self._lock:
            try:
                self._send()
            finally:
                self.closed = True
                self._left = 0
                descriptor, self._descriptor = self._descriptor, -1
                if descriptor >= 0:
                    os.close(descriptor)

    def _send(self) -> None:
        count = len(self._parts)
        if not count:
            return
        rest = "".join(self._parts[:count]).encode("utf-8", "backslashreplace")
        late = self._descriptor < 0
        descriptor = _open(self.path) if late else self._descriptor
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            # What could not be written is kept for the next attempt: there may be space again.
            self._parts[:count] = [rest.decode("utf-8", "replace")] if rest else []
            if late:
                os.close(descriptor)

    def after_fork(self) -> None:
        """In a forked child: a thread of the parent may have held the lock, and the parent writes what waited."""
        self._lock = threading.Lock()
        self._parts.clear()


def _open(path: str) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    lower = []
    # User code closed a standard one: under its number all that anything prints would go into the file.
    while descriptor <= 2:
        lower.append(descriptor)
        descriptor = os.dup(descriptor)
    for each in lower:
        os.close(each)
    return descriptor


_OPEN: "weakref.WeakSet[PacedFile]" = weakref.WeakSet()


def _renew_in_child() -> None:
    for file in list(_OPEN):
        file.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_in_child)
