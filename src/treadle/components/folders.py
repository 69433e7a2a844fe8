"""The components that the tree itself makes: a folder, a YAML file of several, a Python file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from treadle.components.component import Component
from treadle.components.load_context import ComponentLoadContext
from treadle.components.places import ComponentPath
from treadle.components.resolution.resolvable import Model
from treadle.core.errors import InvariantViolationError
from treadle.define.definitions import Definitions, LazyDefinitions
from treadle.define.loading import definitions_of
from treadle.define.module_contents import contents_of
from treadle.define.repository import RepositoryDefinition


class _NoFolderAttributes(Model):
    """A folder takes no attributes."""


class DefsFolderComponent(Component):
    """All that lies in a folder. In YAML it lets `post_processing` reach everything below.

    Args:
        path: the folder.
        children: place -> component.
    """

    def __init__(self, path: Path, children: Mapping[Any, Component]) -> None:
        self.path = path
        self.children = children

    @classmethod
    def get_model_cls(cls) -> type[Model]:
        """It takes no attributes."""
        return _NoFolderAttributes

    @classmethod
    def get(cls, context: ComponentLoadContext) -> "DefsFolderComponent":
        """The component of the folder that is being loaded.

        Raises:
            InvariantViolationError: it is no plain folder.
        """
        found = context.component_tree.load_structural_component_at_path(context.path)
        if not isinstance(found, DefsFolderComponent):
            raise InvariantViolationError(f"{context.path} is no folder of definitions.")
        return found

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        """The definitions of all children."""
        return Definitions.merge(
            *(
                child.build_defs(
                    context.for_component_loc(place) if isinstance(place, ComponentPath) else context
                )
                for place, child in self.children.items()
            )
        )

    def iterate_components(self) -> Iterator[Component]:
        """All components in it, at any depth."""
        for _, component in self.iterate_path_component_pairs():
            yield component

    def iterate_path_component_pairs(self) -> Iterator[tuple[Any, Component]]:
        """All components in it with their places, at any depth."""
        for place, component in self.children.items():
            yield place, component
            if isinstance(component, DefsFolderComponent):
                yield from component.iterate_path_component_pairs()
            elif isinstance(component, SeveralComponents):
                yield from component.children.items()


class SeveralComponents(Component):
    """The components of one file that has several.

    Args:
        children: them, by their places.
        beside: what else the file defines.
    """

    def __init__(self, children: Mapping[ComponentPath, Component], beside: Component | None = None) -> None:
        self.children = children
        self.beside = beside

    @property
    def components(self) -> Sequence[Component]:
        """Them, in the order of the file."""
        return list(self.children.values())

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        """The definitions of all of them, and what stands beside them in the file."""
        beside = [] if self.beside is None else [self.beside.build_defs(context)]
        return Definitions.merge(
            *beside,
            *(child.build_defs(context.for_component_loc(place)) for place, child in self.children.items()),
        )


class PythonFileComponent(Component):
    """What a Python file defines: its `Definitions` where it has one, else all at its top level.

    Args:
        module: the imported file.
    """

    def __init__(self, module: Any) -> None:
        self.module = module

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        """What the file defines.

        Raises:
            InvariantViolationError: it has several `Definitions`.
        """
        kinds = (Definitions, LazyDefinitions, RepositoryDefinition)
        named = {name: value for name, value in vars(self.module).items() if isinstance(value, kinds)}
        different = {id(value): (name, value) for name, value in named.items()}
        if len(different) > 1:
            names = ", ".join(f"`{name}`" for name, _ in different.values())
            raise InvariantViolationError(
                f"{self.module.__name__} has several Definitions: {names}.",
                code="mixed-definitions",
                hint="join them with `Definitions.merge`",
                where=getattr(self.module, "__file__", None),
            )
        if not different:
            return definitions_of(contents_of([self.module]))
        ((_, only),) = different.values()
        if isinstance(only, LazyDefinitions):
            return only.load(context)
        return only.definitions if isinstance(only, RepositoryDefinition) else only
