"""Reads the selection language. It knows positions, not meaning: what it reads, it hands to a builder.

selection  = clause | either
clause     = ["*" | "+"... | number "+"] name ["*" | "+"... | "+" number]      a bare name stands alone
either     = both { ("or" | "OR") both }
both       = negated { ("and" | "AND") negated }
negated    = { "not" | "NOT" } walk
walk       = [[number] "+"] atom ["+" [number]]
atom       = "*" | "(" either ")" | ("roots" | "sinks") "(" either ")" | attribute ":" value ["=" [value]]
value      = quoted | word | "<null>"
"""

import re
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from treadle.core import late
from treadle.core.errors import TreadleError
from treadle.core.selection.attributes import ATTRIBUTES, READABLE_ATTRIBUTES
from treadle.core.selection.clauses import NAME_CHARACTERS, Clause, read_clause
from treadle.core.selection.errors import syntax_error
from treadle.core.selection.near_names import did_you_mean
from treadle.core.selection.quoting import QUOTED, pattern_of, unquoted

SelectionT = TypeVar("SelectionT")
FUNCTIONS = ("roots", "sinks")
DEEPEST_NESTING = 100

_SPACE = re.compile(r"\s*")
_NAME = re.compile(rf"{NAME_CHARACTERS}+")
_WORD = re.compile(r"\w+")
_PATTERN_WORD = re.compile(r"(?=\**[\w/])[\w/*]+")
_TAG_VALUE = re.compile(r"[\w*/]+")
_TAG_VALUE_START = re.compile(r'[\w*/"]')
_ABOVE = re.compile(r"(\d{0,19})\s*\+\s*")
_BELOW = re.compile(r"\s*\+\s*(\d{0,19})")
_ARROW_OR_NOTHING = re.compile(r"(\+\d*)?")
_REST_OF_VALUE = re.compile(r"[^\s()\"=,]+")


class SelectionBuilder(Protocol[SelectionT]):
    """Makes selections of what the parser reads."""

    def everything(self) -> SelectionT:
        """`*`."""

    def clause(self, clause: Clause) -> SelectionT:
        """A bare name, with arrows."""

    def attribute(self, name: str, value: Any) -> SelectionT:
        """`group:marts`; the value has the attribute's shape."""

    def either(self, left: SelectionT, right: SelectionT) -> SelectionT:
        """`left or right`."""

    def both(self, left: SelectionT, right: SelectionT) -> SelectionT:
        """`left and right`."""

    def without(self, left: SelectionT, right: SelectionT) -> SelectionT:
        """`left and not right`."""

    def above(self, selection: SelectionT, depth: int | None) -> SelectionT:
        """`+selection`."""

    def below(self, selection: SelectionT, depth: int | None) -> SelectionT:
        """`selection+`."""

    def function(self, name: str, selection: SelectionT) -> SelectionT:
        """`roots(selection)`."""


def read_selection(text: str, builder: SelectionBuilder[SelectionT]) -> SelectionT:
    """The selection that `text` says.

    Raises:
        InvalidAssetSelectionError: it does not read; the message points at the character.
    """
    clause = read_clause(text)
    if clause is not None:
        try:
            return builder.clause(clause)
        except TreadleError as error:
            raise syntax_error(text, 0, error.message, error.hint) from error
    return _Reader(text, builder).read()


def split_at_commas(text: str) -> list[str]:
    """The parts of a list of selections such as a command line takes; commas in quotes or brackets stay."""
    parts, depth, start, position = [], 0, 0, 0
    while position < len(text):
        string = QUOTED.match(text, position)
        if string:
            position = string.end()
            continue
        character = text[position]
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


