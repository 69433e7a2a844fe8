"""The one clock. It is read only at an edge where the caller passed no time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _read()


@contextmanager
def clock_at(time: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Within the block, for this process, `now()` gives this time or what this function returns. For tests.

    Args:
        time: an aware datetime, or a function that returns one.

    Example:
        >>> from datetime import UTC, datetime
        >>> with clock_at(datetime(2026, 1, 1, tzinfo=UTC)):
        ...     now().year
        2026
    """
    global _read
    before = _read
    fixed = time if callable(time) else (lambda: time)
    _read = fixed
    try:
        yield
    finally:
        _read = before
