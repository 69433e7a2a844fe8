"""What an evaluation leaves for the next one: a value that can be stored as text."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from treadle.core.errors import TreadleError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.runs import Runs, clipped, members
from treadle.core.partitions.sets import PartitionSet
from treadle.core.partitions.stored import to_stored
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.plan.automation.facts import Entity, Seen
from treadle.plan.automation.frame import StateKey
from treadle.plan.automation.scope import StoredMembers

if TYPE_CHECKING:
    from treadle.plan.automation.evaluate import Memory

_KIND: Final = "treadle-automation"
_VERSION: Final = 1


class Remembered:
    """What is kept of one condition between two ticks.

    Args:
        value: what it asked for.
        states: what its nodes remember.
        kind: how the entity was partitioned (`kind_of`); None where that is not known.
    """

    __slots__ = ("kind", "states", "value")

    def __init__(self, value: Any, states: dict[StateKey, Any], kind: str | None = None) -> None:
        self.value = value
        self.states = states
        self.kind = kind


def kind_of(definition: Any) -> str:
    """Definitions of one kind have partitions that can be compared: what is remembered of the one holds for the other."""
    if definition is None:
        return ""
    if isinstance(definition, MultiPartitionsDefinition):
        return "|".join(f"{one.name}={kind_of(one.partitions_def)}" for one in definition.partitions_defs)
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return f"time {definition.cron_schedule}"
    return "keys"


class AutomationCursor:
    """Where an evaluation stopped. It does not change; any cursor may be used again.

    Args:
        position: in the feed of changes.
        time: of the evaluation, Unix seconds.
        number: of the evaluation, from 1.
        conditions: what is kept of each condition.
        seen: what was seen of each entity.
        memory: what the same process need not read again; the text does not have it.
    """

    __slots__ = ("_conditions", "_seen", "_text", "memory", "number", "position", "time")

    def __init__(
        self,
        position: str,
        time: float,
        number: int,
        conditions: Mapping[Entity, Remembered] | None,
        seen: Mapping[Entity, Seen] | None,
        memory: "Memory | None" = None,
    ) -> None:
        self.position = position
        self.time = time
        self.number = number
        self._conditions = conditions
        self._seen = seen
        self.memory = memory
        self._text: str | None = None

    @property
    def conditions(self) -> Mapping[Entity, Remembered]:
        """What is kept of each condition."""
        if self._conditions is None:
            assert self.memory is not None
            return self.memory.remembered()
        return self._conditions

    @property
    def seen(self) -> Mapping[Entity, Seen]:
        """What was seen of each entity."""
        if self._seen is None:
            assert self.memory is not None
            return self.memory.seen()
        return self._seen

    def to_text(self) -> str:
        """The cursor as text, for `AutomationCursor.of_text`, in this process or another."""
        if self._text is not None:
            return self._text
        ids = _KeysOfCursor({})
        entities = []
        seen, conditions = self.seen, self.conditions
        for key in {**dict.fromkeys(seen), **dict.fromkeys(conditions)}:
            one: dict[str, Any] = {"key": _of_entity(key)}
            if key in seen:
                one["seen"] = list(seen[key])
            kept = conditions.get(key)
            if kept is not None:
                one["value"] = _of_value(kept.value, ids, key)
                if kept.kind:
                    one["kind"] = kept.kind
                if kept.states:
                    one["states"] = [
                        [
                            digest,
                            None if other is None else _of_entity(other),
                            _of_value(value, ids, other or key),
                        ]
                        for (digest, other), value in kept.states.items()
                    ]
            entities.append(one)
        told = {
            "kind": _KIND,
            "version": _VERSION,
            "position": self.position,
            "time": self.time,
            "number": self.number,
            "keys": ids.lists,
            "entities": entities,
        }
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "AutomationCursor":
        """The cursor that `to_text` wrote.

        Raises:
            TreadleError: `invalid-cursor`: text of something else, of a newer version, or damaged.
        """
        try:
            told = json.loads(text)
        except ValueError as error:
            raise _invalid("it is no JSON") from error
        if not isinstance(told, dict) or told.get("kind") != _KIND:
            raise _invalid("something else wrote it")
        if told.get("version") != _VERSION:
            raise _invalid(f"it has version {told.get('version')!r}, and this is made for {_VERSION}")
        try:
            ids = _KeysOfCursor({scope: list(keys) for scope, keys in told["keys"].items()})
            seen: dict[Entity, Seen] = {}
            conditions: dict[Entity, Remembered] = {}
            for one in told["entities"]:
                key = _entity(one["key"])
                if "seen" in one:
                    seen[key] = Seen(*one["seen"])
                if "value" in one:
                    states: dict[StateKey, Any] = {}
                    for digest, other, value in one.get("states", ()):
                        place = None if other is None else _entity(other)
                        states[digest, place] = _value(value, ids, place or key)
                    conditions[key] = Remembered(_value(one["value"], ids, key), states, one.get("kind", ""))
            cursor = cls(str(told["position"]), float(told["time"]), int(told["number"]), conditions, seen)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _invalid("it is damaged") from error
        cursor._text = text
        return cursor

    def __reduce__(self) -> Any:
        return AutomationCursor.of_text, (self.to_text(),)

    def __repr__(self) -> str:
        return f"AutomationCursor(number={self.number}, position={self.position!r})"


def _invalid(why: str) -> TreadleError:
    return TreadleError(
        f"this text is no cursor of an automation evaluation: {why}",
        code="invalid-cursor",
        hint="leave the cursor out: everything is evaluated as for the first time",
    )


class _KeysOfCursor:
    """Ids of partition keys that are good within one cursor's text."""

    def __init__(self, lists: dict[str, list[str]]) -> None:
        self.lists = lists
        self._ids = {scope: {key: place for place, key in enumerate(keys)} for scope, keys in lists.items()}

    def ids_for(self, scope: str, keys: Sequence[str]) -> list[int]:
        known = self._ids.setdefault(scope, {})
        listed = self.lists.setdefault(scope, [])
        for key in keys:
            if key not in known:
                known[key] = len(listed)
                listed.append(str(key))
        return [known[key] for key in keys]

    def keys_within(self, scope: str, ids: Runs) -> dict[int, str]:
        listed = self.lists.get(scope, [])
        return {number: listed[number] for number in members(clipped(ids, 0, len(listed)))}


