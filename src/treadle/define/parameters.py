"""Which parameter of a user's function is what: context, config, resource or input, in any order.

Told apart by annotation, then by name. Reads the code object directly, because `inspect.signature` costs more than
everything else that a decorator does.
"""

import inspect
from collections.abc import Callable
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any, Final, get_args, get_origin

import msgspec

from treadle.core.errors import InvalidDefinitionError
from treadle.define.config.markers import is_config_annotation
from treadle.define.resources.annotations import is_resource_annotation
from treadle.define.where import innermost, where_of

CONTEXT_NAMES: Final = frozenset({"context", "_context", "_", "__"})

FIRST_CONTEXT_NAMES: Final = frozenset({*CONTEXT_NAMES, "context_"})
"""Names of the context where it stands first; further back, `context_` is an input."""

PLACEHOLDERS: Final = frozenset({"_", "__"})
"""Of these, one that is annotated as something else and does not stand first is a value that nobody looks at."""

NO_DEFAULT: Final = inspect.Parameter.empty
NO_ANNOTATION: Final = inspect.Parameter.empty

_CONTEXT_WORDS: Final = frozenset(
    {"OpExecutionContext", "AssetExecutionContext", "AssetCheckExecutionContext"}
)

_VALUE_CLASSES: Final = (int, float, str, bytes, dict, list, tuple, set, frozenset)

_HAS_VAR_KEYWORD = 0x08


class InputParameter(msgspec.Struct, frozen=True, gc=False):
    """A parameter that takes an upstream value."""

    name: str
    annotation: Any = NO_ANNOTATION
    default: Any = NO_DEFAULT


class ResourceParameter(msgspec.Struct, frozen=True, gc=False):
    """A parameter that takes a resource; `key` is its name among the resources."""

    name: str
    key: str
    annotation: Any = NO_ANNOTATION
    default: Any = NO_DEFAULT
    """A resource object given as the default: used where nobody provides `key`."""

    @property
    def has_default(self) -> bool:
        """True where a default value is written."""
        return self.default is not NO_DEFAULT


class Parameters(msgspec.Struct, frozen=True):
    """What a function asks for, by role."""

    context: str | None = None
    config: str | None = None
    config_class: Any = None
    """The annotation of the config parameter."""
    config_default: Any = NO_DEFAULT
    resources: dict[str, ResourceParameter] = {}
    inputs: tuple[InputParameter, ...] = ()
    var_keyword: bool = False
    context_annotation: Any = NO_ANNOTATION
    returns: Any = NO_ANNOTATION
    """The return annotation."""
    positional: tuple[str, ...] = ()
    """All names in the order written, for calls by position."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs, in the order written."""
        return tuple(parameter.name for parameter in self.inputs)


NO_PARAMETERS: Final = Parameters()


class RawParameter(msgspec.Struct, frozen=True, gc=False):
    """A parameter as written, before it has a role."""

    name: str
    annotation: Any = NO_ANNOTATION
    default: Any = NO_DEFAULT


def _is_context(parameter: Any, first: Any) -> bool:
    if parameter.name in PLACEHOLDERS and parameter.annotation is not NO_ANNOTATION:
        return parameter is first
    return parameter.name in (FIRST_CONTEXT_NAMES if parameter is first else CONTEXT_NAMES)


