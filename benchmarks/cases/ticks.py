"""Evaluating ticks of schedules and sensors: what is added to the call of a trivial function."""

import datetime
from typing import Any

from benchmarks.case import Side, case, seconds
from benchmarks.cases.runs import quiet

NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
TIMES = 500


def job_and_definitions(dg: Any, **arguments: Any) -> Any:
    @dg.asset
    def target() -> None: ...

    job = dg.define_asset_job("job", selection=[target])
    return job, lambda **more: dg.Definitions(assets=[target], jobs=[job], **arguments, **more)


def per_tick(evaluate: Any) -> float:
    """Seconds of one evaluation; the first is left out, as definitions are resolved in it."""
    evaluate()

    def work() -> None:
        for _ in range(TIMES):
            assert len(evaluate().run_requests) == 1

    return seconds(work) / TIMES


def called(_: Side) -> float:
    """The floor: a function that makes a dictionary."""

    def function(context: object) -> dict[str, str]:
        return {"run_key": "a"}

    return per_floor(lambda: function(None))


def per_floor(function: Any) -> float:
    def work() -> None:
        for _ in range(TIMES):
            function()

    return seconds(work) / TIMES


@case(
    "tick-schedule",
    "one tick of a schedule that asks for one run",
    "s",
    target=0.0001,
    floor=called,
    floor_is="the call of a function",
)
def tick_schedule(side: Side) -> float:
    quiet()
    dg = side.dg
    job, definitions = job_and_definitions(dg)

    @dg.schedule(cron_schedule="@daily", job=job)
    def nightly(context: Any) -> Any:
        return dg.RunRequest(run_key="a", tags={"b": "c"})

    repository = definitions(schedules=[nightly]).get_repository_def()
    return per_tick(
        lambda: nightly.evaluate_tick(
            dg.build_schedule_context(scheduled_execution_time=NOW, repository_def=repository)
        )
    )


@case(
    "tick-sensor",
    "one evaluation of a sensor that asks for one run and moves its cursor",
    "s",
    target=0.0001,
    floor=called,
    floor_is="the call of a function",
)
def tick_sensor(side: Side) -> float:
    quiet()
    dg = side.dg
    job, definitions = job_and_definitions(dg)

    @dg.sensor(job=job)
    def files(context: Any) -> Any:
        return dg.SensorResult(run_requests=[dg.RunRequest("a")], cursor=str(int(context.cursor) + 1))

    defs = definitions(sensors=[files])
    repository = defs.get_repository_def()
    instance = dg.DagsterInstance.ephemeral()
    return per_tick(
        lambda: files.evaluate_tick(
            dg.build_sensor_context(instance=instance, cursor="1", repository_def=repository)
        )
    )


@case("tick-partition", "one tick of a schedule that asks for one of 220,000 partitions", "s", target=0.0002)
def tick_partition(side: Side) -> float:
    quiet()
    dg = side.dg
    hours = dg.HourlyPartitionsDefinition("2000-12-01-00:00")

    @dg.asset(partitions_def=hours)
    def target() -> None: ...

    job = dg.define_asset_job("job", selection=[target])

    @dg.schedule(cron_schedule="@hourly", job=job)
    def hourly(context: Any) -> Any:
        return dg.RunRequest(partition_key="2026-01-01-05:00")

    repository = dg.Definitions(assets=[target], jobs=[job], schedules=[hourly]).get_repository_def()
    return per_tick(
        lambda: hourly.evaluate_tick(
            dg.build_schedule_context(scheduled_execution_time=NOW, repository_def=repository)
        )
    )
