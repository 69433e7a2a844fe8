"""The key property: asking only what can have changed gives what asking everything gives, over any history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import treadle as dg
from tests.store.making import begin, checked, finish, planned
from treadle.core.run_states import RunStatus
from treadle.plan.automation.cursor import AutomationCursor
from treadle.plan.automation.evaluate import Outcome, evaluate
from treadle.plan.automation.network import Network
from treadle.store.automation import AutomationReader

A = dg.AutomationCondition
DAYS = dg.DailyPartitionsDefinition("2024-08-10")
STATIC = dg.StaticPartitionsDefinition(["x", "y"])
DYNAMIC = dg.DynamicPartitionsDefinition(name="dyn")
GRID = dg.MultiPartitionsDefinition({"d": dg.DailyPartitionsDefinition("2024-08-13"), "s": STATIC})
START = datetime(2024, 8, 16, 4, 35, tzinfo=UTC)


class OddMinutes(A):
    """Of the user's own: true in odd minutes, and counts in its cursor how often it was asked."""

    def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        count = str(int(context.cursor or "0") + 1)
        is_odd = context.evaluation_time.minute % 2 == 1
        wanted = context.candidate_subset if is_odd else context.get_empty_subset()
        return dg.AutomationResult(context, true_subset=wanted, cursor=count)


LEAVES = [
    A.missing(),
    A.newly_updated(),
    A.newly_requested(),
    A.in_progress(),
    A.execution_failed(),
    A.initial_evaluation(),
    A.in_latest_time_window(),
    A.in_latest_time_window(timedelta(days=3)),
    A.cron_tick_passed("0 * * * *"),
    A.code_version_changed(),
    A.data_version_changed(),
    A.will_be_requested(),
    A.executed_with_root_target(),
    OddMinutes(),
]
COMMON = [
    A.eager(),
    A.on_cron("0 * * * *"),
    A.on_missing(),
    A.any_downstream_conditions(),
    A.any_deps_updated().since_last_handled(),
    A.all_deps_blocking_checks_passed(),
    A.any_deps_match(A.any_deps_match(A.newly_updated())),
    A.asset_matches("root", A.missing()),
]


def conditions() -> st.SearchStrategy[Any]:
    def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        pairs = st.tuples(inner, inner)
        return st.one_of(
            inner.map(lambda one: ~one),
            pairs.map(lambda two: two[0] & two[1]),
            pairs.map(lambda two: two[0] | two[1]),
            pairs.map(lambda two: two[0].since(two[1])),
            inner.map(lambda one: one.newly_true()),
            inner.map(A.any_deps_match),
            inner.map(A.all_deps_match),
            inner.map(A.any_checks_match),
        )

    return st.one_of(st.sampled_from(COMMON), st.recursive(st.sampled_from(LEAVES), wider, max_leaves=5))


NAMES = ["root", "a", "b", "c", "d", "e"]
DEFINITIONS = [None, None, DAYS, STATIC, DYNAMIC, GRID]


@st.composite
def projects(draw: Any) -> Any:
    """A function of a version that gives definitions: six assets, each on some before it, and two checks."""
    partitions = [draw(st.sampled_from(DEFINITIONS)) for _ in NAMES]
    given_conditions = [draw(st.one_of(st.none(), conditions())) for _ in NAMES]
    parents = [draw(st.sets(st.integers(0, n - 1), max_size=2)) if n else set() for n in range(len(NAMES))]
    check_condition = draw(st.one_of(st.none(), conditions()))
    changed = draw(conditions())
    together = partitions[4] == partitions[5] and draw(st.booleans())
    note(f"d and e are made {'together' if together else 'each by itself'}")
    for name, definition, condition, above in zip(NAMES, partitions, given_conditions, parents, strict=True):
        note(f"{name} on {[NAMES[n] for n in above]}, {definition}: {condition}")
    note(f"chk: {check_condition}; c becomes {changed}")

    def build(version: int) -> dg.Definitions:
        specs = []
        for n, name in enumerate(NAMES):
            deps = [
                dg.AssetDep(NAMES[p], partition_mapping=_mapping(partitions[p], partitions[n]))
                for p in sorted(parents[n])
            ]
            specs.append(
                dg.AssetSpec(
                    name,
                    deps=deps,
                    partitions_def=partitions[n],
                    automation_condition=changed if version and n == 3 else given_conditions[n],
                    code_version=str(version),
                )
            )

        def check_of(name: str, condition: Any) -> Any:
            @dg.asset_check(asset=name, name="chk", blocking=True, automation_condition=condition)
            def chk() -> Any: ...

            return chk

        def made_of(*specs: dg.AssetSpec) -> Any:
            @dg.multi_asset(name=f"make_{specs[0].key.to_user_string()}", specs=specs)
            def make() -> None: ...

            return make

        made = [made_of(spec) for spec in specs[:4]]
        made += [made_of(*specs[4:])] if together else [made_of(spec) for spec in specs[4:]]
        return dg.Definitions(made, asset_checks=[check_of("a", check_condition), check_of("root", None)])

    return build, partitions


def _mapping(above: Any, below: Any) -> Any:
    """One that always loads."""
    if above is None or below is None or above == below:
        return None
    return dg.AllPartitionMapping()


