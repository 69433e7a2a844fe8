"""What steps print, read from the files where it is kept while it still comes."""

import contextlib
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from treadle.core.events import EngineData, Event, EventType

EVERY: Final = 0.25
"""Seconds between looks at the files."""

_PIECE: Final = 64 * 1024
"""Bytes read at once, and the longest line that is shown whole."""


class OutputTail:
    """The lines of a file that grows. Of a line that was overwritten (`\\r`) only what stood last is told.

    Args:
        path: need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: io.FileIO | None = None
        self._rest = b""

    def lines(self, *, is_over: bool = False) -> Iterator[str]:
        """The lines that have come since.

        Args:
            is_over: nothing more comes: a last line without an end is told, and the file closed.
        """
        while piece := self._read():
            *whole, self._rest = (self._rest + piece).split(b"\n")
            if len(self._rest) >= _PIECE:
                whole.append(self._rest)
                self._rest = b""
            yield from map(_text, whole)
        if is_over:
            if self._rest:
                yield _text(self._rest)
                self._rest = b""
            self.close()

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> bytes:
        try:
            if self._file is None:
                self._file = io.FileIO(self.path)
            return self._file.read(_PIECE) or b""
        except OSError:  # not there yet, or on another machine
            return b""


@attrs.define
class StepOutputs:
    """The output of the steps that run, by step."""

    _tails: dict[str, list[OutputTail]] = attrs.field(factory=dict)
    _looked: float = 0.0

    def begin(self, event: Event) -> None:
        """A LOGS_CAPTURED event tells where the output of a step is kept."""
        data = event.data
        if event.type is EventType.LOGS_CAPTURED and isinstance(data, EngineData) and event.step_key:
            for old in self._tails.pop(event.step_key, []):
                old.close()
            paths = [data.metadata.get("stdout"), data.metadata.get("stderr")]
            self._tails[event.step_key] = [OutputTail(Path(path)) for path in paths if isinstance(path, str)]

    def tails_of(self, step_key: str) -> list[OutputTail]:
        """The files of a step that is not over."""
        return self._tails.get(step_key, [])

    def new(self) -> Iterator[tuple[str, OutputTail, str]]:
        """The lines that have come since, with their step; looks at most every quarter of a second."""
        now = time.monotonic()
        if not self._tails or now - self._looked < EVERY:
            return
        self._looked = now
        for step_key, tails in list(self._tails.items()):
            for tail in tails:
                for line in tail.lines():
                    yield step_key, tail, line

    def rest(self, step_key: str) -> Iterator[tuple[str, OutputTail, str]]:
        """The last lines of a step that is over."""
        for tail in self._tails.pop(step_key, []):
            with contextlib.closing(tail):
                for line in tail.lines(is_over=True):
                    yield step_key, tail, line

    def all_rest(self) -> Iterator[tuple[str, OutputTail, str]]:
        """The last lines of every step, once the run is over."""
        for step_key in list(self._tails):
            yield from self.rest(step_key)


def _text(line: bytes) -> str:
    text = line.decode("utf-8", "backslashreplace").removesuffix("\r")
    return text.rpartition("\r")[2]
