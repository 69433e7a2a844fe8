"""Retry, backfill and freshness policies, and automation conditions as values."""

import json
import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle import AutomationCondition as AC
from treadle.core.errors import TreadleError
from treadle.core.retry import retry_delay

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


FACTS = json.loads((Path(__file__).parents[1] / "data/facts/names_and_metadata.json").read_text())


def of(enum, name):
    return None if name is None else enum[name]


@pytest.mark.parametrize(
    "row", FACTS["retry_delays"]["rows"], ids=lambda row: f"{row['backoff']}-{row['delay']}"
)
def test_delays(row):
    """S1-46."""
    arguments = {"max_retries": 6, "delay": row["delay"], "backoff": of(dg.Backoff, row["backoff"])}
    if "error" in row:
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="there is no `delay`"):
            dg.RetryPolicy(**arguments)
        return
    policy = dg.RetryPolicy(**arguments)
    assert [policy.calculate_delay(attempt) for attempt in range(1, 7)] == row["delays_attempt_1_to_6"]


@pytest.mark.parametrize("row", FACTS["retry_policy_arguments"]["rows"], ids=lambda row: row["kwargs_source"])
def test_arguments_of_retry_policies(row):
    arguments = eval(row["kwargs_source"], {"dg": dg})
    if not row["ok"]:
        with pytest.raises(TreadleError):
            dg.RetryPolicy(**arguments)
        return
    max_retries, delay, backoff, jitter = row["value"]
    policy = dg.RetryPolicy(**arguments)
    assert tuple(policy) == (max_retries, delay, of(dg.Backoff, backoff), of(dg.Jitter, jitter))


@given(
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1e6),
    st.integers(1, 10_000),
    st.sampled_from([None, *dg.Backoff]),
)
def test_jitter_stays_within_its_bounds(chance, delay, attempt, backoff):
    plain = retry_delay(dg.RetryPolicy(5, delay, backoff), attempt, lambda: chance)
    full = retry_delay(dg.RetryPolicy(5, delay, backoff, dg.Jitter.FULL), attempt, lambda: chance)
    around = retry_delay(dg.RetryPolicy(5, delay, backoff, dg.Jitter.PLUS_MINUS), attempt, lambda: chance)
    assert 0 <= full <= plain
    assert around >= 0
    assert abs(around - plain) <= delay * (1 + 1e-9) + plain * 1e-9


def test_a_negative_delay_waits_for_nothing():
    assert dg.RetryPolicy(1, delay=-1).calculate_delay(1) == 0


def test_backfill_policies():
    assert dg.BackfillPolicy().max_partitions_per_run == 1
    assert dg.BackfillPolicy.single_run().max_partitions_per_run is None
    assert dg.BackfillPolicy.single_run().policy_type.value == "SINGLE_RUN"
    assert dg.BackfillPolicy.multi_run(10).max_partitions_per_run == 10
    for wrong in (0, -1, "3", True):
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="max_partitions_per_run"):
            dg.BackfillPolicy(wrong)


def test_freshness_policies():
    window = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=2), warn_window=timedelta(hours=1))
    assert window.fail_window == timedelta(hours=2)
    cron = dg.FreshnessPolicy.cron(deadline_cron="0 9 * * *", lower_bound_delta=timedelta(hours=1))
    assert cron.timezone == "UTC"
    assert isinstance(cron, dg.FreshnessPolicy)
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="must be shorter than"):
        dg.FreshnessPolicy.time_window(timedelta(hours=1), timedelta(hours=1))
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="one minute or more"):
        dg.FreshnessPolicy.time_window(timedelta(seconds=1))
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="needs a `cron_schedule`"):
        dg.LegacyFreshnessPolicy(maximum_lag_minutes=1, cron_schedule_timezone="UTC")


