"""What came of a run, for the code that ran it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from treadle.core.errors import (
    ExecutionInterruptedError,
    InvariantViolationError,
    did_you_mean,
)
from treadle.core.events import Event, EventType
from treadle.core.keys import AssetKey
from treadle.core.outputs import ExpectationResult
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.plan.expand import PENDING, mapping_key_of, pending_key
from treadle.run.engine import FinishedRun
from treadle.run.result_table import html_table
from treadle.store.errors import StoreError
from treadle.store.event_views import RunEvent, evaluation_of, materialization_of, observation_of


class RunResult:
    """The result of a run: whether it succeeded, what each step gave, and every event.

    Example:
        >>> from treadle import asset, materialize
        >>> @asset
        ... def numbers():
        ...     return [1, 2, 3]
        >>> result = materialize([numbers])
        >>> result.success, result.output_for_node("numbers")
        (True, [1, 2, 3])
    """

    def __init__(self, finished: FinishedRun) -> None:
        self._finished = finished
        self._views: list[RunEvent] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close: what the run opened was closed when it ended."""

    # How it ended

    @property
    def success(self) -> bool:
        """True where every step ended well."""
        return self._finished.status is RunStatus.SUCCESS

    @property
    def status(self) -> RunStatus:
        """The run's final state."""
        return self._finished.status

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._finished.run.run_id

    @property
    def run(self) -> Run:
        """The run as it ended."""
        return self._finished.run

    @property
    def dagster_run(self) -> Run:
        """The run as it ended (the peer's name)."""
        return self._finished.run

    @property
    def job_def(self) -> Any:
        """The job that ran; of `materialize`, one over what was asked for."""
        return self._finished.order.job()

    @property
    def plan(self) -> Any:
        """The plan that was executed."""
        return self._finished.order.plan

    @property
    def events(self) -> Sequence[Event]:
        """Every event of the run as it is stored, in order."""
        return tuple(self._finished.events)

    @property
    def store_error(self) -> StoreError | None:
        """Why the run's events could not be stored, where that is what ended it."""
        error = self._finished.error
        return error if isinstance(error, StoreError) else None

    @property
    def ended_by_signal(self) -> int | None:
        """The number of the signal to this process (Ctrl-C is SIGINT) that canceled the run; None for none."""
        return self._finished.interrupts.signal if self._finished.status is RunStatus.CANCELED else None

    def pass_signal_on(self) -> "RunResult":
        """This result; but a signal that canceled the run was meant for the whole program.

        Raises:
            KeyboardInterrupt: it was Ctrl-C.
            SystemExit: it was SIGTERM; its code is 143, as shells have it.
        """
        number = self.ended_by_signal
        if number is not None and number != _SIGINT:
            raise SystemExit(128 + number)
        if number is not None:
            raise KeyboardInterrupt
        return self

    def raise_if_failed(self) -> None:
        """Raise what the first failed step's code raised; nothing after success.

        Raises:
            KeyboardInterrupt: the run was interrupted by Ctrl-C.
            SystemExit: by SIGTERM.
        """
        finished = self._finished
        if finished.status is RunStatus.CANCELED:
            self.pass_signal_on()
            raise ExecutionInterruptedError(finished.interrupts.reason or "the run was canceled")
        if finished.status is RunStatus.FAILURE and finished.error is not None:
            raise finished.error

    # Values

    def output_for_node(self, node_str: str, output_name: str = "result") -> Any:
        """The value of a step's output; for a dynamic output a dict by mapping key.

        Args:
            node_str: the step, e.g. `orders`, or `graph.op` inside of a graph.
            output_name: which of its outputs.

        Raises:
            InvariantViolationError: the step gave no such output.
        """
        values = self._finished.values
        node_str, output_name = self._op_of(node_str, output_name)
        if (node_str, output_name, None) in values:
            return values[node_str, output_name, None]
        pending = f"{node_str}{PENDING}"
        mapped = {
            mapping_key_of(step) or key: value
            for (step, name, key), value in values.items()
            if name == output_name and (step == node_str or pending_key(step) == pending)
        }
        if mapped:
            return mapped
        known = {step for step, _, _ in values}
        given = sorted(name for step, name, _ in values if step == node_str)
        hint = f"it gave {', '.join(given)}" if given else did_you_mean(node_str, known)
        raise InvariantViolationError(
            f"Step `{node_str}` gave no output `{output_name}` in this run.", hint=hint
        )

    def _op_of(self, node: str, output: str) -> tuple[str, str]:
        """The op and its output, where a graph's is asked for."""
        graph = getattr(self._finished.order.job_def, "op_graph", None)
        if graph is None:
            computation = self._finished.order.code.catalog.computations.get(node.partition(".")[0])
            graph = computation.graph if computation is not None else None
        found = graph.graphs.get(node, {}).get(output) if graph is not None else None
        return (found.node, found.output) if found is not None else (node, output)

    def output_value(self, output_name: str = "result") -> Any:
        """The value of the job's own output of that name; of assets, its last step that gave one.

        Raises:
            InvariantViolationError: there is none.
        """
        graph = getattr(self._finished.order.job_def, "op_graph", None)
        if graph is not None:
            own = graph.outputs.get(output_name)
            if own is None:
                raise InvariantViolationError(
                    f"The job has no output `{output_name}`.",
                    hint=did_you_mean(output_name, graph.outputs)
                    or "return the output of an op in its function",
                )
            return self.output_for_node(own.node, own.output)
        for step in reversed(self._finished.order.plan.steps):
            if (step.key, output_name, None) in self._finished.values:
                return self._finished.values[step.key, output_name, None]
        raise InvariantViolationError(f"No step gave an output `{output_name}` in this run.")

    def asset_value(self, asset_key: Any) -> Any:
        """The value of an asset that this run made.

        Args:
            asset_key: a key, its text, its parts, or the asset.

        Raises:
            InvariantViolationError: the run did not make that asset.
        """
        key = AssetKey.from_coercible_or_definition(asset_key)
        catalog = self._finished.order.code.catalog
        for step in reversed(self._finished.order.plan.steps):  # of several writers the last one's stands
            if key in step.asset_keys:
                outputs = catalog.computations[step.computation].outputs
                output = next(one.name for one in outputs if one.asset_key == key)
                return self.output_for_node(step.key, output)
        known = [
            made.to_user_string() for step in self._finished.order.plan.steps for made in step.asset_keys
        ]
        raise InvariantViolationError(
            f"This run does not make an asset `{key.to_user_string()}`.",
            hint=did_you_mean(key.to_user_string(), known),
        )

    # Events as the peer shapes them

    @property
    def all_events(self) -> list[RunEvent]:
        """Every event, in the peer's shape."""
        if self._views is None:
            self._views = [
                RunEvent(event, partition)
                for event in self._finished.events
                if event.type is not EventType.LOG
                for partition in event.partition_keys or (None,)
            ]
        return self._views

    @property
    def all_node_events(self) -> list[RunEvent]:
        """The events of steps."""
        return [event for event in self.all_events if event.step_key is not None]

    def filter_events(self, event_filter: Callable[[RunEvent], bool]) -> list[RunEvent]:
        """The events for which a function says True."""
        return [event for event in self.all_events if event_filter(event)]

    def events_for_node(self, node_name: str) -> list[RunEvent]:
        """The events of one step, of all steps that are mapped over a dynamic output, or of all in a graph."""
        return [event for event in self.all_events if _is_of(event.step_key, node_name)]

    def _of_type(self, *kinds: EventType, node: str | None = None) -> list[RunEvent]:
        wanted = {kind.value for kind in kinds}
        return [
            event
            for event in self.all_events
            if event.event_type_value in wanted and (node is None or _is_of(event.step_key, node))
        ]

    def get_job_success_event(self) -> RunEvent:
        """The event that the run succeeded."""
        return self._only(EventType.RUN_SUCCESS)

    def get_job_failure_event(self) -> RunEvent:
        """The event that the run failed."""
        return self._only(EventType.RUN_FAILURE)

    def get_run_success_event(self) -> RunEvent:
        """The event that the run succeeded."""
        return self._only(EventType.RUN_SUCCESS)

    def get_run_failure_event(self) -> RunEvent:
        """The event that the run failed."""
        return self._only(EventType.RUN_FAILURE)

    def _only(self, kind: EventType) -> RunEvent:
        found = self._of_type(kind)
        if not found:
            raise InvariantViolationError(
                f"The run has no {kind.value} event: it ended as {self.status.value}."
            )
        return found[0]

    def get_step_success_events(self) -> list[RunEvent]:
        """One event for each step that succeeded."""
        return self._of_type(EventType.STEP_SUCCESS)

    def get_step_failure_events(self) -> list[RunEvent]:
        """One event for each step that failed."""
        return self._of_type(EventType.STEP_FAILURE)

    def get_step_skipped_events(self) -> list[RunEvent]:
        """One event for each step that was skipped."""
        return self._of_type(EventType.STEP_SKIPPED)

    def get_failed_step_keys(self) -> set[str]:
        """Keys of the steps that failed."""
        return {
            event.step_key
            for event in self._finished.events
            if event.type is EventType.STEP_FAILURE and event.step_key
        }

    def is_node_success(self, node_str: str) -> bool:
        """True where that step succeeded."""
        return self._saw(node_str, EventType.STEP_SUCCESS)

    def is_node_failed(self, node_str: str) -> bool:
        """True where that step failed."""
        return self._saw(node_str, EventType.STEP_FAILURE)

    def is_node_skipped(self, node_str: str) -> bool:
        """True where that step was skipped."""
        return self._saw(node_str, EventType.STEP_SKIPPED)

    def is_node_untouched(self, node_str: str) -> bool:
        """True where that step never started."""
        return not any(_is_of(event.step_key, node_str) for event in self._finished.events)

    def _saw(self, step_key: str, kind: EventType) -> bool:
        return any(_is_of(event.step_key, step_key) and event.type is kind for event in self._finished.events)

    def failure_data_for_node(self, node_str: str) -> Any:
        """How that step failed (`.error`, `.user_failure_data`); None where it did not."""
        failed = self._of_type(EventType.STEP_FAILURE, node=node_str)
        return failed[-1].event_specific_data if failed else None

    def retry_attempts_for_node(self, node_str: str) -> int:
        """How often that step was tried again."""
        return sum(
            _is_of(e.step_key, node_str) and e.type is EventType.STEP_RESTARTED for e in self._finished.events
        )

    def _told(
        self, kind: EventType, view: Callable[[Event, str | None], Any], node: str | None = None
    ) -> list[Any]:
        return [
            view(event, partition)
            for event in self._finished.events
            if event.type is kind and (node is None or _is_of(event.step_key, node))
            for partition in event.partition_keys or (None,)
        ]

    def asset_materializations_for_node(self, node_name: str) -> list[Any]:
        """The materializations that one step reported."""
        return self._told(EventType.ASSET_MATERIALIZATION, materialization_of, node_name)

    def asset_observations_for_node(self, node_name: str) -> list[Any]:
        """The observations that one step reported."""
        return self._told(EventType.ASSET_OBSERVATION, observation_of, node_name)

    def expectation_results_for_node(self, node_name: str) -> list[ExpectationResult]:
        """The expectations that one step reported."""
        return [
            RunEvent(event).event_specific_data.expectation_result
            for event in self._finished.events
            if event.type is EventType.STEP_EXPECTATION_RESULT and _is_of(event.step_key, node_name)
        ]

    def get_asset_materialization_events(self) -> list[RunEvent]:
        """The events of assets that were made."""
        return self._of_type(EventType.ASSET_MATERIALIZATION)

    def get_asset_materialization_planned_events(self) -> list[RunEvent]:
        """The events that say which assets were to be made."""
        return self._of_type(EventType.ASSET_MATERIALIZATION_PLANNED)

    def get_asset_observation_events(self) -> list[RunEvent]:
        """The events of assets that were looked at."""
        return self._of_type(EventType.ASSET_OBSERVATION)

    def get_asset_check_evaluations(self) -> list[Any]:
        """The results of checks."""
        return self._told(EventType.ASSET_CHECK_EVALUATION, evaluation_of)

    @property
    def metadata_by_asset(self) -> Mapping[AssetKey, Mapping[str, Any]]:
        """Asset -> metadata of its last materialization in this run, as it is stored."""
        return {
            event.asset_key: getattr(event.data, "metadata", {})
            for event in self._finished.events
            if event.type is EventType.ASSET_MATERIALIZATION and event.asset_key is not None
        }

    def _repr_html_(self) -> str:
        """What a notebook shows: the steps as a table."""
        steps = [step.key for step in self._finished.order.plan.steps]
        return html_table(str(self), steps, self._finished.events)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        finished = self._finished
        made = [
            event.asset_key.to_user_string()
            for event in finished.events
            if event.type is EventType.ASSET_MATERIALIZATION and event.asset_key is not None
        ]
        shown = ", ".join(list(dict.fromkeys(made))[:8])
        more = len(dict.fromkeys(made)) - 8
        word = {
            RunStatus.SUCCESS: "succeeded",
            RunStatus.FAILURE: "failed",
            RunStatus.CANCELED: "was canceled",
        }
        said = f"Run {self.run_id} {word.get(finished.status, finished.status.value)}"
        failed = sorted(self.get_failed_step_keys())
        if failed:
            said += f" at {', '.join(failed)}"
        if made:
            said += f"; materialized {shown}{f' and {more} more' if more > 0 else ''}"
        return said


def _is_of(step_key: str | None, node: str) -> bool:
    """Whether a step is that node, one of several in its place, or inside of it."""
    if step_key is None:
        return False
    path = step_key.partition("[")[0]
    return node in (step_key, path) or path.startswith(f"{node}.")


_SIGINT = 2

ExecuteInProcessResult = RunResult
JobExecutionResult = RunResult
