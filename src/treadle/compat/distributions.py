"""What `importlib.metadata` is told of the peer where the peer is not installed."""

import importlib.metadata
import os
from collections.abc import Iterable
from typing import Any

from treadle.compat.names import API_VERSION


class AliasDistribution(importlib.metadata.Distribution):
    """The peer's distribution as far as questions for its version go."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read_text(self, filename: str) -> str | None:
        """The metadata; there are no other files."""
        if filename not in ("METADATA", "PKG-INFO"):
            return None
        return (
            f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {API_VERSION}\n"
            "Summary: Names of this release, answered by Treadle\n"
        )

    def locate_file(self, path: Any) -> Any:
        """There is no file: a path that does not exist."""
        return importlib.metadata.PackagePath(os.devnull) / str(path)


def distributions_for(name: str | None) -> Iterable[importlib.metadata.Distribution]:
    """One for the peer's name; none for every other, and none where all are listed."""
    if name is not None and name.lower() == "dagster":
        yield AliasDistribution("dagster")
