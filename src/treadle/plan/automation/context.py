"""What conditions of users' own see and give: the context, subsets of an entity, and the result."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from treadle.core.automation import AutomationCondition
from treadle.core.errors import InvalidArgumentError, unknown_argument
from treadle.plan.automation.facts import Entity, Members
from treadle.plan.automation.frame import SKIPPED, Frame
from treadle.plan.automation.scope import Scope, latest_window

if TYPE_CHECKING:
    from treadle.core.partitions.sets import PartitionSet


class EntitySubset:
    """A part of an asset or check: some of its partitions, or all or nothing of one that has none.

    Subsets of one entity combine with `|`, `&` and `-`.

    Args:
        scope: the entity on a tick.
        members: the part.
    """

    __slots__ = ("members", "scope")

    def __init__(self, scope: Scope, members: Members) -> None:
        self.scope = scope
        self.members = members

    @property
    def key(self) -> Entity:
        """The asset or check."""
        return self.scope.key

    @property
    def partitions_def(self) -> Any:
        """How it is partitioned, or None."""
        return None if self.scope.space is None else self.scope.space.definition

    @property
    def is_partitioned(self) -> bool:
        """Whether it has partitions."""
        return self.scope.space is not None

    @property
    def is_empty(self) -> bool:
        """Whether it is nothing."""
        return not self.members

    @property
    def size(self) -> int:
        """How many partitions; 1 or 0 of an entity without."""
        return int(self.members) if isinstance(self.members, bool) else len(self.members)

    def get_internal_value(self) -> "bool | PartitionSet":
        """The set of partitions, or whether it is all of an entity without."""
        members: bool | PartitionSet = self.members
        return members

    def partition_keys(self) -> Iterator[str]:
        """The keys of its partitions, in order."""
        return iter(()) if isinstance(self.members, bool) else iter(self.members)

    def expensively_compute_partition_keys(self) -> set[str]:
        """The keys of its partitions."""
        return set(self.partition_keys())

    def expensively_compute_asset_partitions(self) -> set[tuple[Entity, str | None]]:
        """Key and partition key of each of its members."""
        if isinstance(self.members, bool):
            return {(self.key, None)} if self.members else set()
        return {(self.key, text) for text in self.members}

    def compute_union(self, other: "EntitySubset") -> "EntitySubset":
        """What is in either."""
        return self | other

    def compute_intersection(self, other: "EntitySubset") -> "EntitySubset":
        """What is in both."""
        return self & other

    def compute_difference(self, other: "EntitySubset") -> "EntitySubset":
        """What is not in the other."""
        return self - other

    def compute_intersection_with_partition_keys(self, partition_keys: Iterable[str]) -> "EntitySubset":
        """Those of its members that have these keys."""
        if self.scope.space is None:
            return self
        return self & EntitySubset(self.scope, self.scope.space.find_keys(partition_keys)[0])

    def _of(self, other: "EntitySubset") -> Members:
        if not isinstance(other, EntitySubset) or other.key != self.key:
            raise InvalidArgumentError(f"{other!r} is no subset of {self.key.to_user_string()}")
        return self.scope.restored(other.members)

    def __or__(self, other: "EntitySubset") -> "EntitySubset":
        return EntitySubset(self.scope, self.members | self._of(other))

    def __and__(self, other: "EntitySubset") -> "EntitySubset":
        return EntitySubset(self.scope, self.members & self._of(other))

    def __sub__(self, other: "EntitySubset") -> "EntitySubset":
        return EntitySubset(self.scope, self.members & self.scope.inverse(self._of(other)))

    def __bool__(self) -> bool:
        return bool(self.members)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EntitySubset):
            return NotImplemented
        return self.key == other.key and self.members == other.members

    def __hash__(self) -> int:
        return hash((self.key, self.size))

    def __repr__(self) -> str:
        return f"EntitySubset({self.key.to_user_string()}, {self.members!r})"


class AssetGraphView:
    """What a condition of the user's own may ask about its surroundings.

    Args:
        frame: of the evaluation.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    @property
    def effective_dt(self) -> datetime:
        """The time of the evaluation."""
        return self._frame.tick.time

    @property
    def asset_graph(self) -> Any:
        """The assets and how they depend on each other."""
        return self._frame.tick.network.catalog.selectable_graph

    @property
    def instance(self) -> Any:
        """The instance."""
        return getattr(self._frame.tick.state, "instance", None)

    def _scope(self, key: Entity) -> Scope:
        index = self._frame.tick.network.index_of.get(key)
        if index is None:
            raise InvalidArgumentError(f"there is no asset or check {key!r}")
        return self._frame.tick.scope_read_late(index)

    def get_full_subset(self, *, key: Entity) -> EntitySubset:
        """All of an entity."""
        scope = self._scope(key)
        return EntitySubset(scope, scope.all)

    def get_empty_subset(self, *, key: Entity) -> EntitySubset:
        """Nothing of an entity."""
        scope = self._scope(key)
        return EntitySubset(scope, scope.none)

    def get_subset_from_partition_keys(
        self, key: Entity, partitions_def: Any = None, partition_keys: Iterable[str] = ()
    ) -> EntitySubset:
        """The partitions of an entity that have these keys; keys that do not exist are left out."""
        scope = self._scope(key)
        found = scope.all if scope.space is None else scope.space.find_keys(partition_keys)[0]
        return EntitySubset(scope, found)

    def compute_missing_subset(
        self, key: Entity, from_subset: EntitySubset | None = None, **_: Any
    ) -> EntitySubset:
        """What of an entity is missing."""
        scope = self._scope(key)
        found = EntitySubset(scope, scope.missing)
        return found if from_subset is None else found & from_subset

    def compute_run_in_progress_subset(self, key: Entity) -> EntitySubset:
        """What of an entity a run is making."""
        scope = self._scope(key)
        return EntitySubset(scope, scope.running)

    def compute_execution_failed_subset(self, key: Entity) -> EntitySubset:
        """What of an entity failed last."""
        scope = self._scope(key)
        return EntitySubset(scope, scope.failed)

    def compute_latest_time_window_subset(self, key: Entity, lookback_delta: Any = None) -> EntitySubset:
        """The partitions of the latest time window."""
        scope = self._scope(key)
        return EntitySubset(scope, latest_window(scope, lookback_delta))

    def compute_parent_subset(self, parent_key: Entity, subset: EntitySubset) -> EntitySubset:
        """What of a parent a subset of its child needs."""
        parent = self._scope(parent_key)
        link = self._frame.tick.network.dependency(subset.scope.index, parent.index)
        return EntitySubset(parent, parent.none if link is None else link.up(subset.members, parent))

    def compute_child_subset(self, child_key: Entity, subset: EntitySubset) -> EntitySubset:
        """What of a child needs any of a subset of its parent."""
        child = self._scope(child_key)
        link = self._frame.tick.network.dependency(child.index, subset.scope.index)
        return EntitySubset(child, child.none if link is None else link.down(subset.members, child))


