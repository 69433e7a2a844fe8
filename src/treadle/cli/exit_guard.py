"""Notices when user code ends the command's own process with `os._exit`, or puts another program into it: both would
look like success to the shell."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, NoReturn

from treadle.cli import exit_codes
from treadle.cli.descriptors import say_to_terminal

GRACE: Final = 5.0
"""Seconds that ending the runs in the store may take."""

_exit: Final = os._exit
_EXEC: Final = tuple(name for name in ("execv", "execve") if hasattr(os, name))
"""All others of `os` call these."""
_endings: list[Callable[[str], Iterable[str]]] = []


def guard_exit() -> Callable[[], None]:
    """From now on `os._exit` in this process says where it was called, ends what goes on here, and never leaves 0.
    `os.execv` and those beside it raise while something goes on.

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

    before = {"_exit": _exit, **{name: getattr(os, name) for name in _EXEC}}
    vars(os).update({"_exit": guarded, **{name: _refused(before[name], pid) for name in _EXEC}})
    return lambda: vars(os).update(before)


def _refused(real: Callable[..., NoReturn], pid: int) -> Callable[..., NoReturn]:
    """A function of the exec family that leaves a process alone in which a run goes on."""

    def guarded(path: Any, *arguments: Any, **named: Any) -> NoReturn:
        if os.getpid() == pid and _endings:
            raise RuntimeError(
                f"os.{real.__name__} would put {os.fsdecode(path)} into the process of the command, which could not end"
                " its run then; start it with `subprocess`, or run the step with `--executor processes`"
            )
        real(path, *arguments, **named)

    return guarded


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
