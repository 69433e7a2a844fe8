"""`Component`: something that makes definitions, given by attributes in YAML or made in Python."""

import importlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast, overload

import pydantic

from treadle.components.form_config import ComponentTypeSpec
from treadle.components.resolution.positions import SourcePosition
from treadle.components.resolution.resolvable import Resolvable
from treadle.core.code_references import LocalFileCodeReference, UrlCodeReference
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.define.definitions import Definitions

if TYPE_CHECKING:
    from treadle.components.load_context import ComponentLoadContext


class NoAttributes(pydantic.BaseModel):
    """The attributes of a component that takes none."""

    model_config = pydantic.ConfigDict(extra="forbid")


class Component(ABC):
    """Makes definitions. A subclass that is also `Resolvable` takes attributes from YAML.

    Example:
        >>> import treadle as dg
        >>> class Table(dg.Component, dg.Model, dg.Resolvable):
        ...     name: str
        ...     def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        ...         return dg.Definitions(assets=[dg.AssetSpec(self.name)])
        >>> defs = dg.build_defs_for_component(Table(name="orders"))
        >>> [spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()]
        ['orders']
    """

    @abstractmethod
    def build_defs(self, context: "ComponentLoadContext") -> Definitions:
        """The definitions that this component stands for."""

    @classmethod
    def get_schema(cls) -> type[pydantic.BaseModel] | None:
        """The older name of `get_model_cls`; None by default."""
        return None

    @classmethod
    def get_model_cls(cls) -> type[pydantic.BaseModel] | None:
        """The pydantic model that its attributes must fit."""
        if issubclass(cls, Resolvable):
            return cls.model()
        return cls.get_schema() or NoAttributes

    @classmethod
    def get_spec(cls) -> ComponentTypeSpec:
        """What the type says of itself."""
        return ComponentTypeSpec()

    @classmethod
    def get_description(cls) -> str | None:
        """Text for people: the spec's, else the docstring."""
        told = inspect.cleandoc(cls.__doc__ or "")
        is_made = told.startswith(f"{cls.__name__}(")  # what a dataclass says of itself
        return cls.get_spec().description or (None if is_made else told or None)

    @classmethod
    def get_additional_scope(cls) -> Mapping[str, Any]:
        """Further names for templates in its YAML."""
        return {}

    @classmethod
    def load(cls, attributes: pydantic.BaseModel | None, context: "ComponentLoadContext") -> Self:
        """A component of validated attributes."""
        if issubclass(cls, Resolvable):
            given = attributes if attributes is not None else cls.model().model_validate({})
            return cast(Self, cls.resolve_from_model(context.resolution_context, given))
        return cls()

    @classmethod
    def from_attributes_dict(
        cls, *, attributes: dict[str, Any], context: "ComponentLoadContext | None" = None
    ) -> Self:
        """A component of plain attributes, as a YAML file would give them.

        Args:
            attributes: by name; templates allowed.
            context: where it is loaded; one of its own by default.

        Raises:
            pydantic.ValidationError: attributes of the wrong name or type.
            ResolutionError: a template or resolver that fails.
        """
        found = context or _loading().context_for_tests()
        found = found.with_rendering_scope(cls.get_additional_scope())
        model = cls.get_model_cls()
        return cls.load(None if model is None else model.model_validate(attributes), found)

    @classmethod
    def from_yaml_path(cls, yaml_path: Path, context: "ComponentLoadContext | None" = None) -> "Component":
        """The component that a `defs.yaml` describes; it must be of this class."""
        found = _loading().component_of_file(yaml_path, context)
        if not isinstance(found, cls):
            raise wrong_type(str(yaml_path), f"a {cls.__name__}", found)
        return found

    @classmethod
    def get_code_references_for_yaml(
        cls, yaml_path: Path, source_position: SourcePosition, context: "ComponentLoadContext"
    ) -> Sequence[LocalFileCodeReference | UrlCodeReference]:
        """What its assets say of where they come from."""
        return [LocalFileCodeReference(file_path=str(yaml_path), line_number=source_position.line)]


_F = TypeVar("_F", bound=Callable[..., Any])
_TEMPLATE_VAR: Final = "__treadle_template_var__"
_INSTANCE: Final = "__treadle_component_instance__"


@overload
def template_var(fn: _F) -> _F: ...
@overload
def template_var(fn: None = None) -> Callable[[_F], _F]: ...
def template_var(fn: Any = None) -> Any:
    """Make a function's result a name for templates. It takes nothing, or the load context.

    It stands in the module that `template_vars_module` of a YAML file names, or is a static method of a component.

    Example:
        >>> import treadle as dg
        >>> @dg.template_var
        ... def schema() -> str:
        ...     return "raw"
    """

    def marked(function: Any) -> Any:
        if len(inspect.signature(function).parameters) > 1:
            raise InvalidDefinitionError(
                f"a template variable takes nothing or the load context; `{function.__name__}` takes more.",
                code="invalid-component",
            )
        setattr(function, _TEMPLATE_VAR, True)
        return function

    return marked if fn is None else marked(fn)


def is_template_var(function: Any) -> bool:
    """Whether a function is marked with `@template_var`."""
    return bool(getattr(function, _TEMPLATE_VAR, False))


def template_vars_of(holder: Any, context: Any) -> dict[str, Any]:
    """The template variables of a module or component class, each with its value."""
    found: dict[str, Any] = {}
    holders = reversed(holder.__mro__) if isinstance(holder, type) else (holder,)
    for name, given in {name: value for each in holders for name, value in vars(each).items()}.items():
        function = given.__func__ if isinstance(given, staticmethod) else given
        if inspect.isfunction(function) and is_template_var(function):
            takes_context = len(inspect.signature(function).parameters) == 1
            found[name] = function(context) if takes_context else function()
    return found


def component_instance(fn: _F) -> _F:
    """Make a function of a Python file in the defs folder give a component. It takes the load context.

    Example:
        >>> import treadle as dg
        >>> @dg.component_instance
        ... def tables(context: dg.ComponentLoadContext) -> dg.DefinitionsComponent:
        ...     return dg.DefinitionsComponent(path="tables.py")
    """
    if not callable(fn):
        raise wrong_type("fn", "a function", fn)
    setattr(fn, _INSTANCE, True)
    return fn


def component_instances_of(module: Any) -> dict[str, Callable[[Any], Any]]:
    """The functions of a module that give components."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and getattr(value, _INSTANCE, False)
    }


def _loading() -> Any:
    """The module that knows trees, which knows this one."""
    return importlib.import_module("treadle.components.loading")
