"""What of an event is kept where it is larger than an event may be (`metadata-too-large`). The data itself was written
by then, so nothing is refused: the largest parts are cut, and each says so in its place."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from treadle.core.events import ErrorInfo, EventData
from treadle.core.metadata import TextMetadataValue
from treadle.core.metadata_entries import MAX_EVENT_BYTES, metadata_to_wire, oversized
from treadle.store.codec import encode

LONGEST_TEXT: Final = 100_000
"""Characters that are kept of a message or traceback of an event that is too large."""

_PREVIEW: Final = 500
_METADATA_BYTES: Final = MAX_EVENT_BYTES // 2


def cut_text(text: str, most: int = LONGEST_TEXT) -> str:
    """The text, or its beginning and end with a note of how much is left out between them."""
    if len(text) <= most:
        return text
    head = most * 2 // 3
    left_out = len(text) - most
    return f"{text[:head]}\n[… {left_out:,} characters are left out here …]\n{text[-(most - head) :]}"


def cut_error(error: ErrorInfo | None, most: int = LONGEST_TEXT) -> ErrorInfo | None:
    """An error with shorter texts, as far as its causes go; each cause may be half as long."""
    if error is None:
        return None
    return msgspec.structs.replace(
        error,
        message=cut_text(error.message, most),
        stack=cut_text(error.stack, most),
        cause=cut_error(error.cause, most // 2),
        context=cut_error(error.context, most // 2),
        members=tuple(cut for each in error.members[:5] if (cut := cut_error(each, most // 8)) is not None),
    )


def encode_error(error: ErrorInfo) -> bytes:
    """A run's error as it is stored."""
    body = encode(error)
    return body if len(body) <= MAX_EVENT_BYTES else encode(cut_error(error))


def cut_data(data: EventData | None) -> EventData | None:
    """The payload of an event that is too large, with its largest parts cut."""
    if data is None:
        return None
    changes: dict[str, Any] = {}
    for name in data.__struct_fields__:
        value = getattr(data, name)
        if isinstance(value, ErrorInfo):
            changes[name] = cut_error(value)
        elif isinstance(value, str):
            changes[name] = cut_text(value)
        elif name == "metadata":
            changes[name] = _cut_metadata(value)
        elif name == "fields":
            changes[name] = {
                key: cut_text(item, _PREVIEW) if isinstance(item, str) else item
                for key, item in _first(value).items()
            }
    return msgspec.structs.replace(data, **changes)


def _cut_metadata(wire: Mapping[str, Any]) -> dict[str, Any]:
    sizes = {key: len(encode(value)) + len(key) for key, value in wire.items()}
    kept = dict(wire)
    for key in oversized(wire, sizes, _METADATA_BYTES):
        if sizes[key] > 4 * _PREVIEW:
            kept[key] = _note(_said(wire[key], sizes[key]))
    return _first(kept)


def _said(value: Mapping[str, Any], size: int) -> str:
    text = value.get("value")
    if isinstance(text, str):
        return f"{text[:_PREVIEW]} [… metadata-too-large: {size:,} bytes, of which this is kept]"
    return f"[metadata-too-large: {value.get('kind', 'a value')} of {size:,} bytes, not kept]"


def _note(text: str) -> dict[str, Any]:
    found: dict[str, Any] = metadata_to_wire({"": TextMetadataValue(text)})[""]
    return found


def _first(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The first entries, as many as fit, and a note of how many do not."""
    kept: dict[str, Any] = {}
    total = 0
    for key, value in entries.items():
        total += len(encode(value)) + len(key)
        if total > MAX_EVENT_BYTES:
            note = f"metadata-too-large: {len(entries) - len(kept):,} more entries are not kept"
            return {**kept, "…": _note(note)}
        kept[key] = value
    return kept
