"""What will be made on this tick counts only where one run makes it together with the asset whose condition asks."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import treadle as dg
from tests.plan.automation.making import names, report

A = dg.AutomationCondition
NOW = datetime(2024, 1, 5, 0, 30, tzinfo=UTC)
WILL_BE = A.any_deps_match(A.will_be_requested())

FACTS = Path(__file__).parents[2] / "data" / "facts" / "automation_one_run.json"
CASES = json.loads(FACTS.read_text(encoding="utf-8"))["cases"]

DAYS = dg.DailyPartitionsDefinition("2024-01-01")
LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
PARTITIONS: dict[str, Any] = {
    "none": None,
    "D": DAYS,
    "D2": dg.DailyPartitionsDefinition("2024-01-02"),
    "DE": dg.DailyPartitionsDefinition("2024-01-01", end_offset=1),
    "W": dg.WeeklyPartitionsDefinition("2023-12-17"),
    "H": dg.HourlyPartitionsDefinition("2024-01-04-00:00"),
    "S": LETTERS,
    "S2": dg.StaticPartitionsDefinition(["a", "b"]),
    "Sr": dg.StaticPartitionsDefinition(["b", "a"]),
    "Sc": dg.StaticPartitionsDefinition(["a", "c"]),
    "mx": dg.MultiPartitionsDefinition({"d": DAYS, "s": LETTERS}),
    "mx_": dg.MultiPartitionsDefinition({"s": LETTERS, "d": DAYS}),
    "Y": dg.DynamicPartitionsDefinition(name="y"),
}


def by_dimension(days: Any) -> dg.MultiPartitionMapping:
    letters = dg.DimensionPartitionMapping("s", dg.IdentityPartitionMapping())
    return dg.MultiPartitionMapping({"d": dg.DimensionPartitionMapping("d", days), "s": letters})


DAY_BEFORE = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
MAPPINGS: dict[str, Any] = {
    "default": None,
    "identity": dg.IdentityPartitionMapping(),
    "tw": dg.TimeWindowPartitionMapping(),
    "tw_off": DAY_BEFORE,
    "tw_wide": dg.TimeWindowPartitionMapping(start_offset=-1),
    "tw_missing": dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True),
    "last": dg.LastPartitionMapping(),
    "all": dg.AllPartitionMapping(),
    "static": dg.StaticPartitionMapping({"a": "a", "b": "b"}),
    "swap": dg.StaticPartitionMapping({"a": "b", "b": "a"}),
    "specific": dg.SpecificPartitionsPartitionMapping(["a"]),
    "multi": by_dimension(dg.IdentityPartitionMapping()),
    "multi_off": by_dimension(DAY_BEFORE),
    "single": dg.MultiToSingleDimensionPartitionMapping("d"),
}
CONDITIONS = {
    "will_be_requested": WILL_BE,
    "any_deps_updated": A.any_deps_updated(),
    "not_any_deps_missing": ~A.any_deps_missing(),
}


def asset(name: str, condition: Any = None, partitions: Any = None, *deps: Any) -> Any:
    @dg.asset(name=name, automation_condition=condition, partitions_def=partitions, deps=deps)
    def compute() -> None: ...

    return compute


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['upstream']}-{case['downstream']}-{case['mapping']}"
)
def test_a_recorded_combination_of_partitions_asks_for_the_same(instance: Any, case: dict[str, Any]) -> None:
    instance.add_dynamic_partitions("y", ["a", "b"])
    dep = dg.AssetDep("up", partition_mapping=MAPPINGS[case["mapping"]])
    of = PARTITIONS[case["downstream"]]
    below = [asset(name, condition, of, dep) for name, condition in CONDITIONS.items()]
    defs = dg.Definitions([asset("up", A.missing(), PARTITIONS[case["upstream"]]), *below])
    result = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOW)
    assert result.get_num_requested(dg.AssetKey("up"))
    for name in CONDITIONS:
        assert result.get_num_requested(dg.AssetKey(name)) == case[name], name


def test_the_table_has_both_outcomes() -> None:
    true = sum(bool(case["will_be_requested"]) for case in CASES)
    assert 20 < true < len(CASES) - 40


@pytest.mark.parametrize("condition", [A.eager(), A.any_deps_updated()], ids=["eager", "any_deps_updated"])
def test_an_update_that_another_run_makes_is_not_lost(instance: Any, condition: Any) -> None:
    """The summary is asked for when its upstream was made, not at the same time, when it would read what was before."""
    version = 0
    read: list[int] = []

    @dg.asset
    def src() -> int:
        return version

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a"]), automation_condition=A.eager())
    def parts(src: int) -> int:
        return src

    @dg.asset(automation_condition=condition)
    def summary(parts: Any) -> None:
        read.append(parts)

    defs = dg.Definitions([src, parts, summary])

    def make(one: Any, **options: Any) -> None:
        dg.materialize([src, parts, summary], selection=[one], instance=instance, **options)

    dg.materialize([src], instance=instance)
    make(parts, partition_key="a")
    make(summary)
    catalog = defs.resolve().catalog
    result = dg.evaluate_automation_conditions(catalog, instance)
    version = 1
    dg.materialize([src], instance=instance)
    asked = []
    for _ in range(4):
        result = dg.evaluate_automation_conditions(catalog, instance, cursor=result.cursor)
        asked.append(names(result))
        if "summary" in asked[-1]:
            make(summary)
        if "parts" in asked[-1]:
            make(parts, partition_key="a")
    assert asked == [{"parts"}, {"summary"}, set(), set()]
    assert read == [0, 1]


def test_a_cron_waits_for_an_upstream_of_another_run(instance: Any) -> None:
    on_cron = A.on_cron("@hourly")
    defs = dg.Definitions([asset("daily", on_cron, DAYS), asset("all_days", on_cron, None, "daily")])
    result, asked = None, []
    for minutes in (0, 60, 61, 62):
        now = NOW + timedelta(minutes=minutes)
        cursor = None if result is None else result.cursor
        result = dg.evaluate_automation_conditions(defs, instance, evaluation_time=now, cursor=cursor)
        asked.append(names(result))
        if minutes == 61:
            for day in DAYS.get_partition_keys(current_time=now):
                report(instance, "daily", day)
    assert asked == [set(), {"daily"}, set(), {"all_days"}]


def test_an_observation_is_no_update_before_it_was_made(instance: Any) -> None:
    @dg.observable_source_asset(automation_condition=A.on_cron("@hourly"))
    def observed() -> dg.DataVersion:
        return dg.DataVersion("1")

    below = [
        asset("eager", A.eager(), None, "observed"),
        asset("updated", A.any_deps_updated(), None, "observed"),
        asset("will_be", WILL_BE, None, "observed"),
    ]
    defs = dg.Definitions([observed, *below])
    first = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOW)
    later = NOW + timedelta(minutes=40)
    then = dg.evaluate_automation_conditions(defs, instance, evaluation_time=later, cursor=first.cursor)
    assert names(then) == {"observed"}


def test_what_stands_between_them_does_not_count(instance: Any) -> None:
    """One run makes the first and the last, whatever the partitions of what is between."""
    twice = A.any_deps_match(WILL_BE)
    for first, last, together in ((None, None, True), (LETTERS, LETTERS, True), (None, LETTERS, False)):
        middle = asset("middle", None, LETTERS if first is None else None, "first")
        defs = dg.Definitions(
            [asset("first", A.missing(), first), middle, asset("last", twice, last, "middle")]
        )
        found = names(dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOW))
        assert found == ({"first", "last"} if together else {"first"})


@pytest.mark.parametrize(("upstream", "downstream"), [(None, LETTERS), (LETTERS, None), (LETTERS, LETTERS)])
def test_a_neighbour_is_made_by_the_run_of_its_function(
    instance: Any, upstream: Any, downstream: Any
) -> None:
    specs = [
        dg.AssetSpec("x", automation_condition=A.missing(), partitions_def=upstream),
        dg.AssetSpec("y", partitions_def=upstream),
    ]

    @dg.multi_asset(specs=specs, check_specs=[dg.AssetCheckSpec("whole", asset="x", blocking=True)])
    def both() -> None: ...

    gated = asset("gated", A.all_deps_blocking_checks_passed(), downstream, "x")
    defs = dg.Definitions([both, asset("z", WILL_BE, downstream, "y"), gated])
    found = names(dg.evaluate_automation_conditions(defs, instance))
    assert ("z" in found) == (upstream == downstream)
    assert "gated" not in found, (
        "the check's result will be of a run that it is not part of, or of no partition"
    )
