"""`dagster._core.test_utils`: what test suites of projects take from there beside public names."""

import contextlib
import datetime
import os
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo


@contextlib.contextmanager
def environ(values: Mapping[str, str | None]) -> Iterator[None]:
    """Environment variables for a while; None takes one away.

    Example:
        >>> import os
        >>> with environ({"PLACE": "here"}):
        ...     os.environ["PLACE"]
        'here'
        >>> "PLACE" in os.environ
        False
    """
    before = dict(os.environ)
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def today_at_midnight(timezone_name: str = "UTC") -> datetime.datetime:
    """The beginning of today in a time zone."""
    return datetime.datetime.now(ZoneInfo(timezone_name)).replace(hour=0, minute=0, second=0, microsecond=0)
