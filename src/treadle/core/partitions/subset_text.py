"""The text of a set of partitions, in the form that the peer writes: for cursors and files of users.

Keys are written as keys, times as windows of epoch seconds, so that a text outlives the process that wrote it.
"""

import json
import math
from typing import TYPE_CHECKING, Any, Final

from treadle.core.errors import InvariantViolationError, shortened
from treadle.core.partitions import runs as line
from treadle.core.partitions.axes import TimeAxis
from treadle.core.partitions.runs import Run

if TYPE_CHECKING:
    from treadle.core.partitions.sets import PartitionSet, PartitionSpace

VERSION: Final = 1
_KEYS: Final = "subset"
_WINDOWS: Final = "time_windows"


def text_of(partitions: "PartitionSet") -> str:
    """The text of a set."""
    axis = partitions.space.axes[0]
    if partitions.space.dimensions > 1 or not isinstance(axis, TimeAxis):
        return json.dumps({"version": VERSION, _KEYS: sorted(str(key) for key in partitions)})
    start_of = axis.grid.start_of
    windows = [[float(start_of(start)), float(start_of(end))] for start, end in partitions.region]
    return json.dumps({"version": VERSION, _WINDOWS: windows, "num_partitions": len(partitions)})


def keys_in(text: str) -> list[str]:
    """The keys that a text of keys holds; also in the older form, a bare list.

    Raises:
        InvariantViolationError: it is no such text (`unreadable-subset`).
    """
    keys = _held(text, _KEYS)
    if not all(isinstance(key, str) for key in keys):
        raise _unreadable(text, "its keys are not all texts")
    return keys


def read_set(space: "PartitionSpace", text: str) -> "PartitionSet":
    """The set that a text tells of, in a definition as it is now.

    Raises:
        InvariantViolationError: the text is damaged, or of another kind of definition (`unreadable-subset`).
        UnknownPartitionError: a partition in it that does not exist now (`unknown-partition`).
    """
    axis = space.axes[0]
    if space.dimensions > 1 or not isinstance(axis, TimeAxis):
        return space.of_keys(keys_in(text))
    ordinals = line.merged(_ordinals(axis, window, text) for window in _held(text, _WINDOWS))
    for start, end in ordinals:
        # Windows that the definition leaves out may lie inside of one that is stored.
        for edge in (start, end - 1):
            if not axis.has(edge) and not axis.grid.excluded(edge, edge + 1):
                raise space.unknown(axis.grid.text.text(axis.grid.start_of(edge)))
    return space.of_region(line.intersection(ordinals, axis.universe))


def _held(text: str, name: str) -> list[Any]:
    try:
        told = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise _unreadable(text, "it is not JSON") from None
    if isinstance(told, list):
        return told
    if not isinstance(told, dict):
        raise _unreadable(text, "it is not a JSON object")
    if told.get("version", VERSION) != VERSION:  # the first texts tell none
        raise _unreadable(text, f"its version is {told['version']!r}, and only {VERSION} is known")
    held = told.get(name)
    if not isinstance(held, list):
        other = _WINDOWS if name == _KEYS else _KEYS
        why = (
            f"it is of {'time windows' if other == _WINDOWS else 'keys'}"
            if other in told
            else f"it has no list `{name}`"
        )
        raise _unreadable(text, why)
    return held


def _ordinals(axis: TimeAxis, window: Any, text: str) -> Run:
    if not (isinstance(window, list) and len(window) == 2 and all(_is_instant(edge) for edge in window)):
        raise _unreadable(text, f"{window!r} is no window of two times")
    start, end = (axis.grid.from_instant(int(edge)) for edge in window)
    for edge, ordinal in zip(window, (start, end), strict=True):
        if axis.grid.start_of(ordinal) != edge:
            raise _unreadable(text, f"no window of this definition begins or ends at {edge!r}")
    if start >= end:
        raise _unreadable(text, f"the window {window!r} ends before it begins")
    return start, end


def _is_instant(edge: object) -> bool:
    return type(edge) in (int, float) and math.isfinite(edge) and abs(edge) < 1e11  # type: ignore[arg-type]


def _unreadable(text: object, why: str) -> InvariantViolationError:
    return InvariantViolationError(
        f"This text is no set of partitions of this definition: {why}: {shortened(repr(text))}",
        code="unreadable-subset",
        hint="`serialize()` of a set of the same definition writes one",
    )
