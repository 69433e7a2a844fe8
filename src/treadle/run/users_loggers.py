"""What loggers of users receive of a run: what its code logs, and its events, each as a record of `logging`.

A record tells where it comes from: its `dagster_meta` has the run, the job, the step and the text as it was logged.
"""

import copy
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import attrs

from treadle.core.events import Event, EventType
from treadle.core.runs import Run
from treadle.core.seen_errors import traceback_text
from treadle.define.config.secrets import redact
from treadle.define.context.log import StepLineHandler
from treadle.store.event_views import RunEvent

_log = logging.getLogger("treadle.run.loggers")

_ERRORS: Final = frozenset(
    {
        EventType.STEP_FAILURE,
        EventType.RUN_FAILURE,
        EventType.RUN_CANCELED,
        EventType.HOOK_ERRORED,
        EventType.RESOURCE_INIT_FAILURE,
    }
)


@attrs.frozen
class RunOrigin:
    """The run that records are of."""

    run_id: str
    job_name: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(cls, run: Run) -> "RunOrigin":
        """That of a run as it is stored."""
        return cls(run.run_id, run.job_name, run.tags)

    def meta(
        self, message: str, step_key: str | None, created: float, event: RunEvent | None
    ) -> dict[str, Any]:
        """What a record says of where it comes from."""
        return {
            "run_id": self.run_id,
            "job_name": self.job_name,
            "job_tags": dict(self.tags),
            "op_name": step_key.partition("[")[0].rpartition(".")[2] if step_key else None,
            "step_key": step_key,
            "resource_name": None,
            "resource_fn_name": None,
            "orig_message": message,
            "log_message_id": str(uuid4()),
            "log_timestamp": datetime.fromtimestamp(created, UTC).replace(tzinfo=None).isoformat(),
            "dagster_event": event,
            "dagster_event_batch_metadata": None,
        }

    def text(self, message: str, *places: str | int | None) -> str:
        """A message behind the job, the run and the rest of where it comes from."""
        parts = (self.job_name, self.run_id, *places, message)
        return " - ".join(str(part) for part in parts if part is not None)


class LoggerHandler(StepLineHandler):
    """Gives each line and each event to a user's logger, if its level is high enough for it.

    Args:
        logger: made by a user's function.
        origin: the run.
    """

    def __init__(self, logger: logging.Logger, origin: RunOrigin) -> None:
        super().__init__()
        self.logger = logger
        self._origin = origin

    def handle_line(self, record: logging.LogRecord, step_key: str | None) -> None:
        """Give one line on, under the logger's own name."""
        if not self.logger.isEnabledFor(record.levelno):
            return
        own, message = copy.copy(record), record.getMessage()
        own.name = self.logger.name
        own.msg, own.args = self._origin.text(message, step_key), ()
        vars(own)["dagster_meta"] = self._origin.meta(message, step_key, record.created, None)
        self.logger.handle(own)

    def handle_event(self, event: Event) -> None:
        """Give an event on: failures as errors, everything else for whoever asks for DEBUG."""
        is_error = event.type in _ERRORS or (
            event.type is EventType.ENGINE_EVENT and event.level >= logging.ERROR
        )
        level = logging.ERROR if is_error else logging.DEBUG
        if not self.logger.isEnabledFor(level):
            return
        error = getattr(event.data, "error", None)
        message = event.message if error is None else f"{event.message}\n\n{error.to_string()}"
        pid = event.pid if event.pid is not None else os.getpid()
        text = self._origin.text(message, pid, event.step_key, event.type.name)
        record = logging.LogRecord(self.logger.name, level, "", 0, text, (), None)
        record.created = event.timestamp
        keys = event.partition_keys
        view = RunEvent(event, keys[0] if keys is not None and len(keys) == 1 else None)
        meta = self._origin.meta(event.message, event.step_key, event.timestamp, view)
        vars(record).update(dagster_event=view, dagster_event_batch_metadata=None, dagster_meta=meta)
        self.logger.handle(record)


def event_teller(handlers: Iterable[logging.Handler], producer: str) -> Callable[[Event], None] | None:
    """Tells users' loggers of the events of one process of a run; None where there are no such loggers.

    Args:
        producer: the process. Loggers in other processes tell of theirs.
    """
    ours = [handler for handler in handlers if isinstance(handler, LoggerHandler)]
    if not ours:
        return None

    def tell(event: Event) -> None:
        if event.type is EventType.LOG or event.producer != producer:
            return  # a line reached the loggers when it was logged
        for handler in ours:
            try:
                handler.handle_event(event)
            except Exception as error:  # noqa: BLE001 - said; the handlers are users' code
                # The run must not end otherwise, or stay without an end, because a message could not be sent.
                told = redact(traceback_text(error).rstrip())
                _log.error("A logger did not take %s of run %s: %s", event.type.name, event.run_id, told)

    return tell
