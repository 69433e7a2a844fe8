"""Freshness checks against the recorded tables, and the sensor that runs them (S1-34, issue 4)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from treadle import (
    AssetCheckSeverity,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSelection,
    DailyPartitionsDefinition,
    Definitions,
    FreshnessPolicy,
    InvalidDefinitionError,
    MetadataValue,
    Run,
    RunRequest,
    RunStatus,
    SkipReason,
    apply_freshness_policy,
    asset,
    build_last_update_freshness_checks,
    build_sensor_for_freshness_checks,
    build_time_partition_freshness_checks,
    materialize,
)
from treadle.core.calendar.clock import clock_at
from treadle.store.instance import Instance
from treadle.store.instance_assets import _write_of

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


FACTS = json.loads((Path(__file__).parents[2] / "data" / "facts" / "names_and_metadata.json").read_text())
HOUR = timedelta(hours=1)


@pytest.fixture
def instance() -> Any:
    with Instance.ephemeral() as made:
        yield made


def report(instance: Instance, event: Any, when: datetime) -> None:
    """Record an event as of a time."""
    instance.store.report_asset_events([_write_of(event, when.timestamp())], when.timestamp())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@asset
def a() -> None: ...


@asset(partitions_def=DailyPartitionsDefinition("2024-05-01"))
def daily() -> None: ...


def evaluate(definition: Any, checks: Any, instance: Instance, now: datetime) -> Any:
    with clock_at(now):
        result = materialize(
            [definition, *checks], selection=AssetSelection.checks(*checks), instance=instance
        )
    assert result.success
    return result.get_asset_check_evaluations()


def compare(evaluation: Any, expected: Any) -> None:
    assert evaluation.passed == expected["passed"]
    assert evaluation.severity.value == expected["severity"]
    assert {label: type(value).__name__ for label, value in evaluation.metadata.items()} == expected[
        "metadata"
    ]
    found = {label: evaluation.metadata[label].value for label in expected["metadata_values"]}
    assert found == expected["metadata_values"]


@pytest.mark.parametrize(
    "row", FACTS["freshness_last_update"]["rows"], ids=range(len(FACTS["freshness_last_update"]["rows"]))
)
def test_last_update(row: Any, instance: Instance) -> None:
    zone = {"timezone": row["timezone"]} if row["timezone"] else {}
    checks = build_last_update_freshness_checks(
        assets=[a],
        lower_bound_delta=timedelta(seconds=row["lower_bound_seconds"]),
        deadline_cron=row["deadline_cron"],
        severity=AssetCheckSeverity(row["severity"]),
        **zone,
    )
    assert [spec.name for check in checks for spec in check.check_specs] == row["check_names"]
    if row["last_update"]:
        report(instance, AssetMaterialization("a"), _time(row["last_update"]))
    compare(evaluate(a, checks, instance, _time(row["now"]))[0], row["checks"][0])


@pytest.mark.parametrize(
    "row",
    FACTS["freshness_time_partition"]["rows"],
    ids=range(len(FACTS["freshness_time_partition"]["rows"])),
)
def test_time_partition(row: Any, instance: Instance) -> None:
    for target in (daily, "daily"):
        checks = build_time_partition_freshness_checks(
            assets=[target], deadline_cron=row["deadline_cron"], severity=AssetCheckSeverity(row["severity"])
        )
        if row["last_partition"]:
            eight = _time("2024-05-15T08:00:00")
            report(instance, AssetMaterialization("daily", partition=row["last_partition"]), eight)
        with clock_at(_time(row["now"])):
            result = materialize(
                [daily, *checks], selection=AssetSelection.checks(*checks), instance=instance
            )
        compare(result.get_asset_check_evaluations()[0], row["checks"][0])


def test_an_observation_tells_when_the_asset_was_updated(instance: Instance) -> None:
    now = _time("2024-05-15T12:00:00")
    checks = build_last_update_freshness_checks(assets=[a], lower_bound_delta=HOUR)
    updated = MetadataValue.timestamp((now - 2 * HOUR).timestamp())
    report(instance, AssetObservation("a", metadata={"dagster/last_updated_timestamp": updated}), now)
    assert not evaluate(a, checks, instance, now)[0].passed
    report(instance, AssetObservation("a"), now)
    assert not evaluate(a, checks, instance, now)[0].passed, "it does not say when the asset was updated"
    updated = MetadataValue.timestamp((now - HOUR / 2).timestamp())
    report(instance, AssetObservation("a", metadata={"dagster/last_updated_timestamp": updated}), now)
    assert evaluate(a, checks, instance, now)[0].passed


def test_several_assets_one_step_and_a_part_of_them(instance: Instance) -> None:
    @asset
    def b() -> None: ...

    checks = build_last_update_freshness_checks(assets=[a, b, "elsewhere"], lower_bound_delta=HOUR)
    assert len(checks) == 1
    assert {key.asset_key.to_user_string() for key in checks[0].check_keys} == {"a", "b", "elsewhere"}
    result = materialize([a, b, *checks], selection=AssetSelection.assets(a), instance=instance)
    assert [check.asset_key for check in result.get_asset_check_evaluations()] == [AssetKey("a")]
    only = AssetSelection.checks(*checks) & AssetSelection.checks_for_assets(b)
    result = materialize([a, b, *checks], selection=only, instance=instance)
    assert [check.asset_key for check in result.get_asset_check_evaluations()] == [AssetKey("b")]


def test_a_blocking_freshness_check_stops_what_follows(instance: Instance) -> None:
    checks = build_last_update_freshness_checks(
        assets=["raw"], lower_bound_delta=HOUR, blocking=True, severity=AssetCheckSeverity.ERROR
    )
    assert all(spec.blocking for spec in checks[0].check_specs)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"assets": [a, a], "lower_bound_delta": HOUR}, "twice"),
        ({"assets": a, "lower_bound_delta": HOUR}, "a list of assets"),
        ({"assets": [a], "lower_bound_delta": 3600}, "timedelta"),
        ({"assets": [a], "lower_bound_delta": -HOUR}, "negative"),
        ({"assets": [a], "lower_bound_delta": HOUR, "deadline_cron": "zork"}, "cron"),
        ({"assets": [a], "lower_bound_delta": HOUR, "timezone": "Mars/North"}, "Mars/North"),
        ({"assets": [a], "lower_bound_delta": HOUR, "severity": "WARN"}, "severity"),
    ],
)
def test_arguments_that_are_refused(given: Any, said: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=said):
        build_last_update_freshness_checks(**given)


def test_that_an_asset_has_no_partitions_of_time_is_said_where_its_check_runs() -> None:
    made = build_time_partition_freshness_checks(assets=[a], deadline_cron="@daily")
    assert Definitions([a], asset_checks=made).problems() == []
    with pytest.raises(InvalidDefinitionError, match="no partitions of time"):
        materialize([a, *made])


class TickContext:
    """What the sensor's function asks of its context."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance


