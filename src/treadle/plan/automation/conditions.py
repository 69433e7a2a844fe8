"""Conditions as functions: each operator, compiled to a closure over its children.

A closure takes the frame and the entity it is asked of, appends the value to the trace and returns it. Structure is
interned, so that ten thousand assets with the same condition share one closure.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from treadle.core.auto_materialize import AutoMaterializeRule
from treadle.core.automation import AutomationCondition
from treadle.core.automation_names import THROUGH_VIRTUAL
from treadle.core.errors import InvalidArgumentError
from treadle.plan.automation import leaves
from treadle.plan.automation.facts import Members
from treadle.plan.automation.frame import SKIPPED, Evaluation, Frame
from treadle.plan.automation.moments import later_trigger
from treadle.plan.automation.scope import Scope

_STATEFUL: Final = frozenset(("since", "newly_true", "data_version_changed", "code_version_changed"))
_ALWAYS: Final = frozenset(("freshness_passed", "freshness_warned", "freshness_failed"))
"""They depend on the time itself, so they are asked on every tick."""

_STEPS: Final = {
    "any_deps_match": "deps",
    "all_deps_match": "deps",
    "any_checks_match": "checks",
    "all_checks_match": "checks",
}

_OF_JOBS: Final = frozenset(("any_job_root_assets_match", "all_job_root_assets_match"))


class Compiled:
    """A condition, ready to be asked.

    Args:
        condition: its value; `AutoMaterializePolicy` is spelt out.
        digest: the same for the same condition in every process; labels do not count.
        children: compiled.
        run: asks it.
    """

    __slots__ = (
        "always", "children", "condition", "crons", "digest", "looks_below", "reach", "run", "skippable",
    )  # fmt: skip

    def __init__(self, condition: AutomationCondition, digest: str, children: "tuple[Compiled, ...]") -> None:
        self.condition = condition
        self.digest = digest
        self.children = children
        operator = condition.operator
        self.skippable: bool = (
            operator not in _STATEFUL
            and not is_of_user(condition)
            and operator != "any_downstream_conditions"
            and all(child.skippable for child in children)
        )
        """Whether nothing is forgotten if it is not asked."""
        self.always: bool = (
            is_of_user(condition) or operator in _ALWAYS or any(child.always for child in children)
        )
        self.crons: frozenset[tuple[str, str]] = frozenset().union(*(child.crons for child in children))
        if operator == "cron_tick_passed":
            self.crons |= {(condition.params["cron_schedule"], condition.params["cron_timezone"])}
        self.looks_below: bool = operator == "any_downstream_conditions" or any(
            child.looks_below for child in children
        )
        step = _STEPS.get(operator, condition.params.get("key") if operator == "asset_matches" else None)
        if condition.params.get(THROUGH_VIRTUAL) and step == "deps":
            step = "deps behind virtual ones"
        inner = frozenset().union(*(child.reach for child in children))
        self.reach: frozenset[tuple[Any, ...]] = (
            inner | {()} if step is None else frozenset((step, *path) for path in inner)
        )
        """The ways to the entities that it looks at: steps to what is upstream, to checks, or to an asset."""
        self.run: Evaluation = _closure(self)


class Compiler:
    """Compiles conditions; equal parts are compiled once."""

    def __init__(self) -> None:
        self._by_identity: dict[int, Compiled] = {}
        self._by_digest: dict[tuple[str, str | None], Compiled] = {}
        self._kept: list[AutomationCondition] = []

    def compile(self, condition: AutomationCondition) -> Compiled:
        """The condition, ready to be asked."""
        found = self._by_identity.get(id(condition))
        if found is not None:
            return found
        self._kept.append(condition)  # so that its identity is not given to another
        if condition.operator == "auto_materialize_policy":
            found = self.compile(condition_of_rules(condition.params["rules"]))
        else:
            children = tuple([self.compile(child) for child in condition.children])
            digest = _digest(condition, children)
            shown = _shown(condition, children)
            found = self._by_digest.get((digest, shown))
            if found is None:
                found = self._by_digest[digest, shown] = Compiled(condition, digest, children)
        self._by_identity[id(condition)] = found
        return found


def is_of_user(condition: AutomationCondition) -> bool:
    """Whether only user code can answer; a catalog that came from elsewhere has a node `user_code` in its place."""
    return condition.is_custom or condition.operator == "user_code"


def _digest(condition: AutomationCondition, children: Sequence[Compiled]) -> str:
    said = [condition.operator, *(child.digest for child in children)]
    if is_of_user(condition):
        said.append(f"{type(condition).__module__}.{type(condition).__qualname__}")
    said += [f"{name}={condition.params[name]!s}" for name in sorted(condition.params)]
    return hashlib.blake2b("\x1f".join(said).encode(), digest_size=8).hexdigest()


def _shown(condition: AutomationCondition, children: Sequence[Compiled]) -> str | None:
    """Labels of all of it: what is evaluated alike may be told apart by what it is called. Users' own are never shared."""
    if is_of_user(condition):
        return f"{id(condition)}"
    return f"{condition.label}({','.join(str(id(child)) for child in children)})"


