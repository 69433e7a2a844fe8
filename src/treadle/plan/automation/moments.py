"""Which came last, where a condition and what resets it both became true since the tick before."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from treadle.core.automation import AutomationCondition
from treadle.core.keys import AssetKey
from treadle.plan.automation.facts import Members
from treadle.plan.automation.frame import Evaluation, Frame
from treadle.plan.automation.scope import Scope

_MOST_PIECES: Final = 2_000
"""An asset that was made by more events is not looked at one by one: it is reset, as if the reset came last."""

_LAST: Final = float("inf")


class Asked(Protocol):
    """A compiled condition, as this module sees it."""

    @property
    def condition(self) -> AutomationCondition:
        """Its value."""
        ...

    @property
    def children(self) -> "Sequence[Asked]":
        """Its parts."""
        ...

    @property
    def run(self) -> Evaluation:
        """Asks it."""
        ...


Later = Callable[[Frame, Scope, Members], Members]


def later_trigger(trigger: Asked, reset: Asked) -> Later:
    """Tells which of some members the trigger became true of after the reset did, as far as that can be told."""
    if any(_asks_user_code(one.condition) for one in (trigger, reset)):
        return lambda _, scope, __: scope.none  # it is asked once a tick, not again here
    trigger_moment, reset_moment = moment_of(trigger), moment_of(reset)
    of_each = _is_plain(trigger.condition) and _is_plain(reset.condition)

    def later(frame: Frame, scope: Scope, both: Members) -> Members:
        if trigger_moment is not None and reset_moment is not None:
            last, ended = trigger_moment(frame, scope), reset_moment(frame, scope)
            if last is not None and ended is not None and _is_later(frame, last, ended, scope):
                return both
        return _updated_later(trigger, reset, frame, scope, both) if of_each else scope.none

    return later


def _asks_user_code(condition: AutomationCondition) -> bool:
    return any(node.is_custom or node.operator == "user_code" for node in condition.walk())


def _is_plain(condition: AutomationCondition) -> bool:
    """Whether it says that something was updated, and nothing else: then it is told of each partition when it was."""
    if condition.operator in ("any_deps_match", "asset_matches"):
        condition = condition.children[0]
    return condition.operator == "newly_updated"


def _updated_later(trigger: Asked, reset: Asked, frame: Frame, scope: Scope, both: Members) -> Members:
    resets = _updates(reset, frame, scope, _LAST)
    found = scope.none
    for members, event in _updates(trigger, frame, scope, -1):
        members = members & both
        for ended_members, ended_event in resets:
            if members and ended_event >= event:
                members = members & scope.inverse(ended_members)
        found = members | found
    return found


def _updates(asked: Asked, frame: Frame, scope: Scope, unknown: float) -> list[tuple[Members, float]]:
    """What was updated, and by which events; by `unknown` where that can not be told."""
    condition = asked.condition
    if condition.operator == "newly_updated":
        return _updates_of_asset(frame, scope, unknown)
    if condition.operator == "asset_matches":
        link = frame.tick.network.link_to(scope.index, condition.params["key"])
        links = [] if link is None else [link]
    else:
        links = list(frame.tick.network.chosen_links(scope.index, condition))
    return [
        (link.down(members, scope), event)
        for link in links
        for members, event in _updates_of_asset(frame, frame.tick.scope(link.upstream), unknown)
    ]


def _updates_of_asset(frame: Frame, scope: Scope, unknown: float) -> list[tuple[Members, float]]:
    if not scope.fresh:
        return []
    if scope.space is None:
        return [(True, max(scope.seen.event, scope.seen.observation))]
    if not isinstance(scope.key, AssetKey):
        return [(scope.fresh, unknown)]
    pieces = frame.tick.pieces(scope)
    if len(pieces) > _MOST_PIECES:
        return [(scope.fresh, unknown)]
    found = [(scope.restored(piece.members) & scope.fresh, float(piece.event)) for piece in pieces]
    return [one for one in found if one[0]]


class Moment(NamedTuple):
    """When a condition became true: by which event of which asset, or at which time."""

    event: int
    key: AssetKey | None = None
    at: float = 0.0


MomentOf = Callable[[Frame, Scope], Moment | None]


def moment_of(compiled: Asked) -> MomentOf | None:
    """Tells when a condition became true, for those that can; it gives None where it cannot tell after all."""
    condition = compiled.condition
    if condition.operator == "newly_updated":
        return _moment_of_update
    if condition.operator == "cron_tick_passed":
        schedule, timezone = condition.params["cron_schedule"], condition.params["cron_timezone"]
        return lambda frame, _: Moment(0, None, frame.tick.cron_ticked_at(schedule, timezone))
    if condition.operator in ("or", "any_deps_match"):
        return _latest_of_parts(compiled)
    if condition.operator == "and":
        return _moment_of_and(compiled)
    return None


def _moment_of_update(_: Frame, scope: Scope) -> Moment | None:
    if not scope.fresh or not isinstance(scope.key, AssetKey):
        return None
    return Moment(max(scope.seen.event, scope.seen.observation), scope.key)


def _is_later(frame: Frame, one: Moment, other: Moment, scope: Scope) -> bool:
    """Events are compared by their order in the store; an event and a tick of a cron by their times."""
    if one.key is not None and other.key is not None:
        # Partitions are not told apart here, so what has some is reset, as if the reset came last.
        network = frame.tick.network
        whole = scope.space is None and network.is_whole(one.key) and network.is_whole(other.key)
        return whole and one.event > other.event
    return _time_of(frame, one) > _time_of(frame, other)


def _time_of(frame: Frame, moment: Moment) -> float:
    if moment.key is None:
        return moment.at
    return frame.tick.state.updated_at(moment.key) or 0.0


def _latest_of_parts(compiled: Asked) -> MomentOf:
    parts = [(child.run, moment_of(child)) for child in compiled.children]
    condition = compiled.condition
    over_deps = condition.operator == "any_deps_match"

    def latest(frame: Frame, scope: Scope) -> Moment | None:
        found: Moment | None = None
        scopes = [scope]
        if over_deps:
            links = frame.tick.network.chosen_links(scope.index, condition)
            scopes = [frame.tick.scope(link.upstream) for link in links]
        for place in scopes:
            for ask, moment in parts:
                if not _quietly(frame, ask, place):
                    continue
                at = None if moment is None else moment(frame, place)
                if at is None:
                    return None
                if found is not None and (found.key is None) != (at.key is None):
                    return None
                found = at if found is None or _order(at) > _order(found) else found
        return found

    return latest


def _moment_of_and(compiled: Asked) -> MomentOf:
    moments = [found for child in compiled.children if (found := moment_of(child)) is not None]

    def latest(frame: Frame, scope: Scope) -> Moment | None:
        known = [at for moment in moments if (at := moment(frame, scope)) is not None]
        return max(known, key=_order, default=None)

    return latest


def _order(moment: Moment) -> tuple[int, float]:
    return moment.event, moment.at


def _quietly(frame: Frame, ask: Evaluation, scope: Scope) -> Members:
    """Ask once more without leaving a trace."""
    length = len(frame.trace)
    value = ask(frame, scope)
    del frame.trace[length:]
    return value
