"""Ends the command line's process, also where user code left threads behind that do not end."""

import atexit
import os
import sys
import threading
from typing import Any

GRACE = 2.0
"""Seconds that threads of user code get to end by themselves."""


def leave(code: int, grace: float = GRACE) -> None:
    """Exit with a code. Threads that outlast the grace are ended with the process: what they were to make is not awaited.

    Args:
        code: the exit code.
        grace: seconds.
    """
    left = _others()
    if left:
        # A helper waits in place of the interpreter, which would wait for ever.
        helper = threading.Thread(target=_await, args=(left,), daemon=True)
        helper.start()
        helper.join(grace)
        left = _others()
    if not left:
        sys.exit(code)
    names = ", ".join(sorted(thread.name for thread in left))
    sys.stderr.write(f"Left behind by user code and ended: {names}\n")
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)


def _others() -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]


def _await(threads: list[threading.Thread]) -> None:
    # Idle threads of pools end when they are told to, which the interpreter does at its own end.
    pools: Any = sys.modules.get("concurrent.futures.thread")
    tell = getattr(pools, "_python_exit", None)
    if tell is not None:
        tell()
    for thread in threads:
        thread.join()
