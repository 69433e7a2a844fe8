"""The contexts of sensors that are told of runs that came to a status."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treadle.core.errors import InvariantViolationError
from treadle.core.events import EventType
from treadle.core.run_tags import PARTITION_TAG
from treadle.core.runs import Run
from treadle.define.context.tick_context import TickContext

if TYPE_CHECKING:
    from treadle.core.ports import InstancePort


class RunStatusSensorContext(TickContext):
    """What a run status sensor's function may read: the run, and the event by which it came to its status."""

    maker = "build_run_status_sensor_context"

    sensor_name: str
    dagster_run: Run
    dagster_event: Any

    def __init__(
        self,
        sensor_name: str,
        dagster_run: Run,
        dagster_event: Any,
        instance: "InstancePort | None" = None,
        resources: Mapping[str, Any] | None = None,
        definitions: Any = None,
        partition_key: str | None = None,
    ) -> None:
        super().__init__(instance, resources, definitions)
        self.sensor_name = sensor_name
        self.dagster_run = dagster_run
        self.dagster_event = dagster_event
        self._partition_key = partition_key

    @property
    def run(self) -> Run:
        """The run."""
        return self.dagster_run

    @property
    def event(self) -> Any:
        """The event by which the run came to its status."""
        return self.dagster_event

    @property
    def partition_key(self) -> str | None:
        """The partition of the run, if it has one."""
        return self._partition_key or self.dagster_run.tags.get(PARTITION_TAG)

    def for_run_failure(self) -> "RunFailureSensorContext":
        """The same for a run failure sensor."""
        failed = RunFailureSensorContext(
            self.sensor_name,
            self.dagster_run,
            self.dagster_event,
            self._instance,
            self._given_resources,
            self._definitions,
            self._partition_key,
        )
        failed.log_lines = self.log_lines
        return failed


class RunFailureSensorContext(RunStatusSensorContext):
    """What a run failure sensor's function may read."""

    @property
    def failure_event(self) -> Any:
        """The event by which the run failed; its `message` says why."""
        return self.dagster_event

    def get_step_failure_events(self) -> Sequence[Any]:
        """The failures of the run's steps, in order."""
        instance: Any = self.instance
        return [
            entry.dagster_event
            for entry in instance.all_logs(self.dagster_run.run_id, of_type=EventType.STEP_FAILURE)
        ]


def build_run_status_sensor_context(
    sensor_name: str,
    dagster_event: Any,
    dagster_instance: "InstancePort",
    dagster_run: Run,
    context: Any = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    *,
    repository_def: Any = None,
    definitions: Any = None,
) -> RunStatusSensorContext:
    """A context with which a run status sensor can be called in a test.

    Args:
        sensor_name: what `context.sensor_name` gives.
        dagster_event: the event by which the run came to its status.
        dagster_instance: what `context.instance` gives.
        dagster_run: the run.
        context: a sensor context, whose definitions and resources are taken over.
        resources: key -> resource definition, resource object or any value.
        partition_key: the run's partition, where its tags do not tell it.
        repository_def: the repository that the sensor stands in.
        definitions: the `Definitions` that it stands in.
    """
    for name, value in (("dagster_event", dagster_event), ("dagster_run", dagster_run)):
        if value is None:
            raise InvariantViolationError(
                f"`{name}` is None: the run has not come to the status that the sensor is told of"
            )
    known = definitions if repository_def is None else repository_def
    if context is not None:
        known = context._definitions if known is None else known
        resources = {**context._given_resources, **(resources or {})}
    return RunStatusSensorContext(
        sensor_name, dagster_run, dagster_event, dagster_instance, resources, known, partition_key
    )
