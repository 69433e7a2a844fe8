"""Jobs, schedules and sensors of a code location: resolved against its assets, entered in its catalog, checked."""

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any

from treadle.core.catalog import JobNode, ScheduleNode, SensorNode
from treadle.core.errors import TreadleError, wrong_type
from treadle.core.names import IMPLICIT_JOB_NAME
from treadle.core.opaque import UserCode, opaque
from treadle.core.problem import Problem
from treadle.core.selection.unread import UnreadSelection
from treadle.define.asset_schedules import schedules_of_assets
from treadle.define.code import Code
from treadle.define.graphs.job_code import missing_resources_of_job, resources_of_job
from treadle.define.job_definition import JobDefinition
from treadle.define.jobs import UnresolvedAssetJobDefinition
from treadle.define.partition_requests import names_partition, needs_partition
from treadle.define.partitioned_schedules import UnresolvedPartitionedSchedule
from treadle.define.schedules import ScheduleDefinition
from treadle.define.sensors import SensorDefinition
from treadle.define.target_job import is_graph, job_of_graph
from treadle.define.validation.names import Suggestions
from treadle.define.validation.resources import missing_of_hook


def add_instigators(
    code: Code, jobs: Iterable[Any], schedules: Iterable[Any], sensors: Iterable[Any]
) -> list[Problem]:
    """Put jobs, schedules and sensors into `code` and its catalog.

    Returns:
        What is wrong with them.
    """
    problems: list[Problem] = []
    of_assets = schedules_of_assets(code, problems)
    all_schedules = [
        *_of_kind("schedules", schedules, ScheduleDefinition | UnresolvedPartitionedSchedule, problems),
        *of_assets,
    ]
    all_sensors = _of_kind("sensors", sensors, SensorDefinition, problems)
    given: dict[str, Any] = {}
    for job in jobs:
        _add_job(code, job, problems, given)
    for instigator in [*all_schedules, *all_sensors]:
        try:
            started = instigator.jobs
        except Exception as error:  # noqa: BLE001 - a late reference is user code and may raise anything
            problems.append(_late_failure(instigator, error))
            continue
        for job in started:
            _add_job(code, job, problems, given)
    suggestions = Suggestions(lambda: code.jobs)
    all_schedules = _resolved(code, all_schedules, problems)
    for schedule in all_schedules:
        if _is_new(schedule, code.schedules, "schedule", problems):
            code.schedules[schedule.name] = schedule.bound_to(code.jobs)
            code.catalog.schedules[schedule.name] = _schedule_node(schedule)
            _check_jobs(code, schedule, "schedule", [schedule.job_name], problems, suggestions)
            problems += _without_partition(code, schedule)
    for sensor in all_sensors:
        if _is_new(sensor, code.sensors, "sensor", problems):
            code.sensors[sensor.name] = sensor.bound_to(code.jobs)
            code.catalog.sensors[sensor.name] = _sensor_node(sensor)
            _check_jobs(code, sensor, "sensor", sensor.job_names, problems, suggestions)
            problems += _unread_selection(sensor)
            problems += _unknown_watched(code, sensor, suggestions)
    for instigator in [*all_schedules, *all_sensors]:
        problems += _missing_resources(code, instigator)
    return problems


def _of_kind(
    argument: str, given: Iterable[Any], kinds: type | UnionType, problems: list[Problem]
) -> list[Any]:
    """What is of these classes; the rest is told."""
    fitting = []
    for one in given:
        if isinstance(one, kinds):
            fitting.append(one)
        else:
            problems.append(Problem.of(wrong_type(argument, f"a list of {argument}", one)))
    return fitting


def _without_partition(code: Code, schedule: ScheduleDefinition) -> Iterable[Problem]:
    """Of a schedule that has no function to say which partition; the peer takes it, so this is a warning."""
    job = code.jobs.get(_job_name(schedule) or "")
    if job is None or schedule.execution_fn is not None or schedule.tags_fn is not None:
        return
    if names_partition({**job.run_tags, **schedule.tags}) or not needs_partition(
        code.catalog, job.asset_keys
    ):
        return
    yield Problem(
        code="schedule-without-partition",
        message=f"schedule `{schedule.name}` asks for runs of the job `{job.name}` without a partition, and all of its "
        "assets are partitioned: such a run can not make them.",
        where=schedule.where,
        suggestion="build_schedule_from_partitioned_job(job)",
        severity="warning",
    )


