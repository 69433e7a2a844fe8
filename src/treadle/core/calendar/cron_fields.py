"""Reading one cron expression: five fields, names, steps, wrapping ranges, `L`, `?`, `1#2`, `@` aliases."""

import re
from datetime import date
from typing import NamedTuple

from treadle.core import late
from treadle.core.errors import InvalidDefinitionError

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = {
    name: i
    for i, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DAYS = {name: i for i, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 6),
)
_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class CronFields(NamedTuple):
    """What one expression means. Weekdays count from Sunday = 0; `nth` holds (weekday, n), n = 0 the last."""

    times: tuple[int, ...]
    """Seconds after midnight, ascending."""
    every_hour: bool
    days: frozenset[int]
    last_day: bool
    any_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    any_weekday: bool
    every_day: bool

    def matches(self, day: date) -> bool:
        """Whether the schedule ticks on this date. With both day fields restricted, either suffices."""
        if day.month not in self.months:
            return False
        if self.any_day:
            return self.any_weekday or self._weekday_matches(day)
        if self.any_weekday:
            return self._day_matches(day)
        return self._day_matches(day) or self._weekday_matches(day)

    def _day_matches(self, day: date) -> bool:
        return day.day in self.days or (
            self.last_day and day.day == late.calendar.monthrange(day.year, day.month)[1]
        )

    def _weekday_matches(self, day: date) -> bool:
        weekday = day.isoweekday() % 7
        if weekday in self.weekdays:
            return True
        if not self.nth:
            return False
        last = day.day + 7 > late.calendar.monthrange(day.year, day.month)[1]
        return (weekday, (day.day + 6) // 7) in self.nth or (last and (weekday, 0) in self.nth)


def steps_beyond_their_field(expression: str) -> list[str]:
    """The terms with a step that is longer than the field, such as `*/90` of minutes: they tick at the field's first number.

    Example:
        >>> steps_beyond_their_field("*/90 */12 * * *")
        ['*/90']
    """
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        return []
    return [
        term
        for (_, _, high), text in zip(_FIELDS, fields, strict=True)
        for term in text.split(",")
        if (step := term.partition("/")[2]).isdigit() and int(step) > max(high, 7)
    ]


def invalid_cron(expression: object, reason: str, hint: str | None = None) -> InvalidDefinitionError:
    """The error for an expression that can never work."""
    return InvalidDefinitionError(
        f"{expression!r} is an invalid cron schedule: {reason}.",
        code="invalid-cron",
        hint=hint
        or "Five fields: minute hour day-of-month month day-of-week, such as '0 9 * * 1-5', or '@daily'.",
    )


def plain_expression(expression: str) -> str:
    """The five fields, single-spaced, aliases spelt out."""
    text = " ".join(expression.split())
    return ALIASES.get(text.lower(), text)


def read_cron(expression: str) -> CronFields:
    """Reads an expression.

    Raises:
        InvalidDefinitionError: `invalid-cron`, with the field and the reason.
    """
    plain = plain_expression(expression)
    if plain.startswith("@"):
        raise invalid_cron(expression, "this alias does not exist", f"Known: {', '.join(ALIASES)}.")
    parts = plain.lower().split()
    if len(parts) != 5:
        raise invalid_cron(expression, f"{len(parts)} fields where five are needed")
    minutes = _numbers(expression, parts[0], 0)
    hours = _numbers(expression, parts[1], 1)
    days, last_day = _days_of_month(expression, "*" if parts[2] == "?" else parts[2])
    months = _numbers(expression, parts[3], 3)
    weekdays, nth = _days_of_week(expression, "*" if parts[4] == "?" else parts[4])
    any_day, any_weekday = len(days) == 31, len(weekdays) == 7
    if any_weekday and not last_day and min(days) > max(_LONGEST[m] for m in months):
        raise invalid_cron(expression, "no month has such a day, so it would never fire")
    return CronFields(
        times=tuple(sorted(h * 3600 + m * 60 for h in set(hours) for m in set(minutes))),
        every_hour=len(hours) == 24,
        days=frozenset(days),
        last_day=last_day,
        any_day=any_day,
        months=frozenset(months),
        weekdays=frozenset(weekdays),
        nth=frozenset(nth),
        any_weekday=any_weekday,
        every_day=any_day and any_weekday and len(months) == 12,
    )


def _days_of_month(expression: str, text: str) -> tuple[set[int], bool]:
    terms = text.split(",")
    plain = [term for term in terms if term != "l"]
    days = _numbers(expression, ",".join(plain), 2) if plain else set()
    return days, len(plain) < len(terms)


def _days_of_week(expression: str, text: str) -> tuple[set[int], set[tuple[int, int]]]:
    terms = text.split(",")
    nth: set[tuple[int, int]] = set()
    for term in terms:
        if match := re.fullmatch(r"l(\d|[a-z]{3})", term):
            nth.add((_number(expression, match[1], 4) % 7, 0))
        elif match := re.fullmatch(r"(\d|[a-z]{3})#([1-5])", term):
            nth.add((_number(expression, match[1], 4) % 7, int(match[2])))
    if not nth:
        return _numbers(expression, text, 4), nth
    if len(nth) < len(set(terms)):
        raise invalid_cron(expression, "plain weekdays cannot stand beside '#' or 'L' ones")
    return set(), nth


def _numbers(expression: str, text: str, field: int) -> set[int]:
    numbers: set[int] = set()
    for term in text.split(","):
        numbers.update(_term(expression, term, field))
    return {n % 7 for n in numbers} if field == 4 else numbers


def _term(expression: str, term: str, field: int) -> list[int]:
    name, low, high = _FIELDS[field]
    span, slash, step_text = term.partition("/")
    if slash and not (step_text.isascii() and step_text.isdigit() and int(step_text) > 0):
        raise invalid_cron(expression, f"{term!r} is no step for the {name}")
    step = int(step_text) if slash else 1
    if span == "*":
        return list(range(low, high + 1))[::step]
    first_text, dash, last_text = span.partition("-")
    first = _number(expression, first_text, field)
    if not dash:
        return list(range(first, high + 1))[::step] if slash else [first]
    last = _number(expression, last_text, field)
    if last >= first:
        return list(range(first, last + 1))[::step]
    return [*range(first, high + 1), *range(low, last + 1)][::step]


def _number(expression: str, text: str, field: int) -> int:
    name, low, high = _FIELDS[field]
    if field == 3 and text in _MONTHS:
        return _MONTHS[text]
    if field == 4 and text in _DAYS:
        return _DAYS[text]
    if text.isascii() and text.isdigit() and low <= int(text) <= (7 if field == 4 else high):
        return int(text)
    raise invalid_cron(expression, f"{text!r} is no {name} ({low} to {high})")
