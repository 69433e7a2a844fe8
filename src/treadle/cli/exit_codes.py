"""What the exit status of every command means."""

import signal
from typing import Final

OK: Final = 0
"""Done as asked."""
FAILED: Final = 1
"""A run failed, or a check of definitions found errors."""
USAGE: Final = 2
"""What was given cannot be done: an unknown asset, partition, option or file; nothing was run or changed."""
NOT_LOADED: Final = 3
"""The definitions could not be loaded."""
INTERRUPTED: Final = 130
"""Ctrl-C, or a run was told to stop from elsewhere; it was ended as CANCELED. Shells say 128 + SIGINT."""
TERMINATED: Final = 143
"""SIGTERM; the run was ended as CANCELED. Shells say 128 + SIGTERM."""
READER_LEFT: Final = 141
"""Who read the output left before its end, as `head` does; the code that shells give a process for SIGPIPE."""


def of_signal(number: int | None) -> int:
    """The status of a command that a signal ended; None: it was told to stop in another way."""
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED
