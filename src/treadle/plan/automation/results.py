"""What an evaluation says to people and callers: what is asked for, and for each condition the tree of its reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

from treadle.core.automation import AutomationCondition
from treadle.core.automation_names import OF_ASSETS
from treadle.core.keys import AssetKey
from treadle.plan.automation.conditions import Compiled, is_of_user
from treadle.plan.automation.context import AutomationResult, EntitySubset, traced
from treadle.plan.automation.cursor import AutomationCursor
from treadle.plan.automation.evaluate import Outcome, Record
from treadle.plan.automation.facts import Entity
from treadle.plan.automation.frame import SKIPPED, Tick
from treadle.plan.automation.scope import Scope


class EvaluateAutomationConditionsResult:
    """What an evaluation of automation conditions decided.

    Args:
        cursor: for the next evaluation.
        results: for each condition, its tree.
        requested_subsets: what is asked for.
        partition_loading_context: accepted and not used.
        total_requested: how many partitions conditions ask for; all of `requested_subsets` by default.
    """

    def __init__(
        self,
        cursor: AutomationCursor,
        results: Any,
        requested_subsets: Sequence[EntitySubset],
        partition_loading_context: Any = None,
        total_requested: int | None = None,
    ) -> None:
        self.cursor = cursor
        self._total_requested = total_requested
        self._results = results
        self.requested_subsets = list(requested_subsets)
        self._by_key: dict[Entity, EntitySubset] = {one.key: one for one in self.requested_subsets}

    @property
    def results(self) -> list[AutomationResult]:
        """For each asset and check with a condition, what it said and why."""
        if callable(self._results):
            self._results = self._results()
        found: list[AutomationResult] = self._results
        return found

    @property
    def total_requested(self) -> int:
        """How many partitions conditions ask for, of all assets and checks; one without partitions counts as one.

        What is asked for only because it is made together with another does not count.
        """
        if self._total_requested is not None:
            return self._total_requested
        return sum(one.size for one in self.requested_subsets)

    def get_requested_partitions(self, asset_key: Entity) -> set[str | None]:
        """The partition keys that are asked for of an asset or check; {None} for one without partitions."""
        subset = self._by_key.get(_key(asset_key))
        if subset is None:
            return set()
        return {text for _, text in subset.expensively_compute_asset_partitions()}

    def get_num_requested(self, asset_key: Entity) -> int:
        """How many partitions are asked for of an asset or check."""
        subset = self._by_key.get(_key(asset_key))
        return 0 if subset is None else subset.size

    def get_result(self, key: Entity) -> AutomationResult:
        """The tree of one asset or check.

        Raises:
            KeyError: it has no condition.
        """
        for found in self.results:
            if found.key == _key(key):
                return found
        raise KeyError(key)

    def __repr__(self) -> str:
        return f"EvaluateAutomationConditionsResult({self.total_requested} requested)"


def _key(given: Any) -> Entity:
    return AssetKey.from_coercible(given) if isinstance(given, (str, list, tuple)) else given


def result_of(outcome: Outcome) -> EvaluateAutomationConditionsResult:
    """The public form of what a tick decided."""
    requested = [EntitySubset(scope, members) for scope, members in outcome.requested()]
    return EvaluateAutomationConditionsResult(
        outcome.cursor,
        lambda: list(trees(outcome).values()),
        requested,
        total_requested=outcome.total_requested(),
    )


def trees(outcome: Outcome) -> Mapping[Entity, AutomationResult]:
    """For each entity with a condition, what it said and why."""
    keys = outcome.tick.network.keys
    return {keys[index]: tree(outcome, index) for index in sorted(outcome.records)}


def tree(outcome: Outcome, index: int) -> AutomationResult:
    """What one condition said and why. Its parts are built when they are asked for."""
    record = outcome.records[index]
    scope = outcome.tick.scope(index)
    compiled = outcome.tick.network.conditions[index]

    def children() -> list[AutomationResult]:
        if index in outcome.waiting:
            return []
        return _Reader(outcome.tick, record).read(compiled, scope, scope).child_results

    found = traced(scope, compiled.condition, record.value, children, record.at, key_shown=False)
    found.is_waiting = index in outcome.waiting
    return found


class _Reader:
    """Builds the tree from a trace, going the way that the evaluation went."""

    def __init__(self, tick: Tick, record: Record) -> None:
        self._tick = tick
        self._trace = record.trace
        self._at = record.at
        self._place = 0

    def _next(self) -> Any:
        value = self._trace[self._place]
        self._place += 1
        return value

    def read(self, compiled: Compiled, scope: Scope, above: Scope) -> AutomationResult:
        children = self._children(compiled, scope)
        return traced(scope, compiled.condition, self._next(), children, self._at, scope is not above)

    def _children(self, compiled: Compiled, scope: Scope) -> list[AutomationResult]:
        operator = compiled.condition.operator
        network = self._tick.network
        if is_of_user(compiled.condition):
            return []
        if operator == "and":
            return self._of_and(compiled, scope)
        if operator in ("any_deps_match", "all_deps_match"):
            links = network.chosen_links(scope.index, compiled.condition)
        elif operator in ("any_checks_match", "all_checks_match"):
            links = network.chosen_checks(scope.index, compiled.condition)
        elif operator == "asset_matches":
            link = network.link_to(scope.index, compiled.condition.params["key"])
            links = [] if link is None else [link]
        elif operator == "any_downstream_conditions":
            below = network.conditions_below(scope.index)
            return [
                self._of_assets(assets, self.read(one, scope, scope), scope) for one, assets in below.items()
            ]
        else:
            return [self.read(child, scope, scope) for child in compiled.children]
        (child,) = compiled.children
        return [self.read(child, self._tick.scope(link.upstream), scope) for link in links]

    def _of_assets(self, assets: Sequence[str], part: AutomationResult, scope: Scope) -> AutomationResult:
        """A condition from downstream, below the names of the assets that have it."""
        names = AutomationCondition(OF_ASSETS, (), {"assets": tuple(assets)})
        return traced(scope, names, part.true_subset.members, [part], self._at, False)

    def _of_and(self, compiled: Compiled, scope: Scope) -> list[AutomationResult]:
        found = []
        value = scope.all
        for child in compiled.children:
            if value or not child.skippable:
                part = self.read(child, scope, scope)
                value = value & scope.restored(part.true_subset.members)
            else:
                self._next()
                part = traced(scope, child.condition, SKIPPED, (), self._at, False)
            found.append(part)
        return found
