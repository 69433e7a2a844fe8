"""The instance as a worker sees it: every call is made by the run's process, which alone holds the store."""

from collections.abc import Callable
from typing import Any

from treadle.run.workers.channel import Channel
from treadle.store.instance import Instance

_VIEWS = ("event_log_storage", "run_storage", "schedule_storage")
_REMEMBERED = ("storage_directory", "root_directory", "is_ephemeral", "is_persistent")


class RemoteInstance:
    """Stands in for an `Instance` in a worker process. Arguments and answers are pickled.

    Args:
        channel: to the run's process.
        flush: sends what the step has pending, so that it reads its own writes.
    """

    def __init__(self, channel: Channel, flush: Callable[[], None]) -> None:
        self._channel = channel
        self._flush = flush
        self._known: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "store" or name in _VIEWS:
            return RemoteView(self, name)
        if isinstance(getattr(Instance, name, None), property):
            return self._remembered(name) if name in _REMEMBERED else self.ask(name, (), {})

        def call(*arguments: Any, **keywords: Any) -> Any:
            if name in _REMEMBERED and not arguments and not keywords:
                return self._remembered(name)
            return self.ask(name, arguments, keywords)

        return call

    def _remembered(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self.ask(name, (), {})
        return self._known[name]

    def ask(self, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Have a method (or property; dotted for the store's) of the real instance called."""
        with self._channel.lock:
            self._flush()
            self._channel.send("call", name, arguments, keywords)
            _, succeeded, answer = self._channel.receive()
        if not succeeded:
            raise answer
        return answer

    def __repr__(self) -> str:
        return "RemoteInstance()"


class RemoteView:
    """The methods of the instance's store, or of a view on it, called by the run's process.

    Args:
        instance: of the run.
        name: by which it has the store or view.
    """

    def __init__(self, instance: RemoteInstance, name: str) -> None:
        self._instance = instance
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **keywords: self._instance.ask(f"{self._name}.{name}", arguments, keywords)


def answer_call(
    instance: Any, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[bool, Any]:
    """What a worker asked for: (True, the answer) or (False, what it raised)."""
    target = instance
    try:
        for part in name.split("."):
            target = getattr(target, part)
        return True, target(*arguments, **keywords) if callable(target) else target
    except Exception as error:  # noqa: BLE001 - carried to the worker, which raises it there
        return False, error
