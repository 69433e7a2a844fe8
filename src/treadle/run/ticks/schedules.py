"""A tick of a schedule."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from treadle.core.errors import InvariantViolationError, ScheduleExecutionError
from treadle.core.names import check_run_tags
from treadle.core.run_tags import SCHEDULE_NAME_TAG
from treadle.core.schedules import RunRequest, SkipReason
from treadle.core.ticks import TickResult
from treadle.define.config.run_config import run_config_dict
from treadle.define.context.schedule_context import ScheduleEvaluationContext
from treadle.define.schedules import ScheduleDefinition
from treadle.run.ticks.outputs import listed, sort_outputs
from treadle.run.ticks.requests import RequestResolver

NOTHING = "Schedule function returned an empty result"


def evaluate_schedule(schedule: ScheduleDefinition, context: ScheduleEvaluationContext) -> TickResult:
    """What a tick of a schedule asks for.

    Raises:
        ScheduleExecutionError: a function of the user raised; the cause is chained.
        InvariantViolationError: it gave something that cannot be done.
    """
    who = f"schedule `{schedule.name}`"
    if schedule.should_execute is not None:
        with _users_code(schedule, "should_execute"):
            wanted = schedule.should_execute(context)
        if not wanted:
            message = f"should_execute function for {schedule.name} returned false."
            return TickResult(skip_message=message, job_name=schedule.job_name, log_lines=context.log_lines)
    if schedule.tick_function is None:
        given: list[Any] = [_static_request(schedule, context)]
    else:
        with _users_code(schedule, "its function"):
            given = listed(schedule.tick_function.call(context))
        given = [_request_of_config(schedule, context, one) for one in given]
    outputs = sort_outputs(given, who)
    if outputs.results or outputs.reactions:
        raise InvariantViolationError(
            f"{who} gave a SensorResult, which only sensors give.", hint="give RunRequest or SkipReason"
        )
    _check_run_keys(who, outputs.requests)
    job_name = schedule.job_name
    resolver = RequestResolver(
        who=who,
        tags={SCHEDULE_NAME_TAG: schedule.name},
        context=context,
        job_names=() if job_name is None else (job_name,),
        own_jobs=schedule.jobs,
        any_job=True,
        now=context.time_or_none,
    )
    requests = resolver.resolve(outputs.requests)
    skipped = outputs.skip_message or (None if requests else resolver.reason_to_skip)
    return TickResult(
        run_requests=requests,
        skip_message=_skip_message(bool(requests), outputs.skips, skipped),
        job_name=job_name,
        log_lines=context.log_lines,
    )


def _skip_message(has_requests: bool, skips: list[SkipReason], message: str | None) -> str | None:
    if message is not None or has_requests:
        return message
    return None if skips else NOTHING


def _static_request(schedule: ScheduleDefinition, context: ScheduleEvaluationContext) -> RunRequest:
    """The request of a schedule that has no function: its own config and tags."""
    run_config = schedule.run_config
    if schedule.run_config_fn is not None:
        with _users_code(schedule, "run_config_fn"):
            run_config = schedule.run_config_fn(context)
    return RunRequest(run_config=_plain(run_config), tags=_tags(schedule, context))


def _request_of_config(schedule: ScheduleDefinition, context: ScheduleEvaluationContext, given: Any) -> Any:
    """Run config in place of a request means a run with it."""
    if isinstance(given, Mapping) or hasattr(given, "to_config_dict"):
        return RunRequest(run_config=_plain(given), tags=_tags(schedule, context))
    return given


def _plain(run_config: Any) -> Mapping[str, Any] | None:
    return None if run_config is None else run_config_dict(run_config)


def _tags(schedule: ScheduleDefinition, context: ScheduleEvaluationContext) -> Mapping[str, str]:
    if schedule.tags_fn is None:
        return schedule.tags
    with _users_code(schedule, "tags_fn"):
        return check_run_tags(schedule.tags_fn(context))


def _check_run_keys(who: str, requests: list[RunRequest]) -> None:
    if len(requests) > 1 and any(request.run_key is None for request in requests):
        raise InvariantViolationError(
            f"{who} asks for {len(requests)} runs at one tick, and not all have a run_key.",
            hint="give each RunRequest a `run_key`, by which a repeated tick is told from a new run",
        )


@contextmanager
def _users_code(schedule: ScheduleDefinition, part: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ScheduleExecutionError(
            f"schedule `{schedule.name}`: {part} raised {type(error).__name__}: {error}", where=schedule.where
        ) from error
