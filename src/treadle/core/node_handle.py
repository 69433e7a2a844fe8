"""The place of an op within a job."""

from collections.abc import Sequence
from typing import NamedTuple


class NodeHandle(NamedTuple):
    """The place of an op within a job: its name, and the place of the graph that holds it."""

    name: str
    parent: "NodeHandle | None" = None

    @staticmethod
    def from_path(path: Sequence[str]) -> "NodeHandle":
        """The place at the end of a path of names."""
        found: NodeHandle | None = None
        for name in path:
            found = NodeHandle(name, found)
        assert found is not None
        return found

    @property
    def path(self) -> list[str]:
        """The names from the job down."""
        return [*(self.parent.path if self.parent is not None else ()), self.name]

    @property
    def root(self) -> "NodeHandle":
        """The outermost node that holds it; itself where nothing does."""
        return self if self.parent is None else self.parent.root

    @property
    def is_root(self) -> bool:
        """True where no graph below the job's own holds it."""
        return self.parent is None

    def to_string(self) -> str:
        """The path as text."""
        return ".".join(self.path)

    def __str__(self) -> str:
        return self.to_string()
