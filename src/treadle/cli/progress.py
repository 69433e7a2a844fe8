"""What a person sees while a run or backfill goes on: plain lines in a pipe, a live view on a terminal."""

import importlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TextIO

import attrs

from treadle.cli.descriptors import mend_descriptors
from treadle.cli.error_view import brief_stack, error_text, hint_of
from treadle.cli.output import counted, give_up_output, harmless, open_again, wants_colour
from treadle.cli.step_output import OutputTail, StepOutputs
from treadle.core.events import CheckData, ErrorInfo, ErrorSource, Event, EventType, FailureData, LogData
from treadle.core.keys import AssetKey
from treadle.core.run_states import RUN_STATES, RunStatus
from treadle.run.failures import STORE_ERROR
from treadle.run.slot_waits import awaited_pool

_INFO = 20
_MOST_OUTPUT = 200
"""Lines of what a step in another process printed that are shown; all of it is kept."""


class View(Protocol):
    """Shows the lines and figures of a run."""

    def line(self, text: str, style: str = "") -> None:
        """Print a line that stays."""

    def started(self, step_key: str, at: float) -> None:
        """A step began."""

    def ended(self, step_key: str) -> None:
        """A step is over."""

    def total(self, done: int, count: int, failed: int) -> None:
        """How far the whole is."""

    def tick(self) -> None:
        """Time has passed."""

    def close(self) -> None:
        """Nothing more comes."""


