"""What one evaluation of one condition carries with it, and what all evaluations of a tick share."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from treadle.core.calendar.cron import Cron
from treadle.core.calendar.zones import instant_of
from treadle.core.freshness import last_tick
from treadle.plan.automation.facts import AutomationState, Entity, Members, Piece
from treadle.plan.automation.scope import Link, Scope

if TYPE_CHECKING:
    from treadle.plan.automation.network import Network

StateKey = tuple[str, Entity | None]
"""Where a node keeps what it remembers: its digest, and the entity where that is not the condition's own."""


class _Skipped:
    """In a trace: a part that was not evaluated, because what stands before it was already false."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "not evaluated"

    def __reduce__(self) -> str:
        return "SKIPPED"


SKIPPED: Final = _Skipped()


class WaitingForCode(Exception):
    """Only user code can answer, and it is not here: the condition is asked again on the next tick, never guessed."""


UserAnswer = Callable[[Any, Any], Any]
"""Gets the `UserCode` of a condition and an AutomationContext, gives an AutomationResult."""


class Tick:
    """What all evaluations of one tick share.

    Args:
        network: the conditions.
        state: of the instance.
        now: Unix seconds or a time; a naive one is wall time in the zone of each asset's partitions, UTC elsewhere.
        previous: when the tick before was, if there was one.
        number: of the tick, from 1.
    """

    def __init__(
        self,
        network: "Network",
        state: AutomationState,
        now: float | datetime,
        previous: float | None,
        number: int,
    ) -> None:
        self.network = network
        self.state = state
        self.now: float = instant_of(now)
        self.wall_time = now if isinstance(now, datetime) and now.tzinfo is None else None
        self.previous = previous
        self.number = number
        self.scopes: list[Scope | None] = []
        self.requested: dict[int, Members] = {}
        """What is asked for on this tick, by entity; those evaluated later are not in it yet."""
        self.requested_before: dict[int, Members] = {}
        self.answer: UserAnswer | None = None
        """Asks user code, where the catalog has only the question."""
        self.read_scope: Callable[[int], Scope] = self.scope
        self._crons: dict[tuple[str, str], bool] = {}
        self._pieces: dict[int, Sequence[Piece]] = {}

    @property
    def time(self) -> datetime:
        """The tick's time."""
        return datetime.fromtimestamp(self.now, tz=UTC)

    def cron_passed(self, cron_schedule: str, cron_timezone: str) -> bool:
        """Whether the cron ticked after the tick before, up to now."""
        found = self._crons.get((cron_schedule, cron_timezone))
        if found is None:
            found = self.previous is not None and ticked(
                cron_schedule, cron_timezone, self.previous, self.now
            )
            self._crons[cron_schedule, cron_timezone] = found
        return found

    def cron_ticked_at(self, cron_schedule: str, cron_timezone: str) -> float:
        """When the cron ticked last, in Unix seconds."""
        return last_tick(Cron(cron_schedule, cron_timezone), self.time).timestamp()

    def pieces(self, scope: Scope) -> Sequence[Piece]:
        """What is materialized of an asset, by which runs."""
        found = self._pieces.get(scope.index)
        if found is None:
            found = self._pieces[scope.index] = self.state.pieces(scope.key, scope.space)  # type: ignore[arg-type]
        return found

    def scope(self, index: int) -> Scope:
        """An entity that conditions read."""
        found = self.scopes[index]
        assert found is not None
        return found

    def scope_read_late(self, index: int) -> Scope:
        """An entity that only user code looks at: it is read when it is asked for."""
        found = self.scopes[index]
        return found if found is not None else self.read_scope(index)

    def wanted(self, scope: Scope, before: int | None = None) -> Members:
        """What is asked for of an entity on this tick, by its condition or with what cannot be made without it.

        Args:
            scope: the entity.
            before: only by the conditions that are asked before that of this entity; None: by all.
        """
        value = scope.none
        for index in (scope.index, *self.network.made_with.get(scope.index, ())):
            if before is None or self.network.comes_before(index, before):
                value = scope.restored(self.requested.get(index)) | value
        return value

    def wanted_in_run_of(self, root: int, scope: Scope) -> Members:
        """What is asked for of an entity before another one on this tick, where the run that makes it can make both.

        What another run makes is not there yet when the tick is over: it counts once it was made.

        Args:
            root: the number of the other one.
            scope: the entity.
        """
        network, index = self.network, scope.index
        asking = (index, *network.made_with[index]) if index in network.made_with else (index,)
        value = scope.none
        for one in asking:
            members = self.requested.get(one)
            if (
                members
                and network.comes_before(one, root)
                and network.have_one_run(index, root)
                and (one == index or network.have_one_run(one, root))
            ):
                value = scope.restored(members) | value if value else scope.restored(members)
        return value

    def all_wanted(self, before: int | None = None) -> Iterator[tuple[Scope, Members]]:
        """The entities that are asked for, with what of them; also what is only made together with those.

        Args:
            before: only by the conditions that are asked before that of this entity; None: by all.
        """
        made_with = self.network.made_with
        carried = (index for index, others in made_with.items() if self.requested.keys() & others)
        for index in sorted({*self.requested, *carried}):
            scope = self.scope_read_late(index)
            if members := self.wanted(scope, before):
                yield scope, members

    def links(self, scope: Scope) -> Sequence[Link]:
        """The entities upstream."""
        return self.network.links_of(scope.index)


class Frame:
    """One evaluation of the condition of one entity.

    Args:
        tick: what it shares with the others.
        root: the entity.
        before: what its nodes remember from the tick before.
        initial: whether there was none.
    """

    __slots__ = ("again", "before", "candidates", "initial", "root", "states", "tick", "trace")

    def __init__(self, tick: Tick, root: Scope, before: dict[StateKey, Any], initial: bool) -> None:
        self.tick = tick
        self.root = root
        self.before = before
        self.initial = initial
        self.states: dict[StateKey, Any] = {}
        """What its nodes will remember."""
        self.trace: list[Any] = []
        """The value of each node, children before parents, in the order of evaluation."""
        self.candidates: tuple[Scope, Members] | None = None
        """What a condition of the user's own is asked about, where that is not everything."""
        self.again = initial
        """Whether the next tick may differ though nothing happens, because something was only just true."""

    def place_of(self, digest: str, scope: Scope) -> StateKey:
        """Where a node keeps what it remembers of an entity."""
        return digest, None if scope is self.root else scope.key

    def candidates_of(self, scope: Scope) -> Members:
        """What a condition is asked about."""
        if self.candidates is None or self.candidates[0] is not scope:
            return scope.all
        return self.candidates[1]


Evaluation = Callable[[Frame, Scope], Members]


def ticked(cron_schedule: str, cron_timezone: str, after: float, until: float) -> bool:
    """Whether a cron ticks in `(after, until]`."""
    return Cron(cron_schedule, cron_timezone).next_tick(after).timestamp() <= until
