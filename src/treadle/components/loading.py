"""From a project's defs folder to `Definitions`, and components by hand."""

import importlib
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from treadle.components.component import Component
from treadle.components.declarations import YamlFile
from treadle.components.load_context import ComponentLoadContext
from treadle.components.resolution.errors import ResolutionError
from treadle.components.tree import ComponentTree
from treadle.components.yaml_components import load_yaml_component
from treadle.core.errors import InvalidArgumentError, InvariantViolationError, wrong_type
from treadle.define.definitions import Definitions


def load_from_defs_folder(
    *, path_within_project: Path | None = None, project_root: Path | None = None
) -> Definitions:
    """Everything in a project's defs folder: Python files, and components that YAML files describe.

    Args:
        path_within_project: any path in the project; `Path(__file__).parent` in its `definitions.py`.
        project_root: the older name of the same.

    Raises:
        ConfigurationError: the path lies in no project, or there is no package of definitions.
        DefinitionsError: with all that is wrong in any file.
    """
    if project_root is not None:
        _announce("`project_root` of load_from_defs_folder", "path_within_project")
    path = path_within_project if path_within_project is not None else project_root
    if path is None:
        raise InvalidArgumentError(
            "give `path_within_project`.",
            hint="load_from_defs_folder(path_within_project=Path(__file__).parent)",
        )
    tree = ComponentTree.for_project(Path(path))
    return tree.build_defs().with_replaced(component_tree=tree)


def load_defs(
    defs_root: ModuleType,
    project_root: Path | None = None,
    terminate_autoloading_on_keyword_files: bool = True,
) -> Definitions:
    """Everything in a package: the older way of `load_from_defs_folder`.

    Args:
        defs_root: the package.
        project_root: the project's folder; found from the package where not given.
        terminate_autoloading_on_keyword_files: True: a `definitions.py` stands for its whole folder.
    """
    _announce("load_defs", "load_from_defs_folder")
    return _load_package(defs_root, project_root, terminate_autoloading_on_keyword_files)


def _announce(old: str, new: str) -> None:
    warnings.warn(f"{old} is an old spelling; use `{new}`", DeprecationWarning, stacklevel=3)


def _load_package(
    defs_root: ModuleType, project_root: Path | None, terminate_autoloading_on_keyword_files: bool
) -> Definitions:
    if not isinstance(defs_root, ModuleType):
        raise wrong_type("defs_root", "a package", defs_root)
    folder = Path(next(iter(defs_root.__path__)))
    tree = ComponentTree(
        defs_module=defs_root,
        project_root=Path(project_root) if project_root is not None else _root_above(folder),
        terminate_autoloading_on_keyword_files=terminate_autoloading_on_keyword_files,
    )
    return tree.build_defs().with_replaced(component_tree=tree)


def build_component_defs(components_root: Path | ModuleType) -> Definitions:
    """The definitions of a folder of components: the oldest way of `load_from_defs_folder`.

    Args:
        components_root: the folder, or its package.
    """
    _announce("build_component_defs", "load_from_defs_folder")
    if isinstance(components_root, ModuleType):
        return _load_package(components_root, None, False)
    folder = Path(components_root).resolve()
    base = folder
    while (base / "__init__.py").is_file():
        base = base.parent
    if base == folder:
        base = folder.parent
    if str(base) not in sys.path:
        sys.path.insert(0, str(base))
    module = importlib.import_module(".".join(folder.relative_to(base).parts))
    return _load_package(module, None, False)


def build_defs_for_component(component: Component) -> Definitions:
    """The definitions of a component that was made in Python.

    Example:
        >>> import treadle as dg
        >>> class Nothing(dg.Component):
        ...     def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        ...         return dg.Definitions()
        >>> dg.build_defs_for_component(Nothing())
        Definitions()
    """
    return component.build_defs(context_for_tests())


def component_defs(
    *,
    component: Component,
    resources: Mapping[str, Any] | None = None,
    context: ComponentLoadContext | None = None,
) -> Definitions:
    """The definitions of a component, with resources.

    Args:
        component: made in Python.
        resources: by key; those of the component win.
        context: where it is loaded; one of its own by default.
    """
    made = component.build_defs(context if context is not None else context_for_tests())
    return made.with_replaced(resources={**resources, **(made.resources or {})}) if resources else made


def get_all_components_defs_within_project(
    *, project_root: str | Path, component_path: str | Path
) -> list[tuple[Component, Definitions]]:
    """Every component of a place with its definitions, for tests.

    Args:
        project_root: the project's folder.
        component_path: relative to the defs folder.
    """
    _announce("get_all_components_defs_within_project", "ComponentTree.for_project(…).load_component")
    return _of_place(Path(project_root), component_path)


def _of_place(project_root: Path, component_path: str | Path) -> list[tuple[Component, Definitions]]:
    tree = ComponentTree.for_project(project_root)
    declaration = tree.find_decl_at_path(component_path)
    found = declaration.children if isinstance(declaration, YamlFile) else [declaration]
    return [(tree.load_component(each.place), tree.build_defs(each.place)) for each in found]


def get_component_defs_within_project(
    *, project_root: str | Path, component_path: str | Path, instance_key: int = 0
) -> tuple[Component, Definitions]:
    """A component of a place with its definitions, for tests.

    Args:
        project_root: the project's folder.
        component_path: relative to the defs folder.
        instance_key: which of several in the file.
    """
    _announce("get_component_defs_within_project", "ComponentTree.for_project(…).load_component")
    found = _of_place(Path(project_root), component_path)
    if not 0 <= instance_key < len(found):
        raise InvariantViolationError(
            f"there are {len(found)} components at {component_path}, so none has the index {instance_key}."
        )
    return found[instance_key]


def context_for_tests() -> ComponentLoadContext:
    """The context of a component that lies in no folder."""
    return ComponentTree.for_test().load_context


def component_of_file(yaml_path: Path, context: ComponentLoadContext | None = None) -> Component:
    """The component that a YAML file describes, wherever it lies."""
    file = YamlFile(Path(yaml_path).resolve())
    if not file.documents:
        raise ResolutionError.one("there is no component in this file", where=f"{yaml_path}:1:1")
    return load_yaml_component(
        file.documents[0], (context or context_for_tests()).for_component_loc(file.documents[0].place)
    )


def _root_above(folder: Path) -> Path:
    for parent in (folder, *folder.parents):
        if (parent / "pyproject.toml").is_file() or (parent / "dg.toml").is_file():
            return parent
    return folder