class AutomationContext:
    """What `AutomationCondition.evaluate(self, context)` is told. The framework makes it.

    Example:
        >>> from treadle.core.automation import AutomationCondition
        >>> class OnMondays(AutomationCondition):
        ...     def evaluate(self, context):
        ...         is_monday = context.evaluation_time.weekday() == 0
        ...         wanted = context.candidate_subset if is_monday else context.get_empty_subset()
        ...         return AutomationResult(context, true_subset=wanted)
    """

    def __init__(
        self, frame: Frame, scope: Scope, condition: AutomationCondition, before: Sequence[Any] | None
    ) -> None:
        self._frame = frame
        self._scope = scope
        self.condition = condition
        self.key: Entity = scope.key
        self.cursor: str | None = before[0] if before else None
        """What the same condition gave as `cursor` the last time."""
        self.candidate_subset = EntitySubset(scope, frame.candidates_of(scope))
        """What is asked about: what is false anyhow, by what stands before it in an `and`, is left out."""
        self._before = before

    @property
    def asset_graph_view(self) -> AssetGraphView:
        """What may be asked about other entities."""
        return AssetGraphView(self._frame)

    @property
    def asset_graph(self) -> Any:
        """The assets and how they depend on each other."""
        return self.asset_graph_view.asset_graph

    @property
    def evaluation_time(self) -> datetime:
        """The time that counts as now."""
        return self._frame.tick.time

    @property
    def evaluation_id(self) -> int:
        """Grows by one with each evaluation; 0 is the first."""
        return self._frame.tick.number - 1

    @property
    def previous_evaluation_time(self) -> datetime | None:
        """The time of the evaluation before, of this entity."""
        previous = None if self._frame.initial else self._frame.tick.previous
        return None if previous is None else datetime.fromtimestamp(previous, tz=UTC)

    @property
    def previous_true_subset(self) -> EntitySubset | None:
        """Of what the condition was true the last time; None where it was never asked."""
        if self._before is None:
            return None
        return EntitySubset(self._scope, self._scope.restored(self._before[1]))

    @property
    def previous_candidate_subset(self) -> EntitySubset | None:
        """What was asked about the last time."""
        if self._before is None:
            return None
        return EntitySubset(self._scope, self._scope.restored(self._before[2]))

    @property
    def partitions_def(self) -> Any:
        """How the entity is partitioned, or None."""
        return self.candidate_subset.partitions_def

    @property
    def request_subsets_by_key(self) -> Mapping[Entity, EntitySubset]:
        """What was decided on this tick so far."""
        decided = self._frame.tick.all_wanted(self._frame.root.index)
        return {scope.key: EntitySubset(scope, members) for scope, members in decided}

    @property
    def log(self) -> logging.Logger:
        """A logger named after the condition."""
        return logging.getLogger(f"treadle.automation.{type(self.condition).__name__}")

    def get_empty_subset(self) -> EntitySubset:
        """Nothing of the entity."""
        return EntitySubset(self._scope, self._scope.none)

    def get_previous_requested_subset(self, key: Entity) -> EntitySubset:
        """What was asked for on the tick before."""
        tick = self._frame.tick
        scope = self.asset_graph_view._scope(key)
        return EntitySubset(scope, scope.restored(tick.requested_before.get(scope.index)))


