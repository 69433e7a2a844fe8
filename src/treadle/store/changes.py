"""Changes: one commit-ordered feed of what happened, for followers, the live stream, sensors and cursors."""

from typing import NamedTuple

from treadle.core.errors import TreadleError
from treadle.store.database import Transaction


class Position(NamedTuple):
    """A place in the feed. On PostgreSQL rows are read in the order of their transactions, and only below the oldest
    open one, so a reader that pages on by position meets every change once."""

    tx: int = 0
    number: int = 0

    def __str__(self) -> str:
        return f"{self.tx}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """A position from its text."""
        tx, separator, number = text.partition(":")
        if not (separator and tx.isdecimal() and number.isdecimal()):
            raise TreadleError(
                f"{text!r} is not a position of the change feed",
                code="invalid-cursor",
                hint="pass back the text that an earlier answer gave, unchanged",
            )
        return cls(int(tx), int(number))


class Change(NamedTuple):
    """One change. `subject` is an asset key's text, a run's new status, a scope of partitions or a backfill's id."""

    position: Position
    kind: str
    subject: str
    run_id: str | None
    reference: int
    """An asset event's storage id, or a run event's sequence number."""
    at: float


class Changes:
    """The table of changes and the stored cursors into it."""

    def note(self, tx: Transaction, kind: str, subject: str, now: float, reference: int = 0) -> None:
        """Add a change that no run made."""
        tx.many("add_change", [(kind, subject, 0, reference, now)])

    def after(self, tx: Transaction, position: Position, limit: int) -> list[Change]:
        """Changes after a position, oldest first."""
        rows = tx.all("changes_after", tx=position.tx, position=position.number, limit=limit)
        return [Change(Position(row[0], row[1]), *row[2:]) for row in rows]

    def last(self, tx: Transaction) -> Position:
        """The position after which nothing has been seen yet."""
        row = tx.one("last_change")
        return Position() if row is None else Position(row[0], row[1])

    def save_cursor(
        self, tx: Transaction, name: str, position: Position, value: str | None, now: float
    ) -> None:
        """Store how far a reader came; rows above the lowest stored cursor are never pruned."""
        tx.run("put_cursor", name=name, tx=position.tx, position=position.number, value=value, now=now)

    def cursor(self, tx: Transaction, name: str) -> tuple[Position, str | None] | None:
        """A stored cursor, or None."""
        row = tx.one("get_cursor", name=name)
        return None if row is None else (Position(row[0], row[1]), row[2])

    def drop_cursor(self, tx: Transaction, name: str) -> None:
        """Forget a reader, so that it holds back pruning no longer."""
        tx.run("delete_cursor", name=name)
