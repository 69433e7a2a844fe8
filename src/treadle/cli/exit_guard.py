"""Notices when user code ends the command's own process with `os._exit`, which would look like success to the shell."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

from treadle.cli import exit_codes
from treadle.cli.descriptors import say_to_terminal

GRACE: Final = 5.0
"""Seconds that ending the runs in the store may take."""

_exit: Final = os._exit
_endings: list[Callable[[str], Iterable[str]]] = []


def guard_exit() -> Callable[[], None]:
    """From now on `os._exit` in this process says where it was called, ends what goes on here, and never leaves 0.

    Forked children are left alone. What ends the process from C is not seen; the next command finds its runs.

    Returns:
        takes the guard away.
    """
    pid = os.getpid()

    def guarded(status: int) -> NoReturn:
        if os.getpid() == pid:
            frame = sys._getframe(1)
            _tell_and_end(f"os._exit({status}) at {frame.f_code.co_filename}:{frame.f_lineno}")
            status = status or exit_codes.FAILED
        _exit(status)

    vars(os)["_exit"] = guarded
    return lambda: vars(os).__setitem__("_exit", _exit)


def exit_now(code: int) -> NoReturn:
    """End this process as it is."""
    _exit(code)


@contextmanager
def ended_by(ending: Callable[[str], Iterable[str]]) -> Iterator[None]:
    """Within the block something goes on that has an end of its own.

    Args:
        ending: is told what ended the process; ends it and gives the lines to print.
    """
    _endings.append(ending)
    try:
        yield
    finally:
        _endings.remove(ending)


def _tell_and_end(what: str) -> None:
    lines = [f"Error: {what} ended this process"]

    def end() -> None:
        for ending in list(_endings):
            lines.extend(ending(what))

    # A thread of its own: whoever calls may hold what the store needs.
    helper = threading.Thread(target=end, daemon=True)
    helper.start()
    helper.join(GRACE)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    time.sleep(0.2)  # what is captured is shown a moment later
    say_to_terminal("\n".join(lines) + "\n")