def _resolved(code: Code, schedules: Iterable[Any], problems: list[Problem]) -> list[ScheduleDefinition]:
    """Schedules that follow from the partitions of a job's assets, now that these are known."""
    found: dict[int, ScheduleDefinition] = {}
    for one in schedules:
        if isinstance(one, ScheduleDefinition):
            found[id(one)] = one
        elif id(one) not in found and one.job.name in code.jobs:
            try:
                found[id(one)] = one.resolve(code)
            except TreadleError as error:
                problems.append(Problem.of(error))
    return list(found.values())


def _unread_selection(sensor: SensorDefinition) -> Iterable[Problem]:
    """Of a sensor without a job; a job tells of its own."""
    selection = sensor.asset_selection
    if isinstance(selection, UnreadSelection) and not sensor.job_names:
        yield Problem(
            code=selection.error.code,
            message=f"sensor `{sensor.name}`: {selection.error.message}",
            where=sensor.where,
            suggestion=selection.error.hint,
        )


def _unknown_watched(code: Code, sensor: SensorDefinition, jobs: Suggestions) -> Iterable[Problem]:
    """What a sensor watches and nobody here defines: it may live in another code location, so this is a warning."""
    assets = Suggestions(lambda: (key.to_user_string() for key in code.catalog.assets))
    for key in sensor.asset_keys:
        if key not in code.catalog.assets:
            name = key.to_user_string()
            yield Problem(
                code="unknown-asset",
                message=f"sensor `{sensor.name}` watches the asset `{name}`, which nobody defines here.",
                where=sensor.where,
                suggestion=assets.for_name(name),
                severity="warning",
            )
    for monitored in getattr(sensor, "monitored_jobs", ()):
        name = monitored.job_name
        if name is not None and monitored.location_name is None and name not in code.jobs:
            yield Problem(
                code="unknown-job",
                message=f"sensor `{sensor.name}` watches runs of the job `{name}`, which nobody defines here.",
                where=sensor.where,
                suggestion=jobs.for_name(name),
                severity="warning",
            )


def _add_job(code: Code, job: Any, problems: list[Problem], given: dict[str, Any]) -> None:
    """`given` has the jobs so far: one object may be named by several schedules, and stand in `jobs` besides."""
    if is_graph(job):
        job = job_of_graph(job)
    if not isinstance(job, UnresolvedAssetJobDefinition | JobDefinition):
        problems.append(Problem.of(wrong_type("jobs", "a list of jobs", job)))
        return
    if job.name == IMPLICIT_JOB_NAME:
        problems.append(
            Problem(
                code="invalid-name",
                message=f"a job is called `{job.name}`, which is the name of the job of all assets",
                where=job.where,
                suggestion="give it another name",
            )
        )
        return
    known = given.setdefault(job.name, job)
    if known is not job or job.name in code.jobs:
        if known is not job:
            places = " and ".join(place for place in (known.where, job.where) if place)
            problems.append(
                Problem(
                    code="duplicate-key",
                    message=f"job `{job.name}` is defined twice" + (f": at {places}" if places else ""),
                    where=job.where,
                    suggestion="rename one of the two",
                )
            )
        return
    try:
        resolved = job.resolve(code) if isinstance(job, UnresolvedAssetJobDefinition) else job.bound_to(code)
    except TreadleError as error:
        problems.append(
            Problem(
                code=error.code,
                message=f"job `{job.name}`: {error.message}",
                where=job.where,
                suggestion=error.hint,
            )
        )
        return
    code.jobs[job.name] = resolved
    code.catalog.jobs[job.name] = _job_node(resolved)
    resources = resources_of_job(resolved, code) if resolved.is_of_ops else resolved.code.resources
    if resolved.is_of_ops:
        problems += missing_resources_of_job(resolved, resources)
    available = Suggestions(lambda: code.resources)
    for hook in resolved.hooks:
        code.hooks.setdefault(hook.name, hook)
        problems += missing_of_hook(hook, f"job `{job.name}`", resources, available)


def _job_node(job: JobDefinition) -> JobNode:
    return JobNode(
        name=job.name,
        asset_keys=job.asset_keys,
        check_keys=job.check_keys,
        selection=None if job.selection is None else str(job.selection),
        partitions_def=job.partitions_def,
        description=job.description,
        tags=dict(job.tags),
        run_tags=dict(job.run_tags),
        metadata=job.metadata,
        owners=job.owners,
        executor=getattr(job.own_executor, "name", None),
        hook_names=tuple(sorted(hook.name for hook in job.hooks)),
        retry_policy=job.op_retry_policy,
        timeout=job.timeout,
        skip_unchanged=job.skip_unchanged,
        config=_plain_config(job),
        graph=job.op_graph,
        where=job.where,
    )


