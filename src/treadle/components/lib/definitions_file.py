"""A component for a Python file or folder of definitions."""

from pathlib import Path

from treadle.components.component import Component
from treadle.components.folders import PythonFileComponent
from treadle.components.load_context import ComponentLoadContext
from treadle.components.resolution.resolvable import Model, Resolvable
from treadle.core.errors import InvalidDefinitionError
from treadle.define.definitions import Definitions


class DefinitionsComponent(Component, Model, Resolvable):
    """What a Python file defines.

    Args:
        path: the file, relative to the YAML file; `definitions.py` where None.
    """

    path: str | None

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        """What the file defines.

        Raises:
            InvalidDefinitionError: there is no such file.
        """
        folder = context.path if context.path.is_dir() else context.path.parent
        file = (folder / Path(self.path or "definitions.py")).resolve()
        if not file.is_file():
            raise InvalidDefinitionError(f"there is no file {file}.", code="invalid-component")
        module = context.load_defs_relative_python_module(file)
        return PythonFileComponent(module).build_defs(context.for_path(file))