class AutomationResult:
    """What a condition said of an entity, with the parts that led to it.

    Args:
        context: of the evaluation.
        true_subset: of what it is true.
        cursor: text that the same condition finds as `context.cursor` the next time.
        child_results: the parts.

    Raises:
        InvalidArgumentError: `true_subset` is no subset of the entity.
    """

    def __init__(
        self,
        context: Any,
        true_subset: EntitySubset,
        cursor: str | None = None,
        child_results: Sequence["AutomationResult"] | None = None,
        **kwargs: Any,
    ) -> None:
        for name in kwargs:
            if name not in ("timing_metadata", "metadata", "structured_cursor", "subsets_with_metadata"):
                raise unknown_argument(
                    name, ("context", "true_subset", "cursor", "child_results"), "AutomationResult"
                )
        if not isinstance(true_subset, EntitySubset) or true_subset.key != context.key:
            raise InvalidArgumentError(
                f"AutomationResult: `true_subset` must be a subset of {context.key.to_user_string()}, "
                f"not {true_subset!r}",
                hint="begin with `context.candidate_subset` or `context.get_empty_subset()`",
            )
        if cursor is not None and not isinstance(cursor, str):
            raise InvalidArgumentError(f"AutomationResult: `cursor` must be text, not {cursor!r}")
        self.key: Entity = context.key
        self.condition: AutomationCondition = context.condition
        self.true_subset = true_subset
        self.cursor = cursor
        self.evaluated = True
        """False where it was not asked, because what stands before it in an `and` was false already."""
        self.is_waiting = False
        """Whether only user code can tell, and it is not here; then nothing is asked for."""
        self.evaluated_at: float | None = None
        """Unix seconds: the tick on which it was last asked."""
        self._children: Any = list(child_results or ())

    @property
    def child_results(self) -> list["AutomationResult"]:
        """The parts, in order."""
        if callable(self._children):
            self._children = self._children()
        found: list[AutomationResult] = self._children
        return found

    @property
    def label(self) -> str:
        """What the condition is called: its label, or its operator with arguments; all of it if it was not asked."""
        return self.condition.title if self.evaluated else str(self.condition)

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain values, for JSON. Partition keys are given where there are up to 100, else ranges."""
        members = self.true_subset.members
        told: dict[str, Any] = {"key": self.key.to_user_string(), "label": self.label, "true": bool(members)}
        if not self.evaluated:
            told["evaluated"] = False
        if self.is_waiting:
            told["waiting"] = True
        if not isinstance(members, bool):
            told["count"] = len(members)
            if len(members) <= _MOST_KEYS:
                told["partitions"] = [str(key) for key in members]
            else:
                ranges = members.get_partition_key_ranges()
                told["ranges"] = [[one.start, one.end] for one in ranges[:_MOST_KEYS]]
        if self.evaluated_at is not None:
            told["evaluated_at"] = self.evaluated_at
        children = [child.to_dict() for child in self.child_results]
        if children:
            told["children"] = children
        return told

    def pprint(self) -> None:
        """Print the tree."""
        print(self)

    def __str__(self) -> str:
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        yield f"{indent}{self._mark()} {self.label}{self._about()}"
        for child in self.child_results:
            yield from child._lines(indent + "  ")

    def _mark(self) -> str:
        return "-" if not self.evaluated else "+" if self.true_subset else "."

    def _about(self) -> str:
        members = self.true_subset.members
        of = ""
        if self.key_shown:
            of = f" [{self.key.to_user_string()}]"
        if not self.evaluated:
            return f"{of} (not asked)"
        if self.is_waiting:
            return f"{of} (waits for the code location)"
        if isinstance(members, bool):
            return of
        space = self.true_subset.scope.space
        total = len(space.all()) if space is not None else 1
        ranges = members.get_partition_key_ranges()[:3] if members else []
        shown = ", ".join(one.start if one.start == one.end else f"{one.start}…{one.end}" for one in ranges)
        more = ", …" if members and len(members.get_partition_key_ranges()) > len(ranges) else ""
        return f"{of} ({len(members)} of {total}{': ' + shown + more if shown else ''})"

    key_shown = False
    """Whether lines name the entity: where it is another one than that of the line above."""

    def __repr__(self) -> str:
        return f"AutomationResult({self.key.to_user_string()}, {self.label}, {self.true_subset.members!r})"


_MOST_KEYS = 100


class TracedContext:
    """What a result that was built from a trace stands on."""

    __slots__ = ("condition", "key")

    def __init__(self, key: Entity, condition: AutomationCondition) -> None:
        self.key = key
        self.condition = condition


def traced(
    scope: Scope, condition: AutomationCondition, value: Any, children: Any, at: float, key_shown: bool
) -> AutomationResult:
    """A result from the value that stands in a trace.

    Args:
        children: the parts, or a function that gives them.
        at: when it was evaluated.
        key_shown: whether it is of another entity than the part above.
    """
    members = scope.none if value is SKIPPED else scope.restored(value)
    found = AutomationResult(TracedContext(scope.key, condition), EntitySubset(scope, members))
    found._children = children
    found.evaluated = value is not SKIPPED
    found.evaluated_at = at
    found.key_shown = key_shown
    return found
