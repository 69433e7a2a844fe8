"""Values on the wire: how they become what JSON and MessagePack hold, and equal values again.

`to_wire` tags every value, and every struct of ours, with its class under `"$"`, so that it can stand anywhere.
`enc_hook` and `dec_hook` are for msgspec: a struct may have fields of any value class. What only the host has goes
as `Opaque` or `UserCode`.
"""

import importlib
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path, PurePath
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from treadle._public_names import name_table
from treadle.core import (
    asset_events,
    asset_io,
    auto_materialize,
    automation,
    code_references,
    data_versions,
    keys,
    metadata,
    metadata_table,
    opaque,
    outputs,
    policies,
    retry,
    schedules,
    specs,
    values,
)
from treadle.core.automation import AutomationCondition
from treadle.core.errors import TreadleError, shortened
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import value_from_wire, value_to_wire
from treadle.core.opaque import Opaque, UserCode
from treadle.core.values import NO_MAPPING, Items, Value, fields_of, has_named_fields, maker_of, set_field

TAG: Final = "$"
"""The entry that says what a tagged object is."""

_MODULES = (
    asset_events,
    asset_io,
    auto_materialize,
    automation,
    code_references,
    data_versions,
    keys,
    metadata,
    metadata_table,
    opaque,
    outputs,
    policies,
    retry,
    schedules,
    specs,
    values,
)

_CLASSES: dict[str, type] = {
    name: cls
    for module in _MODULES
    for name, cls in vars(module).items()
    if isinstance(cls, type) and issubclass(cls, (Value, Enum)) and cls.__module__ == module.__name__
}

_LARGEST_INT: Final = 2**63


def to_wire(value: Any) -> Any:
    """The value as nothing but None, bools, numbers, text, lists and dictionaries with text keys.

    Args:
        value: a value of ours, a plain Python value, or any object, which becomes `Opaque`.

    Example:
        >>> from treadle.core.keys import AssetKey
        >>> to_wire(AssetKey("orders"))
        {'$': 'AssetKey', 'path': ['orders']}
    """
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value)
    return _other_to_wire(value)


def from_wire(wire: Any) -> Any:
    """The value that `to_wire` wrote.

    Raises:
        TreadleError: a tag that this version does not know (`corrupt-record`).
    """
    if isinstance(wire, list):
        return [from_wire(item) for item in wire]
    if not isinstance(wire, dict):
        return wire
    tag = wire.get(TAG)
    if tag is None:
        return {key: from_wire(value) for key, value in wire.items()}
    reader = _READERS.get(tag)
    if reader is not None:
        return reader(wire)
    cls = _class_named(tag)
    fields = {name: from_wire(value) for name, value in wire.items() if name != TAG}
    return _restored(cls, fields) if has_named_fields(cls) else cls(**fields)


def encode_json(value: Any) -> bytes:
    """JSON of any value."""
    return msgspec.json.encode(to_wire(value))


def decode_json(data: bytes | str) -> Any:
    """The value that `encode_json` wrote."""
    return from_wire(msgspec.json.decode(data))


def encode_msgpack(value: Any) -> bytes:
    """MessagePack of any value."""
    return msgspec.msgpack.encode(to_wire(value))


def decode_msgpack(data: bytes) -> Any:
    """The value that `encode_msgpack` wrote."""
    return from_wire(msgspec.msgpack.decode(data))


def enc_hook(value: Any) -> Any:
    """For msgspec encoders of structs that hold values. An asset key is the list of its parts."""
    if isinstance(value, AssetKey):
        return list(value.parts_tuple)
    return value._asdict() if isinstance(value, AssetCheckKey) else to_wire(value)


def dec_hook(cls: type, wire: Any) -> Any:
    """For msgspec decoders of structs that hold values."""
    if cls is AssetKey and isinstance(wire, (list, str)):
        return AssetKey(wire)
    if cls is AssetCheckKey and isinstance(wire, dict) and TAG not in wire:
        return AssetCheckKey(**wire)
    value = from_wire(wire)
    if isinstance(cls, type) and not isinstance(value, cls):
        raise ValueError(f"expected {cls.__name__}, got {shortened(repr(wire))}")
    return value


# Writing


def _int_to_wire(value: int) -> Any:
    return value if -_LARGEST_INT <= value < _LARGEST_INT else {TAG: "int", "v": str(value)}


def _float_to_wire(value: float) -> Any:
    return value if math.isfinite(value) else {TAG: "float", "v": repr(value)}


def _text_to_wire(value: str) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return {TAG: "text", "v": value.encode("unicode_escape").decode("ascii")}
    return value


def _mapping_to_wire(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str and key.isascii() for key in value) and TAG not in value:
        return {key: to_wire(item) for key, item in value.items()}
    return {TAG: "dict", "items": [[to_wire(key), to_wire(item)] for key, item in value.items()]}