def test_the_sensor_runs_what_never_ran_and_what_may_be_overdue(instance: Instance) -> None:
    checks = build_last_update_freshness_checks(assets=[a], lower_bound_delta=HOUR)
    sensor = build_sensor_for_freshness_checks(freshness_checks=checks)
    assert sensor.name == "freshness_checks_sensor"
    Definitions(assets=[a], asset_checks=checks, sensors=[sensor]).get_repository_def()

    def tick(now: datetime) -> Any:
        with clock_at(now):
            return sensor.evaluation_fn(TickContext(instance))

    noon = _time("2024-05-15T12:00:00")
    asked = tick(noon)
    assert isinstance(asked, RunRequest)
    assert asked.asset_check_keys == [checks[0].check_key]
    queued = Run(
        run_id="1",
        job_name="checks",
        status=RunStatus.QUEUED,
        check_selection=frozenset(asked.asset_check_keys),
    )
    instance.store.create_run(queued, noon.timestamp())
    assert isinstance(tick(noon), SkipReason)  # asked for already, and not over
    instance.store.transition_run("1", RunStatus.CANCELED, noon.timestamp())
    assert isinstance(tick(noon), RunRequest)
    report(instance, AssetMaterialization("a"), noon)
    evaluate(a, checks, instance, noon + timedelta(minutes=5))
    assert isinstance(tick(noon + timedelta(minutes=59)), SkipReason)
    assert isinstance(tick(noon + HOUR), RunRequest)
    evaluate(a, checks, instance, noon + HOUR + timedelta(seconds=1))
    assert isinstance(
        tick(noon + 9 * HOUR), SkipReason
    )  # it failed: its asset's next materialization runs it


def test_the_sensor_takes_each_check_once() -> None:
    checks = build_last_update_freshness_checks(assets=[a], lower_bound_delta=HOUR)
    with pytest.raises(InvalidDefinitionError, match="twice"):
        build_sensor_for_freshness_checks(freshness_checks=[*checks, *checks])
    with pytest.raises(InvalidDefinitionError, match="a list of checks"):
        build_sensor_for_freshness_checks(freshness_checks=[a])


def test_a_policy_is_put_on_all_assets_or_on_those_without_one() -> None:
    day, week = (FreshnessPolicy.time_window(timedelta(days=days)) for days in (1, 7))

    @asset(freshness_policy=week)
    def has_one() -> None: ...

    defs = Definitions(assets=[a, has_one])
    for overwrite, expected in ((True, {"a": day, "has_one": day}), (False, {"a": day, "has_one": week})):
        mapped = defs.map_asset_specs(
            func=lambda spec: apply_freshness_policy(spec, day, overwrite_existing=overwrite)
        )
        found = {
            spec.key.to_user_string(): spec.freshness_policy for spec in mapped.resolve_all_asset_specs()
        }
        assert found == expected
    with pytest.raises(InvalidDefinitionError, match="spec"):
        apply_freshness_policy(a, day)
