"""One page of a list."""

from collections.abc import Sequence
from typing import Generic, Self, TypeVar

from treadle.core.errors import InvalidArgumentError
from treadle.core.values import Items, TupleValue, set_field

T = TypeVar("T")


class PaginatedResults(TupleValue, Generic[T]):
    """One page of a list.

    Args:
        results: what is on the page.
        cursor: where the next page begins.
        has_more: whether there is one.

    Example:
        >>> page = PaginatedResults.create_from_sequence("abc", limit=2, ascending=True)
        >>> page.results, page.has_more
        (('a', 'b'), True)
        >>> PaginatedResults.create_from_sequence("abc", limit=2, ascending=True, cursor=page.cursor).results
        ('c',)
    """

    __slots__ = ("cursor", "has_more", "results")
    results: Sequence[T]
    cursor: str
    has_more: bool

    def __init__(self, results: Sequence[T], cursor: str, has_more: bool) -> None:
        set_field(self, "results", results)
        set_field(self, "cursor", cursor)
        set_field(self, "has_more", has_more)

    @classmethod
    def create_from_sequence(
        cls, seq: Sequence[T], limit: int, ascending: bool, cursor: str | None = None
    ) -> Self:
        """A page of a list that is all there.

        Args:
            seq: the list.
            limit: how many items.
            ascending: from its begin on; else from its end back.
            cursor: of the page before; None for the first.

        Raises:
            InvalidArgumentError: a cursor of something else.
        """
        try:
            taken = int(cursor) if cursor else 0
        except ValueError as error:
            raise InvalidArgumentError(f"`{cursor}` is no cursor of such a page") from error
        ordered = seq if ascending else seq[::-1]
        results = ordered[taken : taken + limit]
        end = taken + len(results)
        return cls(results=Items(results), cursor=str(end), has_more=end < len(seq))
