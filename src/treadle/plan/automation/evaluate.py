"""One tick: which conditions are asked again, what they say, and what is kept for the next tick."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any, Final

from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import DynamicPartitionsDefinition, StaticPartitionsDefinition
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.sets import PartitionSpace
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.plan.automation.cursor import AutomationCursor, Remembered
from treadle.plan.automation.facts import AutomationState, Changes, Entity, Members, Seen, Wanted
from treadle.plan.automation.frame import Frame, StateKey, Tick, UserAnswer, WaitingForCode
from treadle.plan.automation.network import Network
from treadle.plan.automation.scope import Scope

_MANY: Final = 64
"""So many conditions that must be asked once more are asked at once whether anything will be different."""


class Record:
    """What one evaluation of a condition gave."""

    __slots__ = ("again", "at", "states", "trace", "value")

    def __init__(
        self, value: Members, states: dict[StateKey, Any], trace: tuple[Any, ...], again: bool, at: float
    ) -> None:
        self.value = value
        self.states = states
        self.trace = trace
        self.again = again
        """Whether it must be asked on the next tick, though nothing happens."""
        self.at = at


class Spaces:
    """Partitions as they exist at a time, one space a definition, and when time alone will change it."""

    def __init__(self) -> None:
        self._spaces: dict[Any, tuple[PartitionSpace, float]] = {}

    def copy(self) -> "Spaces":
        """Another that may change."""
        other = Spaces()
        other._spaces = dict(self._spaces)
        return other

    def find(self, definition: Any, tick: Tick) -> PartitionSpace:
        """The partitions of a definition at the tick."""
        known = self._spaces.get(definition)
        if known is None:
            known = self._make(definition, tick)
            self._spaces[definition] = known
        return known[0]

    def moved_on(self, tick: Tick, dynamic: Iterable[str]) -> list[Any]:
        """The definitions whose partitions are others than before, because of the time or of dynamic keys."""
        names = set(dynamic)
        found = []
        for definition, (space, until) in list(self._spaces.items()):
            still = tick.wall_time is None and tick.now < until
            if still and not (names and names & _dynamic_names(definition)):
                continue
            made = self._make(definition, tick)
            if made[0].universe == space.universe and space.aligned_with(made[0]):
                self._spaces[definition] = (space, made[1])
            else:
                self._spaces[definition] = made
                found.append(definition)
        return found

    def _make(self, definition: Any, tick: Tick) -> tuple[PartitionSpace, float]:
        if tick.wall_time is not None:
            return definition.space(tick.wall_time, tick.state), 0.0
        space = definition.space(tick.time, tick.state)
        return space, min([_good_until(part, tick.now) for part in _parts(definition)], default=0.0)


def _parts(definition: Any) -> Sequence[Any]:
    if isinstance(definition, MultiPartitionsDefinition):
        return [dimension.partitions_def for dimension in definition.partitions_defs]
    return (definition,)


def _dynamic_names(definition: Any) -> set[str]:
    return {
        part.name
        for part in _parts(definition)
        if isinstance(part, DynamicPartitionsDefinition) and part.name
    }


def _good_until(definition: Any, now: float) -> float:
    """The instant from which there may be other partitions; the past where only asking can tell."""
    if isinstance(definition, TimeWindowPartitionsDefinition):
        grid = definition.grid
        return float(grid.start_of(grid.containing(int(now)) + 1))
    is_fixed = type(definition).get_partition_keys is StaticPartitionsDefinition.get_partition_keys
    is_stored = isinstance(definition, DynamicPartitionsDefinition) and definition.partition_fn is None
    return float("inf") if is_fixed or is_stored else 0.0


class Memory:
    """What a process keeps between ticks: nothing in it changes once its tick is over.

    Args:
        network: the conditions.
        records: what each condition gave last.
        scopes: each entity that a condition looks at, after the tick.
        spaces: partitions at the tick.
        changed: conditions that asked for something else than on the tick before.
        gone: what is kept of entities that the catalog has not any more, in case they come back.
    """

    __slots__ = ("changed", "gone", "network", "records", "scopes", "spaces", "users")

    def __init__(
        self,
        network: Network,
        records: dict[int, Record],
        scopes: list[Scope | None],
        spaces: Spaces,
        changed: Sequence[int],
        users: Mapping[Any, Sequence[int]],
        gone: "Gone",
    ) -> None:
        self.network = network
        self.gone = gone
        self.records = records
        self.scopes = scopes
        self.spaces = spaces
        self.changed = changed
        self.users = users
        """Definition -> the entities that are partitioned by it."""

    def remembered(self) -> dict[Entity, Remembered]:
        """What is kept of each condition."""
        keys, kinds = self.network.keys, self.network.kinds
        found = dict(self.gone[0])
        for index, one in self.records.items():
            found[keys[index]] = Remembered(one.value, one.states, kinds[index])
        return found

    def seen(self) -> dict[Entity, Seen]:
        """What was seen of each entity."""
        found = dict(self.gone[1])
        found.update({scope.key: scope.seen for scope in self.scopes if scope is not None})
        return found


Gone = tuple[Mapping[Entity, Remembered], Mapping[Entity, Seen]]
"""What is kept of the conditions of entities that the catalog has not any more, and what was seen of them."""


class Outcome:
    """What a tick decided.

    Args:
        tick: the tick.
        records: what each condition said, now or when it was last asked.
        asked: how many conditions were asked.
        cursor: for the next tick.
        waiting: conditions that only user code could answer, which is not here.
    """

    __slots__ = ("asked", "cursor", "records", "tick", "waiting")

    def __init__(
        self,
        tick: Tick,
        records: dict[int, Record],
        asked: int,
        cursor: AutomationCursor,
        waiting: frozenset[int],
    ) -> None:
        self.waiting = waiting
        self.tick = tick
        self.records = records
        self.asked = asked
        self.cursor = cursor

    def requested(self) -> Iterator[tuple[Scope, Members]]:
        """The entities that are asked for, with what of them; also what is only made together with those."""
        return self.tick.all_wanted()

    def total_requested(self) -> int:
        """How many partitions conditions ask for; what only comes with others does not count."""
        tick = self.tick
        found = [tick.scope(index).restored(members) for index, members in tick.requested.items()]
        return sum(int(one) if isinstance(one, bool) else len(one) for one in found)


def evaluate(
    network: Network,
    state: AutomationState,
    now: float | datetime,
    cursor: AutomationCursor | None = None,
    *,
    everything: bool = False,
    answer: UserAnswer | None = None,
) -> Outcome:
    """Ask all conditions that may have another answer than before.

    Args:
        network: the conditions.
        state: of the instance.
        now: Unix seconds or a time, as in `Tick`.
        cursor: of the evaluation before; None for the first.
        everything: ask all conditions. The answers are the same; it takes longer.
        answer: asks user code where the catalog has only its question; without it what needs user
            code waits: it asks for nothing, and is asked again on the next tick.
    """
    return _Evaluation(network, state, now, cursor, everything, answer).outcome()


class _Evaluation:
    def __init__(
        self,
        network: Network,
        state: AutomationState,
        now: float | datetime,
        cursor: AutomationCursor | None,
        everything: bool,
        answer: UserAnswer | None,
    ) -> None:
        previous = None if cursor is None else cursor.time
        self.cursor = cursor
        self.network = network
        self.everything = everything
        self.tick = Tick(network, state, now, previous, 1 if cursor is None else cursor.number + 1)
        self.tick.read_scope = self._read_late
        self.tick.answer = answer
        self.waiting: set[int] = set()
        self.never_asked: set[int] = set()
        self.position = state.position()
        """Taken before anything is read: what comes meanwhile is looked at once more on the next tick."""

    def outcome(self) -> Outcome:
        memory = None if self.cursor is None else self.cursor.memory
        changes: Changes | None = None
        if memory is not None and memory.network is self.network and self.cursor is not None:
            changes = self.tick.state.changes_since(self.cursor.position)
        if memory is None or changes is None:
            dirty = self._begin()
        else:
            dirty = self._go_on(memory, changes)
        asked, changed = self._ask(dirty)
        kept = self._settle(dirty)
        if self.never_asked:
            kept = {index: one for index, one in kept.items() if index not in self.never_asked}
        scopes = self._settled_scopes()
        memory = Memory(self.network, kept, scopes, self.spaces, changed, self.users, self.gone)
        cursor = AutomationCursor(self.position, self.tick.now, self.tick.number, None, None, memory)
        return Outcome(self.tick, self.records, asked, cursor, frozenset(self.waiting))

    # --- what there is to ask

    def _begin(self) -> set[int]:
        """Nothing of this process can be used: everything is read, and all conditions are asked."""
        network, tick = self.network, self.tick
        self.spaces = Spaces()
        seen = {} if self.cursor is None else self.cursor.seen
        conditions = {} if self.cursor is None else self.cursor.conditions
        keys = network.index_of
        self.gone: Gone = (
            {key: kept for key, kept in conditions.items() if key not in keys},
            {key: one for key, one in seen.items() if key not in keys},
        )
        # What was remembered of partitions of another kind says nothing about those of today.
        self.before: Mapping[Entity, Remembered] | None = {
            key: kept
            for key, kept in conditions.items()
            if key in keys and kept.kind in (None, network.kinds[keys[key]])
        }
        self.records: dict[int, Record] = {}
        wanted = sorted({*network.readers, *network.conditions})
        users: dict[Any, list[int]] = {}
        for index in wanted:
            definition = network.definition_of(index)
            if definition is not None:
                users.setdefault(definition, []).append(index)
        self.users: Mapping[Any, Sequence[int]] = users
        tick.scopes = [None] * len(network.keys)
        questions = [self._question(index, seen.get(network.keys[index])) for index in wanted]
        for index, question, facts in zip(wanted, questions, tick.state.facts(questions), strict=True):
            tick.scopes[index] = Scope(index, question.key, question.space, facts)
        tick.requested_before = {keys[key]: kept.value for key, kept in self.before.items() if kept.value}
        tick.requested = {}
        self.fresh = [index for index in wanted if (scope := tick.scopes[index]) is not None and scope.fresh]
        return set(network.conditions)

    def _go_on(self, memory: Memory, changes: Changes) -> set[int]:
        network, tick = self.network, self.tick
        self.before = None
        self.gone = memory.gone
        self.records = dict(memory.records)
        self.users = memory.users
        tick.scopes = list(memory.scopes)
        tick.requested_before = {index: one.value for index, one in self.records.items() if one.value}
        tick.requested = dict(tick.requested_before)
        self.spaces = memory.spaces.copy()
        touched = {index for key in changes.entities if (index := network.index_of.get(key)) is not None}
        for key in (*changes.wiped, *changes.entities):
            if isinstance(key, AssetKey):  # its checks are as if not evaluated since
                checks = network.catalog.checks_of.get(key, ())
                touched.update(network.index_of[check] for check in checks)
        for definition in self.spaces.moved_on(tick, changes.dynamic):
            touched.update(self.users.get(definition, ()))
        # Only what conditions look at has a scope.
        read = sorted(index for index in touched if tick.scopes[index] is not None)
        questions = [self._question(index, tick.scope(index).seen) for index in read]
        facts = tick.state.facts(questions) if questions else []
        for index, question, found in zip(read, questions, facts, strict=True):
            tick.scopes[index] = Scope(index, question.key, question.space, found)
        self.fresh = [index for index in read if tick.scope(index).fresh]
        if self.everything:
            return set(network.conditions)
        dirty = set(network.always)
        if len(self.records) < len(network.conditions):
            dirty.update(network.conditions.keys() - self.records.keys())
        for index in (*read, *memory.changed):
            dirty.update(network.readers.get(index, ()))
        dirty.update(memory.changed)
        for (schedule, timezone), users in network.crons.items():
            if tick.cron_passed(schedule, timezone):
                dirty.update(users)
        dirty.update(index for index, one in self.records.items() if one.again)
        return dirty

    def _question(self, index: int, seen: Seen | None) -> Wanted:
        definition = self.network.definition_of(index)
        space = None if definition is None else self.spaces.find(definition, self.tick)
        return Wanted(self.network.keys[index], space, seen, self.network.is_made(index))

    def _read_late(self, index: int) -> Scope:
        question = self._question(index, None)
        (facts,) = self.tick.state.facts([question])
        return Scope(index, question.key, question.space, facts)

    # --- asking

    def _ask(self, dirty: set[int]) -> tuple[int, list[int]]:
        """Ask conditions in order. One that asks for something else makes those that look at it be asked, too."""
        tick, readers = self.tick, self.network.readers
        waiting = list(dirty)
        heapify(waiting)
        changed: list[int] = []
        asked = 0
        while waiting:
            index = heappop(waiting)
            asked += 1
            scope = tick.scope(index)
            before = self._value_before(index, scope)
            try:
                record = self._evaluate(index, scope, *self._states_before(index))
            except WaitingForCode:
                record = self._kept_waiting(index, scope)
            self.records[index] = record
            if record.value:
                tick.requested[index] = record.value
            else:
                tick.requested.pop(index, None)
            if record.value == before:
                continue
            changed.append(index)
            for reader in readers.get(index, ()):
                if reader > index and reader not in dirty:
                    dirty.add(reader)
                    heappush(waiting, reader)
        return asked, changed

    def _evaluate(self, index: int, scope: Scope, states: dict[StateKey, Any], initial: bool) -> Record:
        frame = Frame(self.tick, scope, states, initial)
        value = self.network.conditions[index].run(frame, scope)
        return Record(value, frame.states, tuple(frame.trace), frame.again, self.tick.now)

    def _kept_waiting(self, index: int, scope: Scope) -> Record:
        """Nothing is asked for; what the condition remembers stays as it was, until it can be asked."""
        self.waiting.add(index)
        states, initial = self._states_before(index)
        if initial:
            self.never_asked.add(index)
        return Record(scope.none, states, (), True, self.tick.now)

    def _value_before(self, index: int, scope: Scope) -> Members:
        if self.before is None:
            known = self.records.get(index)
            return scope.none if known is None else scope.restored(known.value)
        kept = self.before.get(scope.key)
        return scope.none if kept is None else scope.restored(kept.value)

    def _states_before(self, index: int) -> tuple[dict[StateKey, Any], bool]:
        if self.before is None:
            known = self.records.get(index)
            return ({}, True) if known is None else (known.states, False)
        kept = self.before.get(self.network.keys[index])
        return ({}, True) if kept is None else (kept.states, False)

    # --- what is kept

    def _settle(self, dirty: Iterable[int]) -> dict[int, Record]:
        """The records for the next tick.

        Where many conditions would have to be asked once more because something was only just true (after the first
        evaluation: all), they are asked now how they will look if nothing happens. One whose answer and memory stay
        as they are need not be asked again.
        """
        again = [index for index in dirty if self.records[index].again and index not in self.waiting]
        if len(again) < _MANY or self.everything:
            return self.records
        kept = dict(self.records)
        now = self.tick.now if self.tick.wall_time is None else self.tick.wall_time
        calm = Tick(self.network, self.tick.state, now, self.tick.now, self.tick.number + 1)
        calm.read_scope = self._read_late
        calm.scopes = self._settled_scopes()
        calm.requested = calm.requested_before = self.tick.requested
        always = set(self.network.always)
        for index in again:
            if index in always:
                continue
            record = self.records[index]
            frame = Frame(calm, calm.scope(index), record.states, False)
            value = self.network.conditions[index].run(frame, frame.root)
            if not frame.again and value == record.value and frame.states == record.states:
                kept[index] = Record(value, record.states, tuple(frame.trace), False, record.at)
        return kept

    def _settled_scopes(self) -> list[Scope | None]:
        scopes = list(self.tick.scopes)
        for index in self.fresh:
            scope = scopes[index]
            if scope is not None:
                scopes[index] = scope.settled()
        return scopes