def _list_to_wire(value: Any) -> Any:
    return [to_wire(item) for item in value]


def _tagged_items(tag: str) -> Callable[[Any], Any]:
    return lambda value: {TAG: tag, "items": [to_wire(item) for item in value]}


def _set_to_wire(tag: str) -> Callable[[Any], Any]:
    return lambda value: {TAG: tag, "items": sorted((to_wire(item) for item in value), key=repr)}


def _datetime_to_wire(value: datetime) -> Any:
    zone = getattr(value.tzinfo, "key", None)
    wire = {TAG: "datetime", "v": value.isoformat()}
    return wire if zone is None else {**wire, "zone": zone, "fold": value.fold}


def _timedelta_to_wire(value: timedelta) -> Any:
    return {TAG: "timedelta", "v": [value.days, value.seconds, value.microseconds]}


def _other_to_wire(value: Any) -> Any:
    """What is no exact instance of a type in `_WRITERS`."""
    if isinstance(value, AssetKey):
        return {TAG: "AssetKey", "path": [_text_to_wire(part) for part in value.parts_tuple]}
    if isinstance(value, MetadataValue):
        return {TAG: "metadata", **value_to_wire(value)}
    if not _is_ours(type(value)):
        stand_in = _stand_in(value)
        if stand_in is not None:
            return _value_to_wire(stand_in)
    if isinstance(value, Value):
        return _value_to_wire(value)
    if isinstance(value, msgspec.Struct) and _is_ours(type(value)):
        return _struct_to_wire(value)
    if isinstance(value, tuple) and hasattr(value, "_fields") and _is_ours(type(value)):
        return {TAG: _tag_of(type(value)), **{name: to_wire(getattr(value, name)) for name in value._fields}}
    if isinstance(value, Enum) and _is_ours(type(value)):
        return {TAG: "enum", "of": _tag_of(type(value)), "v": value.name}
    for base in (str, bool, int, float):
        if isinstance(value, base) and not isinstance(value, Enum):
            return _WRITERS[base](base(value))
    if isinstance(value, Mapping):
        return _mapping_to_wire(value)
    if isinstance(value, PurePath):
        return {TAG: "path", "v": str(value)}
    return _value_to_wire(opaque.opaque(value))


def _value_to_wire(value: Value) -> Any:
    """The class, and what differs from the defaults of its constructor."""
    cls = maker_of(type(value))
    if not _is_ours(cls):
        return _value_to_wire(opaque.opaque(value))
    defaults = _defaults_of(cls)
    wire: dict[str, Any] = {TAG: _tag_of(cls)}
    fields = value._asdict() if has_named_fields(cls) else value._arguments()
    for name, field in fields.items():
        default = defaults.get(name, _REQUIRED)
        if field is default or (default is None and (field is NO_MAPPING or field == ())):
            continue
        wire[name] = to_wire(field)
    return wire


@cache
def _tag_of(cls: type) -> str:
    """The class's name where that is enough to find it again, else with its module within Treadle."""
    name = cls.__name__
    if _CLASSES.get(name) is cls or name_table().get(name) == (cls.__module__, name):
        return name
    return f"{cls.__module__.removeprefix(_ROOT)}:{name}"


def _struct_to_wire(value: msgspec.Struct) -> Any:
    """A struct, with the fields that differ from their defaults."""
    cls = type(value)
    wire: dict[str, Any] = {TAG: _tag_of(cls)}
    for name, default in _struct_defaults(cls):
        field = getattr(value, name)
        if field is not default and not (type(field) is type(default) and field == default):
            wire[name] = to_wire(field)
    return wire


_ROOT: Final = "treadle."


