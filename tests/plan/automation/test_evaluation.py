"""What automation conditions mean beyond the recorded scenarios, and what an evaluation costs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import treadle as dg
from tests.plan.automation.making import names, report
from tests.store.making import begin, finish, planned
from treadle.core.catalog import Catalog
from treadle.plan.automation.cursor import AutomationCursor
from treadle.plan.automation.evaluate import Outcome, evaluate
from treadle.plan.automation.network import Network
from treadle.plan.automation.results import result_of
from treadle.run.automation import evaluate_catalog
from treadle.store.automation import AutomationReader

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


A = dg.AutomationCondition
NOON = datetime(2024, 8, 16, 12, 0, tzinfo=UTC)


def chain(count: int, condition: Any) -> dg.Definitions:
    specs = []
    for n in range(count):

        @dg.asset(
            name=f"n{n}", deps=[f"n{n - 1}"] if n else [], automation_condition=condition if n else None
        )
        def compute() -> None: ...

        specs.append(compute)
    return dg.Definitions(specs)


# --- order (T40)


def test_a_trigger_after_the_reset_on_the_same_tick_is_not_lost(instance: Any) -> None:
    defs = chain(2, A.any_deps_match(A.newly_updated()).since(A.newly_updated()))
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    report(instance, "n1")
    report(instance, "n0")
    assert names(dg.evaluate_automation_conditions(defs, instance, cursor=cursor)) == {"n1"}


def test_a_reset_after_the_trigger_on_the_same_tick_counts(instance: Any) -> None:
    defs = chain(2, A.any_deps_match(A.newly_updated()).since(A.newly_updated()))
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    report(instance, "n0")
    report(instance, "n1")
    assert names(dg.evaluate_automation_conditions(defs, instance, cursor=cursor)) == set()


def test_an_update_before_the_tick_of_the_cron_does_not_count_for_it(instance: Any) -> None:
    defs = chain(2, A.on_cron("0 * * * *"))
    later = datetime.now(UTC) + timedelta(days=2)
    first = dg.evaluate_automation_conditions(defs, instance, evaluation_time=later - timedelta(days=1))
    report(instance, "n0")  # now, long before the tick
    result = dg.evaluate_automation_conditions(defs, instance, evaluation_time=later, cursor=first.cursor)
    assert names(result) == set()


# --- definitions change (T40)


def test_eager_fires_though_the_code_was_loaded_again_in_between(instance: Any) -> None:
    first = dg.evaluate_automation_conditions(chain(3, A.eager()), instance)
    report(instance, "n0")
    result = dg.evaluate_automation_conditions(chain(3, A.eager()), instance, cursor=first.cursor)
    assert names(result) == {"n1", "n2"}


def test_a_changed_condition_keeps_what_its_parts_remember(instance: Any) -> None:
    first = dg.evaluate_automation_conditions(chain(2, A.eager()), instance)
    report(instance, "n0")
    changed = chain(2, A.eager() | A.code_version_changed())
    assert names(dg.evaluate_automation_conditions(changed, instance, cursor=first.cursor)) == {"n1"}


def test_a_partition_that_vanished_is_not_asked_for(instance: Any) -> None:
    parts = dg.DynamicPartitionsDefinition(name="p")

    @dg.asset(partitions_def=parts, automation_condition=A.missing())
    def a() -> None: ...

    defs = dg.Definitions([a])
    instance.add_dynamic_partitions("p", ["k"])
    first = dg.evaluate_automation_conditions(defs, instance)
    assert first.get_requested_partitions(dg.AssetKey("a")) == {"k"}
    instance.delete_dynamic_partition("p", "k")
    again = dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor.to_text())
    assert again.total_requested == 0


# --- runs


def test_an_update_by_a_run_that_made_the_downstream_too_asks_for_nothing(instance: Any) -> None:
    defs = chain(2, A.eager())
    report(instance, "n0")
    report(instance, "n1")
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    dg.materialize(list(defs.assets), instance=instance)
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
    assert names(result) == set()


def test_an_update_by_a_run_of_the_upstream_alone_asks_for_the_downstream(instance: Any) -> None:
    defs = chain(2, A.eager())
    report(instance, "n0")
    report(instance, "n1")
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    dg.materialize(list(defs.assets), instance=instance, selection="n0")
    assert names(dg.evaluate_automation_conditions(defs, instance, cursor=cursor)) == {"n1"}


def test_a_run_with_the_root_counts_for_what_is_upstream_and_not_for_the_root(instance: Any) -> None:
    for condition, wanted in (
        (A.executed_with_root_target(), set()),
        (A.any_deps_match(A.executed_with_root_target()), {"n1"}),
    ):
        defs = chain(2, condition)
        dg.materialize(list(defs.assets), instance=instance)
        assert names(dg.evaluate_automation_conditions(defs, instance)) == wanted
        dg.materialize(list(defs.assets), instance=instance, selection="n0")
        assert names(dg.evaluate_automation_conditions(defs, instance)) == set()


def test_tags_of_the_run_that_updated_it_can_be_asked(instance: Any) -> None:
    def build(condition: Any) -> dg.Definitions:
        return chain(2, A.any_deps_match(condition))

    for tags, wanted in (({"team": "x"}, {"n1"}), ({"team": "y"}, set()), ({}, set())):
        defs = build(A.any_new_update_has_run_tags(tag_values={"team": "x"}))
        cursor = dg.evaluate_automation_conditions(defs, instance).cursor
        dg.materialize(list(defs.assets), instance=instance, selection="n0", tags=tags)
        assert names(dg.evaluate_automation_conditions(defs, instance, cursor=cursor)) == wanted
    keyed = build(A.executed_with_tags(tag_keys={"team"}))
    assert names(dg.evaluate_automation_conditions(keyed, instance)) == set()


def test_a_check_that_a_run_is_evaluating_is_in_progress(instance: Any) -> None:
    @dg.asset
    def a() -> None: ...

    @dg.asset_check(asset=a, automation_condition=A.in_progress())
    def chk() -> Any: ...

    defs = dg.Definitions([a], asset_checks=[chk])
    assert names(dg.evaluate_automation_conditions(defs, instance)) == set()
    dg.materialize([a, chk], instance=instance, raise_on_error=False)
    assert names(dg.evaluate_automation_conditions(defs, instance)) == set()


def test_a_run_is_in_progress_until_it_is_over_whoever_else_updates_the_asset(instance: Any) -> None:
    @dg.asset(automation_condition=A.in_progress())
    def a() -> None: ...

    defs = dg.Definitions([a])
    key = dg.AssetKey("a")
    lease = begin(instance.store, "r1", planned("r1", asset=key))
    report(instance, "a")
    first = dg.evaluate_automation_conditions(defs, instance)
    assert names(first) == {"a"}
    finish(instance.store, lease)
    assert names(dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor)) == set()


# --- freshness


@pytest.mark.parametrize(
    ("minutes", "wanted"), [(1, A.freshness_passed), (20, A.freshness_warned), (70, A.freshness_failed)]
)
def test_freshness_conditions_follow_the_policy(instance: Any, minutes: int, wanted: Any) -> None:
    policy = dg.FreshnessPolicy.time_window(timedelta(hours=1), timedelta(minutes=10))
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    for make in (A.freshness_passed, A.freshness_warned, A.freshness_failed):

        @dg.asset(freshness_policy=policy, automation_condition=make())
        def a() -> None: ...

        defs = dg.Definitions([a])
        report(instance, "a")
        found = names(dg.evaluate_automation_conditions(defs, instance, evaluation_time=at))
        assert found == ({"a"} if make is wanted else set())


# --- conditions of one's own


class Counting(A):
    def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        times = int(context.cursor or "0") + 1
        wanted = context.candidate_subset if times % 2 == 0 else context.get_empty_subset()
        return dg.AutomationResult(context, true_subset=wanted, cursor=str(times))


def test_a_condition_of_ones_own_keeps_a_cursor_also_through_text(instance: Any) -> None:
    @dg.asset(automation_condition=A.missing() & Counting())
    def a() -> None: ...

    defs = dg.Definitions([a])
    result = dg.evaluate_automation_conditions(defs, instance)
    assert names(result) == set()
    result = dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor.to_text())
    assert names(result) == {"a"}
    assert names(dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor)) == set()


def test_a_condition_of_ones_own_is_asked_only_about_what_is_still_open(instance: Any) -> None:
    asked: list[set[str]] = []

    class Noting(A):
        def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
            asked.append(context.candidate_subset.expensively_compute_partition_keys())
            return dg.AutomationResult(context, context.candidate_subset)

    parts = dg.StaticPartitionsDefinition(["x", "y"])

    @dg.asset(partitions_def=parts, automation_condition=A.missing() & Noting() | Noting())
    def a() -> None: ...

    report(instance, "a", "x")
    dg.evaluate_automation_conditions(dg.Definitions([a]), instance)
    assert asked == [{"y"}, {"x", "y"}]


def test_a_condition_that_returns_something_else_is_told(instance: Any) -> None:
    class Wrong(A):
        def evaluate(self, context: dg.AutomationContext) -> Any:
            return True

    @dg.asset(automation_condition=Wrong())
    def a() -> None: ...

    with pytest.raises(dg.DagsterInvariantViolationError, match="not an AutomationResult"):
        dg.evaluate_automation_conditions(dg.Definitions([a]), instance)


def test_a_subset_of_another_asset_is_refused(instance: Any) -> None:
    class Wrong(A):
        def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
            other = context.asset_graph_view.get_full_subset(key=dg.AssetKey("b"))
            return dg.AutomationResult(context, other)

    @dg.asset(automation_condition=Wrong())
    def a() -> None: ...

    @dg.asset
    def b() -> None: ...

    with pytest.raises(dg.TreadleError, match="must be a subset of a"):
        dg.evaluate_automation_conditions(dg.Definitions([a, b]), instance)


# --- the cursor


def test_text_that_is_no_cursor_is_refused() -> None:
    good = AutomationCursor("0:0", 1.0, 1, {}, {}).to_text()
    newer = json.dumps({**json.loads(good), "version": 2})
    damaged = json.dumps({**json.loads(good), "entities": [{"value": True}]})
    assert AutomationCursor.of_text(good).number == 1
    for text, why in (
        ("{", "no JSON"),
        ("[1]", "something else"),
        (newer, "version 2"),
        (damaged, "damaged"),
    ):
        with pytest.raises(dg.TreadleError, match=why) as caught:
            AutomationCursor.of_text(text)
        assert caught.value.code == "invalid-cursor"


def test_a_cursor_may_be_used_again(instance: Any) -> None:
    defs = chain(3, A.eager())
    first = dg.evaluate_automation_conditions(defs, instance).cursor
    report(instance, "n0")
    once = dg.evaluate_automation_conditions(defs, instance, cursor=first)
    dg.evaluate_automation_conditions(defs, instance, cursor=once.cursor)
    assert (
        names(dg.evaluate_automation_conditions(defs, instance, cursor=first)) == names(once) == {"n1", "n2"}
    )


def test_a_cursor_of_another_store_reads_everything_again(instance: Any) -> None:
    defs = chain(2, A.missing())
    for _ in range(3):
        report(instance, "n1")
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    with dg.Instance.ephemeral() as other:
        result = dg.evaluate_automation_conditions(defs, other, cursor=cursor.to_text())
        assert names(result) == {"n1"}


# --- what it costs


def evaluated(defs: dg.Definitions, instance: Any, cursor: Any = None) -> Outcome:
    return evaluate_catalog(defs.resolve().catalog, instance, NOON.timestamp(), cursor)


def test_nothing_is_asked_again_if_nothing_happened(instance: Any) -> None:
    defs = chain(200, A.eager())
    first = evaluated(defs, instance)
    assert first.asked == 199
    second = evaluated(defs, instance, first.cursor)
    assert second.asked == 0


def test_one_change_asks_only_what_looks_at_it(instance: Any) -> None:
    defs = chain(200, A.eager())
    first = evaluated(defs, instance)
    report(instance, "n100")
    second = evaluated(defs, instance, first.cursor)
    assert second.asked <= 100 and {key.key.to_user_string() for key, _ in second.requested()} >= {"n101"}
    report(instance, "unrelated")
    quiet = evaluated(defs, instance, evaluated(defs, instance, second.cursor).cursor)
    assert evaluated(defs, instance, quiet.cursor).asked == 0


def test_a_million_partitions_are_not_counted_one_by_one(instance: Any) -> None:
    hours = dg.HourlyPartitionsDefinition("1910-01-01-00:00")

    @dg.asset(partitions_def=hours, automation_condition=A.missing())
    def a() -> None: ...

    result = dg.evaluate_automation_conditions(dg.Definitions([a]), instance, evaluation_time=NOON)
    assert result.get_num_requested(dg.AssetKey("a")) > 1_000_000
    (found,) = result.results
    assert len(json.dumps(found.to_dict())) < 1_000


# --- reasons


def test_every_result_tells_its_reasons_as_a_tree(instance: Any) -> None:
    defs = chain(2, A.eager())
    report(instance, "n0")
    report(instance, "n1")
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    report(instance, "n0")
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
    tree = str(result.get_result(dg.AssetKey("n1")))
    assert tree.splitlines()[0] == "+ eager"
    assert "+ or [n0]" in tree
    told = result.results[0].to_dict()
    assert told["true"] is True
    assert [part["label"] for part in told["children"]][:2] == ["in_latest_time_window", "since"]
    assert json.loads(json.dumps(told)) == told


def test_what_was_not_asked_is_marked(instance: Any) -> None:
    @dg.asset(automation_condition=A.newly_updated() & A.missing())
    def a() -> None: ...

    (result,) = dg.evaluate_automation_conditions(dg.Definitions([a]), instance).results
    assert [part.evaluated for part in result.child_results] == [True, False]


# --- the older policies


def test_a_policy_of_rules_is_evaluated_as_a_condition(instance: Any) -> None:
    @dg.asset
    def up() -> None: ...

    condition = dg.AutoMaterializePolicy.eager().to_automation_condition()

    @dg.asset(deps=[up], automation_condition=condition)
    def down() -> None: ...

    defs = dg.Definitions([up, down])
    first = dg.evaluate_automation_conditions(defs, instance)
    assert names(first) == set()
    report(instance, "up")
    second = dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor)
    assert names(second) == {"down"}
    assert names(dg.evaluate_automation_conditions(defs, instance, cursor=second.cursor)) == set()


# --- without the user's code


def test_what_only_user_code_can_answer_waits_and_is_never_guessed(instance: Any) -> None:
    @dg.asset(automation_condition=Counting() | A.missing())
    def own() -> None: ...

    @dg.asset(automation_condition=A.initial_evaluation())
    def plain() -> None: ...

    catalog = Catalog.from_json(dg.Definitions([own, plain]).resolve().catalog.to_json())
    network, now = Network(catalog), NOON.timestamp()
    first = evaluate(network, AutomationReader(instance), now)
    assert [scope.key for scope, _ in first.requested()] == [dg.AssetKey("plain")]
    assert "waits for the code location" in str(result_of(first).get_result("own"))

    def answer(code: Any, context: dg.AutomationContext) -> dg.AutomationResult:
        assert code.kind == "automation_condition" and "Counting" in code.id
        return dg.AutomationResult(context, context.get_empty_subset(), cursor="x")

    second = evaluate(network, AutomationReader(instance), now, first.cursor, answer=answer)
    assert [scope.key for scope, _ in second.requested()] == [dg.AssetKey("own")]


# --- order, where partitions are involved

LETTERS = dg.StaticPartitionsDefinition(["a", "b", "c"])


def two(condition: Any, above: Any, below: Any) -> dg.Definitions:
    @dg.asset(partitions_def=above)
    def up() -> None: ...

    @dg.asset(deps=[up], partitions_def=below, automation_condition=condition)
    def down() -> None: ...

    return dg.Definitions([up, down])


@pytest.mark.parametrize(
    "condition",
    [
        A.any_deps_match(A.newly_updated()).since(A.newly_updated()),
        A.asset_matches("up", A.newly_updated()).since(A.newly_updated()),
    ],
    ids=str,
)
def test_of_each_partition_the_later_event_counts(instance: Any, condition: Any) -> None:
    defs = two(condition, LETTERS, LETTERS)
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    for event in ("down:a", "up:a", "up:b", "down:b", "up:c", "down:c", "up:c"):
        report(instance, *event.split(":"))
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
    assert result.get_requested_partitions(dg.AssetKey("down")) == {"a", "c"}


@pytest.mark.parametrize(("last", "wanted"), [("up", {"a", "b", "c"}), ("down", {"b", "c"})])
def test_an_update_of_the_whole_upstream_is_compared_with_each_partition(
    instance: Any, last: str, wanted: Any
) -> None:
    defs = two(A.any_deps_match(A.newly_updated()).since(A.newly_updated()), None, LETTERS)
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    for key in sorted(("up", "down"), key=lambda key: key == last):
        report(instance, key, "a" if key == "down" else None)
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
    assert result.get_requested_partitions(dg.AssetKey("down")) == wanted


def test_a_condition_of_ones_own_is_asked_once_also_where_the_order_counts(instance: Any) -> None:
    asked = []

    class Always(A):
        def evaluate(self, context: Any) -> Any:
            asked.append(context.key)
            return dg.AutomationResult(context, true_subset=context.candidate_subset)

    defs = chain(2, Always().since(A.newly_updated()))
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    report(instance, "n1")
    dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
    assert len(asked) == 2


def test_no_time_to_look_back_is_the_latest_window(instance: Any) -> None:
    days = dg.DailyPartitionsDefinition("2024-08-10")
    defs = two(A.in_latest_time_window(timedelta(0)), None, days)
    result = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON)
    assert result.get_requested_partitions(dg.AssetKey("down")) == {"2024-08-15"}
