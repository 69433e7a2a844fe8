"""stdout and stderr of each step, kept in files under the instance's home.

Where a process runs one step at a time they are caught by file descriptor, so that subprocesses and C code are
caught too; elsewhere only what Python writes, told apart by the step that is running.
"""

import contextlib
import os
import sys
import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TextIO

from treadle.core import late
from treadle.core.events import EngineData, EventType
from treadle.define.context.current import current_step
from treadle.define.context.step_state import StepState
from treadle.plan.plan import Step
from treadle.run.paced_file import PacedFile

LONGEST_NAME = 200
"""Bytes of a file's name that a step's key may fill: file systems take 255 at most."""
MAX_OPEN = 16
"""Steps whose files are open at once."""


def compute_log_folder(instance: Any, run_id: str) -> str:
    """Where a run's captured output lies; the instance is one that outlives the process."""
    return os.path.join(instance.compute_log_directory(), run_id)


def log_file_paths(folder: str, step_key: str, attempt: int = 1) -> tuple[str, str]:
    """The files of one attempt of a step: stdout, stderr."""
    name = "".join(c if c.isalnum() or c in "._-[]" else f"%{ord(c):X}" for c in step_key)
    if len(name.encode()) > LONGEST_NAME:
        whole = late.hashlib.sha256(step_key.encode()).hexdigest()[:16]
        name = f"{name.encode()[: LONGEST_NAME - 17].decode(errors='ignore')}-{whole}"
    suffix = "" if attempt == 1 else f".{attempt}"
    return os.path.join(folder, f"{name}{suffix}.out"), os.path.join(folder, f"{name}{suffix}.err")


class CapturedStep(AbstractContextManager[None]):
    """Sends the process's stdout and stderr to the step's files while the block runs.

    Args:
        folder: None captures nothing.
        env: of the run; gets a LOGS_CAPTURED event.
        step: the step.
        attempt: its attempt.
        echo: also show it where it would have gone, a moment later.
    """

    def __init__(self, folder: str | None, env: Any, step: Step, attempt: int, *, echo: bool = False) -> None:
        self._folder = folder
        self._env = env
        self._step = step
        self._attempt = attempt
        self._saved: list[tuple[int, int]] = []
        self._buffered: list[TextIO] = []
        self._before: tuple[TextIO, TextIO] = (sys.stdout, sys.stderr)
        self._wants_echo = echo
        self._echo: _Echo | None = None

    def __enter__(self) -> None:
        if self._folder is None:
            return
        os.makedirs(self._folder, exist_ok=True)
        paths = log_file_paths(self._folder, self._step.key, self._attempt)
        self._before = (sys.stdout, sys.stderr)
        _flush_streams()
        self._buffered = _set_line_buffering(_streams(), True)
        starts = [os.path.getsize(path) if os.path.exists(path) else 0 for path in paths]
        for number, path in zip((1, 2), paths, strict=True):
            target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._saved.append((number, os.dup(number)))
            os.dup2(target, number)
            os.close(target)
        if self._wants_echo:
            self._echo = _Echo(paths, starts, [copy for _, copy in self._saved])
            self._echo.start()
        tell_captured(self._env, self._step.key, self._attempt, paths)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _flush_streams()
        if self._echo is not None:
            self._echo.stop()
        while self._saved:
            number, copy = self._saved.pop()
            with contextlib.suppress(OSError):  # user code closed it
                os.dup2(copy, number)
                os.close(copy)
        for name, number, stream in zip(("stdout", "stderr"), (1, 2), self._before, strict=True):
            _mend_stream(name, number, stream)
        _set_line_buffering(self._buffered, False)
        self._buffered = []


class _Echo(threading.Thread):
    """Copies what comes into the files to where it would have gone. The files are the truth: they miss nothing."""

    def __init__(self, paths: tuple[str, str], starts: list[int], targets: list[int]) -> None:
        super().__init__(name="treadle-echo", daemon=True)
        self._sources = [open(path, "rb", buffering=0) for path in paths]  # noqa: SIM115 - closed by `stop`
        for source, start in zip(self._sources, starts, strict=True):
            source.seek(start)
        self._targets = targets
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.05):
            try:
                self._copy()
            except OSError:
                return  # user code closed them, or who read the output left

    def stop(self) -> None:
        """Copy the rest and end."""
        self._ended.set()
        self.join()
        with contextlib.suppress(OSError):  # user code closed them
            self._copy()
        for source in self._sources:
            with contextlib.suppress(OSError):
                source.close()

    def _copy(self) -> None:
        for source, target in zip(self._sources, self._targets, strict=True):
            while data := source.read(65536):
                os.write(target, data)