class _OfEntity:
    """The same, for one entity: its static keys are its own."""

    def __init__(self, ids: _KeysOfCursor, key: Entity) -> None:
        self._ids = ids
        self._prefix = key.to_user_string()

    def _scope(self, scope: str) -> str:
        return scope if scope.startswith("dynamic:") else f"{self._prefix} {scope}"

    def ids_for(self, scope: str, keys: Sequence[str]) -> list[int]:
        return self._ids.ids_for(self._scope(scope), keys)

    def keys_within(self, scope: str, ids: Runs) -> dict[int, str]:
        return self._ids.keys_within(self._scope(scope), ids)


def _of_entity(key: Entity) -> list[Any]:
    return [key.path] if isinstance(key, AssetKey) else [key.asset_key.path, key.name]


def _entity(told: Any) -> Entity:
    key = AssetKey(told[0])
    return key if len(told) == 1 else AssetCheckKey(key, told[1])


def _of_value(value: Any, ids: _KeysOfCursor, key: Entity) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, PartitionSet):
        return {"runs": to_stored(value, _OfEntity(ids, key)).runs}
    return [_of_value(each, ids, key) for each in value]


def _value(told: Any, ids: _KeysOfCursor, key: Entity) -> Any:
    if isinstance(told, dict):
        runs = {name: tuple((int(lo), int(hi)) for lo, hi in spans) for name, spans in told["runs"].items()}
        return StoredMembers(StoredSet(runs), _OfEntity(ids, key))
    if isinstance(told, list):
        return tuple(_value(each, ids, key) for each in told)
    return told
