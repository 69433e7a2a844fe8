"""One end of the connection between a run's process and a worker: whole messages, from any thread."""

import pickle
import threading
from multiprocessing.connection import Connection
from typing import Any

import cloudpickle


class UnreadableMessageError(Exception):
    """A message came whole, but what is in it cannot be loaded here."""


class Channel:
    """Sends and receives messages. Sending is safe from several threads.

    Args:
        connection: a duplex connection.
    """

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self.is_broken = False
        """True once a message found the other end gone."""

    def fileno(self) -> int:
        """The descriptor, for waiting."""
        return self.connection.fileno()

    def send(self, kind: str, *parts: Any) -> None:
        """Send a message.

        Raises:
            BrokenPipeError: the other end is gone.
        """
        data = dump((kind, *parts))
        with self.lock:
            try:
                self.connection.send_bytes(data)
            except (BrokenPipeError, ConnectionResetError):
                self.is_broken = True
                raise

    def receive(self) -> tuple[Any, ...]:
        """The next message.

        Raises:
            EOFError: the other end is gone.
            UnreadableMessageError: an object of the user's in it does not load.
        """
        try:
            data = self.connection.recv_bytes()
        except ConnectionResetError as error:
            raise EOFError from error
        try:
            message: tuple[Any, ...] = pickle.loads(data)
        except Exception as error:
            raise UnreadableMessageError(f"{type(error).__name__}: {error}") from error
        return message

    def has_message(self) -> bool:
        """True where `receive` would not wait. Also at the end of the connection."""
        try:
            return self.connection.poll()
        except (BrokenPipeError, ConnectionResetError, EOFError):
            return False

    def close(self) -> None:
        """Close this end."""
        self.connection.close()


def dump(value: Any) -> bytes:
    """Pickled; by value where plain pickle cannot."""
    try:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - objects of users may raise anything; cloudpickle says what is wrong
        data: bytes = cloudpickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        return data
