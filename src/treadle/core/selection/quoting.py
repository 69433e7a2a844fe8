"""Quotes and brackets of the selection language: `"raw/*"`; a backslash makes the next character plain."""

import re
from typing import Literal, NamedTuple

Pattern = tuple[str, ...]
"""The literal pieces between wildcards: `raw/*` is `("raw/", "")`, plain `orders` is `("orders",)`."""

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PIECE = re.compile(r"\\(.)|([^\\])", re.DOTALL)


def quoted(value: str) -> str:
    """`value` in double quotes, no character of it special."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(inner: str) -> str:
    """What stands between two quotes, its backslashes read."""
    return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)


def quoted_pattern(pattern: Pattern) -> str:
    """A pattern in double quotes; stars that are meant literally get a backslash."""
    return '"' + "*".join(quoted(piece)[1:-1].replace("*", "\\*") for piece in pattern) + '"'


def pattern_of(inner: str) -> Pattern:
    """Split at the stars that have no backslash before them."""
    pieces: list[list[str]] = [[]]
    for escaped, plain in _PIECE.findall(inner):
        if plain == "*":
            pieces.append([])
        else:
            pieces[-1].append(escaped or plain)
    return tuple("".join(piece) for piece in pieces)


def pattern_expression(pattern: Pattern) -> re.Pattern[str]:
    """A regular expression that matches what the pattern does; a wildcard also matches slashes."""
    return re.compile(".*".join(re.escape(piece) for piece in pattern), re.DOTALL)


class SelectionText(NamedTuple):
    """How a selection reads, and its outermost word, by which brackets are set."""

    text: str
    outermost: Literal["atom", "walk", "not", "without", "and", "or"]

    def bracketed_unless(self, *outermost: str) -> str:
        """The text, in brackets unless its outermost word is one of these."""
        return self.text if self.outermost in outermost else f"({self.text})"