@cache
def _struct_defaults(cls: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    found = []
    for field in msgspec.structs.fields(cls):
        default = field.default if field.default is not msgspec.NODEFAULT else _REQUIRED
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        found.append((field.name, default))
    return tuple(found)


_QUESTIONS: Final = {"PartitionMapping": "partition_mapping", "PartitionsDefinition": "partitions_definition"}
"""Base class of ours to the kind of question that a user's own subclass of it answers."""


def _stand_in(value: Any) -> Value | None:
    """The question that only the user's own class can answer; None for what is asked nothing.

    A condition stays a node of its tree, and carries the question.
    """
    cls = type(value)
    place = f"{cls.__module__}:{cls.__qualname__}"
    if isinstance(value, AutomationCondition):
        code = UserCode("automation_condition", place, value.name)
        params = {**value.params, "code": code}
        return AutomationCondition("user_code", value.children, params, value.label or value.name)
    for base in cls.__mro__:
        if base.__name__ in _QUESTIONS and _is_ours(base):
            return UserCode(_QUESTIONS[base.__name__], place, opaque.opaque(value).text)
    return None


_REQUIRED: Final = object()
_DEFAULTS: dict[type, dict[str, Any]] = {}


def _defaults_of(cls: type) -> dict[str, Any]:
    """Field to default: of a class that names its fields by field, else of the constructor by argument."""
    found = _DEFAULTS.get(cls)
    if found is None:
        if has_named_fields(cls):
            arguments = _defaults_of_function(cls.__init__) if fields_of(cls) else {}  # type: ignore[misc]
            found = {name: arguments.get(name, _REQUIRED) for name in fields_of(cls)}
        else:
            found = _hidden_arguments(cls) | _defaults_of_function(cls.__init__)  # type: ignore[misc]
        _DEFAULTS[cls] = found
    return found


def _defaults_of_function(function: Any) -> dict[str, Any]:
    code = function.__code__
    positional = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    found = dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True))
    return found | (function.__kwdefaults__ or {})


def _hidden_arguments(cls: type) -> dict[str, Any]:
    """Fields whose constructor argument hides in `**kwargs`: they are None where not given."""
    code = cls.__init__.__code__  # type: ignore[misc]
    takes_more = code.co_flags & _TAKES_ANY_KEYWORD
    named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {name: None for name in fields_of(cls) if name not in named} if takes_more else {}


_TAKES_ANY_KEYWORD: Final = 0x08


def _is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == "treadle"


_WRITERS: Final[dict[type, Callable[[Any], Any]]] = {
    type(None): lambda value: None,
    bool: lambda value: value,
    int: _int_to_wire,
    float: _float_to_wire,
    str: _text_to_wire,
    dict: _mapping_to_wire,
    list: _list_to_wire,
    Items: _list_to_wire,
    tuple: _tagged_items("tuple"),
    set: _set_to_wire("set"),
    frozenset: _set_to_wire("frozenset"),
    datetime: _datetime_to_wire,
    date: lambda value: {TAG: "date", "v": value.isoformat()},
    timedelta: _timedelta_to_wire,
}


# Reading


def _class_named(name: str) -> type:
    """The class of a tag. Only classes of Treadle are ever looked up."""
    cls = _CLASSES.get(name)
    if cls is None:
        module, _, inner = name.rpartition(":")
        home = (_ROOT + module, inner) if module else name_table().get(name, ("", ""))
        try:
            found = getattr(importlib.import_module(home[0]), home[1])
        except (ImportError, AttributeError, ValueError):
            found = None
        if not (isinstance(found, type) and issubclass(found, (Value, Enum, msgspec.Struct, tuple))):
            message = f"the wire holds {shortened(repr(name))}, which is no value"
            raise TreadleError(message, code="corrupt-record")
        cls = _CLASSES[name] = found
    return cls


def _restored(cls: type, fields: Mapping[str, Any]) -> Any:
    """An instance with these fields, as unpickling makes it: they were checked when it was built."""
    value: Any = object.__new__(cls)
    for name, default in _defaults_of(cls).items():
        set_field(value, name, fields.get(name, default))
    return value


def _read_datetime(wire: Mapping[str, Any]) -> datetime:
    value = datetime.fromisoformat(wire["v"])
    if "zone" not in wire:
        return value
    return value.replace(tzinfo=ZoneInfo(wire["zone"]), fold=wire["fold"])


def _items(wire: Mapping[str, Any]) -> list[Any]:
    return [from_wire(item) for item in wire["items"]]


def _read_enum(wire: Mapping[str, Any]) -> Any:
    return getattr(_class_named(wire["of"]), wire["v"])


_READERS: Final[dict[str, Callable[[Mapping[str, Any]], Any]]] = {
    "int": lambda wire: int(wire["v"]),
    "float": lambda wire: float(wire["v"]),
    "text": lambda wire: wire["v"].encode("ascii").decode("unicode_escape"),
    "dict": lambda wire: {from_wire(key): from_wire(value) for key, value in wire["items"]},
    "tuple": lambda wire: tuple(_items(wire)),
    "set": lambda wire: set(_items(wire)),
    "frozenset": lambda wire: frozenset(_items(wire)),
    "datetime": _read_datetime,
    "date": lambda wire: date.fromisoformat(wire["v"]),
    "timedelta": lambda wire: timedelta(*wire["v"]),
    "path": lambda wire: Path(wire["v"]),
    "enum": _read_enum,
    "metadata": value_from_wire,
}

__all__ = [
    "Opaque",
    "UserCode",
    "dec_hook",
    "decode_json",
    "decode_msgpack",
    "enc_hook",
    "encode_json",
    "encode_msgpack",
    "from_wire",
    "to_wire",
]