def _plain_config(job: JobDefinition) -> Any:
    """Config as data; a function of the partition or a mapping stands as user code."""
    config = job.config
    if config is None or isinstance(config, Mapping):
        return config
    to_dict = getattr(config, "to_config_dict", None)
    if to_dict is not None:
        return to_dict()
    return UserCode("config", job.name, opaque(config).text)


def _schedule_node(schedule: ScheduleDefinition) -> ScheduleNode:
    cron = schedule.cron_schedule
    return ScheduleNode(
        name=schedule.name,
        cron_schedule=cron if isinstance(cron, str) else tuple(cron),
        execution_timezone=schedule.execution_timezone,
        job_name=_job_name(schedule),
        default_status=schedule.default_status.value,
        description=schedule.description,
        tags=dict(schedule.tags),
        metadata=schedule.metadata,
        owners=schedule.owners,
        where=schedule.where,
    )


def _job_name(schedule: ScheduleDefinition) -> str | None:
    try:
        return schedule.job_name
    except Exception:  # noqa: BLE001 - reported as a problem where the job is added
        return None


def _job_names(sensor: SensorDefinition) -> tuple[str, ...]:
    try:
        return sensor.job_names
    except Exception:  # noqa: BLE001 - reported as a problem where the job is added
        return ()


def _sensor_node(sensor: SensorDefinition) -> SensorNode:
    return SensorNode(
        name=sensor.name,
        kind=sensor.kind,
        job_names=_job_names(sensor),
        asset_keys=sensor.asset_keys,
        minimum_interval_seconds=sensor.minimum_interval_seconds,
        default_status=sensor.default_status.value,
        description=sensor.description,
        tags=dict(sensor.tags),
        where=sensor.where,
    )


def _is_new(instigator: Any, known: Mapping[str, Any], what: str, problems: list[Problem]) -> bool:
    other = known.get(instigator.name)
    if other is None:
        return True
    if other is not instigator:
        places = " and ".join(place for place in (other.where, instigator.where) if place)
        problems.append(
            Problem(
                code="duplicate-key",
                message=f"{what} `{instigator.name}` is defined twice" + (f": at {places}" if places else ""),
                where=instigator.where,
                suggestion="rename one of the two",
            )
        )
    return False


def _check_jobs(
    code: Code,
    instigator: Any,
    what: str,
    names: Iterable[str | None],
    problems: list[Problem],
    near: Suggestions,
) -> None:
    failed = {problem.where for problem in problems}
    for name in names:
        if name is None or name in code.jobs or any(where == instigator.where for where in failed):
            continue
        if any(problem.message.startswith(f"job `{name}`") for problem in problems):
            continue
        problems.append(
            Problem(
                code="unknown-job",
                message=f"{what} `{instigator.name}` starts the job `{name}`, which nobody defines.",
                where=instigator.where,
                suggestion=near.for_name(name),
            )
        )


def _missing_resources(code: Code, instigator: Any) -> Iterable[Problem]:
    """What its function asks for and nobody provides: its ticks fail, everything else runs, so this is a warning."""
    what = "schedule" if isinstance(instigator, ScheduleDefinition) else "sensor"
    missing = instigator.required_resource_keys - code.resources.keys()
    of_jobs = resources_of_targets(code, instigator) if missing else {}
    for key in sorted(missing - of_jobs.keys()):
        yield Problem(
            code="unknown-resource",
            message=f"{what} `{instigator.name}` needs the resource `{key}`, which nobody provides.",
            where=instigator.where,
            suggestion=Suggestions(lambda: {**code.resources, **of_jobs}).for_name(key)
            or f"add `{key}` to `resources`",
            severity="warning",
        )


def resources_of_targets(code: Code, instigator: Any) -> dict[str, Any]:
    """Key -> resource definition: what the jobs that a schedule or sensor starts bring themselves."""
    if isinstance(instigator, ScheduleDefinition):
        names: Iterable[str | None] = [_job_name(instigator)]
    else:
        names = _job_names(instigator)
    found: dict[str, Any] = {}
    for name in names:
        job = code.jobs.get(name) if name is not None else None
        if job is not None and job.is_of_ops:
            found = {**resources_of_job(job, None), **found}
    return found


def _late_failure(instigator: Any, error: Exception) -> Problem:
    return Problem(
        code="invalid-definition",
        message=f"the late reference to the job of `{instigator.name}` failed: {type(error).__name__}: {error}",
        where=instigator.where,
        suggestion="the function in `job` must return a job that exists once everything is imported",
    )
