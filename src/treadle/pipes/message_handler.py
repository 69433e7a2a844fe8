"""What becomes of a child's messages: log lines, results, custom messages, events."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from treadle.core.asset_events import AssetCheckResult, AssetCheckSeverity, MaterializeResult
from treadle.core.data_versions import DataVersion
from treadle.core.errors import PipesExecutionError
from treadle.core.events import ErrorInfo
from treadle.core.keys import AssetKey
from treadle.define.context.log import error_info_of
from treadle.define.context.op_context import OpExecutionContext
from treadle.pipes.client import PipesExecutionResult, PipesLaunchedData, PipesMessageReader
from treadle.pipes.wire import Params, PipesMessage, metadata_from_wire


class PipesMessageHandler:
    """Takes the messages of the children of one session, from any thread.

    Args:
        context: of the step that started them.
        message_reader: brings the messages.
    """

    def __init__(self, context: OpExecutionContext, message_reader: PipesMessageReader) -> None:
        self._context = context
        self._message_reader = message_reader
        self._results: list[PipesExecutionResult] = []
        self._custom: list[Any] = []
        self._opened = 0
        self._closed = 0
        self._expected = message_reader.expected_writer_count
        self._lock = threading.RLock()
        self.exception: ErrorInfo | None = None
        """What ended the child's session, where it told."""
        self._methods: Mapping[str, Callable[..., None]] = {
            "opened": self._take_opened,
            "closed": self._take_closed,
            "log": self._take_log,
            "report_asset_materialization": self._take_materialization,
            "report_asset_check": self._take_check,
            "report_custom_message": self._take_custom,
            "log_external_stream": self._take_stream,
        }

    @contextmanager
    def handle_messages(self) -> Iterator[Params]:
        """Reads messages while the block runs, and gives the parameters for the child's writer."""
        with self._message_reader.read_messages(self) as params:
            yield params

    @property
    def received_opened_message(self) -> bool:
        """Whether every child has opened its end."""
        return self._opened >= self._expected

    @property
    def received_closed_message(self) -> bool:
        """Whether every child has closed its end."""
        return self._closed >= self._expected

    @property
    def received_any_message(self) -> bool:
        """Whether any child has opened its end."""
        return self._opened > 0

    def handle_message(self, message: PipesMessage) -> None:
        """Take one message. What cannot be understood is recorded as an error of the run's log, and passed over."""
        with self._lock:
            try:
                self._dispatch(message)
            except PipesExecutionError as error:
                self._tell("[pipes] A message of the outside process could not be used", error_info_of(error))

    def get_reported_results(self) -> Sequence[PipesExecutionResult]:
        """Materializations and check results so far."""
        with self._lock:
            return tuple(self._results)

    def get_custom_messages(self) -> Sequence[Any]:
        """Custom messages so far."""
        with self._lock:
            return tuple(self._custom)

    def on_launched(self, launched_payload: PipesLaunchedData) -> None:
        """The child is started."""
        self._message_reader.on_launched(launched_payload)

    def report_pipes_framework_exception(self, origin: str, exc_info: Any) -> None:
        """Record that reading messages went wrong.

        Args:
            origin: where it happened.
            exc_info: type, exception and traceback.
        """
        error = exc_info[1]
        text = f"[pipes] Something went wrong in {origin}"
        self._tell(text, error_info_of(error) if error is not None else None)

    def report_unread_log(self, name: str) -> None:
        """A log of the child was to be followed, and there was nothing to follow."""
        self._context.log.warning("[pipes] %s found no log of the outside process to follow.", name)

    def warn_of_silence(self, injector_text: str) -> None:
        """Say so where no child spoke, or one did not close its end. Called when the session is over."""
        if not self.received_any_message:
            self._context.log.warning(
                "[pipes] No message came from the outside process. "
                f"{injector_text} {self._message_reader.no_messages_debug_text()}"
            )
        elif not self.received_closed_message:
            self._context.log.warning(
                "[pipes] The outside process did not close its session, so messages that it held back are lost. "
                "Use `with open_dagster_pipes()`, or call `close()` before it ends."
            )

    # Methods of the protocol

    def _dispatch(self, message: PipesMessage) -> None:
        method, params = message["method"], message["params"] or {}
        take = self._methods.get(method)
        if take is None:
            raise PipesExecutionError(f"it has a method that does not exist: `{method}`")
        try:
            take(**params)
        except (TypeError, KeyError, ValueError) as error:
            raise PipesExecutionError(f"`{method}` came with parameters that do not fit: {error}") from error

    def _take_opened(self, **payload: Any) -> None:
        self._opened += 1
        self._message_reader.on_opened(payload)
        self._context.log.info("[pipes] The outside process opened its session.")

    def _take_closed(self, exception: Mapping[str, Any] | None = None) -> None:
        self._closed += 1
        if exception is not None:
            self.exception = _error_info(exception)
            self._tell("[pipes] The outside process closed its session with an exception", self.exception)

    def _take_log(self, message: str, level: str = "info") -> None:
        number = logging.getLevelName(level.upper())
        self._context.log.log(number if isinstance(number, int) else logging.INFO, "%s", message)

    def _take_materialization(
        self, asset_key: str, metadata: Mapping[str, Any] | None = None, data_version: str | None = None
    ) -> None:
        self._results.append(
            MaterializeResult(
                asset_key=AssetKey.from_user_string(asset_key),
                metadata=metadata_from_wire(metadata or {}),
                data_version=DataVersion(data_version) if data_version is not None else None,
            )
        )

    def _take_check(
        self,
        asset_key: str,
        check_name: str,
        passed: bool,
        severity: str = "ERROR",
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self._results.append(
            AssetCheckResult(
                asset_key=AssetKey.from_user_string(asset_key),
                check_name=check_name,
                passed=passed,
                severity=AssetCheckSeverity(severity),
                metadata=metadata_from_wire(metadata or {}),
            )
        )

    def _take_custom(self, payload: Any = None) -> None:
        self._custom.append(payload)

    def _take_stream(self, stream: str, text: str, extras: Mapping[str, Any] | None = None) -> None:
        target = sys.stderr if stream == "stderr" else sys.stdout
        target.write(text)

    def _tell(self, message: str, error: ErrorInfo | None) -> None:
        port = self._context.step_state.port
        if port is not None:
            port.tell_engine(message, error)
        else:
            self._context.log.error("%s: %s", message, error.message if error is not None else "")


def _error_info(told: Mapping[str, Any]) -> ErrorInfo:
    def chained(name: str) -> ErrorInfo | None:
        found = told.get(name)
        return _error_info(found) if isinstance(found, Mapping) else None

    name = told.get("name") or "Exception"
    message = str(told.get("message", ""))
    # The child sends the last line of the traceback, which begins with the class.
    message = message.strip().removeprefix(f"{name}: ")
    return ErrorInfo(
        class_name=name,
        message=message,
        stack="".join(told.get("stack") or ()),
        cause=chained("cause"),
        context=chained("context"),
    )