def _closure(compiled: Compiled) -> Evaluation:
    condition = compiled.condition
    if is_of_user(condition):
        return leaves.custom(condition, compiled.digest)
    simple = leaves.SIMPLE.get(condition.operator)
    if simple is not None:
        return simple
    made = leaves.WITH_ARGUMENTS.get(condition.operator)
    if made is not None:
        return made(condition, compiled.digest)
    combine = _COMBINING.get(condition.operator)
    if combine is None and condition.operator in _OF_JOBS:
        raise InvalidArgumentError(
            f"`{condition.operator}` is a condition of jobs: an asset or check has no root assets",
            hint="use `any_deps_match` or `asset_matches`",
        )
    if combine is None:
        raise InvalidArgumentError(
            f"there is no automation condition {condition.operator!r}",
            hint="a condition of your own is a subclass of AutomationCondition with a method `evaluate`",
        )
    return combine(compiled)


def _and(compiled: Compiled) -> Evaluation:
    parts = [(child.run, child.skippable) for child in compiled.children]
    narrows = compiled.always

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.all
        candidates = frame.candidates_of(scope) if narrows else value
        for ask, skippable in parts:
            if value or not skippable:
                if narrows:
                    frame.candidates = (scope, candidates & value)
                value = ask(frame, scope) & value
            else:
                frame.trace.append(SKIPPED)
        frame.trace.append(value)
        return value

    return run


def _or(compiled: Compiled) -> Evaluation:
    parts = [child.run for child in compiled.children]
    narrows = compiled.always

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.none
        candidates = frame.candidates
        for ask in parts:
            if narrows:
                frame.candidates = candidates
            value = ask(frame, scope) | value
        frame.trace.append(value)
        return value

    return run


def _not(compiled: Compiled) -> Evaluation:
    ask = compiled.children[0].run

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.inverse(ask(frame, scope))
        frame.trace.append(value)
        return value

    return run


def _since(compiled: Compiled) -> Evaluation:
    trigger, reset = (child.run for child in compiled.children)
    digest = compiled.digest
    later = later_trigger(*compiled.children)

    def run(frame: Frame, scope: Scope) -> Members:
        place = frame.place_of(digest, scope)
        before = scope.restored(frame.before.get(place))
        frame.candidates = None  # what it remembers must not depend on what stands beside it
        triggered = trigger(frame, scope)
        frame.candidates = None
        gone = reset(frame, scope)
        value = (before | triggered) - gone if scope.space is not None else (before or triggered) and not gone
        both = triggered & gone
        if both:  # since the tick before: the later one counts
            value = later(frame, scope, both) | value
        if value:
            frame.states[place] = value
        frame.trace.append(value)
        return value

    return run