def tell_captured(env: Any, step_key: str, attempt: int, paths: tuple[str, str]) -> None:
    """Record where a step's output is kept."""
    data = EngineData(metadata={"stdout": paths[0], "stderr": paths[1]})
    event = env.maker.make(EventType.LOGS_CAPTURED, step_key, data, f"Output of step {step_key} is kept")
    env.gate.record(event, (step_key, attempt))


class CapturedPython:
    """Copies what Python code of a step prints into the step's files; the terminal still gets it.

    Args:
        folder: of the run.
        env: gets a LOGS_CAPTURED event for each step that prints.
    """

    def __init__(self, folder: str, env: Any) -> None:
        self._folder = folder
        self._env = env
        self._files: dict[tuple[str, int], tuple[PacedFile, PacedFile]] = {}
        self._told: set[tuple[str, int]] = set()

    def __enter__(self) -> "CapturedPython":
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout = _Tee(self._streams[0], self, 0)
        sys.stderr = _Tee(self._streams[1], self, 1)
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._streams
        self._close_files()

    def renew(self) -> None:
        """Write what waits, so that others see it soon; is called some 20 times a second."""
        for files in list(self._files.values()):
            for file in files:
                # The step's own thread meets the same error, and tells.
                with contextlib.suppress(OSError):
                    file.renew()

    def _close_files(self) -> None:
        for files in list(self._files.values()):
            for file in files:
                file.close()
        self._files.clear()

    def file_of(self, state: StepState, which: int) -> PacedFile | None:
        """Where a step's output goes; None for one of another run, which this one runs within or has within it."""
        if state.run.run_id != self._env.run.run_id:
            return None
        key = (state.step_key, state.retry_number + 1)
        files = self._files.get(key)
        if files is None:
            files = self._files[key] = self._open(*key)
        return files[which]

    def _open(self, step_key: str, attempt: int) -> tuple[PacedFile, PacedFile]:
        os.makedirs(self._folder, exist_ok=True)
        paths = log_file_paths(self._folder, step_key, attempt)
        if len(self._files) >= MAX_OPEN:
            self._close_files()
        out, err = (PacedFile(path) for path in paths)
        if (step_key, attempt) not in self._told:
            self._told.add((step_key, attempt))
            tell_captured(self._env, step_key, attempt, paths)
        return out, err


class _Tee:
    """A text stream whose text also goes to the file of the step that is running, if one is."""

    __slots__ = ("_keeper", "_latest", "_stream", "_which")

    def __init__(self, stream: TextIO, keeper: CapturedPython, which: int) -> None:
        self._stream = stream
        self._keeper = keeper
        self._which = which
        self._latest: tuple[StepState | None, PacedFile | None] = (None, None)

    def write(self, text: str) -> int:
        state = current_step.get()
        if state is not None and text:
            step, file = self._latest
            if step is not state or (file is not None and file.closed):
                file = self._keeper.file_of(state, self._which)
                self._latest = (state, file)
            if file is not None:
                file.write(text)
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def close(self) -> None:
        """A step that closes its output does not close that of the others."""
        self.flush()

    def flush(self) -> None:
        file = self._latest[1]
        if file is not None:
            file.flush()
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _mend_stream(name: str, number: int, before: TextIO | None) -> None:
    """Let the steps that follow print, where one closed the stream or took it away."""
    now = getattr(sys, name)
    if before is None or not (now is None or getattr(now, "closed", False)):
        return
    if getattr(before, "closed", False):
        encoding = getattr(before, "encoding", None) or "utf-8"
        before = open(number, "w", encoding=encoding, errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    setattr(sys, name, before)


def _streams() -> list[TextIO]:
    return [sys.stdout, sys.stderr]


def _set_line_buffering(streams: list[TextIO], on: bool) -> list[TextIO]:
    """Let each line reach its file at once, so that others can read what a step prints while it runs.

    Returns:
        the streams that were changed.
    """
    changed = []
    for stream in streams:
        if getattr(stream, "line_buffering", on) is not on:
            try:
                stream.reconfigure(line_buffering=on)  # type: ignore[attr-defined]
            except (OSError, ValueError, AttributeError):
                continue
            changed.append(stream)
    return changed


def _flush_streams() -> None:
    for stream in _streams():
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
