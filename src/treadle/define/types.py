"""Types of inputs and outputs: what a value must be, checked while a step runs.

`resolve_type(annotation)` gives the type of a Python annotation. Builtin containers, unions and literals are
checked through and through, classes by `isinstance`; what cannot be checked is `ANY`, which costs nothing.
"""

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any as Any

from treadle.core.errors import InvalidDefinitionError, TypeCheckError, shortened
from treadle.define.type_definition import (
    PASSED,
    CheckFunction,
    PythonObjectType,
    TypeDefinition,
    wrong_class,
)
from treadle.define.type_definition import Nothing as Nothing
from treadle.define.type_definition import TypeCheck as TypeCheck
from treadle.define.type_definition import TypeLoader as TypeLoader
from treadle.define.type_definition import type_loader as type_loader

Bool = bool
Float = float
Int = int
String = str


def _builtin(annotation: Any, name: str, check: CheckFunction) -> TypeDefinition:
    return TypeDefinition(check, key=name, name=name, is_builtin=True, typing_type=annotation)


ANY = _builtin(Any, "Any", lambda _, value: PASSED)
"""The type of anything. Compare by identity to skip the check."""
NOTHING = _builtin(
    Nothing,
    "Nothing",
    lambda _, value: (
        PASSED if value is None else TypeCheck(False, f"expected None, got {type(value).__name__}")
    ),
)


def _scalar(python_type: type, name: str) -> TypeDefinition:
    def check(_context: Any, value: Any) -> TypeCheck:
        if isinstance(value, python_type):
            return PASSED
        return TypeCheck(False, f"expected {python_type.__name__}, got {type(value).__name__}")

    return _builtin(python_type, name, check)


_BUILTIN: dict[Any, TypeDefinition] = {
    Any: ANY,
    inspect.Parameter.empty: ANY,
    object: ANY,
    Nothing: NOTHING,
    None: NOTHING,
    type(None): NOTHING,
    str: _scalar(str, "String"),
    int: _scalar(int, "Int"),
    float: _scalar(float, "Float"),
    bool: _scalar(bool, "Bool"),
}
_registered: dict[type, TypeDefinition] = {}
_resolved: dict[Any, TypeDefinition] = {}


def resolve_type(annotation: Any) -> TypeDefinition:
    """The type that an annotation, a class or a type definition stands for; the same object each time.

    Args:
        annotation: a `TypeDefinition`, a class, a `typing` form; a missing annotation means `Any`.

    Example:
        >>> resolve_type(list[int]).check([1, "2"]).description
        'item 1: expected int, got str'
    """
    if isinstance(annotation, TypeDefinition):
        return annotation
    try:
        found = _BUILTIN.get(annotation) or _registered.get(annotation) or _resolved.get(annotation)
    except TypeError:
        return _resolve_new(annotation)
    if found is None:
        found = _resolved[annotation] = _resolve_new(annotation)
    return found


def _resolve_new(annotation: Any) -> TypeDefinition:
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _resolve_form(annotation, origin, typing.get_args(annotation))
    if isinstance(annotation, type):
        return _resolve_class(annotation)
    if isinstance(annotation, _ContainerForm) and annotation.bare is not None:
        return resolve_type(annotation.bare)
    supertype = getattr(annotation, "__supertype__", None)
    if supertype is not None:
        return resolve_type(supertype)
    if isinstance(annotation, str | typing.TypeVar | typing.ForwardRef) or callable(annotation):
        return ANY
    raise InvalidDefinitionError(
        f"{shortened(repr(annotation))} is not a type",
        hint="give a class, a typing annotation, or a DagsterType",
        code="invalid-type",
    )


def _resolve_class(python_type: type) -> TypeDefinition:
    key = f"{python_type.__module__}.{python_type.__qualname__}"
    if typing.is_typeddict(python_type):
        return PythonObjectType(
            dict, name=python_type.__name__, typing_type=python_type, key=key, is_builtin=True
        )
    if getattr(python_type, "_is_protocol", False) and not getattr(
        python_type, "_is_runtime_protocol", False
    ):
        return ANY
    return PythonObjectType(python_type, key=key, is_builtin=True)


