"""Readers of messages that children write in chunks to a store of objects, and of their logs."""

import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from typing import Any

from treadle.pipes.client import PipesLaunchedData, PipesMessageReader
from treadle.pipes.message_handler import PipesMessageHandler
from treadle.pipes.readers import take_line
from treadle.pipes.wire import Params

LOOK = 0.05
"""Seconds between two looks whether the session is over."""
LAST_CHUNKS = 1.0
"""Seconds to wait for the child's last chunks after its end, at least."""


class PipesLogReader(ABC):
    """Follows one log of a child (its stdout in a bucket, a log stream) and shows it as this process's output."""

    @abstractmethod
    def start(self, params: Params, is_session_closed: threading.Event) -> None:
        """Begin to follow, in a thread of its own."""

    @abstractmethod
    def stop(self) -> None:
        """Show what is left, and end."""

    @abstractmethod
    def is_running(self) -> bool:
        """Whether it follows now."""

    @abstractmethod
    def target_is_readable(self, params: Params) -> bool:
        """Whether there is something to follow already."""

    @property
    def name(self) -> str:
        """For messages about this reader."""
        return type(self).__name__

    @property
    def debug_info(self) -> str | None:
        """What helps to find out why nothing came."""
        return None

    def with_debug_info(self, message: str) -> str:
        """The message and the debug info."""
        return message if self.debug_info is None else f"{message} ({self.debug_info})"


class PipesThreadedMessageReader(PipesMessageReader):
    """Downloads messages in a thread until the child has closed its end.

    Args:
        interval: seconds between two downloads.
        log_readers: follow the child's logs meanwhile.
    """

    def __init__(self, interval: float = 10, log_readers: Sequence[PipesLogReader] | None = None) -> None:
        self.interval = interval
        self.log_readers: dict[str, PipesLogReader] = {}
        self.launched_payload: Mapping[str, Any] | None = None
        self.opened_payload: Mapping[str, Any] | None = None
        for reader in log_readers or ():
            self.add_log_reader(reader)

    def add_log_reader(self, log_reader: PipesLogReader) -> None:
        """Follow one more log."""
        self.log_readers[str(len(self.log_readers))] = log_reader

    @abstractmethod
    def get_params(self) -> AbstractContextManager[Params]:
        """A context manager that gives the parameters for the child's writer."""

    @abstractmethod
    def download_messages(self, cursor: Any, params: Params) -> tuple[Any, str] | None:
        """The next messages, one a line, and where to go on; None where there are none yet.

        Args:
            cursor: what the last call gave; None at first.
        """

    def messages_are_readable(self, params: Params) -> bool:
        """Whether downloading may begin."""
        return True

    def on_opened(self, opened_payload: Mapping[str, Any]) -> None:
        """Keeps what the child told, for subclasses."""
        self.opened_payload = opened_payload

    def on_launched(self, launched_payload: PipesLaunchedData) -> None:
        """Keeps what the client knows, for subclasses."""
        self.launched_payload = launched_payload["extras"]

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[Params]:
        """Downloads while the block runs, and then until the child's end is read or nothing more comes."""
        with self.get_params() as params:
            ended = threading.Event()
            threads = [
                threading.Thread(
                    target=copy_context().run, args=(follow, handler, params, ended), name=name, daemon=True
                )
                for name, follow in (
                    ("treadle-pipes", self._follow),
                    ("treadle-pipes-logs", self._follow_logs),
                )
            ]
            for thread in threads:
                thread.start()
            try:
                yield params
            finally:
                ended.set()
                for thread in threads:
                    thread.join()

    def _follow(self, handler: PipesMessageHandler, params: Params, ended: threading.Event) -> None:
        try:
            while not self.messages_are_readable(params):
                if ended.wait(min(self.interval, LOOK)):
                    break
            self._download_all(handler, params, ended)
        except Exception:  # noqa: BLE001 - in a thread: nobody else would hear of it
            handler.report_pipes_framework_exception(f"the thread of {type(self).__name__}", sys.exc_info())

    def _download_all(self, handler: PipesMessageHandler, params: Params, ended: threading.Event) -> None:
        cursor: Any = None
        deadline: float | None = None
        while True:
            was_ended = ended.is_set()
            found = self.download_messages(cursor, params)
            if found is not None:
                cursor, text = found
                for line in text.splitlines():
                    take_line(line, handler)
                continue
            if not was_ended:
                ended.wait(self.interval)
                continue
            if handler.received_closed_message or not handler.received_any_message:
                return
            now = time.monotonic()
            deadline = deadline or now + max(LAST_CHUNKS, min(self.interval, 10.0))
            if now >= deadline:
                return
            time.sleep(LOOK)

    def _follow_logs(self, handler: PipesMessageHandler, params: Params, ended: threading.Event) -> None:
        waiting = dict(self.log_readers)
        try:
            while waiting:
                was_ended = ended.is_set()
                told = {**params, "extras": {**(self.launched_payload or {}), **_extras(self.opened_payload)}}
                for key, reader in list(waiting.items()):
                    if reader.target_is_readable(told):
                        reader.start(told, ended)
                        del waiting[key]
                if was_ended:
                    break
                ended.wait(LOOK)
            ended.wait()
            for key, reader in self.log_readers.items():
                if key in waiting:
                    handler.report_unread_log(reader.with_debug_info(reader.name))
                elif reader.is_running():
                    reader.stop()
        except Exception:  # noqa: BLE001 - in a thread: nobody else would hear of it
            handler.report_pipes_framework_exception("the thread of the log readers", sys.exc_info())


class PipesBlobStoreMessageReader(PipesThreadedMessageReader):
    """Reads messages that the child uploads in numbered chunks. Subclasses say where the chunks are.

    Args:
        interval: seconds between two downloads.
        log_readers: follow the child's logs meanwhile.
    """

    @abstractmethod
    def download_messages_chunk(self, index: int, params: Params) -> str | None:
        """The text of a chunk (from 1 on); None where it is not there yet."""

    def download_messages(self, cursor: int | None, params: Params) -> tuple[int, str] | None:
        """The next chunk."""
        index = 1 if cursor is None else cursor + 1
        text = self.download_messages_chunk(index, params)
        return None if text is None else (index, text)

    def no_messages_debug_text(self) -> str:
        """Where messages were looked for."""
        return f"Messages were read in chunks by {type(self).__name__}."


def _extras(payload: Mapping[str, Any] | None) -> Mapping[str, Any]:
    found = (payload or {}).get("extras")
    return found if isinstance(found, Mapping) else {}