class PlainView:
    """Lines only. Once they can not be written, nothing more is: a run does not depend on who reads of it.

    Args:
        stream: where they go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._descriptor = 2 if stream is sys.stderr else 1
        self._lost = False

    def line(self, text: str, style: str = "") -> None:
        if self._lost:
            return
        if self._stream.closed:  # by user code
            self._stream = open_again(self._descriptor)
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except UnicodeEncodeError:
            encoding = self._stream.encoding
            self._stream.write(f"{text}\n".encode(encoding, "backslashreplace").decode(encoding))
        except OSError as error:
            self._lost = True
            give_up_output(self._stream, error)

    def started(self, step_key: str, at: float) -> None:
        pass

    def ended(self, step_key: str) -> None:
        pass

    def total(self, done: int, count: int, failed: int) -> None:
        pass

    def tick(self) -> None:
        pass

    def close(self) -> None:
        pass


def view_for(stream: TextIO, *, forks: bool = False) -> View:
    """A live view on a terminal, plain lines elsewhere.

    Args:
        forks: whether worker processes may be forked while it shows.
    """
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        # rich is imported on a terminal only: it takes 70 ms.
        live: View = importlib.import_module("treadle.cli.live").LiveView(stream, wants_colour(stream), forks)
        return live
    return PlainView(stream)


@attrs.define(eq=False)
class RunReporter:
    """Tells of a run's events as they happen. `on_event` is what an execution calls.

    Args:
        view: where it shows.
        step_count: how many steps the run has.
        quiet: True: failures only, and no summary.
        label: stands before each line, e.g. a partition.
        told_pools: whose waits were told; of many runs that are quiet only the first tells, each to a set that they share.
        places: `file:line` of each step's definition, told where an error has no frame of the user's.
    """

    view: View
    step_count: int = 0
    quiet: bool = False
    label: str = ""
    places: Mapping[str, str] = attrs.field(factory=dict)
    told_pools: set[str] = attrs.field(factory=set)
    _began: dict[str, float] = attrs.field(factory=dict)
    _outputs: StepOutputs = attrs.field(factory=StepOutputs)
    _shown: dict[Path, int] = attrs.field(factory=dict)
    _run_began: float = attrs.field(factory=time.time)
    done: int = 0
    failed: int = 0
    _materialized_keys: set[AssetKey | None] = attrs.field(factory=set)
    _observed_keys: set[AssetKey | None] = attrs.field(factory=set)
    checks_passed: int = 0
    checks_warned: int = 0
    checks_failed: int = 0
    step_errors: dict[str, ErrorInfo] = attrs.field(factory=dict)
    """Step -> why it failed."""
    own_error: ErrorInfo | None = None
    """Why the run failed, where that is no step's failure."""
    _resource_error: str = ""

    def on_event(self, event: Event) -> None:
        """Take one event."""
        mend_descriptors()  # the step that has ended may have closed them
        handler = _HANDLERS.get(event.type)
        if handler is not None:
            handler(self, event)

    def tick(self) -> None:
        """Time has passed: show what steps in other processes have printed meanwhile."""
        for found in self._outputs.new():
            self._show(*found)
        self.view.tick()

    def summary(self, run_id: str, status: RunStatus) -> str:
        """The final line: how the run ended, how long it took and what it made."""
        assets, observed = len(self._materialized_keys), len(self._observed_keys)
        made_any = assets or observed or self.checks_passed or self.checks_warned or self.checks_failed
        parts = [counted(assets, "asset")] if made_any and (assets or not observed) else []
        if not made_any:
            parts.append(counted(self.done, "step") if self.done else counted(0, "asset"))
        if observed:
            parts.append(f"{counted(observed, 'asset')} observed")
        if self.checks_passed:
            parts.append(f"{counted(self.checks_passed, 'check')} passed")
        if self.checks_warned:
            parts.append(f"{self.checks_warned} warned")
        if self.checks_failed:
            parts.append(f"{counted(self.checks_failed, 'check')} failed")
        if self.failed:
            parts.append(f"{counted(self.failed, 'step')} failed")
        took = duration_text(time.time() - self._run_began)
        return f"{status.value} run {run_id} in {took}: {', '.join(parts)}"

    def _step_started(self, event: Event) -> None:
        key = event.step_key or ""
        self._began[key] = event.timestamp
        self.view.started(key, event.timestamp)
        self._say(event, "started" if event.type is EventType.STEP_START else "started again")

    def _engine_told(self, event: Event) -> None:
        pool = awaited_pool(event)
        if pool is not None and not (self.quiet and pool in self.told_pools):
            self.told_pools.add(pool)
            self._say(event, event.message.removeprefix(f"Step {event.step_key} "), "yellow", always=True)

    def _step_succeeded(self, event: Event) -> None:
        self._print_output(event)
        self.done += 1
        self._end(event)
        self._say(event, f"done in {self._took(event)}", "green")

    def _step_skipped(self, event: Event) -> None:
        self.done += 1
        self._end(event)
        self._say(event, "skipped: an output that it needs was not given")

    def _step_failed(self, event: Event) -> None:
        self._print_output(event)
        error = event.data.error if isinstance(event.data, FailureData) else None
        if isinstance(event.data, FailureData) and event.data.error_source is ErrorSource.INTERRUPT:
            self._end(event)
            self._say(event, f"stopped after {self._took(event)}", "yellow", always=True)
            return
        self.failed += 1
        if error is not None:
            self.step_errors[event.step_key or ""] = error
        self._end(event)
        said = f"failed after {self._took(event)}"
        self._say(event, f"{said}: {error_text(error)}" if error else said, "red", always=True)
        stack = brief_stack(error)
        place = self.places.get(event.step_key or "")
        if place and not any(mark in stack for mark in (place, "  File ", "  at ")):
            stack = f"  at {place}\n{stack}".rstrip()
        if stack:
            self.view.line(_indented(stack))

    def _step_retried(self, event: Event) -> None:
        self._print_output(event)
        data = event.data
        wait = data.seconds_to_wait if isinstance(data, FailureData) else None
        error = data.error if isinstance(data, FailureData) else None
        again = f"will be tried again in {duration_text(wait)}" if wait else "will be tried again"
        self._say(event, f"{error_text(error)}; {again}" if error else again, "yellow")

    def _materialized(self, event: Event) -> None:
        self._materialized_keys.add(event.asset_key)

    def _observed(self, event: Event) -> None:
        self._observed_keys.add(event.asset_key)

    def _checked(self, event: Event) -> None:
        data = event.data
        if not isinstance(data, CheckData):
            return
        asset = event.asset_key.to_user_string() if event.asset_key is not None else ""
        if data.passed:
            self.checks_passed += 1
            return
        warns = data.severity == "WARN"
        self.checks_warned += warns
        self.checks_failed += not warns
        why = f": {data.description}" if data.description else ""
        word = "warns" if warns else "failed"
        self._say(
            event, f"check {data.name} of {asset} {word}{why}", "yellow" if warns else "red", always=True
        )

    def _logged(self, event: Event) -> None:
        if event.level < _INFO:
            return
        self._say(event, f"{_LEVELS.get(event.level, 'LOG')} {event.message}")
        if isinstance(event.data, LogData) and event.data.error is not None:
            self.view.line(_indented(brief_stack(event.data.error) or error_text(event.data.error)))

    def _captured(self, event: Event) -> None:
        # What a step in this process prints is seen anyway.
        if event.pid not in (None, os.getpid()) and not self.quiet:
            self._outputs.begin(event)

    def _resource_failed(self, event: Event) -> None:
        error = event.data.error if isinstance(event.data, FailureData) else None
        self._resource_error = error_text(error)
        self.view.line(f"{_clock(event.timestamp)} {event.message}: {self._resource_error}", "red")
        stack = brief_stack(error)
        if stack:
            self.view.line(_indented(stack))

    def _run_failed(self, event: Event) -> None:
        data = event.data
        if not isinstance(data, FailureData) or data.error is None or data.first_step_failure is not None:
            return
        self.own_error = data.error
        # What the store did not take is told after the summary, and a resource's failure has been told.
        if data.failure_reason == STORE_ERROR or error_text(data.error) == self._resource_error:
            return
        self._say(event, f"the run failed: {error_text(data.error)}", "red", always=True)
        stack, hint = brief_stack(data.error), hint_of(data.error)
        if stack:
            self.view.line(_indented(stack))
        if hint is not None and "hint: " not in stack:
            self.view.line(_indented(f"  hint: {hint}"))

    def _print_output(self, event: Event) -> None:
        """The last of what a step in another process printed."""
        paths = {tail.path for tail in self._outputs.tails_of(event.step_key or "")}
        for found in self._outputs.rest(event.step_key or ""):
            self._show(*found)
        for path in paths:
            left = self._shown.pop(path, 0) - _MOST_OUTPUT
            if left > 0:
                self._say(event, f"| … and {left} lines more in {path}")

    def _show(self, step_key: str, tail: OutputTail, line: str) -> None:
        shown = self._shown[tail.path] = self._shown.get(tail.path, 0) + 1
        if shown <= _MOST_OUTPUT:
            parts = (_clock(time.time()), self.label, step_key, f"| {line}")
            self.view.line(harmless(" ".join(part for part in parts if part)))

    def _end(self, event: Event) -> None:
        self.view.ended(event.step_key or "")
        self.view.total(self.done, self.step_count, self.failed)

    def _took(self, event: Event) -> str:
        return duration_text(event.timestamp - self._began.get(event.step_key or "", event.timestamp))

    def _say(self, event: Event, text: str, style: str = "", *, always: bool = False) -> None:
        if self.quiet and not always:
            return
        parts = (_clock(event.timestamp), self.label, event.step_key or "", text)
        self.view.line(harmless(" ".join(part for part in parts if part)), style)


