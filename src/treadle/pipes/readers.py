"""Readers of messages that children write to local files, and of several readers' messages together."""

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from typing import Any, Final

from treadle.core.deprecation import preview
from treadle.core.errors import PipesExecutionError
from treadle.pipes.client import PipesLaunchedData, PipesMessageReader
from treadle.pipes.message_handler import PipesMessageHandler
from treadle.pipes.wire import Params, read_message

PAUSE: Final = 0.03
"""Seconds between two looks at a file."""
COMPOSITE_KEY: Final = "dagster_pipes_composite_writers"


def take_line(line: str, handler: PipesMessageHandler) -> bool:
    """Give the message in a line to the handler. False where it holds none."""
    try:
        message = read_message(line)
    except PipesExecutionError as error:
        handler.report_pipes_framework_exception("a message", (type(error), error, error.__traceback__))
        return True
    if message is None:
        return False
    handler.handle_message(message)
    return True


def extract_message_or_forward_to_stdout(handler: PipesMessageHandler, log_line: str) -> None:
    """For readers that find messages between the lines of a log: what is no message is output of the step.

    Args:
        handler: gets the messages.
        log_line: one line of the log.
    """
    if not take_line(log_line, handler):
        sys.stdout.write(log_line.rstrip("\n") + "\n")


class PipesFileMessageReader(PipesMessageReader):
    """Reads messages from a local file as the child appends them.

    Args:
        path: where; the file is made if it does not exist.
        include_stdio_in_messages: the child also sends its own stdout and stderr as messages.
        cleanup_file: remove the file afterwards.
    """

    def __init__(self, path: str, include_stdio_in_messages: bool = False, cleanup_file: bool = True) -> None:
        self._path = path
        self._include_stdio = include_stdio_in_messages
        self._cleanup_file = cleanup_file

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[Params]:
        """Reads while the block runs, and what is left at its end."""
        with open(self._path, "ab"):
            pass
        ended = threading.Event()
        context = copy_context()  # what the child prints belongs to the step that waits for it
        thread = threading.Thread(
            target=context.run, args=(self._follow, handler, ended), name="treadle-pipes", daemon=True
        )
        thread.start()
        try:
            yield {"path": self._path, "include_stdio_in_messages": self._include_stdio}
        finally:
            ended.set()
            thread.join()
            if self._cleanup_file:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self._path)

    def on_launched(self, params: PipesLaunchedData) -> None:
        """Nothing is to be learned: the path is known."""

    def no_messages_debug_text(self) -> str:
        """Where messages were looked for."""
        return f"Messages were read from the file {self._path}."

    def _follow(self, handler: PipesMessageHandler, ended: threading.Event) -> None:
        try:
            with open(self._path, "rb") as file:
                rest = b""
                while True:
                    was_ended = ended.is_set()
                    *lines, rest = (rest + file.read()).split(b"\n")
                    for line in lines:
                        self._take(line, handler)
                    if was_ended:
                        self._take(rest, handler)
                        return
                    if not lines:
                        ended.wait(PAUSE)
        except Exception:  # noqa: BLE001 - in a thread: nobody else would hear of it
            handler.report_pipes_framework_exception(f"the thread of {type(self).__name__}", sys.exc_info())

    def _take(self, line: bytes, handler: PipesMessageHandler) -> None:
        text = line.decode(errors="replace")
        if text.strip() and not take_line(text, handler):
            error = PipesExecutionError(f"this line is no message of the pipes protocol: {text[:200]!r}")
            handler.report_pipes_framework_exception(type(self).__name__, (type(error), error, None))


class PipesTempFileMessageReader(PipesMessageReader):
    """Reads messages from a file in a temporary folder as the child appends them.

    Args:
        include_stdio_in_messages: the child also sends its own stdout and stderr as messages.
    """

    def __init__(self, include_stdio_in_messages: bool = False) -> None:
        self._include_stdio = include_stdio_in_messages

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[Params]:
        """Reads while the block runs, and what is left at its end."""
        with tempfile.TemporaryDirectory(prefix="treadle-pipes-") as folder:
            path = os.path.join(folder, "messages")
            reader = PipesFileMessageReader(path, include_stdio_in_messages=self._include_stdio)
            with reader.read_messages(handler) as params:
                yield params

    def no_messages_debug_text(self) -> str:
        """Where messages were looked for."""
        return "Messages were read from a temporary file of this machine."


@preview()
class PipesCompositeMessageReader(PipesMessageReader):
    """Reads the messages of several children of one session, each through a reader of its own.

    Args:
        readers: one for each child, in the order of `PipesSession.get_per_writer_bootstrap_env_vars`.
    """

    def __init__(self, readers: Sequence[PipesMessageReader]) -> None:
        self._readers = tuple(readers)

    @property
    def expected_writer_count(self) -> int:
        """How many children write."""
        return sum(reader.expected_writer_count for reader in self._readers)

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[Params]:
        """Reads from all while the block runs."""
        with ExitStack() as stack:
            yield {
                COMPOSITE_KEY: [
                    stack.enter_context(reader.read_messages(handler)) for reader in self._readers
                ]
            }

    def on_opened(self, opened_payload: Mapping[str, Any]) -> None:
        """Every reader hears of every child: which of them it was the payload does not tell."""
        for reader in self._readers:
            reader.on_opened(opened_payload)

    def on_launched(self, launched_payload: PipesLaunchedData) -> None:
        """Tells every reader."""
        for reader in self._readers:
            reader.on_launched(launched_payload)

    def no_messages_debug_text(self) -> str:
        """Where messages were looked for."""
        return " ".join(reader.no_messages_debug_text() for reader in self._readers)