def keys_of(definition: Any) -> list[str | None]:
    if definition is None:
        return [None]
    if definition is DAYS:
        return ["2024-08-13", "2024-08-14", "2024-08-15"]
    if definition is GRID:
        return ["2024-08-14|x", "2024-08-15|y", "2024-08-15|x"]
    return ["x", "y"] if definition is STATIC else ["k1", "k2"]


ACTIONS = st.one_of(
    st.tuples(st.just("materialize"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("materialize"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("observe"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("check"), st.sampled_from([0, 1]), st.booleans()),
    st.tuples(st.just("check_by_run"), st.sampled_from([0, 1]), st.booleans()),
    st.tuples(st.just("wipe"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("add"), st.integers(1, 3), st.just(0)),
    st.tuples(st.just("delete"), st.integers(1, 3), st.just(0)),
    st.tuples(st.just("time"), st.sampled_from([1, 30, 60, 24 * 60]), st.just(0)),
    st.tuples(st.just("start"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("finish"), st.booleans(), st.just(0)),
    st.tuples(st.just("version"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("nothing"), st.just(0), st.just(0)),
)


class Line:
    """One way to evaluate the same history again and again."""

    def __init__(self, everything: bool = False, through_text: bool = False) -> None:
        self.cursor: AutomationCursor | None = None
        self.everything = everything
        self.through_text = through_text

    def evaluate(self, network: Network, instance: Any, now: float) -> Outcome:
        cursor = self.cursor
        if cursor is not None and self.through_text:
            cursor = AutomationCursor.of_text(cursor.to_text())
        outcome = evaluate(network, AutomationReader(instance), now, cursor, everything=self.everything)
        self.cursor = outcome.cursor
        return outcome


def requested(outcome: Outcome) -> dict[str, Any]:
    return {
        scope.key.to_user_string(): members if isinstance(members, bool) else sorted(members)
        for scope, members in outcome.requested()
    }


class World:
    def __init__(self, project: Any) -> None:
        self.build, self.partitions = project
        self.instance = dg.Instance.ephemeral()
        self.now = START
        self.runs: list[Any] = []
        self.version(0)

    def version(self, version: int, _: int = 0) -> None:
        self.network = Network(self.build(version).resolve().catalog)

    def materialize(self, n: int, key: int) -> None:
        keys = keys_of(self.partitions[n])
        told = dg.AssetMaterialization(NAMES[n], partition=keys[key % len(keys)])
        self.instance.report_runless_asset_event(told)

    def observe(self, n: int, version: int) -> None:
        told = dg.AssetObservation(NAMES[n], tags={"dagster/data_version": str(version)})
        self.instance.report_runless_asset_event(told)

    def check(self, n: int, passed: bool) -> None:
        told = dg.AssetCheckEvaluation(asset_key=dg.AssetKey(NAMES[n]), check_name="chk", passed=passed)
        self.instance.report_runless_asset_event(told)

    def check_by_run(self, n: int, passed: bool) -> None:
        run_id = f"run{len(self.runs)}"
        told = checked(run_id, "chk", passed, dg.AssetKey(NAMES[n]))
        finish(self.instance.store, begin(self.instance.store, run_id, told))
        self.runs.append(None)

    def wipe(self, n: int, _: int) -> None:
        self.instance.wipe_assets([dg.AssetKey(NAMES[n])])

    def add(self, n: int, _: int) -> None:
        self.instance.add_dynamic_partitions("dyn", [f"k{n}"])

    def delete(self, n: int, _: int) -> None:
        self.instance.delete_dynamic_partition("dyn", f"k{n}")

    def time(self, minutes: int, _: int) -> None:
        self.now += timedelta(minutes=minutes)

    def start(self, n: int, _: int) -> None:
        run_id = f"run{len(self.runs)}"
        self.runs.append(begin(self.instance.store, run_id, planned(run_id, asset=dg.AssetKey(NAMES[n]))))

    def finish(self, passed: bool, _: int) -> None:
        if self.runs and self.runs[-1] is not None:
            finish(self.instance.store, self.runs[-1], RunStatus.SUCCESS if passed else RunStatus.FAILURE)
            self.runs[-1] = None

    def nothing(self, *_: int) -> None:
        pass


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects(), st.lists(st.lists(ACTIONS, max_size=3), min_size=3, max_size=8))
def test_asking_only_what_can_have_changed_gives_what_asking_everything_gives(
    project: Any, history: list[list[tuple[str, Any, Any]]]
) -> None:
    world = World(project)
    lines = [Line(), Line(everything=True), Line(through_text=True)]
    for actions in history:
        for verb, one, other in actions:
            getattr(world, verb)(one, other)
        now = world.now.timestamp()
        world.now += timedelta(seconds=1)
        quick, whole, stored = (line.evaluate(world.network, world.instance, now) for line in lines)
        assert requested(quick) == requested(whole)
        assert requested(stored) == requested(whole)
        assert quick.asked <= whole.asked
        mine, theirs = quick.cursor.conditions, whole.cursor.conditions
        assert {key: one.value for key, one in mine.items()} == {
            key: one.value for key, one in theirs.items()
        }
        assert {key: one.states for key, one in mine.items()} == {
            key: one.states for key, one in theirs.items()
        }
    world.instance.dispose()
