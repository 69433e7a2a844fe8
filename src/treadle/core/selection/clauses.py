"""The short form that assets and steps share: a bare name with arrows, `*orders`, `orders+`, `2+orders`."""

import re

import msgspec

NAME_CHARACTERS = r"[\w./\-\[\]?]"
_CLAUSE = re.compile(
    rf"(?P<above>\*|\++|\d{{1,19}}\+)?(?P<name>{NAME_CHARACTERS}+)(?P<below>\*|\++|\+\d{{1,19}})?",
)


class Clause(msgspec.Struct, frozen=True):
    """A name and how many levels above and below it are meant; None means all."""

    name: str
    above: int | None = 0
    below: int | None = 0


def read_clause(text: str) -> Clause | None:
    """The clause that `text` is, or None. Each `+` is a level; `*` is every level."""
    found = _CLAUSE.fullmatch(text.strip())
    if not found:
        return None
    return Clause(found["name"], _levels(found["above"]), _levels(found["below"]))


def _levels(arrow: str | None) -> int | None:
    if arrow is None:
        return 0
    if arrow == "*":
        return None
    number = arrow.strip("+")
    return int(number) if number else len(arrow)