class _Reader(Generic[SelectionT]):
    def __init__(self, text: str, builder: SelectionBuilder[SelectionT]) -> None:
        self._text = text
        self._builder = builder
        self._at = 0
        self._nesting = 0
        self._bare_names: list[tuple[int, str]] = []

    def read(self) -> SelectionT:
        self._skip_space()
        if self._at == len(self._text):
            self._fail(
                0, "the selection is empty", 'write `*` for every asset, a name, or e.g. group:"marts"'
            )
        selection = self._either()
        if self._at < len(self._text):
            self._unexpected("`and`, `or` or the end")
        if self._bare_names:
            start, name = self._bare_names[0]
            self._fail(
                start,
                f'a bare name stands alone; as a part of an expression it needs `key:`: key:"{name}"',
                self._with_keys(),
            )
        return selection

    def _with_keys(self) -> str:
        """The hint for bare names: what to write, or what the arrow beside one of them comes to mean."""
        written, end = "", 0
        for start, name in self._bare_names:
            before, after = self._text[end:start], self._text[start + len(name) :]
            if before.rstrip().endswith("+") or after.lstrip().startswith("+"):
                return "beside `key:` a single `+` means every level; write 1+ for one"
            written += f'{before}key:"{name}"'
            end = start + len(name)
        return f"write {written}{self._text[end:]}"

    def _either(self) -> SelectionT:
        selection = self._both()
        while self._keyword("or"):
            selection = self._builder.either(selection, self._both())
        return selection

    def _both(self) -> SelectionT:
        selection = self._negated(self._negations())
        while self._keyword("and"):
            negations = self._negations()
            if negations:
                selection = self._builder.without(selection, self._negated(negations - 1))
            else:
                selection = self._builder.both(selection, self._negated(0))
        return selection

    def _negations(self) -> int:
        count = 0
        while self._keyword("not"):
            count += 1
        return count

    def _negated(self, negations: int) -> SelectionT:
        selection = self._walk()
        for _ in range(negations):
            selection = self._builder.without(self._builder.everything(), selection)
        return selection

    def _walk(self) -> SelectionT:
        above = _ABOVE.match(self._text, self._at)
        self._at = above.end() if above else self._at
        atom = self._atom()
        below = _BELOW.match(self._text, self._at)
        self._at = below.end() if below else self._at
        self._skip_space()
        walks = []
        if above:
            walks.append(self._builder.above(atom, int(above[1]) if above[1] else None))
        if below:
            walks.append(self._builder.below(atom, int(below[1]) if below[1] else None))
        if not walks:
            return atom
        return walks[0] if len(walks) == 1 else self._builder.either(*walks)

    def _atom(self) -> SelectionT:
        start = self._at
        if self._take("*"):
            return self._builder.everything()
        if self._take("("):
            return self._bracketed(start)
        word = self._match_at(_WORD, start)
        after = self._position_after_space(start + len(word))
        follower = self._text[after : after + 1]
        if word and follower == ":":
            return self._attribute(word, after + 1)
        if word and follower == "(":
            if word not in FUNCTIONS:
                self._fail(start, f"there is no function `{word}`", _function_hint(word))
            self._at = after + 1
            return self._builder.function(word, self._bracketed(after))
        name = self._match_at(_NAME, start)
        if not name or name.lower() in ("and", "or", "not"):
            self._unexpected("a selection")
        self._bare_names.append((start, name))
        self._at = start + len(name)
        self._skip_space()
        return self._builder.everything()

    def _bracketed(self, opened_at: int) -> SelectionT:
        self._nesting += 1
        if self._nesting > DEEPEST_NESTING:
            self._fail(opened_at, f"brackets are nested more than {DEEPEST_NESTING} deep")
        self._skip_space()
        selection = self._either()
        if not self._take(")"):
            self._unexpected(f"`and`, `or`, or `)` for the bracket at column {opened_at + 1}")
        self._nesting -= 1
        return selection

    def _attribute(self, name: str, value_at: int) -> SelectionT:
        if name not in READABLE_ATTRIBUTES:
            near = did_you_mean(
                f"{near}:" for near in late.difflib.get_close_matches(name, READABLE_ATTRIBUTES, n=2)
            )
            known = ", ".join(f"{known}:" for known in READABLE_ATTRIBUTES[:6])
            self._fail(self._at, f"there is no attribute `{name}:`", near or f"common ones are {known}")
        shape = ATTRIBUTES[name].shape
        self._at = self._position_after_space(value_at)
        if shape == "pattern":
            return self._builder.attribute(name, pattern_of(self._value(name, _PATTERN_WORD, raw=True)))
        if self._take("<null>"):
            return self._builder.attribute(name, None)
        value = self._value(name, _WORD)
        if shape != "pair":
            return self._builder.attribute(name, value)
        second = ""
        if self._text.startswith("=", self._at):
            self._at += 1
            if _TAG_VALUE_START.match(self._text, self._at):
                second = self._value(name, _TAG_VALUE)
            self._skip_space()
        return self._builder.attribute(name, (value, second))

    def _value(self, attribute: str, word: re.Pattern[str], raw: bool = False) -> str:
        """A quoted or plain value; `raw` keeps its backslashes."""
        start = self._at
        if self._text.startswith('"', start):
            string = QUOTED.match(self._text, start)
            if not string:
                self._fail(start, "this quote is never closed", 'end the value with `"`')
            self._at = string.end()
            self._skip_space()
            return string[1] if raw else unquoted(string[1])
        plain = self._match_at(word, start)
        self._at = start + len(plain)
        rest = self._match_at(_REST_OF_VALUE, start)
        if not plain and not rest:
            self._unexpected(f"a value for `{attribute}:`")
        if not _ARROW_OR_NOTHING.fullmatch(rest, len(plain)):
            self._unexpected("a letter, digit, or the value's end", _value_hint(attribute, rest))
        self._skip_space()
        return plain

    def _keyword(self, word: str) -> bool:
        for spelling in (word, word.upper()):
            end = self._at + len(spelling)
            if self._text.startswith(spelling, self._at) and not _WORD.match(self._text, end):
                self._at = end
                self._skip_space()
                return True
        return False

    def _take(self, literal: str) -> bool:
        if not self._text.startswith(literal, self._at):
            return False
        self._at += len(literal)
        self._skip_space()
        return True

    def _match_at(self, expression: re.Pattern[str], position: int) -> str:
        found = expression.match(self._text, position)
        return found[0] if found else ""

    def _position_after_space(self, position: int) -> int:
        found = _SPACE.match(self._text, position)
        return found.end() if found else position

    def _skip_space(self) -> None:
        self._at = self._position_after_space(self._at)

    def _unexpected(self, expected: str, hint: str | None = None) -> NoReturn:
        found = self._text[self._at : self._at + 1]
        word = self._match_at(_WORD, self._at) or found
        if not found:
            self._fail(self._at, f"the selection ends too soon; expected {expected}", hint)
        self._fail(self._at, f"unexpected `{word}`; expected {expected}", hint or _unexpected_hint(word))

    def _fail(self, position: int, problem: str, hint: str | None = None) -> NoReturn:
        raise syntax_error(self._text, position, problem, hint)


def _unexpected_hint(found: str) -> str | None:
    if found.lower() in ("and", "or", "not"):
        return f"write `{found.lower()}` or `{found.upper()}`, with a selection on its other side"
    hints = {
        ",": "join selections with `or`",
        "|": "write `or`",
        "&": "write `and`",
        "-": "write `and not`",
        "'": "use double quotes",
        '"': 'say what the value is: key:"..."',
        "+": 'for several levels write a number, as in 2+key:"orders"',
        ")": "there is no bracket to close",
    }
    return hints.get(found)


def _function_hint(word: str) -> str:
    if word == "sources":
        return "the roots of a selection are `roots(...)`"
    near = did_you_mean(f"{name}(...)" for name in late.difflib.get_close_matches(word, FUNCTIONS, n=1))
    return near or "there are roots(...) and sinks(...)"


def _value_hint(attribute: str, value: str) -> str | None:
    if value.endswith("++"):
        return _unexpected_hint("+")
    if attribute == "key" and value == "*":
        return "every asset is `*`, without `key:`"
    if value.startswith("'"):
        return "use double quotes"
    if "*" in value and attribute not in ("key", "writer"):
        return "only `key:` takes wildcards"
    return f'quote it: {attribute}:"{value}"'