_HANDLERS = {
    EventType.STEP_START: RunReporter._step_started,
    EventType.STEP_RESTARTED: RunReporter._step_started,
    EventType.ENGINE_EVENT: RunReporter._engine_told,
    EventType.STEP_SUCCESS: RunReporter._step_succeeded,
    EventType.STEP_FAILURE: RunReporter._step_failed,
    EventType.STEP_SKIPPED: RunReporter._step_skipped,
    EventType.STEP_UP_FOR_RETRY: RunReporter._step_retried,
    EventType.ASSET_MATERIALIZATION: RunReporter._materialized,
    EventType.ASSET_OBSERVATION: RunReporter._observed,
    EventType.ASSET_CHECK_EVALUATION: RunReporter._checked,
    EventType.LOG: RunReporter._logged,
    EventType.LOGS_CAPTURED: RunReporter._captured,
    EventType.RESOURCE_INIT_FAILURE: RunReporter._resource_failed,
    EventType.RUN_FAILURE: RunReporter._run_failed,
}
_LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


def level_name(level: int) -> str:
    """The word for a log level."""
    return _LEVELS.get(level, str(level))


def state_word(status: RunStatus) -> str:
    """A run's state as people read it."""
    return RUN_STATES[status].word


def duration_text(seconds: float) -> str:
    """A duration as people read it: `35 ms`, `1.2 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 0.1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _clock(timestamp: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(timestamp))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