def _newly_true(compiled: Compiled) -> Evaluation:
    ask, digest = compiled.children[0].run, compiled.digest

    def run(frame: Frame, scope: Scope) -> Members:
        place = frame.place_of(digest, scope)
        frame.candidates = None
        now = ask(frame, scope)
        if now:
            frame.states[place] = now
        before = scope.restored(frame.before.get(place))
        value = now and not before if scope.space is None else now - before
        if value:
            frame.again = True
        frame.trace.append(value)
        return value

    return run


def _any_deps(compiled: Compiled) -> Evaluation:
    ask = compiled.children[0].run
    chosen = leaves.chooser(compiled.condition)

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.none
        tick = frame.tick
        for link in tick.links(scope) if chosen is None else chosen(frame, scope):
            found = ask(frame, tick.scopes[link.upstream])  # type: ignore[arg-type]
            if found:
                value = link.down(found, scope) | value
        frame.trace.append(value)
        return value

    return run


def _all_deps(compiled: Compiled) -> Evaluation:
    ask = compiled.children[0].run
    chosen = leaves.chooser(compiled.condition)

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.all
        tick = frame.tick
        for link in tick.links(scope) if chosen is None else chosen(frame, scope):
            value = link.down(ask(frame, tick.scopes[link.upstream]), scope) & value  # type: ignore[arg-type]
        frame.trace.append(value)
        return value

    return run


def _over_checks(compiled: Compiled) -> Evaluation:
    ask = compiled.children[0].run
    condition = compiled.condition
    of_all = condition.operator == "all_checks_match"

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.all if of_all else scope.none
        tick = frame.tick
        for link in tick.network.chosen_checks(scope.index, condition):
            found = link.down(ask(frame, tick.scope(link.upstream)), scope)
            value = found & value if of_all else found | value
        frame.trace.append(value)
        return value

    return run


def _asset_matches(compiled: Compiled) -> Evaluation:
    ask = compiled.children[0].run
    key = compiled.condition.params["key"]

    def run(frame: Frame, scope: Scope) -> Members:
        link = frame.tick.network.link_to(scope.index, key)
        value = scope.none
        if link is not None:
            value = link.down(ask(frame, frame.tick.scope(link.upstream)), scope)
        frame.trace.append(value)
        return value

    return run


def _any_downstream(compiled: Compiled) -> Evaluation:
    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.none
        for below in frame.tick.network.conditions_below(scope.index):
            value = below.run(frame, scope) | value
        frame.trace.append(value)
        return value

    return run


_COMBINING: Final[dict[str, Callable[[Compiled], Evaluation]]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "since": _since,
    "newly_true": _newly_true,
    "any_deps_match": _any_deps,
    "all_deps_match": _all_deps,
    "any_checks_match": _over_checks,
    "all_checks_match": _over_checks,
    "asset_matches": _asset_matches,
    "any_downstream_conditions": _any_downstream,
}


def condition_of_rules(rules: Sequence[AutoMaterializeRule]) -> AutomationCondition:
    """The rules of an `AutoMaterializePolicy` as a condition; rules that have no counterpart ask for nothing."""
    make = AutomationCondition
    asking: list[AutomationCondition] = []
    holding: list[AutomationCondition] = []
    for rule in rules:
        if rule.name == "materialize_on_missing":
            asking.append(make.newly_missing() | make.missing() & make.initial_evaluation())
        elif rule.name == "materialize_on_parent_updated":
            asking.append(make.any_deps_updated())
        elif rule.name == "materialize_on_cron":
            tick = make.cron_tick_passed(rule.params["cron_schedule"], rule.params["timezone"])
            asking.append(tick if rule.params["all_partitions"] else tick & make.in_latest_time_window())
        elif rule.name == "skip_on_parent_missing":
            holding.append(~make.any_deps_missing())
        elif rule.name == "skip_on_backfill_in_progress":
            holding.append(~make.backfill_in_progress())
    wanted = AutomationCondition("never") if not asking else asking[0]
    for one in asking[1:]:
        wanted = wanted | one
    handled = make.newly_requested() | make.newly_updated()
    return AutomationCondition(
        "and", (wanted.since(handled), *holding, ~make.in_progress()), label="auto_materialize_policy"
    )
