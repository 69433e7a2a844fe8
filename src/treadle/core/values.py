"""What every value that users build has: frozen fields, equality by value, the conveniences of a named tuple.

A value class is a plain class whose constructor normalises (see `core.specs`). What only passes facts between
our own functions is a frozen `msgspec.Struct` instead. Neither generates code when its module is imported.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, ClassVar, Final, NoReturn, Self, TypeVar

T_co = TypeVar("T_co", covariant=True)

set_field = object.__setattr__
"""How a constructor sets a field of its frozen value."""


class NotGiven(Enum):
    """The one sentinel for "not given", where None means something."""

    NOT_GIVEN = "NOT_GIVEN"

    def __repr__(self) -> str:
        return "<not given>"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN


class Items(tuple[T_co, ...]):
    """A tuple that also equals the list of its items: what code written for the peer compares it with."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return tuple.__eq__(self, tuple(other) if isinstance(other, list) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return tuple.__hash__(self)

    def __repr__(self) -> str:
        return repr(list(self))


class _Empty(dict[str, Any]):
    """An empty dictionary that stays empty."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping belongs to an immutable value: build a new one, or use `_replace`")

    __setitem__ = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> str:
        return "NO_MAPPING"

    def __copy__(self) -> dict[str, Any]:
        return {}

    def __deepcopy__(self, memo: Any) -> dict[str, Any]:
        return {}


NO_MAPPING: Final[Mapping[str, Any]] = _Empty()
"""The one empty mapping that all values without entries share."""

NO_ITEMS: Final[Items[Any]] = Items()
"""The one empty sequence that all values without items share."""


_FIELDS: dict[type, tuple[str, ...]] = {}


def fields_of(cls: type) -> tuple[str, ...]:
    """Names of a value class's fields, bases first, in the order of their annotations; no private ones."""
    found = _FIELDS.get(cls)
    if found is None:
        found = _FIELDS[cls] = _find_fields(cls)
    return found


def _find_fields(cls: type) -> tuple[str, ...]:
    if has_named_fields(cls):
        return cls._field_names  # type: ignore[attr-defined,no-any-return]
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        own = base.__dict__.get("__slots__", ())
        annotated = base.__dict__.get("__annotations__", ())  # noqa: RUF063 - `inspect` is slow to import
        names.update(dict.fromkeys(name for name in annotated if name in own and not name.startswith("_")))
        names.update(dict.fromkeys(name for name in own if not name.startswith("_")))
    return tuple(names)


def has_named_fields(cls: type) -> bool:
    """Whether a value class names its fields itself, as its instances have a `__dict__` or a field is private."""
    return getattr(cls, "_field_names", None) is not None


def maker_of(cls: type) -> type:
    """The class of ours whose constructor takes the fields: users' subclasses may have one of their own."""
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] == "treadle":
            return base
    return cls


class Value:
    """Base of the values that users build.

    A subclass lists its fields in `__slots__`, annotates them, and sets them in `__init__` with `set_field`.
    One whose instances need a `__dict__`, or that has private fields, lists them in `_field_names` instead.
    Where a constructor calls a field by another name, `_argument_names` says so.
    """

    __slots__ = ()

    _argument_names: ClassVar[Mapping[str, str]] = NO_MAPPING
    _field_names: ClassVar[tuple[str, ...] | None] = None

    def _asdict(self) -> dict[str, Any]:
        """Field name to value, one level deep."""
        return {name: getattr(self, name) for name in fields_of(type(self))}

    def _arguments(self) -> dict[str, Any]:
        """The constructor arguments that make an equal value."""
        names = self._argument_names
        return {names.get(name, name): getattr(self, name) for name in fields_of(maker_of(type(self)))}

    def _replace(self, **changes: Any) -> Self:
        """A copy with the given fields changed; the constructor's checks run again.

        Raises:
            TypeError: a name that is no field.
        """
        cls = type(self)
        maker = maker_of(cls)
        names = self._argument_names
        arguments = self._arguments()
        arguments.update({names.get(name, name): value for name, value in changes.items()})
        copy = object.__new__(cls)
        if hasattr(self, "__dict__"):
            copy.__dict__.update(self.__dict__)
        maker.__init__(copy, **arguments)  # type: ignore[misc]
        return copy

    def __setattr__(self, name: str, value: Any) -> None:
        if name in fields_of(type(self)):
            self._refuse_change(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if name in fields_of(type(self)):
            self._refuse_change(name)
        object.__delattr__(self, name)

    def _refuse_change(self, name: str) -> NoReturn:
        raise AttributeError(
            f"{type(self).__name__} is immutable: use `_replace({name}=...)` for a changed copy"
        )

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        for name in fields_of(type(self)):
            left, right = getattr(self, name), getattr(other, name)
            if left is not right and not _same(left, right):
                return False
        return True

    def __hash__(self) -> int:
        return hash((type(self), *(_hash_of(getattr(self, name)) for name in fields_of(type(self)))))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={value!r}"
            for name, value in self._asdict().items()
            if value is not None and value not in ((), {})
        )
        return f"{type(self).__name__}({shown})"

    def __setstate__(self, state: Any) -> None:
        in_dict, in_slots = state if isinstance(state, tuple) else (state, None)
        for part in (in_dict, in_slots):
            for name, value in (part or NO_MAPPING).items():
                set_field(self, name, value)


class TupleValue(Value):
    """A value whose counterpart at the peer is a named tuple: it can be unpacked and indexed."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(tuple(getattr(self, name) for name in fields_of(type(self))))

    def __len__(self) -> int:
        return len(fields_of(type(self)))

    def __getitem__(self, index: int | slice) -> Any:
        return tuple(self)[index]

    def __bool__(self) -> bool:
        return True


def _same(left: Any, right: Any) -> bool:
    """Equality that also holds two arrays or data frames apart without asking for their truth."""
    try:
        return bool(left == right)
    except ValueError:
        return False


def _hash_of(value: Any) -> int:
    """A hash that equal values share, also of dictionaries and lists."""
    try:
        return hash(value)
    except TypeError:
        return hash(frozenset(value)) if isinstance(value, Mapping) else 0
