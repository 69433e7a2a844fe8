"""JSON data: checked when it comes in, and tagged on the wire where JSON or MessagePack cannot hold a value."""

import math
from collections.abc import Mapping
from typing import Any, Final

from treadle.core.errors import shortened

MAX_JSON_DEPTH: Final = 200
"""Deepest nesting of JSON metadata; what goes deeper refers to itself or is a mistake."""

_LARGEST_WIRE_INT: Final = 2**63


def as_json(data: Any, depth: int = 0) -> Any:
    """The data as JSON has it: text keys, lists for tuples; a copy, so that later changes leave it alone.

    Raises:
        ValueError: it holds what JSON can not; the message says what, after the words `JSON metadata`.
    """
    if data is None or isinstance(data, (str, int, float)):
        return data
    if depth >= MAX_JSON_DEPTH:
        raise ValueError(f"is nested deeper than {MAX_JSON_DEPTH} levels, or refers to itself")
    if isinstance(data, Mapping):
        return {_json_key(key): as_json(value, depth + 1) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [as_json(item, depth + 1) for item in data]
    hint = "; call its `.item()`" if hasattr(data, "item") and hasattr(data, "dtype") else ""
    raise ValueError(f"can not hold {shortened(repr(data))} ({type(data).__name__}){hint}")


def _json_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    if isinstance(key, (int, float)):
        return repr(key)
    raise ValueError(f"can not have {shortened(repr(key))} ({type(key).__name__}) as a key")


def to_json_wire(data: Any) -> Any:
    """JSON data with what JSON or MessagePack cannot hold tagged: NaN, infinities, integers beyond 64 bits,
    text with lone surrogates."""
    if isinstance(data, str):
        return data if data.isascii() else _text_to_wire(data)
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, int):
        return int(data) if -_LARGEST_WIRE_INT <= data < _LARGEST_WIRE_INT else {"$int": str(int(data))}
    if isinstance(data, float):
        return float(data) if math.isfinite(data) else {"$float": repr(float(data))}
    if isinstance(data, dict):
        plain = {_text_to_wire_key(key): to_json_wire(value) for key, value in data.items()}
        return {"$dict": plain} if len(plain) == 1 and next(iter(plain)).startswith("$") else plain
    return [to_json_wire(item) for item in data]


def from_json_wire(wire: Any) -> Any:
    """The data that `to_json_wire` wrote."""
    if isinstance(wire, list):
        return [from_json_wire(item) for item in wire]
    if not isinstance(wire, dict):
        return wire
    if len(wire) == 1:
        match next(iter(wire.items())):
            case ("$int", str(digits)):
                return int(digits)
            case ("$float", str(text)):
                return float(text)
            case ("$text", str(text)):
                return text.encode("ascii").decode("unicode_escape")
            case ("$dict", dict(plain)):
                return {key: from_json_wire(value) for key, value in plain.items()}
    return {key: from_json_wire(value) for key, value in wire.items()}


def _text_to_wire(text: str) -> Any:
    try:
        text.encode()
    except UnicodeEncodeError:
        return {"$text": text.encode("unicode_escape").decode("ascii")}
    return text


def _text_to_wire_key(key: str) -> str:
    return key if key.isascii() else key.encode("utf-8", "backslashreplace").decode()
