"""Standard output of a command that answers machines: it has their document alone, whatever user code prints."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

_kept: Final[list[TextIO]] = []


def document_stream() -> TextIO | None:
    """Where documents go; None: to standard output, which nothing else writes to."""
    return _kept[-1] if _kept else None


@contextmanager
def documents_apart() -> Iterator[None]:
    """Within the block documents go to this process's standard output, and what anybody else writes there, in Python, in
    C or in a subprocess, to standard error."""
    try:
        sys.stdout.flush()
        stream = open(  # noqa: SIM115 - closed below
            os.dup(1), "w", encoding=sys.stdout.encoding, errors="backslashreplace"
        )
        os.dup2(2, 1)
    except (OSError, ValueError, AttributeError):  # the command was started without one of the two
        yield
        return
    _kept.append(stream)
    try:
        yield
    finally:
        _kept.remove(stream)
        with suppress(OSError, ValueError, AttributeError):
            sys.stdout.flush()
        with suppress(OSError):
            os.dup2(stream.fileno(), 1)
        with suppress(OSError):  # its reader left
            stream.close()
