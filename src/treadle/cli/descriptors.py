"""The descriptors of standard output and error, kept so that user code which closes them does not silence a command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_STANDARD: Final = (1, 2)
_kept: Final[dict[int, int]] = {}
"""Descriptor -> a copy of it."""


@contextmanager
def kept_descriptors() -> Iterator[None]:
    """Within the block `mend_descriptors` opens again what was open at its beginning."""
    for number in _STANDARD:
        with suppress(OSError):  # the command was started without
            copy = os.dup(number)
            if copy > max(_STANDARD):
                _kept[number] = copy
            else:
                os.close(copy)
    try:
        yield
    finally:
        mend_descriptors()
        while _kept:
            with suppress(OSError):  # user code closed it
                os.close(_kept.popitem()[1])


def say_to_terminal(text: str) -> None:
    """Print to standard error as the command was given it: not into what a step's output is caught in."""
    with suppress(OSError):
        os.write(_kept.get(2, 2), text.encode("utf-8", "backslashreplace"))


def take_back_terminal() -> None:
    """Let standard output and error go again where the command was given them, whatever they were sent to."""
    for number, copy in _kept.items():
        with suppress(OSError):  # user code closed it
            os.dup2(copy, number)


def mend_descriptors() -> None:
    """Open standard output and error again where they are closed."""
    for number, copy in _kept.items():
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):  # user code closed the copy as well
                os.dup2(copy, number)