def read_parameters(function: Callable[..., Any]) -> Parameters:
    """The parameters of an asset's, op's or check's function, by role.

    Args:
        function: any callable.
    """
    raw, returns, var_keyword = raw_parameters(function)
    if not raw and returns is NO_ANNOTATION and not var_keyword:
        return NO_PARAMETERS
    context = config = config_class = None
    config_default = context_annotation = NO_ANNOTATION
    resources: dict[str, ResourceParameter] = {}
    inputs: list[InputParameter] = []
    for parameter in raw:
        role = role_of(parameter.annotation) if parameter.annotation is not NO_ANNOTATION else None
        if role == "context" or (role is None and context is None and _is_context(parameter, raw[0])):
            context, context_annotation = parameter.name, parameter.annotation
            if role is None and context not in PLACEHOLDERS and _is_value_class(context_annotation):
                raise _wrong_context(function, parameter)
        elif role == "resource":
            resources[parameter.name] = ResourceParameter(
                parameter.name, parameter.name, parameter.annotation, parameter.default
            )
        elif role == "config" or (role is None and parameter.name == "config"):
            config, config_class, config_default = parameter.name, parameter.annotation, parameter.default
        elif role == "definition":
            raise _definition_as_value(function, parameter)
        else:
            inputs.append(InputParameter(parameter.name, parameter.annotation, parameter.default))
    return Parameters(
        context=context,
        config=config,
        config_class=None if config_class is NO_ANNOTATION else config_class,
        config_default=config_default,
        resources=resources,
        inputs=tuple(inputs),
        var_keyword=var_keyword,
        context_annotation=context_annotation,
        returns=returns,
        positional=tuple(parameter.name for parameter in raw),
    )


def raw_parameters(function: Callable[..., Any]) -> tuple[list[RawParameter], Any, bool]:
    """Parameters as written, the return annotation, and whether `**keywords` are taken."""
    code = getattr(function, "__code__", None)
    if type(function) is not FunctionType or code is None or hasattr(function, "__wrapped__"):
        return _raw_by_signature(function)
    count = code.co_argcount + code.co_kwonlyargcount
    var_keyword = bool(code.co_flags & _HAS_VAR_KEYWORD)
    annotations = function.__annotations__
    if count == 0:
        return [], _resolved(annotations.get("return", NO_ANNOTATION), function), var_keyword
    defaults = function.__defaults__ or ()
    keyword_defaults = function.__kwdefaults__ or {}
    first_default = code.co_argcount - len(defaults)
    found: list[RawParameter] = []
    for index, name in enumerate(code.co_varnames[:count]):
        if index < code.co_argcount:
            default = defaults[index - first_default] if index >= first_default else NO_DEFAULT
        else:
            default = keyword_defaults.get(name, NO_DEFAULT)
        annotation = annotations.get(name, NO_ANNOTATION) if annotations else NO_ANNOTATION
        if type(annotation) is str:
            annotation = _resolved(annotation, function)
        found.append(RawParameter(name, annotation, default))
    returns = annotations.get("return", NO_ANNOTATION) if annotations else NO_ANNOTATION
    if type(returns) is str:
        returns = _resolved(returns, function)
    return found, returns, var_keyword


