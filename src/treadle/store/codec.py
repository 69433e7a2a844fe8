"""Payloads as bytes: what has no column of its own, in compact JSON."""

from typing import Any, Final, TypeVar

import msgspec

from treadle.core.errors import TreadleError
from treadle.core.events import ErrorInfo, EventData
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.stored_set import StoredSet

T = TypeVar("T")


class EventBody(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """The part of an event that has no column."""

    message: str = ""
    level: int = 10
    data: EventData | None = None
    pid: int | None = None
    partition_keys: tuple[str, ...] | None = None
    job_name: str | None = None


class RunBody(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """The part of a run that has no column and never changes."""

    run_config: dict[str, Any] = {}
    asset_selection: frozenset[AssetKey] | None = None
    check_selection: frozenset[AssetCheckKey] | None = None
    step_keys: tuple[str, ...] | None = None
    op_selection: tuple[str, ...] | None = None


def _encode_other(value: Any) -> Any:
    if isinstance(value, AssetKey):
        return value.parts_tuple
    if isinstance(value, AssetCheckKey):
        return value._asdict()
    if isinstance(value, str):
        # Of a class of its own, as a MultiPartitionKey: its repr is no text that anyone would find again.
        return str.__str__(value)
    return repr(value)


def _decode_other(wanted: type, value: Any) -> Any:
    return AssetCheckKey(**value) if wanted is AssetCheckKey else wanted(value)


_encoder = msgspec.json.Encoder(enc_hook=_encode_other)
decode_event_body = msgspec.json.Decoder(EventBody, dec_hook=_decode_other).decode
decode_run_body = msgspec.json.Decoder(RunBody, dec_hook=_decode_other).decode
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError, TreadleError)
"""What decoding raises where the bytes are damaged; one bad record must not hide the others."""

CORRUPT_RECORD: Final = "corrupt-record"
decode_error = msgspec.json.Decoder(ErrorInfo).decode
decode_set = msgspec.json.Decoder(StoredSet).decode


def encode(value: Any) -> bytes:
    """The value as bytes. Text that is no valid Unicode is kept in escaped form rather than refused."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(value, enc_hook=_encode_other)))


def corrupt(what: str, why: Exception) -> ErrorInfo:
    """The error that stands in for a record that cannot be read.

    Args:
        what: the record, with its id.
        why: what decoding raised.
    """
    return ErrorInfo(
        class_name="CorruptRecord", message=f"{what} can not be read: {why}", code=CORRUPT_RECORD
    )


def decode(value: bytes, wanted: type[T]) -> T:
    """Bytes made by `encode`, as the wanted type."""
    return msgspec.json.decode(value, type=wanted, dec_hook=_decode_other)


def read_event_body(body: bytes) -> EventBody:
    """An event's payload; an empty one where it is damaged, which `logs` tells."""
    try:
        return decode_event_body(body)
    except UNREADABLE:
        return EventBody()


def shown_text(value: Any) -> str:
    """The text of a column; of one that is damaged (SQLite keeps bytes in a column of text) what can be shown."""
    return value if isinstance(value, str) else bytes(value).decode("utf-8", "backslashreplace")


def plain(text: str) -> str:
    """The text as any database takes it in a column: NUL and lone surrogates escaped."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
