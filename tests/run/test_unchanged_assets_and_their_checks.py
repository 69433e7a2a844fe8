"""`skip_unchanged` and blocking checks (issue 3 §3): what a check holds up stays held up, whatever is left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import treadle as dg
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.store.instance import Instance

DAYS = dg.StaticPartitionsDefinition(["mon", "tue", "wed"])


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


class World:
    """What the checks of a test answer, and what ran."""

    def __init__(self) -> None:
        self.passes = False
        self.severity = dg.AssetCheckSeverity.ERROR
        self.ran: list[str] = []

    def result(self, name: str) -> dg.AssetCheckResult:
        self.ran.append(name)
        return dg.AssetCheckResult(passed=self.passes, severity=self.severity)


@pytest.fixture
def world() -> World:
    return World()


def definitions(
    world: World, *, blocking: bool = True, partitions: Any = None, by_partition: bool = True
) -> list[Any]:
    @dg.asset(code_version="1", partitions_def=partitions)
    def raw() -> int:
        world.ran.append("raw")
        return 1

    @dg.asset_check(asset=raw, blocking=blocking, partitions_def=partitions if by_partition else None)
    def no_nulls() -> dg.AssetCheckResult:
        return world.result("no_nulls")

    @dg.asset(code_version="1", partitions_def=partitions)
    def published(raw: int) -> int:
        world.ran.append("published")
        return raw

    return [raw, no_nulls, published]


def rerun(world: World, instance: Instance, made: list[Any], **given: Any) -> tuple[bool, list[str]]:
    world.ran.clear()
    found = dg.materialize(made, instance=instance, skip_unchanged=True, raise_on_error=False, **given)
    return found.success, world.ran


def test_a_check_that_failed_still_stops_what_is_below_an_unchanged_asset(world, instance):
    made = definitions(world)
    assert not dg.materialize(made, instance=instance, raise_on_error=False).success
    assert rerun(world, instance, made) == (False, ["no_nulls"])
    world.passes = True
    assert rerun(world, instance, made) == (True, ["no_nulls", "published"])
    assert rerun(world, instance, made) == (True, [])


def test_a_check_that_is_new_is_evaluated_on_an_asset_that_is_unchanged(world, instance):
    raw, check, published = definitions(world)
    dg.materialize([raw], instance=instance)
    assert rerun(world, instance, [raw, check, published]) == (False, ["no_nulls"])


def test_a_check_is_evaluated_again_after_its_asset_was_made_without_it(world, instance):
    world.passes = True
    raw, check, published = definitions(world)
    dg.materialize([raw, check, published], instance=instance)
    dg.materialize([raw], instance=instance)
    assert rerun(world, instance, [raw, check])[1] == ["no_nulls"]


@pytest.mark.parametrize("kind", ["not blocking", "a warning"])
def test_a_failure_that_stops_nothing_is_not_asked_again(world, instance, kind):
    if kind == "a warning":
        world.severity = dg.AssetCheckSeverity.WARN
    made = definitions(world, blocking=kind == "a warning")
    assert dg.materialize(made, instance=instance).success
    assert rerun(world, instance, made) == (True, [])


def with_check_inside(world: World) -> list[Any]:
    @dg.asset(code_version="1", check_specs=[dg.AssetCheckSpec("inside", asset="raw", blocking=True)])
    def raw() -> Any:
        yield dg.Output(1)
        yield world.result("inside")

    @dg.asset(code_version="1")
    def published(raw: int) -> None:
        world.ran.append("published")

    return [raw, published]


def test_an_asset_whose_own_check_failed_runs_again(world, instance):
    made = with_check_inside(world)
    dg.materialize(made, instance=instance, raise_on_error=False)
    assert rerun(world, instance, made) == (False, ["inside"])
    world.passes = True
    assert rerun(world, instance, made) == (True, ["inside", "published"])
    assert rerun(world, instance, made) == (True, [])


@pytest.mark.parametrize("partitions", [None, DAYS], ids=["whole", "partitioned"])
def test_a_result_that_is_told_before_its_asset_is_of_the_same_making(world, instance, partitions):
    spec = dg.AssetCheckSpec("inside", asset="raw", blocking=True, partitions_def=partitions)

    @dg.asset(code_version="1", partitions_def=partitions, check_specs=[spec])
    def raw() -> Any:
        yield world.result("inside")
        yield dg.Output(1)

    world.passes = True
    key = None if partitions is None else "mon"
    dg.materialize([raw], instance=instance, partition_key=key)
    assert rerun(world, instance, [raw], partition_key=key) == (True, [])


def test_each_partition_has_its_own_result(world, instance):
    made = definitions(world, partitions=DAYS)

    def day(key: str, check: bool) -> None:
        world.passes = check
        dg.materialize(made, instance=instance, partition_key=key, raise_on_error=False)

    day("mon", True)
    day("tue", False)
    world.passes = True
    assert rerun(world, instance, made, partition_key="mon") == (True, [])
    assert rerun(world, instance, made, partition_key="tue") == (True, ["no_nulls", "published"])
    assert rerun(world, instance, made, partition_key="wed") == (True, ["raw", "no_nulls", "published"])


def test_a_partition_that_was_made_again_since_is_checked_again(world, instance):
    world.passes = True
    made = definitions(world, partitions=DAYS)
    for key in ("mon", "tue"):
        dg.materialize(made, instance=instance, partition_key=key)
    dg.materialize(made[:1], instance=instance, partition_key="mon")
    assert rerun(world, instance, made[:2], partition_key="mon")[1] == ["no_nulls"]
    assert rerun(world, instance, made[:2], partition_key="tue")[1] == []


def test_a_check_of_the_whole_asset_is_asked_again_once_any_partition_is_made(world, instance):
    world.passes = True
    made = definitions(world, partitions=DAYS, by_partition=False)
    dg.materialize(made, instance=instance, partition_key="mon")
    assert rerun(world, instance, made, partition_key="mon") == (True, [])
    world.passes = False
    dg.materialize(made, instance=instance, partition_key="tue", raise_on_error=False)
    assert rerun(world, instance, made, partition_key="mon") == (False, ["no_nulls"])


def test_a_range_is_settled_where_all_of_its_partitions_are(world, instance):
    world.passes = True
    policy = dg.BackfillPolicy.single_run()

    @dg.asset(code_version="1", partitions_def=DAYS, backfill_policy=policy)
    def raw() -> None:
        world.ran.append("raw")

    @dg.asset_check(asset=raw, blocking=True, partitions_def=DAYS)
    def no_nulls() -> dg.AssetCheckResult:
        return world.result("no_nulls")

    tags = {"dagster/asset_partition_range_start": "mon", "dagster/asset_partition_range_end": "wed"}
    dg.materialize([raw, no_nulls], instance=instance, tags=tags)
    assert rerun(world, instance, [raw, no_nulls], tags=tags) == (True, [])
    world.passes = False
    dg.materialize([raw, no_nulls], instance=instance, partition_key="tue", raise_on_error=False)
    assert rerun(world, instance, [raw, no_nulls], tags=tags)[1] == ["no_nulls"]


def test_many_checks_are_looked_up_at_once(world, instance):
    world.passes = True

    @dg.asset(code_version="1")
    def raw() -> None: ...

    specs = [dg.AssetCheckSpec(f"check_{n}", asset="raw") for n in range(120)]

    @dg.multi_asset_check(specs=specs)
    def checks() -> Any:
        for spec in specs:
            yield dg.AssetCheckResult(passed=world.result("checks").passed, check_name=spec.name)

    dg.materialize([raw, checks], instance=instance)
    assert rerun(world, instance, [raw, checks]) == (True, [])


def reasons_of(plan: Any) -> dict[str, str]:
    return {step.key: step.reason.code for step in plan.steps}


def test_the_plan_says_why_a_check_is_asked_again(world, instance):
    raw, check, published = definitions(world)
    catalog = build_code(assets=[raw, published], asset_checks=[check]).catalog

    def plan() -> Any:
        return plan_assets(catalog, [raw.key, published.key], state=instance, skip_unchanged=True)

    dg.materialize([raw], instance=instance)
    assert reasons_of(plan()) == {"raw_no_nulls": "check-not-evaluated", "published": "never-materialized"}
    dg.materialize([raw, check], instance=instance, raise_on_error=False)
    assert reasons_of(plan()) == {"raw_no_nulls": "check-failed", "published": "never-materialized"}


def test_a_partitioned_asset_is_not_judged_by_what_was_made_last(world, instance):
    made = definitions(world, partitions=DAYS)
    world.passes = True
    dg.materialize(made, instance=instance, partition_key="mon")
    run: Callable[..., Any] = dg.materialize
    without = [run(made, instance=instance, skip_unchanged=skip, raise_on_error=False) for skip in (0, 1)]
    assert without[0].success == without[1].success
    assert bool(without[0].get_asset_materialization_events()) == bool(
        without[1].get_asset_materialization_events()
    )
