"""Suggestions for names that are not there, cheap also among very many."""

from collections.abc import Callable, Collection, Iterable

from treadle.core.errors import did_you_mean, near_names

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
        """The hint, or None: near names, else the few there are."""
        names = self._asked_names()
        return did_you_mean(name, names) if names else None

    def near(self, name: str) -> str | None:
        """The hint where a name looks like this one, else None."""
        names = self._asked_names()
        return did_you_mean(name, names) if names and near_names(name, names, 1) else None

    def _asked_names(self) -> Collection[str]:
        if self._names is None:
            self._names = frozenset(self._read_names())
        self._asked += 1
        return () if len(self._names) > _MANY and self._asked > _FEW_SUGGESTIONS else self._names
