"""An entity as conditions see it on one tick: its partitions, what is true of it, and how its neighbours map to it."""

from typing import Any, NamedTuple

from treadle.core.keys import AssetCheckKey
from treadle.core.partitions import regions
from treadle.core.partitions import runs as line
from treadle.core.partitions.axes import TimeAxis
from treadle.core.partitions.mapping import PartitionMapping
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.stored import PartitionIds, from_stored
from treadle.core.partitions.stored_set import StoredSet
from treadle.plan.automation.facts import Entity, Facts, Members


class Scope:
    """An entity on a tick. Not changed once made, but for `fresh`, which is over when the tick is.

    Args:
        index: its number in the network.
        key: the asset or check.
        space: its partitions; None where it has none.
        facts: what is true of it.
    """

    __slots__ = (
        "all", "backfilling", "failed", "fresh", "index", "key", "made", "missing", "none", "passed", "running",
        "seen", "space",
    )  # fmt: skip

    def __init__(self, index: int, key: Entity, space: PartitionSpace | None, facts: Facts) -> None:
        self.index = index
        self.key = key
        self.space = space
        self.made, self.running, self.failed, self.backfilling, self.fresh, self.seen, self.passed = facts
        self.all: Members
        self.none: Members
        self.missing: Members
        if space is None:
            self.all, self.none = True, False
            # A check whose run failed before it gave a result was executed: it is not missing.
            failed = self.failed if isinstance(key, AssetCheckKey) else False
            self.missing = not (self.made or failed)
        else:
            self.all, self.none = space.all(), space.empty()
            self.missing = self.all - self.made

    def settled(self) -> "Scope":
        """The same on the next tick, if nothing happens to it: no update is new any more."""
        if not self.fresh:
            return self
        facts = Facts(
            self.made, self.running, self.failed, self.backfilling, self.none, self.seen, self.passed
        )
        return Scope(self.index, self.key, self.space, facts)

    def inverse(self, members: Members) -> Members:
        """All that is not among them."""
        return not members if self.space is None else self.all - members

    def restored(self, members: "Members | StoredMembers | None") -> Members:
        """Members kept from an earlier tick, in today's numbers; what does not exist any more is left out."""
        if members is None:
            return self.none
        if isinstance(members, StoredMembers):
            return self._read(members)
        if self.space is None or isinstance(members, bool):
            # Partitions were given to it, or taken away: all or nothing.
            if self.space is None:
                return bool(members)
            return self.all if members else self.none
        if members.space is self.space:
            return members
        return moved(members, self.space)

    def _read(self, members: "StoredMembers") -> Members:
        if self.space is None:
            return bool(members.stored.runs)
        try:
            return from_stored(self.space, members.stored, members.ids).partitions & self.all
        except (ValueError, LookupError):
            return self.none  # it was written for partitions of another kind


class StoredMembers(NamedTuple):
    """Members as a cursor's text has them, until the entity's partitions are known."""

    stored: StoredSet
    ids: PartitionIds


def moved(members: PartitionSet, space: PartitionSpace) -> PartitionSet:
    """A set in another space of the same entity: what exists there."""
    old = members.space
    if old.names == space.names and all(
        type(a) is type(b) for a, b in zip(old.axes, space.axes, strict=True)
    ):
        return PartitionSet(space, space.region_from(old, members.region)) & space.all()
    return space.find_keys(members)[0]


class Link:
    """How parts of an upstream entity map to a downstream one.

    Args:
        upstream: the number of the upstream entity in the network.
        mapping: between their partitions; None where the downstream has the same, or none.
    """

    __slots__ = ("mapping", "upstream")

    def __init__(self, upstream: int, mapping: PartitionMapping | None) -> None:
        self.upstream = upstream
        self.mapping = mapping

    def down(self, members: Members, downstream: Scope) -> Members:
        """The downstream members that need any of some upstream ones."""
        if not members:
            return downstream.none
        if isinstance(members, bool):
            return downstream.all
        if downstream.space is None:
            return self._needed_by_whole(members)
        if self.mapping is None:
            return moved(members, downstream.space)
        return self.mapping.downstream_of(members, downstream.space)

    def up(self, members: Members, upstream: Scope) -> Members:
        """The upstream members that some downstream ones need."""
        if not members:
            return upstream.none
        if upstream.space is None:
            return upstream.all
        if isinstance(members, bool):
            if self.mapping is None:
                return upstream.all
            return self.mapping.upstream_of(None, upstream.space).partitions_subset
        if self.mapping is None:
            return moved(members, upstream.space)
        return self.mapping.upstream_of(members, upstream.space).partitions_subset

    def _needed_by_whole(self, members: PartitionSet) -> bool:
        """Whether an asset without partitions reads any of them."""
        if self.mapping is None:
            return True
        return bool(self.mapping.upstream_of(None, members.space).partitions_subset & members)


def latest_window(scope: Scope, lookback: Any) -> Members:
    """The partitions of the latest time window, or of those that begin within `lookback` before its end."""
    space = scope.space
    if space is None:
        return True
    sides: list[Any] = []
    for axis in space.axes:
        if not isinstance(axis, TimeAxis):
            sides.append(axis.universe)
        elif not axis.universe:
            return scope.none
        else:
            last = axis.universe[-1][1]
            first = last - 1
            if lookback:
                end = axis.grid.start_of(last)
                first = axis.grid.from_instant(int(-(-(end - lookback.total_seconds()) // 1)))
            sides.append(line.clipped(axis.universe, max(first, 0), last))
    return PartitionSet(space, regions.box(sides))
