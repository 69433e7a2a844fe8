"""stdout and stderr of each step, kept in files under the instance's home.

Where a process runs one step at a time they are caught by file descriptor, so that subprocesses and C code are
caught too; elsewhere only what Python writes, told apart by the step that is running.
"""

import os
import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TextIO

from treadle.core.events import EngineData, EventType
from treadle.define.context.current import current_step
from treadle.plan.plan import Step


def compute_log_folder(root_directory: str, run_id: str) -> str:
    """Where a run's captured output lies."""
    return os.path.join(root_directory, "compute_logs", run_id)


def log_file_paths(folder: str, step_key: str, attempt: int = 1) -> tuple[str, str]:
    """The files of one attempt of a step: stdout, stderr."""
    name = "".join(c if c.isalnum() or c in "._-[]" else f"%{ord(c):X}" for c in step_key)
    suffix = "" if attempt == 1 else f".{attempt}"
    return os.path.join(folder, f"{name}{suffix}.out"), os.path.join(folder, f"{name}{suffix}.err")


class CapturedStep(AbstractContextManager[None]):
    """Sends the process's stdout and stderr to the step's files while the block runs.

    Args:
        folder: None captures nothing.
        env: of the run; gets a LOGS_CAPTURED event.
        step: the step.
        attempt: its attempt.
    """

    def __init__(self, folder: str | None, env: Any, step: Step, attempt: int) -> None:
        self._folder = folder
        self._env = env
        self._step = step
        self._attempt = attempt
        self._saved: list[tuple[int, int]] = []

    def __enter__(self) -> None:
        if self._folder is None:
            return
        os.makedirs(self._folder, exist_ok=True)
        paths = log_file_paths(self._folder, self._step.key, self._attempt)
        _flush_streams()
        for number, path in zip((1, 2), paths, strict=True):
            target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._saved.append((number, os.dup(number)))
            os.dup2(target, number)
            os.close(target)
        tell_captured(self._env, self._step, paths)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _flush_streams()
        while self._saved:
            number, copy = self._saved.pop()
            os.dup2(copy, number)
            os.close(copy)


def tell_captured(env: Any, step: Step, paths: tuple[str, str]) -> None:
    """Record where a step's output is kept."""
    data = EngineData(metadata={"stdout": paths[0], "stderr": paths[1]})
    env.record(env.maker.make(EventType.LOGS_CAPTURED, step.key, data, f"Output of step {step.key} is kept"))


class CapturedPython:
    """Copies what Python code of a step prints into the step's files; the terminal still gets it.

    Args:
        folder: of the run.
        env: gets a LOGS_CAPTURED event for each step that prints.
    """

    def __init__(self, folder: str, env: Any) -> None:
        self._folder = folder
        self._env = env
        self._files: dict[tuple[str, int], tuple[TextIO, TextIO]] = {}

    def __enter__(self) -> None:
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout = _Tee(self._streams[0], self, 0)
        sys.stderr = _Tee(self._streams[1], self, 1)

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._streams
        for files in self._files.values():
            for file in files:
                file.close()

    def write(self, text: str, which: int) -> None:
        """Keep what the running step wrote, if one is running."""
        state = current_step.get()
        if state is None or not text:
            return
        key = (state.step_key, state.retry_number + 1)
        files = self._files.get(key)
        if files is None:
            files = self._files[key] = self._open(*key)
        files[which].write(text)

    def _open(self, step_key: str, attempt: int) -> tuple[TextIO, TextIO]:
        os.makedirs(self._folder, exist_ok=True)
        paths = log_file_paths(self._folder, step_key, attempt)
        out, err = (_open_text(path) for path in paths)
        tell_captured(self._env, self._env.plan.steps_by_key[step_key], paths)
        return out, err


class _Tee:
    """A text stream that also tells what was written."""

    def __init__(self, stream: TextIO, keeper: CapturedPython, which: int) -> None:
        self._stream = stream
        self._keeper = keeper
        self._which = which

    def write(self, text: str) -> int:
        self._keeper.write(text, self._which)
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _open_text(path: str) -> TextIO:
    return open(path, "a", encoding="utf-8", errors="backslashreplace", buffering=1)


def _flush_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
