"""What the table families see of a database: transactions and named queries."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from treadle.store.queries import Dialect, Query

Row = tuple[Any, ...]
T = TypeVar("T")


class Transaction(Protocol):
    """An open transaction. Everything in it is committed together or not at all."""

    dialect: Dialect

    def run(self, query: str, **values: Any) -> int:
        """Send a named query; the number of rows it changed."""
        ...

    def one(self, query: str, **values: Any) -> Row | None:
        """The first row, or None."""
        ...

    def all(self, query: str, **values: Any) -> list[Row]:
        """Every row."""
        ...

    def select(self, query: Query, values: dict[str, Any]) -> list[Row]:
        """Every row of a query that `filter` composed."""
        ...

    def many(self, query: str, rows: Iterable[Row]) -> None:
        """Send a named query once a row; the values in the order in which the query first names them."""
        ...

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something once the transaction is committed (never when it is rolled back)."""
        ...


class Database(Protocol):
    """One place where state is kept.

    `write` may call its function again when the database asks for it (busy, deadlock, connection lost, even in
    COMMIT), so what the function does must be idempotent: rows carry ids that their client made.
    """

    dialect: Dialect

    @property
    def path(self) -> Path | None:
        """The file that it is; None where it is none."""
        ...

    @property
    def url(self) -> str:
        """Where it is, without secrets."""
        ...

    @property
    def address(self) -> str:
        """What opens it again, secrets included: never shown, logged or put on a command line."""
        ...

    @property
    def is_read_only(self) -> bool:
        """Whether it was opened to look only, and could not be written."""
        ...

    def write(self, action: Callable[[Transaction], T]) -> T:
        """Run the function in a transaction that may write, and commit."""
        ...

    def read(self, action: Callable[[Transaction], T]) -> T:
        """Run the function in a transaction that sees one state."""
        ...

    def defer(self, action: Callable[[], None], events: int) -> bool:
        """Do something just before the next transaction: only what nobody else can see may wait.

        Args:
            action: writes, in transactions of its own.
            events: how many it writes; not too many wait.

        Returns:
            False where others can see this database: it must be done now.
        """
        ...

    def settle(self) -> None:
        """Do what waits for the next transaction now."""
        ...

    def script(self, text: str, parameters: Iterable[tuple[Query, dict[str, Any]]] = ()) -> None:
        """Run a script of statements, then the queries, in one transaction (migrations)."""
        ...

    def give_back_space(self) -> None:
        """Return what deleted rows took to the file system, where the database does not do so by itself."""
        ...

    def close(self) -> None:
        """Give up connections. Using the database again opens new ones, except in memory."""
        ...