def _raw_by_signature(function: Callable[..., Any]) -> tuple[list[RawParameter], Any, bool]:
    """The slow, general way: partials, callables with state, wrapped functions, built-ins."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return [], NO_ANNOTATION, False
    inner = inspect.unwrap(function.func if isinstance(function, partial) else function)
    found: list[RawParameter] = []
    var_keyword = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            var_keyword = True
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            annotation = _resolved(parameter.annotation, inner)
            found.append(RawParameter(parameter.name, annotation, parameter.default))
    return found, _resolved(signature.return_annotation, inner), var_keyword


def _resolved(annotation: Any, function: Any) -> Any:
    """An annotation written as text (or under `from __future__ import annotations`) as the object it names.

    A name that does not resolve stays text: it may be imported for type checkers only.
    """
    if type(annotation) is not str:
        return annotation
    if annotation == "None":
        return None
    names = getattr(function, "__globals__", {})
    code: CodeType | None = getattr(function, "__code__", None)
    closure = getattr(function, "__closure__", None)
    inner: dict[str, Any] = {}
    if code is not None and closure:
        for name, cell in zip(code.co_freevars, closure, strict=True):
            try:
                inner[name] = cell.cell_contents
            except ValueError:  # an empty cell: the name is bound later
                continue
    try:
        return eval(annotation, names, inner)
    except Exception:  # noqa: BLE001 - any failure of a user's annotation means that it stays text
        return annotation


def role_of(annotation: Any) -> str | None:
    """`context`, `config`, `resource`, or `definition` of one, where the annotation says so; else None."""
    if type(annotation) is str:
        return "context" if annotation.rpartition(".")[2].strip() in _CONTEXT_WORDS else None
    if isinstance(annotation, type):
        return _role_of_class(annotation)
    if get_origin(annotation) is None:
        return None
    if is_resource_annotation(annotation):
        return "resource"
    arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
    return role_of(arguments[0]) if len(arguments) == 1 and type(None) in get_args(annotation) else None


@lru_cache(maxsize=4096)
def _role_of_class(annotation: type) -> str | None:
    if is_resource_annotation(annotation):
        return "resource"
    if is_config_annotation(annotation):
        return "config"
    # By name, so that reading parameters does not import the contexts and all that they know.
    is_context = any(
        base.__name__ == "OpExecutionContext" and base.__module__.startswith("treadle.define.context")
        for base in annotation.__mro__
    )
    if is_context:
        return "context"
    return "definition" if _is_resource_definition(annotation) else None


def _is_resource_definition(annotation: type) -> bool:
    """Whether it is `ResourceDefinition` or made from it: told by name, as contexts are."""
    return any(
        base.__name__ == "ResourceDefinition" and base.__module__.startswith("treadle.define.resources")
        for base in annotation.__mro__
    )


def _is_value_class(annotation: Any) -> bool:
    """True for classes of plain values: no context is one."""
    return isinstance(annotation, type) and issubclass(annotation, _VALUE_CLASSES)


def _wrong_context(function: Callable[..., Any], parameter: RawParameter) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        f"`{parameter.name}` of `{_name_of(function)}` gets the step's context, and is annotated "
        f"`{parameter.annotation.__name__}`.",
        code="invalid-definition",
        hint="annotate AssetExecutionContext, OpExecutionContext or AssetCheckExecutionContext, or rename the input",
        where=where_of(function),
    )


def _definition_as_value(function: Callable[..., Any], parameter: RawParameter) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        f"`{parameter.name}` of `{_name_of(function)}` is annotated `{parameter.annotation.__name__}`, which makes a resource: "
        f"what the parameter gets is what it makes.",
        code="invalid-definition",
        hint=f"annotate `{parameter.name}: ResourceParam[...]` with the class of that",
        where=where_of(function),
    )


def _name_of(function: Callable[..., Any]) -> str:
    return getattr(innermost(function), "__name__", type(function).__name__)


def split_by_position(
    function: Callable[..., Any], *, context_name: str = "context"
) -> tuple[str | None, dict[str, ResourceParameter], tuple[str, ...]]:
    """Parameters of a sensor, schedule, hook, resource, IO manager or logger function.

    Returns the first parameter that is no resource (bound by position to the context), the resources, and the names of
    the rest, which bind by position too.

    Args:
        function: the user's function.
        context_name: what the context is called where it stands further back.
    """
    raw, _, _ = raw_parameters(function)
    resources: dict[str, ResourceParameter] = {}
    rest: list[str] = []
    context: str | None = None
    for parameter in raw:
        role = role_of(parameter.annotation) if parameter.annotation is not NO_ANNOTATION else None
        if role == "resource":
            resources[parameter.name] = ResourceParameter(
                parameter.name, parameter.name, parameter.annotation, parameter.default
            )
        elif context is None and (
            parameter.name == context_name or _is_evaluation_context(parameter.annotation)
        ):
            context = parameter.name
        else:
            rest.append(parameter.name)
    if context is None and rest:
        context = rest.pop(0)
    return context, resources, tuple(rest)


def _is_evaluation_context(annotation: Any) -> bool:
    name = annotation if type(annotation) is str else getattr(annotation, "__name__", "")
    return name.rpartition(".")[2].endswith("Context")
