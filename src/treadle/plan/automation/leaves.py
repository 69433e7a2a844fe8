"""Conditions without parts, as functions: what is true of an entity, what just happened to it, and what time it is."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from treadle.core.automation import AutomationCondition
from treadle.core.automation_names import THROUGH_VIRTUAL
from treadle.core.errors import InvariantViolationError
from treadle.core.freshness import FreshnessState, at, freshness_state
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.policies import FreshnessPolicy
from treadle.plan.automation.context import AutomationContext, AutomationResult
from treadle.plan.automation.facts import Members
from treadle.plan.automation.frame import Evaluation, Frame, WaitingForCode
from treadle.plan.automation.scope import Link, Scope, latest_window


def _told(read: Callable[[Scope], Members]) -> Evaluation:
    """A condition that says what stands in the scope."""

    def run(frame: Frame, scope: Scope) -> Members:
        value = read(scope)
        frame.trace.append(value)
        return value

    return run


def _newly_updated(frame: Frame, scope: Scope) -> Members:
    value = scope.fresh
    if value:
        frame.again = True
    frame.trace.append(value)
    return value


def _newly_requested(frame: Frame, scope: Scope) -> Members:
    value = scope.restored(frame.tick.requested_before.get(scope.index))
    frame.trace.append(value)
    return value


def _will_be_requested(frame: Frame, scope: Scope) -> Members:
    # What comes later in the order is not decided yet, whether it is evaluated again on this tick or not.
    value = frame.tick.wanted_in_run_of(frame.root.index, scope)
    frame.trace.append(value)
    return value


def _initial_evaluation(frame: Frame, scope: Scope) -> Members:
    value = scope.all if frame.initial else scope.none
    frame.trace.append(value)
    return value


def _check_passed(frame: Frame, scope: Scope) -> Members:
    value = scope.passed if isinstance(scope.key, AssetCheckKey) else scope.none
    frame.trace.append(value)
    return value


def _check_failed(frame: Frame, scope: Scope) -> Members:
    value = scope.none
    if isinstance(scope.key, AssetCheckKey):
        value = scope.made and not scope.passed if scope.space is None else scope.made - scope.passed
    frame.trace.append(value)
    return value


def _executed_with_root_target(frame: Frame, scope: Scope) -> Members:
    root = frame.root.key
    if scope.key == root:  # true of every run of it, and so no answer
        frame.trace.append(scope.none)
        return scope.none
    value = _of_runs(frame, scope, lambda run_id: root in frame.tick.state.targets_of(run_id))
    frame.trace.append(value)
    return value


def _of_runs(frame: Frame, scope: Scope, accepts: Callable[[str], bool]) -> Members:
    """What of an asset was made last by a run that is accepted."""
    value = scope.none
    if not isinstance(scope.key, AssetKey) or not scope.made:
        return value
    for piece in frame.tick.pieces(scope):
        if piece.run_id and accepts(piece.run_id):
            value = scope.restored(piece.members) | value
    return value


SIMPLE: Final[dict[str, Evaluation]] = {
    "missing": _told(attrgetter("missing")),
    "run_in_progress": _told(attrgetter("running")),
    "backfill_in_progress": _told(attrgetter("backfilling")),
    "execution_failed": _told(attrgetter("failed")),
    "newly_updated": _newly_updated,
    "newly_requested": _newly_requested,
    "will_be_requested": _will_be_requested,
    "initial_evaluation": _initial_evaluation,
    "check_passed": _check_passed,
    "check_failed": _check_failed,
    "executed_with_root_target": _executed_with_root_target,
    "never": _told(attrgetter("none")),
}


def _cron_tick_passed(condition: AutomationCondition, _: str) -> Evaluation:
    schedule, timezone = condition.params["cron_schedule"], condition.params["cron_timezone"]

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.none
        if frame.tick.cron_passed(schedule, timezone):
            value = scope.all
            frame.again = True
        frame.trace.append(value)
        return value

    return run


def _in_latest_time_window(condition: AutomationCondition, _: str) -> Evaluation:
    lookback = condition.params.get("lookback_delta")

    def run(frame: Frame, scope: Scope) -> Members:
        value = scope.all if scope.space is None else latest_window(scope, lookback)
        frame.trace.append(value)
        return value

    return run


def _code_version_changed(_: AutomationCondition, digest: str) -> Evaluation:
    def run(frame: Frame, scope: Scope) -> Members:
        place = frame.place_of(digest, scope)
        now = frame.tick.network.code_version_of(scope.index)
        before = frame.before.get(place)
        # The first version that an asset is given is no change: it was made by that code as likely as not.
        value = scope.all if before is not None and before != now else scope.none
        frame.states[place] = now
        if value:
            frame.again = True
        frame.trace.append(value)
        return value

    return run


def _data_version_changed(_: AutomationCondition, digest: str) -> Evaluation:
    def run(frame: Frame, scope: Scope) -> Members:
        place = frame.place_of(digest, scope)
        known = place in frame.before
        before: Sequence[tuple[Any, str]] = frame.before.get(place) or ()
        has_versions = bool(scope.made) and isinstance(scope.key, AssetKey)
        now = [(one.members, one.version) for one in frame.tick.pieces(scope)] if has_versions else []
        value = scope.none
        if known:
            for members, version in now:
                changed = scope.restored(members)
                for old, old_version in before:
                    if old_version == version:
                        changed = _without(scope, changed, scope.restored(old))
                value = changed | value
        frame.states[place] = tuple(now)
        if value:
            frame.again = True
        frame.trace.append(value)
        return value

    return run


def _without(scope: Scope, members: Members, taken: Members) -> Members:
    return (members and not taken) if scope.space is None else members - taken


def _tagged(condition: AutomationCondition, _: str) -> Evaluation:
    operator = condition.operator
    keys: Sequence[str] = condition.params.get("tag_keys") or ()
    values: Mapping[str, str] = condition.params.get("tag_values") or {}

    def run(frame: Frame, scope: Scope) -> Members:
        def accepts(run_id: str) -> bool:
            tags = frame.tick.state.tags_of(run_id)
            return all(key in tags for key in keys) and all(
                tags.get(key) == text for key, text in values.items()
            )

        value = (
            _of_runs(frame, scope, accepts) if operator == "executed_with_tags" or scope.fresh else scope.none
        )
        if operator != "executed_with_tags":
            value = value & scope.fresh
            if scope.fresh:
                frame.again = True
            if operator == "all_new_updates_have_run_tags" and _without(scope, scope.fresh, value):
                value = scope.none
        frame.trace.append(value)
        return value

    return run


def _freshness(condition: AutomationCondition, _: str) -> Evaluation:
    wanted = _FRESHNESS[condition.operator]

    def run(frame: Frame, scope: Scope) -> Members:
        tick = frame.tick
        policy = tick.network.freshness_policy_of(scope.index)
        value = scope.none
        # A policy of the older kind is kept and says nothing.
        if isinstance(policy, FreshnessPolicy) and isinstance(scope.key, AssetKey):
            updated = tick.state.updated_at(scope.key)
            if updated is not None and freshness_state(policy, at(updated), tick.time) is wanted:
                value = scope.all
        frame.trace.append(value)
        return value

    return run


_FRESHNESS: Final = {
    "freshness_passed": FreshnessState.PASS,
    "freshness_warned": FreshnessState.WARN,
    "freshness_failed": FreshnessState.FAIL,
}


WITH_ARGUMENTS: Final[dict[str, Callable[[AutomationCondition, str], Evaluation]]] = {
    "cron_tick_passed": _cron_tick_passed,
    "in_latest_time_window": _in_latest_time_window,
    "code_version_changed": _code_version_changed,
    "data_version_changed": _data_version_changed,
    "executed_with_tags": _tagged,
    "any_new_update_has_run_tags": _tagged,
    "all_new_updates_have_run_tags": _tagged,
    **dict.fromkeys(_FRESHNESS, _freshness),
}


def chooser(condition: AutomationCondition) -> Callable[[Frame, Scope], Sequence[Link]] | None:
    """Which upstream entities a condition is asked of; None where it is all of them."""
    if all(condition.params.get(name) is None for name in ("allow", "ignore", THROUGH_VIRTUAL)):
        return None

    def choose(frame: Frame, scope: Scope) -> Sequence[Link]:
        return frame.tick.network.chosen_links(scope.index, condition)

    return choose


def _ask(condition: AutomationCondition, context: AutomationContext, frame: Frame) -> Any:
    if condition.operator != "user_code":
        return condition.evaluate(context)  # type: ignore[attr-defined]
    if frame.tick.answer is None:
        raise WaitingForCode(condition.title)
    return frame.tick.answer(condition.params["code"], context)


def custom(condition: AutomationCondition, digest: str) -> Evaluation:
    """A condition of the user's own: its `evaluate` is called with a context."""

    def run(frame: Frame, scope: Scope) -> Members:
        place = frame.place_of(digest, scope)
        context = AutomationContext(frame, scope, condition, frame.before.get(place))
        answer = _ask(condition, context, frame)
        if not isinstance(answer, AutomationResult):
            raise InvariantViolationError(
                f"{type(condition).__name__}.evaluate returned {type(answer).__name__}, not an AutomationResult",
                hint="return AutomationResult(context, true_subset=...)",
            )
        value = answer.true_subset.members
        frame.states[place] = (answer.cursor, value, context.candidate_subset.members)
        frame.again = True
        frame.trace.append(value)
        return value

    return run
