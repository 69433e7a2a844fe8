"""`ComponentLoadContext`: what a component knows of where it is loaded."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from treadle.components.places import ComponentPath, ResolvableToPath
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.positions import SourcePositionTree
from treadle.core.errors import InvariantViolationError
from treadle.define.definitions import Definitions

if TYPE_CHECKING:
    from treadle.components.component import Component
    from treadle.components.tree import ComponentTree

_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class ComponentLoadContext:
    """What a component knows of where it is loaded; the tree makes it.

    Args:
        component_path: the component's place.
        project_root: the folder of `pyproject.toml`.
        defs_module_path: the folder of all definitions.
        defs_module_name: that folder's name as a Python package.
        resolution_context: the names that templates may use.
        component_tree: all components of the project.
    """

    component_path: ComponentPath
    project_root: Path
    defs_module_path: Path
    defs_module_name: str
    resolution_context: ResolutionContext
    component_tree: "ComponentTree" = attrs.field(repr=False)

    @property
    def component_loc(self) -> ComponentPath:
        """The component's place."""
        return self.component_path

    @property
    def path(self) -> Path:
        """The component's folder or file."""
        return self.component_path.file_path

    @property
    def terminate_autoloading_on_keyword_files(self) -> bool:
        """Whether a `definitions.py` stands for its whole folder."""
        return bool(self.component_tree.terminate_autoloading_on_keyword_files)

    @staticmethod
    def from_resolution_context(resolution_context: ResolutionContext) -> "ComponentLoadContext":
        """The load context that a resolver's context belongs to.

        Raises:
            InvariantViolationError: nothing is being loaded.
        """
        found = resolution_context.stash.get("component_load_context")
        if found is None:
            raise InvariantViolationError(
                "this is resolved outside of a component tree, so there is no load context."
            )
        return found  # type: ignore[no-any-return]

    def for_path(self, path: Path) -> "ComponentLoadContext":
        """The same for another place."""
        return self.for_component_loc(ComponentPath(path))

    def for_component_loc(self, component_loc: ComponentPath) -> "ComponentLoadContext":
        """The same for another place."""
        return attrs.evolve(self, component_path=component_loc)

    def with_rendering_scope(self, rendering_scope: Mapping[str, Any]) -> "ComponentLoadContext":
        """The same with further names for templates."""
        return attrs.evolve(self, resolution_context=self.resolution_context.with_scope(**rendering_scope))

    def with_source_position_tree(self, source_position_tree: SourcePositionTree) -> "ComponentLoadContext":
        """The same for another document."""
        return attrs.evolve(
            self, resolution_context=self.resolution_context.with_source_position_tree(source_position_tree)
        )

    def with_itself_stashed(self) -> "ComponentLoadContext":
        """The same, found by `from_resolution_context`."""
        stashed = self.resolution_context.with_stashed_value("component_load_context", self)
        return attrs.evolve(self, resolution_context=stashed)

    def load_component(self, defs_path: ResolvableToPath, expected_type: type[_T] | None = None) -> Any:
        """The component at another place of the defs folder.

        Args:
            defs_path: relative to the defs folder, such as `ingest/orders`.
            expected_type: what it must be.
        """
        return self.component_tree.load_component(defs_path, expected_type)

    def load_structural_component_at_path(self, defs_path: ResolvableToPath) -> "Component":
        """The component at another place; a folder gives the component of the folder."""
        found: Component = self.component_tree.load_structural_component_at_path(defs_path)
        return found

    def build_defs(self, loc: ResolvableToPath) -> Definitions:
        """The definitions of another place of the defs folder."""
        return self.component_tree.build_defs(loc)

    build_defs_at_path = build_defs

    def defs_relative_module_name(self, path: Path) -> str:
        """The name under which a folder or file of the defs folder is imported."""
        return self.component_tree.module_name_of(self._absolute(path))

    def load_defs_relative_python_module(self, path: Path) -> ModuleType:
        """Import a Python file.

        Args:
            path: relative to the component's folder.
        """
        return self.component_tree.import_file(self._absolute(path))

    def normalize_component_type_str(self, type_str: str) -> str:
        """A type that begins with a dot, with the component's own package before it."""
        if not type_str.startswith("."):
            return type_str
        name = self.defs_relative_module_name(self.path)
        module, _, inner = type_str.rpartition(".")
        return f"{importlib.util.resolve_name(module, name) if module.strip('.') else name}.{inner}"

    def _absolute(self, path: Path) -> Path:
        folder = self.path if self.path.is_dir() else self.path.parent
        return (folder / Path(path)).resolve()
