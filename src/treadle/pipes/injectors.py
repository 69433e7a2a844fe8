"""Ways to take the context to a child: in the variable itself, or in a file that the variable names."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from treadle.pipes.client import PipesContextInjector
from treadle.pipes.wire import Params, PipesContextData


class PipesEnvContextInjector(PipesContextInjector):
    """The context stands in the variable itself. For small contexts: systems limit the length of variables."""

    @contextmanager
    def inject_context(self, context_data: PipesContextData) -> Iterator[Params]:
        """Gives the context as a parameter."""
        yield {"data": context_data}

    def no_messages_debug_text(self) -> str:
        """How the context was to reach the child."""
        return "The context was to reach it in the environment variable itself."


class PipesFileContextInjector(PipesContextInjector):
    """The context stands in a file, which is removed afterwards.

    Args:
        path: a local path that the child can read.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    @contextmanager
    def inject_context(self, context_data: PipesContextData) -> Iterator[Params]:
        """Writes the file and gives its path as a parameter."""
        with open(self._path, "w", encoding="utf-8") as file:
            json.dump(context_data, file)
        try:
            yield {"path": self._path}
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.remove(self._path)

    def no_messages_debug_text(self) -> str:
        """How the context was to reach the child."""
        return f"The context was to reach it in the file {self._path}."


class PipesTempFileContextInjector(PipesContextInjector):
    """The context stands in a file of a temporary folder."""

    @contextmanager
    def inject_context(self, context: PipesContextData) -> Iterator[Params]:
        """Writes the file and gives its path as a parameter."""
        with (
            tempfile.TemporaryDirectory(prefix="treadle-pipes-") as folder,
            PipesFileContextInjector(os.path.join(folder, "context")).inject_context(context) as params,
        ):
            yield params

    def no_messages_debug_text(self) -> str:
        """How the context was to reach the child."""
        return "The context was to reach it in a temporary file of this machine."