def _resolve_form(annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> TypeDefinition:
    if not arguments and isinstance(origin, type):
        return resolve_type(origin)
    if origin is typing.Annotated:
        return resolve_type(arguments[0])
    if origin is typing.Union or origin is types.UnionType:
        return _union_of(annotation, arguments)
    if origin is typing.Literal:
        return _form(
            annotation, f"Literal{list(arguments)}", lambda _, value: _check_literal(value, arguments)
        )
    if origin is tuple:
        return _tuple_of(annotation, arguments)
    if origin in (list, set, frozenset):
        return _items_of(annotation, origin, resolve_type(arguments[0]))
    if origin is dict:
        return _dict_of(annotation, resolve_type(arguments[0]), resolve_type(arguments[1]))
    if origin in (type, collections.abc.Callable) or not isinstance(origin, type):
        return ANY
    registered = _registered.get(origin)
    return registered or _form(annotation, _name_of(annotation), lambda _, value: _check_class(value, origin))


def _form(
    annotation: Any,
    name: str,
    check: Callable[[Any, Any], str | None],
    inner: collections.abc.Iterable[TypeDefinition] = (),
) -> TypeDefinition:
    """A type whose check, given a context and the value, answers None, or what is wrong.

    Args:
        inner: the types that it is made of, whose checks may use resources.
    """

    def check_value(context: Any, value: Any) -> TypeCheck:
        wrong = check(context, value)
        return PASSED if wrong is None else TypeCheck(False, wrong)

    made = _builtin(annotation, name, check_value)
    made.required_resource_keys = frozenset().union(*(each.required_resource_keys for each in inner))
    return made


def _name_of(annotation: Any) -> str:
    return str(annotation).replace("typing.", "")


def _wrong(context: Any, inner: TypeDefinition, value: Any) -> str | None:
    if inner is ANY:
        return None
    answer = inner.check(value, context)
    return (
        None
        if answer.success
        else answer.description or f"expected {inner.display_name}, got {type(value).__name__}"
    )


def _check_class(value: Any, wanted: type) -> str | None:
    return None if isinstance(value, wanted) else wrong_class((wanted,), value)


def _check_literal(value: Any, allowed: tuple[Any, ...]) -> str | None:
    if any(value == each and type(value) is type(each) for each in allowed):
        return None
    return f"expected one of {', '.join(map(repr, allowed))}, got {shortened(repr(value))}"


def _union_of(annotation: Any, arguments: tuple[Any, ...]) -> TypeDefinition:
    nullable = type(None) in arguments
    inner = [resolve_type(each) for each in arguments if each is not type(None)]
    if ANY in inner:
        return ANY

    def check(context: Any, value: Any) -> str | None:
        if nullable and value is None:
            return None
        wrongs = [_wrong(context, each, value) for each in inner]
        if None in wrongs:
            return None
        return " or ".join(dict.fromkeys(str(wrong) for wrong in wrongs))

    name = " | ".join(each.display_name for each in inner)
    return _form(annotation, f"{name}?" if nullable else name, check, inner)


def _items_of(annotation: Any, container: type, inner: TypeDefinition) -> TypeDefinition:
    def check(context: Any, value: Any) -> str | None:
        wrong = _check_class(value, container)
        if wrong is not None or inner is ANY:
            return wrong
        for at, item in enumerate(value):
            if (wrong := _wrong(context, inner, item)) is not None:
                return (
                    f"item {at}: {wrong}" if container is list else f"item {shortened(repr(item))}: {wrong}"
                )
        return None

    name = "[{}]" if container is list else "Set[{}]"
    return _form(annotation, name.format(inner.display_name), check, [inner])


def _dict_of(annotation: Any, key: TypeDefinition, inner: TypeDefinition) -> TypeDefinition:
    def check(context: Any, value: Any) -> str | None:
        wrong = _check_class(value, dict)
        if wrong is not None or (key is ANY and inner is ANY):
            return wrong
        for name, item in value.items():
            if (wrong := _wrong(context, key, name)) is not None:
                return f"key {shortened(repr(name))}: {wrong}"
            if (wrong := _wrong(context, inner, item)) is not None:
                return f"value of {shortened(repr(name))}: {wrong}"
        return None

    return _form(annotation, f"Dict[{key.display_name},{inner.display_name}]", check, [key, inner])


def _tuple_of(annotation: Any, arguments: tuple[Any, ...]) -> TypeDefinition:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _items_of(annotation, tuple, resolve_type(arguments[0]))
    inner = [resolve_type(each) for each in arguments]

    def check(context: Any, value: Any) -> str | None:
        if not isinstance(value, tuple):
            return f"expected tuple, got {type(value).__name__}"
        if len(value) != len(inner):
            return f"expected a tuple of {len(inner)}, got {len(value)}"
        for at, (each, item) in enumerate(zip(inner, value, strict=True)):
            if (wrong := _wrong(context, each, item)) is not None:
                return f"item {at}: {wrong}"
        return None

    return _form(annotation, f"Tuple[{','.join(each.display_name for each in inner)}]", check, inner)


def register_python_type(python_type: type, dagster_type: TypeDefinition) -> None:
    """From now on the class, used as an annotation, means this type.

    Args:
        python_type: a class.
        dagster_type: the type that it stands for.

    Raises:
        InvalidDefinitionError: the class already stands for another.
    """
    known = _BUILTIN.get(python_type) or _registered.get(python_type)
    if known is not None and known is not dagster_type:
        raise InvalidDefinitionError(
            f"`{python_type.__name__}` already stands for the type `{known.display_name}`"
        )
    _registered[python_type] = dagster_type
    _resolved.clear()


def usable_as_type(name: Any = None, description: str | None = None, loader: TypeLoader | None = None) -> Any:
    """Class decorator: the class is a type with this name, description and loader.

    Args:
        name: for people; the class's if not given.
        description: for people.
        loader: makes a value from run config.
    """

    def register(python_type: type, given_name: str | None = None) -> type:
        definition = PythonObjectType(
            python_type, name=given_name or python_type.__name__, description=description, loader=loader
        )
        register_python_type(python_type, definition)
        return python_type

    if isinstance(name, type):
        return register(name)
    return lambda python_type: register(python_type, name)


def resource_keys_of(annotation: Any) -> frozenset[str]:
    """Resources that checking or loading a value of an annotated parameter uses; cheap for the many that use none."""
    found = _definition_of(annotation)
    if found is None:
        return frozenset()
    loading = loader_keys_of(annotation) if found is annotation else frozenset()
    return found.required_resource_keys | loading


def loader_keys_of(annotation: Any) -> frozenset[str]:
    """Resources that the loader of an annotated parameter uses; cheap for the many that have none."""
    found = _definition_of(annotation)
    return (
        found.loader.required_resource_keys()
        if found is not None and found.loader is not None
        else frozenset()
    )


def _definition_of(annotation: Any) -> TypeDefinition | None:
    """The definition that an annotation is, or that was registered for it."""
    if isinstance(annotation, TypeDefinition):
        return annotation
    return _registered.get(annotation) if _registered and isinstance(annotation, type) else None


def check_type(dagster_type: Any, value: Any) -> TypeCheck:
    """Whether a value is of a type, outside of any run; for tests. What the check function raises passes through.

    Args:
        dagster_type: a type definition or an annotation.
        value: what to check.

    Raises:
        InvalidDefinitionError: it is no type, or its check uses resources.

    Example:
        >>> check_type(int, "1").success
        False
    """
    definition = resolve_type(dagster_type)
    if definition.required_resource_keys:
        raise InvalidDefinitionError(
            f"the check of type `{definition.display_name}` uses resources; it needs a run"
        )
    try:
        return definition.check(value)
    except TypeCheckError as error:
        raise error.__cause__ or error from None


class _ContainerForm:
    """`List[int]`, `Optional[MyType]` …: spelled with subscripts, also of type definitions."""

    def __init__(
        self,
        name: str,
        make: Callable[[Any, tuple[TypeDefinition, ...]], TypeDefinition],
        bare: type | None = None,
    ) -> None:
        self._name = name
        self._make = make
        self.bare = bare

    def __getitem__(self, inner: Any) -> TypeDefinition:
        arguments = inner if isinstance(inner, tuple) else (inner,)
        made = self._make(Any, tuple(resolve_type(each) for each in arguments))
        told = [typing_form(each) for each in arguments]
        if self.bare is not None and None not in told:
            made.typing_type = self.bare[tuple(told)]  # type: ignore[index]
        elif self.bare is None and told != [None]:
            made.typing_type = typing.Optional[told[0]]  # noqa: UP045 - a value, no annotation
        return made

    def __repr__(self) -> str:
        return self._name


def typing_form(annotation: Any) -> Any:
    """The Python annotation that a type of ours stands for; None where it is another's."""
    definition = resolve_type(annotation)
    return definition.typing_type if definition.is_builtin else None


def _legacy_optional(annotation: Any, inner: tuple[TypeDefinition, ...]) -> TypeDefinition:
    return _form(
        annotation,
        f"{inner[0].display_name}?",
        lambda context, value: None if value is None else _wrong(context, inner[0], value),
        inner,
    )


List = _ContainerForm("List", lambda annotation, inner: _items_of(annotation, list, inner[0]), list)
Set = _ContainerForm("Set", lambda annotation, inner: _items_of(annotation, set, inner[0]), set)
Dict = _ContainerForm("Dict", lambda annotation, inner: _dict_of(annotation, inner[0], inner[1]), dict)
Optional = _ContainerForm("Optional", _legacy_optional)
Tuple = _ContainerForm("Tuple", lambda annotation, inner: _tuple_of(annotation, inner), tuple)
