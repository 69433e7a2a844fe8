"""Suggestions for names that are not there, cheap also among very many."""

from collections.abc import Callable, Collection, Iterable

from treadle.core.errors import did_you_mean

_MANY = 2_000
_FEW_SUGGESTIONS = 20


class Suggestions:
    """`did you mean …` among fixed names; among thousands only the first few questions are answered.

    Args:
        names: gives the names, called once, on the first question.
    """

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._read_names = names
        self._names: Collection[str] | None = None
        self._asked = 0

    def for_name(self, name: str) -> str | None:
        """The hint, or None."""
        if self._names is None:
            self._names = frozenset(self._read_names())
        self._asked += 1
        if len(self._names) > _MANY and self._asked > _FEW_SUGGESTIONS:
            return None
        return did_you_mean(name, self._names)
