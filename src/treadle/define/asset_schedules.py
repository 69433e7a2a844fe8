"""Schedules that are written on assets: `@asset(schedule="0 2 * * *")` makes a job and its schedule."""

from typing import Any

from treadle.core.errors import TreadleError
from treadle.core.problem import Problem
from treadle.core.schedules import RunRequest, SkipReason
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.code import Code
from treadle.define.context.schedule_context import ScheduleEvaluationContext
from treadle.define.jobs import define_asset_job
from treadle.define.partitioned_schedules import keys_due, time_dimension
from treadle.define.schedules import ScheduleDefinition
from treadle.define.where import where_of


def schedules_of_assets(code: Code, problems: list[Problem]) -> list[ScheduleDefinition]:
    """The schedules that assets of a code location have of their own.

    Args:
        problems: what is wrong with them is added here.
    """
    found = []
    for definition in code.assets_defs.values():
        if definition.schedule is None:
            continue
        try:
            found.append(_schedule_of(definition))
        except TreadleError as error:
            problems.append(
                Problem(
                    code=error.code,
                    message=f"`{definition.op.name}`: {error.message}",
                    where=where_of(definition.op.compute_fn),
                    suggestion=error.hint,
                )
            )
    return found


def _schedule_of(definition: AssetsDefinition) -> ScheduleDefinition:
    key = definition.specs[0].key
    name = "__".join(key.path)
    where = where_of(definition.op.compute_fn)
    job = define_asset_job(f"{name}_job", AssetSelection.assets(key))
    partitions = definition.partitions_def
    time = time_dimension(partitions)

    def requests(context: ScheduleEvaluationContext) -> Any:
        if partitions is None:
            return RunRequest()
        store = context.instance if context.has_instance else None
        keys = keys_due(partitions, time, context.time_or_none, store)
        if not keys:
            return SkipReason("There are no partitions to run yet.")
        return [RunRequest(run_key=_run_key(context, time, key), partition_key=str(key)) for key in keys]

    schedule = ScheduleDefinition(
        f"{name}_schedule",
        cron_schedule=definition.schedule,
        execution_timezone=time.timezone if time is not None else None,
        execution_fn=requests,
        description=f"Makes `{key.to_user_string()}`.",
        job=job,
    )
    schedule.where = where
    return schedule


def _run_key(context: ScheduleEvaluationContext, time: Any, key: Any) -> str:
    """A partition of time is made once; what has no time is made again at each tick."""
    if time is not None or context.time_or_none is None:
        return str(key)
    return f"{context.time_or_none.isoformat()} {key}"
