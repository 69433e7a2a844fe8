"""Runs a command in a process of its own on this machine."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from typing import IO, Any, Final

from treadle.core.errors import ExecutionInterruptedError, PipesExecutionError
from treadle.define.context.op_context import OpExecutionContext
from treadle.pipes.client import (
    PipesClient,
    PipesClientCompletedInvocation,
    PipesContextInjector,
    PipesMessageReader,
)
from treadle.pipes.injectors import PipesTempFileContextInjector
from treadle.pipes.readers import PipesTempFileMessageReader
from treadle.pipes.session import PipesSession, open_pipes_session
from treadle.run.children import descendants, kill_processes
from treadle.run.workers.guardian import Guardian, kill_group

LAST_LINES: Final = 20
"""Lines of a failed child's output that its error shows."""
LOOK: Final = 0.1
"""Seconds between two looks whether the run was told to stop."""


class PipesSubprocessClient(PipesClient):
    """Runs a command, with the variables of the pipes protocol in its environment.

    What the child prints becomes output of the step while it runs. When the step is interrupted, the child and all
    that it started get SIGTERM, and SIGKILL where they do not end. When this process is killed, so are they.

    Args:
        env: for every child, besides this process's environment.
        cwd: working directory; this process's by default.
        context_injector: a temporary file by default.
        message_reader: a temporary file by default.
        forward_termination: end the child when the step is interrupted; else it is left running.
        forward_stdio: show the child's output.
        termination_timeout_seconds: seconds between SIGTERM and SIGKILL.

    Example:
        >>> import sys
        >>> from treadle import AssetExecutionContext, asset, materialize
        >>> @asset
        ... def report(context: AssetExecutionContext):
        ...     client = PipesSubprocessClient()
        ...     return client.run(command=[sys.executable, "-c", "pass"], context=context).get_results()
        >>> materialize([report]).success
        True
    """

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        context_injector: PipesContextInjector | None = None,
        message_reader: PipesMessageReader | None = None,
        forward_termination: bool = True,
        forward_stdio: bool = True,
        termination_timeout_seconds: float = 20,
    ) -> None:
        self.env = env
        self.cwd = cwd
        self.context_injector = context_injector or PipesTempFileContextInjector()
        self.message_reader = message_reader or PipesTempFileMessageReader()
        self.forward_termination = forward_termination
        self.forward_stdio = forward_stdio
        self.termination_timeout_seconds = termination_timeout_seconds

    def run(  # type: ignore[override]
        self,
        *,
        context: OpExecutionContext,
        extras: Mapping[str, Any] | None = None,
        command: str | Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> PipesClientCompletedInvocation:
        """Run the command to its end.

        Args:
            context: of the running op or asset.
            extras: anything that JSON can hold; the child reads it with `get_extra`.
            command: the program and its arguments; a text is the path of a program.
            env: for this child, besides the client's.
            cwd: in place of the client's.

        Raises:
            PipesExecutionError: it ended with another code than 0, or was killed; shows its last output.
            FileNotFoundError: there is no such program, or no such directory.
        """
        with (
            open_pipes_session(context, self.context_injector, self.message_reader, extras) as session,
            _Child(self, session, command, env or {}, cwd or self.cwd) as child,
        ):
            child.wait()
        child.check()
        return PipesClientCompletedInvocation(session)


class _Child:
    """A child of one call."""

    def __init__(
        self,
        client: PipesSubprocessClient,
        session: PipesSession,
        command: str | Sequence[str],
        env: Mapping[str, str],
        cwd: str | None,
    ) -> None:
        self._client = client
        self._session = session
        self._context = session.context
        # Apart, so that a flood of one stream does not push out what the other said.
        self._last: dict[str, deque[str]] = {name: deque(maxlen=LAST_LINES) for name in ("stdout", "stderr")}
        # Without a terminal Python holds its output back; the step's is to be seen while it runs.
        own = {"PYTHONUNBUFFERED": "1", **os.environ, **(client.env or {}), **env}
        self._process = subprocess.Popen(
            command,
            env={**own, **session.get_bootstrap_env_vars()},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A group of its own: Ctrl-C reaches it through the run alone, and all of it can be ended at once.
            start_new_session=client.forward_termination and sys.platform != "win32",
        )
        # Kills the group should this process be killed, so that no child works on for a run that is over.
        self._guardian = Guardian()
        if client.forward_termination:
            self._guardian.start()
            self._guardian.watch(self._process.pid)

    def __enter__(self) -> "_Child":
        streams = ((self._process.stdout, "stdout"), (self._process.stderr, "stderr"))
        self._threads = [
            threading.Thread(
                target=copy_context().run,
                args=(self._forward, pipe, name),
                name="treadle-pipes-io",
                daemon=True,
            )
            for pipe, name in streams
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        patience = None if self._process.poll() is not None else 0.0
        self._guardian.forget(self._process.pid)
        self._guardian.stop()
        for thread in self._threads:
            # A grandchild that lives on may hold the pipe open: what it prints later is not of this step.
            thread.join(2.0 if patience is None else patience)

    def wait(self) -> None:
        """Wait for its end; end it where the step is told to stop.

        Raises:
            ExecutionInterruptedError: the run was told to stop.
        """
        try:
            while True:
                try:
                    self._process.wait(LOOK)
                    return
                except subprocess.TimeoutExpired:
                    port = self._context.step_state.port
                    if port is not None and port.is_stopping:
                        raise ExecutionInterruptedError("The run was told to stop.") from None
        except BaseException:
            if self._client.forward_termination:
                self._end()
            raise

    def check(self) -> None:
        """Refuse to go on after a failure.

        Raises:
            PipesExecutionError: it ended with another code than 0.
        """
        code = self._process.returncode
        if code == 0:
            return
        how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with code {code}"
        told = self._session.message_handler.exception
        message = f"The outside process {how}."
        if told is not None:
            message += f" It raised {told.class_name}: {told.message}"
        last = [line for lines in self._last.values() for line in lines]
        if last:
            message += "\nIts last output:\n" + "\n".join(f"  {line}" for line in last)
        hint = None
        if code == -signal.SIGKILL:
            hint = "the system may have run out of memory: see its log"
        elif any("No module named 'dagster_pipes'" in line for line in last):
            hint = "install `dagster-pipes` in the environment that the command runs in"
        raise PipesExecutionError(message, hint=hint)

    def _end(self) -> None:
        """End the child and all that it started."""
        tree = descendants(self._process.pid)
        self._process.terminate()
        for process in tree:
            _terminate(process)
        end = time.monotonic() + self._client.termination_timeout_seconds
        try:
            while time.monotonic() < end:
                if self._process.poll() is not None and not any(_lives(process) for process in tree):
                    return
                time.sleep(0.02)
        finally:
            kill_processes(tree)
            if sys.platform != "win32" and self._client.forward_termination:
                kill_group(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.wait()

    def _forward(self, pipe: IO[bytes], name: str) -> None:
        rest = b""
        read = pipe.read1  # type: ignore[attr-defined]
        while data := read(65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._show(line, name, "\n")
            if lines and self._client.forward_stdio:
                getattr(sys, name).flush()  # the step's output is looked at while it runs
        if rest:
            self._show(rest, name, "")
        pipe.close()

    def _show(self, line: bytes, name: str, end: str) -> None:
        text = line.decode(errors="replace")
        self._last[name].append(text)
        if self._client.forward_stdio:
            # Asked for each time: whoever captures the output may have put another stream in its place.
            getattr(sys, name).write(text + end)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _terminate(process: Any) -> None:
    if _lives(process):
        try:
            process.terminate()
        except Exception as error:  # psutil's, which is imported only where processes are ended
            if type(error).__name__ not in ("NoSuchProcess", "AccessDenied"):
                raise


def _lives(process: Any) -> bool:
    """Whether a psutil process is there and no zombie."""
    if not process.is_running():
        return False
    try:
        return bool(process.status() != "zombie")
    except Exception as error:  # psutil's, as above
        if type(error).__name__ == "NoSuchProcess":
            return False
        raise
