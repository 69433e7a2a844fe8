"""Any value as text, and back: `serialize_value` and `deserialize_value`."""

import json
from collections.abc import Sequence
from typing import Any

from treadle.core.errors import InvalidArgumentError, shortened, wrong_type
from treadle.core.wire import TAG, from_wire, to_wire


def serialize_value(val: Any, whitelist_map: Any = None, **json_kwargs: Any) -> str:
    """A value of ours, or a plain Python value, as JSON text.

    Args:
        val: the value; what it holds must have a wire form too.
        whitelist_map: kept for callers of the peer's name and not used.
        json_kwargs: for `json.dumps`.

    Raises:
        InvalidArgumentError: it is, or holds, an object that has none.

    Example:
        >>> from treadle import AssetKey
        >>> deserialize_value(serialize_value([AssetKey("orders"), 1]))
        [AssetKey(['orders']), 1]
    """
    wire = to_wire(val)
    left_out = _first_opaque(wire)
    if left_out is not None:
        raise InvalidArgumentError(f"{shortened(left_out)} has no form as text.")
    return json.dumps(wire, **json_kwargs)


def deserialize_value(
    val: str, as_type: type | tuple[type, ...] | None = None, whitelist_map: Any = None
) -> Any:
    """The value that `serialize_value` wrote.

    Args:
        val: its text.
        as_type: refuse a value of any other type.
        whitelist_map: kept for callers of the peer's name and not used.

    Raises:
        InvalidArgumentError: no text, no JSON, or a value of another type.
        TreadleError: a value of a class that this version does not know.
    """
    if not isinstance(val, str | bytes):
        raise wrong_type("val", "text", val)
    try:
        found = from_wire(json.loads(val))
    except ValueError as error:
        raise InvalidArgumentError(f"this is no JSON: {error}") from error
    if as_type is not None and not isinstance(found, as_type):
        wanted = as_type if isinstance(as_type, Sequence) else (as_type,)
        raise InvalidArgumentError(
            f"the text holds a {type(found).__name__}, and {' or '.join(each.__name__ for each in wanted)} was asked for"
        )
    return found


def _first_opaque(wire: Any) -> str | None:
    if isinstance(wire, list):
        found = (_first_opaque(item) for item in wire)
    elif isinstance(wire, dict):
        if wire.get(TAG) in ("Opaque", "UserCode"):
            return str(wire.get("text") or wire.get("label") or wire.get("type"))
        found = (_first_opaque(item) for item in wire.values())
    else:
        return None
    return next((one for one in found if one is not None), None)
