"""Ends the copies of a run's process that user code forked and let return: there must be one run, not two."""

import os
import sys


def end_forked_copy(pid: int, error: BaseException | None = None) -> None:
    """Where this process is not the one with that id, end it; else nothing.

    Args:
        pid: of the process that called the user's code.
        error: what the code raised.
    """
    if os.getpid() == pid:
        return
    status = 0
    if isinstance(error, SystemExit):
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error is not None:
        status = 1
        sys.excepthook(type(error), error, error.__traceback__)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(status & 0xFF)
