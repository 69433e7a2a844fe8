"""`ComponentTree`: all components of a project, each loaded when it is first asked for."""

import importlib
import sys
import traceback
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import pydantic

from treadle.components.component import Component, component_instances_of
from treadle.components.declarations import (
    Declaration,
    Folder,
    PythonFile,
    YamlDocument,
    YamlFile,
    find,
    shown,
)
from treadle.components.folders import DefsFolderComponent, PythonFileComponent, SeveralComponents
from treadle.components.load_context import ComponentLoadContext
from treadle.components.places import ComponentPath, ResolvableToPath, as_component_path
from treadle.components.project import find_project
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.errors import ResolutionError, problems_of
from treadle.components.yaml_components import build_yaml_component, declared_class, load_yaml_component
from treadle.core.errors import InvariantViolationError, TreadleError, did_you_mean, wrong_type
from treadle.core.problem import Problem
from treadle.define.definitions import Definitions
from treadle.define.validation.errors import DefinitionsError

_T = TypeVar("_T")
_OWN_FOLDER = str(Path(__file__).resolve().parents[1])


class ComponentTree:
    """All components of a project.

    Args:
        defs_module: the package whose folder holds the definitions.
        project_root: the folder of `pyproject.toml`.
        terminate_autoloading_on_keyword_files: True: a `definitions.py` stands for its whole folder.
        code_location_name: the name under which the project is deployed.
    """

    defs_module: ModuleType
    project_root: Path
    terminate_autoloading_on_keyword_files: bool | None
    code_location_name: str | None

    def __init__(
        self,
        *,
        defs_module: ModuleType,
        project_root: Path,
        terminate_autoloading_on_keyword_files: bool | None = None,
        code_location_name: str | None = None,
    ) -> None:
        self.defs_module = defs_module
        self.project_root = Path(project_root)
        self.terminate_autoloading_on_keyword_files = terminate_autoloading_on_keyword_files
        self.code_location_name = code_location_name
        self._root: Folder | YamlFile | None = None

    @classmethod
    def for_project(cls, path_within_project: Path) -> "ComponentTree":
        """The tree of the project that a path lies in.

        Raises:
            ConfigurationError: there is no project, or no package of definitions in it.
        """
        project = find_project(Path(path_within_project))
        return cls(
            defs_module=project.import_defs_module(),
            project_root=project.root,
            code_location_name=project.code_location_name,
        )

    @classmethod
    def from_module(cls, defs_module: ModuleType, project_root: Path) -> "ComponentTree":
        """The tree of a package."""
        return cls(defs_module=defs_module, project_root=project_root)

    @classmethod
    def for_test(cls) -> "ComponentTree":
        """A tree of nothing, for components that are made by hand."""
        module = ModuleType("test")
        module.__path__ = [str(Path.cwd())]
        return cls(defs_module=module, project_root=Path.cwd())

    # Names and places

    @property
    def defs_module_name(self) -> str:
        """The package of the definitions."""
        return self.defs_module.__name__

    @property
    def defs_module_path(self) -> Path:
        """The folder of the definitions."""
        return Path(next(iter(self.defs_module.__path__))).resolve()

    def module_name_of(self, path: Path) -> str:
        """The name under which a file or folder of the defs folder is imported."""
        try:
            parts = list(path.resolve().with_suffix("").relative_to(self.defs_module_path).parts)
        except ValueError:
            raise InvariantViolationError(f"{path} does not lie in {self.defs_module_path}.") from None
        if parts and parts[-1] == "__init__":
            parts.pop()
        return ".".join([self.defs_module_name, *parts])

    def import_file(self, path: Path) -> ModuleType:
        """A file of the defs folder, imported."""
        name = self.module_name_of(path)
        known = sys.modules.get(name)
        return known if known is not None else importlib.import_module(name)

    @property
    def load_context(self) -> ComponentLoadContext:
        """The context of the defs folder itself."""
        return self.context_at(ComponentPath(self.defs_module_path))

    decl_load_context = load_context

    def context_at(self, place: ComponentPath) -> ComponentLoadContext:
        """The context of a component at a place."""
        return ComponentLoadContext(
            component_path=place,
            project_root=self.project_root,
            defs_module_path=self.defs_module_path,
            defs_module_name=self.defs_module_name,
            resolution_context=ResolutionContext.default(),
            component_tree=self,
        ).with_itself_stashed()

    def root_declaration(self) -> Folder | YamlFile:
        """What stands at the top of the defs folder."""
        if self._root is None:
            folder = self.defs_module_path
            yaml = folder / "defs.yaml"
            self._root = (
                YamlFile(yaml)
                if yaml.is_file()
                else Folder(folder, stop_at_definitions=bool(self.terminate_autoloading_on_keyword_files))
            )
        return self._root

    def find_decl_at_path(self, defs_path: ResolvableToPath) -> Declaration:
        """What stands at a place.

        Raises:
            ResolutionError: nothing does; says what was probably meant.
        """
        place = as_component_path(defs_path, self.defs_module_path)
        found = find(self.root_declaration(), place)
        if found is None:
            known = [each.place.relative_to(self.defs_module_path) for each in self.root_declaration().walk()]
            text = place.relative_to(self.defs_module_path)
            raise ResolutionError.one(
                f"there is no component at `{text}` in {self.defs_module_path}",
                code="invalid-component",
                hint=did_you_mean(text, known),
            )
        return found

    # Loading

    def load_component(self, defs_path: ResolvableToPath, expected_type: type[_T] | None = None) -> Any:
        """The component at a place.

        Args:
            defs_path: relative to the defs folder: `ingest/orders`, or `ingest/orders[1]` of several in a file.
            expected_type: what it must be.

        Raises:
            ResolutionError: there is none.
            DefinitionsError: it does not load.
            InvalidArgumentError: it is of another type.
        """
        declaration = self.find_decl_at_path(defs_path)
        with self._told(declaration):
            found = self._loaded(declaration)
        if expected_type is not None and not isinstance(found, expected_type):
            raise wrong_type(str(defs_path), f"a {expected_type.__name__}", found)
        return found

    load_structural_component_at_path = load_component
    load_structural_component_at_loc = load_component

    def load_root_component(self) -> Component:
        """The component of the whole defs folder."""
        return self._loaded(self.root_declaration())

    def get_all_components(self, of_type: type[_T]) -> list[_T]:
        """Every component of a type, once, in the order of their places. Others are not loaded; of a function that gives a
        component, the annotation of what it returns counts.

        Raises:
            DefinitionsError: one does not load.
        """
        found: dict[int, _T] = {}
        for declaration in self.root_declaration().walk():
            with self._told(declaration):
                for component in self._components_of(declaration, of_type):
                    found.setdefault(id(component), component)
        return list(found.values())

    def _components_of(self, declaration: Declaration, of_type: type[_T]) -> Iterator[_T]:
        if isinstance(declaration, PythonFile):
            functions = component_instances_of(self.import_file(declaration.place.file_path))
            for name, function in functions.items():
                if _may_be(typing.get_type_hints(function).get("return"), of_type):
                    yield cast(_T, self._instance(declaration, name, function).component)
        if _may_be(self._class_of(declaration), of_type):
            yield cast(_T, self._loaded(declaration))

    def _class_of(self, declaration: Declaration) -> type[Component]:
        """What a declaration will be, without loading it."""
        if declaration.component is not None:
            return type(declaration.component)
        if isinstance(declaration, YamlDocument) and declaration.folder is None:
            return declared_class(declaration, self.context_at(declaration.place))
        if isinstance(declaration, PythonFile):
            functions = component_instances_of(self.import_file(declaration.place.file_path))
            return SeveralComponents if functions else PythonFileComponent
        if isinstance(declaration, YamlFile):
            return (
                self._class_of(declaration.children[0])
                if len(declaration.children) == 1
                else SeveralComponents
            )
        return DefsFolderComponent

    def _loaded(self, declaration: Declaration) -> Component:
        if declaration.component is None:
            if declaration.is_loading:
                raise ResolutionError.one(
                    f"the component at `{declaration.place.relative_to(self.defs_module_path)}` needs itself",
                    code="invalid-component",
                )
            declaration.is_loading = True
            try:
                declaration.component = self._load(declaration)
            finally:
                declaration.is_loading = False
        return declaration.component

    def _load(self, declaration: Declaration) -> Component:
        if isinstance(declaration, PythonFile):
            return self._load_python_file(declaration)
        if isinstance(declaration, YamlDocument):
            if declaration.folder is not None:
                return self._load_folder(declaration.folder)
            return load_yaml_component(declaration, self.context_at(declaration.place))
        children = declaration.children
        if isinstance(declaration, YamlFile):
            if not children:
                raise _empty(declaration)
            if len(children) == 1:
                return self._loaded(children[0])
            return SeveralComponents({child.place: self._loaded(child) for child in children})
        return self._load_folder(declaration)

    def _load_folder(self, folder: Declaration) -> DefsFolderComponent:
        children = {child.place: self._loaded(child) for child in folder.children}
        return DefsFolderComponent(folder.place.file_path, children)

    def _load_python_file(self, declaration: PythonFile) -> Component:
        module = self.import_file(declaration.place.file_path)
        functions = component_instances_of(module)
        if not functions:
            return PythonFileComponent(module)
        for name, function in functions.items():
            self._instance(declaration, name, function)
        return SeveralComponents(
            {
                each.place: each.component
                for each in declaration.instances.values()
                if each.component is not None
            },
            beside=PythonFileComponent(module),
        )

    def _instance(self, declaration: PythonFile, name: str, function: Callable[[Any], Any]) -> Declaration:
        """What a function of a Python file gives."""
        known = declaration.instances.get(name)
        if known is not None:
            return known
        place = ComponentPath(declaration.place.file_path, name)
        made = function(self.context_at(place))
        if not isinstance(made, Component):
            raise wrong_type(f"what `{name}` of {function.__module__} returns", "a Component", made)
        inner = Declaration(place, name)
        inner.component = made
        declaration.instances[name] = inner
        return inner

    # Building

    def build_defs(self, loc: ResolvableToPath | None = None) -> Definitions:
        """The definitions of the whole tree, or of one place.

        Args:
            loc: a place as for `load_component`; everything where not given.

        Raises:
            DefinitionsError: with all that is wrong in any component.
        """
        declaration = self.root_declaration() if loc is None else self.find_decl_at_path(loc)
        problems: list[Problem] = []
        causes: list[BaseException] = []
        made = self._built(declaration, problems, causes)
        _raise_if_any(problems, causes)
        return made

    build_defs_at_path = build_defs

    def has_built_all_defs(self) -> bool:
        """Whether everything is built."""
        return self._root is not None and self._root.defs is not None

    is_fully_loaded = has_built_all_defs

    def _built(
        self, declaration: Declaration, problems: list[Problem], causes: list[BaseException]
    ) -> Definitions:
        if declaration.defs is not None:
            return declaration.defs
        before = len(problems)
        made = Definitions()
        with self._caught(declaration, problems, causes):
            if isinstance(declaration, YamlDocument) and declaration.folder is not None:
                inner = self._built(declaration.folder, problems, causes)
                if len(problems) == before:
                    made = build_yaml_component(
                        declaration, _Built(inner), self.context_at(declaration.place)
                    )
            elif isinstance(declaration, Folder | YamlFile):
                if isinstance(declaration, YamlFile) and not declaration.children:
                    raise _empty(declaration)
                parts = [self._built(child, problems, causes) for child in declaration.children]
                made = Definitions.merge(*parts) if parts else Definitions()
            else:
                made = self._build_one(declaration)
        if len(problems) == before:
            declaration.defs = made
        return made

    def _build_one(self, declaration: Declaration) -> Definitions:
        component = self._loaded(declaration)
        context = self.context_at(declaration.place)
        if isinstance(declaration, YamlDocument):
            return build_yaml_component(declaration, component, context)
        made = component.build_defs(context)
        for child in declaration.children:
            child.defs = Definitions()
        if not isinstance(made, Definitions):
            raise wrong_type(f"what `build_defs` of {type(component).__name__} returns", "Definitions", made)
        return made

    @contextmanager
    def _told(self, declaration: Declaration) -> Iterator[None]:
        """What goes wrong while a component is loaded becomes one error, with its place."""
        problems: list[Problem] = []
        causes: list[BaseException] = []
        with self._caught(declaration, problems, causes):
            yield
        _raise_if_any(problems, causes)

    @contextmanager
    def _caught(
        self, declaration: Declaration, problems: list[Problem], causes: list[BaseException]
    ) -> Iterator[None]:
        """What goes wrong inside becomes problems, so that one broken component hides no other."""
        try:
            yield
        except (ResolutionError, DefinitionsError) as error:
            problems.extend(error.problems)
            causes.append(error)
        except Exception as error:  # noqa: BLE001 - components are the user's code
            problems.extend(self.problems_of(error, declaration))
            causes.append(error)

    def problems_of(self, error: Exception, declaration: Declaration) -> list[Problem]:
        """What went wrong at a place, as problems."""
        name = declaration.place.relative_to(self.defs_module_path)
        place = _users_frame(error)
        if isinstance(declaration, YamlDocument):
            place = place or declaration.document.at(["type"])
        if isinstance(error, TreadleError):
            where = error.where or place or str(declaration.place.file_path)
            return [Problem(error.code, error.message, where=where, suggestion=error.hint, severity="error")]
        if isinstance(error, pydantic.ValidationError):
            positions = declaration.document.positions if isinstance(declaration, YamlDocument) else None
            found = problems_of(error, None, positions, ["attributes"])
            return [
                Problem(each.code, f"{error.title}: {each.message}", where=place, severity="error")
                for each in found
            ]
        kind = "component" if isinstance(declaration, YamlDocument) else "file"
        told = "".join(traceback.format_exception_only(error)).strip()
        return [
            Problem(
                "component-failed",
                f"the {kind} `{name}` raised {told}",
                where=place or str(declaration.place.file_path),
                severity="error",
            )
        ]

    # Showing

    def to_string_representation(
        self,
        include_load_and_build_status: bool = False,
        hide_plain_defs: bool = False,
        match_path: ComponentPath | None = None,
    ) -> str:
        """The tree as text, a line each.

        Args:
            include_load_and_build_status: say what is loaded or built.
            hide_plain_defs: leave out Python files that have no components.
            match_path: the place to underline.
        """
        return shown(self.root_declaration(), include_load_and_build_status, hide_plain_defs, match_path)

    def __repr__(self) -> str:
        return f"ComponentTree({self.defs_module_name!r} in {str(self.project_root)!r})"


def _raise_if_any(problems: list[Problem], causes: list[BaseException]) -> None:
    if problems:
        cause = next((each for each in causes if not isinstance(each, TreadleError)), None)
        raise DefinitionsError.of(list(dict.fromkeys(problems))) from cause


def _may_be(annotation: Any, wanted: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, wanted)


class _Built(Component):
    """Stands for definitions that are built already."""

    def __init__(self, defs: Definitions) -> None:
        self._defs = defs

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        return self._defs


def _empty(declaration: YamlFile) -> ResolutionError:
    return ResolutionError.one(
        "there is no component in this file", code="invalid-component", where=f"{declaration.file}:1:1"
    )


def _users_frame(error: BaseException) -> str | None:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_OWN_FOLDER, "<")) and "importlib" not in frame.filename
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
