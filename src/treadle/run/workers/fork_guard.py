"""Whether this process may fork workers: only where no other thread could hold a lock that the child needs."""

import os
import sys
import threading
from pathlib import Path
from typing import Final, Literal

from treadle.core.errors import UnmetExecutorRequirementsError

StartMethod = Literal["fork", "spawn"]

START_METHOD_VARIABLE: Final = "TREADLE_START_METHOD"
START_METHODS: Final = ("fork", "forkserver", "spawn")

_SAFE_NATIVE: Final = ("OpenBLAS", "blas", "mkl", "jemalloc_bg_thd")
"""Native threads that are known to do no harm after a fork: pools of BLAS libraries re-make themselves."""
_UNSAFE_NATIVE: Final = ("polars", "rayon", "tokio", "grpc", "arrow", "duckdb", "cuda")


def start_method(asked: str | None = None) -> StartMethod:
    """How workers are started: what is asked, else TREADLE_START_METHOD, else fork where that is safe.

    Raises:
        UnmetExecutorRequirementsError: another word than `fork`, `forkserver` or `spawn`.
    """
    wanted = asked or wanted_by_variable()
    if wanted is None:
        return "fork" if why_not_fork() is None else "spawn"
    if wanted not in START_METHODS:
        raise _refuse(f"Workers can not be started by `{wanted}`", "the executor's `start_method`")
    return "fork" if wanted == "fork" and hasattr(os, "fork") else "spawn"


def wanted_by_variable() -> str | None:
    """What TREADLE_START_METHOD asks for; None where it is not set, or empty.

    Raises:
        UnmetExecutorRequirementsError: another word than `fork`, `forkserver` or `spawn`.
    """
    wanted = os.environ.get(START_METHOD_VARIABLE) or None
    if wanted is not None and wanted not in START_METHODS:
        raise _refuse(
            f"{START_METHOD_VARIABLE} is `{wanted}`", f"the environment variable {START_METHOD_VARIABLE}"
        )
    return wanted


def _refuse(what: str, place: str) -> UnmetExecutorRequirementsError:
    return UnmetExecutorRequirementsError(
        f"{what}; it must be one of {', '.join(f'`{word}`' for word in START_METHODS)}.",
        hint=f"change {place}",
    )


def why_not_fork() -> str | None:
    """The reason why forking is not safe here; None where it is."""
    if sys.platform != "linux":
        return f"system libraries of {sys.platform} do not survive a fork"
    others = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    if others:
        return f"Python threads are running: {', '.join(others[:3])}"
    native = native_thread_names()
    unsafe = [name for name in native if name.lower().startswith(_UNSAFE_NATIVE)]
    if unsafe:
        return f"native threads are running: {', '.join(unsafe[:3])}"
    unknown = [name for name in native if not name.startswith(_SAFE_NATIVE)]
    if unknown and not _may_be_blas(len(unknown)):
        return f"{len(unknown)} native threads of an unknown library are running"
    return None


def native_thread_names() -> list[str]:
    """Names of the threads of this process that are not Python's."""
    python = {thread.native_id for thread in threading.enumerate()}
    names = []
    try:
        for entry in Path("/proc/self/task").iterdir():
            if int(entry.name) not in python:
                names.append((entry / "comm").read_text(encoding="utf-8", errors="replace").strip())
    except (OSError, ValueError):
        return []
    return names


def _may_be_blas(count: int) -> bool:
    """Threads without a name of their own: BLAS pools, at most two libraries' worth, if nothing else starts such."""
    if "numpy" not in sys.modules or {"duckdb", "polars", "torch", "grpc"} & set(sys.modules):
        return False
    return count <= 2 * max((os.cpu_count() or 1) - 1, 1)
