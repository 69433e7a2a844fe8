"""What the exit status of every command means."""

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
"""Ctrl-C or SIGTERM; the run was ended as CANCELED."""
READER_LEFT: Final = 141
"""Who read the output left before its end, as `head` does; the code that shells give a process for SIGPIPE."""