def test_conditions_print_as_they_are_written():
    assert (
        str(AC.missing() & ~AC.in_progress() | AC.newly_updated())
        == "((missing & ~in_progress) | newly_updated)"
    )
    assert str(AC.missing().since(AC.newly_updated())) == "(missing since newly_updated)"
    assert str(AC.any_deps_match(AC.missing())) == "any_deps_match(missing)"
    assert str(AC.eager()) == "eager"
    assert str(AC.on_cron("@daily")) == "on_cron(@daily, UTC)"
    assert str(AC.cron_tick_passed("0 * * * *")) == "cron_tick_passed(0 * * * *, UTC)"


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (AC.eager(), "AND"),
        (AC.newly_missing(), "NEWLY_TRUE"),
        (AC.missing().with_label("gone"), "missing"),
        (AC.cron_tick_passed("0 * * * *"), "cron_tick_passed(cron_schedule=0 * * * *, cron_timezone=UTC)"),
        (AC.in_latest_time_window(timedelta(hours=1)), "in_latest_time_window(lookback_timedelta=1:00:00)"),
        (AC.executed_with_tags(tag_keys={"b", "a"}), "executed_with_tags(tag_keys={a,b})"),
        (AC.executed_with_tags(tag_values={"a": "b"}), "executed_with_tags(tag_values={a:b})"),
        (AC.any_checks_match(AC.missing(), blocking_only=True), "ANY_CHECKS_MATCH(blocking_only=True)"),
        (
            AC.any_deps_missing().ignore("group:raw").allow("*"),
            "ANY_DEPS_MATCH(allow_selection=*,ignore_selection=group:raw)",
        ),
        (AC.asset_matches(["a", "b"], AC.missing()), "a/b"),
        (AC.freshness_failed(), "freshness_result(state=FreshnessState.FAIL)"),
    ],
    ids=str,
)
def test_a_node_s_name_says_what_it_does_whatever_its_label(condition, name):
    assert condition.name == name


def test_nodes_that_combine_describe_how():
    missing = AC.missing()
    assert [one.description for one in (missing & ~missing, missing | ~missing, ~missing, missing)] == [
        "All of",
        "Any of",
        "Not",
        "",
    ]


def test_chains_of_one_operator_are_flat_but_labelled_parts_stay_whole():
    chain = AC.missing() & AC.in_progress() & AC.newly_updated()
    assert len(chain.children) == 3
    assert len((chain.with_label("mine") & AC.check_passed()).children) == 2


def test_a_part_is_replaced_by_value_label_or_name():
    eager = AC.eager()
    assert eager.replace(AC.in_latest_time_window(), AC.missing()).children[0] == AC.missing()
    replaced = eager.replace("any_deps_missing", AC.check_passed())
    assert ~AC.check_passed() in replaced.children
    assert replaced.label == "eager"
    assert eager.replace("no such part", AC.missing()) == eager
    assert eager.replace("eager", AC.missing()) == AC.missing()
    assert eager.replace("NOT", AC.missing()).children[2:] == (AC.missing(),) * 3


def test_a_part_is_taken_out():
    rest = AC.eager().without(~AC.any_deps_missing())
    assert len(rest.children) == 4
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="not one of the conditions"):
        AC.eager().without(AC.missing())


def test_dependencies_are_narrowed_at_every_depth():
    narrowed = AC.eager().allow("group:raw")
    asked = [node for node in narrowed.walk() if node.operator == "any_deps_match"]
    assert len(asked) == 3
    assert all(node.params["allow"] == "group:raw" for node in asked)


def test_what_is_asked_within_a_narrowed_question_is_not_narrowed():
    inner = AC.any_deps_match(AC.missing())
    assert AC.any_deps_match(inner).ignore("a").children == (inner,)


def test_narrowing_twice_takes_both_together():
    narrowed = AC.any_deps_missing().allow(dg.AssetSelection.assets("a")).allow(dg.AssetSelection.assets("b"))
    assert narrowed.params["allow"] == dg.AssetSelection.assets("b") | dg.AssetSelection.assets("a")


class IsWeekday(dg.AutomationCondition):
    def evaluate(self, context):
        raise NotImplementedError


def test_users_write_conditions_of_their_own():
    condition = IsWeekday() & AC.missing()
    assert str(condition) == "(IsWeekday & missing)"
    assert condition.children[0].is_custom
    assert not condition.is_custom
    assert pickle.loads(pickle.dumps(condition)) == condition


def test_conditions_are_values():
    assert AC.eager() == AC.eager()
    assert hash(AC.eager()) == hash(AC.eager())
    assert AC.eager() != AC.on_missing()
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="argument `condition`"):
        AC.missing() & "missing"


def test_rules_are_added_and_taken_out_by_name():
    policy = dg.AutoMaterializePolicy.lazy().with_rules(dg.AutoMaterializeRule.materialize_on_cron("@daily"))
    weekly = policy.with_rules(dg.AutoMaterializeRule.materialize_on_cron("@weekly"))
    assert len(weekly.rules) == len(policy.rules) == 6
    assert len(weekly.without_rules(dg.AutoMaterializeRule.skip_on_parent_missing()).rules) == 5
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="has no rule"):
        weekly.without_rules(dg.AutoMaterializeRule.materialize_on_missing())
