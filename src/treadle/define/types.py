"""Types of inputs and outputs: what a value must be, checked while a step runs.

`resolve_type(annotation)` gives the type of a Python annotation. Builtin containers, unions and literals are checked
through and through, classes by `isinstance`; what cannot be checked is `ANY`, which costs nothing.
"""

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from treadle.core.errors import InvalidDefinitionError, TypeCheckError, shortened
from treadle.define.config.schema import Field, normalize_config_schema

Bool = bool
Float = float
Int = int
String = str


@attrs.frozen
class TypeCheck:
    """What a type's check answers.

    Args:
        success: whether the value is of the type.
        description: why not, or anything worth saying.
        metadata: kept with the event.
    """

    success: bool
    description: str | None = None
    metadata: Mapping[str, Any] = attrs.field(default=None, converter=lambda given: dict(given or {}))

    def __bool__(self) -> bool:
        raise TypeError("a TypeCheck is not a truth value; ask for its `.success`")


PASSED = TypeCheck(True)
FAILED = TypeCheck(False)

CheckFunction = Callable[[Any, Any], Any]


class TypeLoader:
    """Makes a value of a type from run config.

    Args:
        config_schema: schema of that config.
        required_resource_keys: resources that the function uses.
        function: (context, config) -> value.
    """

    def __init__(
        self,
        config_schema: Any = None,
        required_resource_keys: collections.abc.Iterable[str] | None = None,
        function: Callable[..., Any] | None = None,
    ) -> None:
        self._schema = normalize_config_schema(config_schema)
        self._required_resource_keys = frozenset(required_resource_keys or ())
        self._function = function

    @property
    def schema_type(self) -> Any:
        """The config type that it reads."""
        return self._schema.config_type if self._schema else None

    @property
    def config_schema(self) -> Field | None:
        """The same as a field."""
        return self._schema

    def required_resource_keys(self) -> frozenset[str]:
        """Resources that loading uses."""
        return self._required_resource_keys

    def construct_from_config_value(self, _context: Any, config_value: Any) -> Any:
        """The value that the config stands for."""
        return config_value if self._function is None else self._function(_context, config_value)


def type_loader(
    config_schema: Any, required_resource_keys: collections.abc.Iterable[str] | None = None
) -> Callable[[Callable[..., Any]], TypeLoader]:
    """Decorator: a function (context, config) -> value becomes a loader.

    Args:
        config_schema: schema of the config.
        required_resource_keys: resources that the function uses from `context.resources`.
    """
    return lambda function: TypeLoader(config_schema, required_resource_keys, function)


class TypeDefinition:
    """A type with a check of its own.

    Args:
        type_check_fn: (context, value) -> bool or TypeCheck.
        key: a stable name; the name if not given.
        name: for people.
        is_builtin: True for ours.
        description: for people.
        loader: makes a value from run config.
        required_resource_keys: resources that the check uses from `context.resources`.
        kind: of the type, kept as given.
        typing_type: the Python annotation that it stands for.
        metadata: kept.

    Example:
        >>> Even = TypeDefinition(lambda _, value: value % 2 == 0, name="Even")
        >>> Even.check(3).success
        False
    """

    def __init__(
        self,
        type_check_fn: CheckFunction,
        key: str | None = None,
        name: str | None = None,
        is_builtin: bool = False,
        description: str | None = None,
        loader: TypeLoader | None = None,
        required_resource_keys: collections.abc.Iterable[str] | None = None,
        kind: Any = "REGULAR",
        typing_type: Any = Any,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        if name is None and key is None:
            raise InvalidDefinitionError("a type needs a name", hint="give `name=`")
        self._type_check_fn = type_check_fn
        self.name = name
        self.key = key or str(name)
        self.is_builtin = is_builtin
        self.description = description
        self.loader = loader
        self.required_resource_keys = frozenset(required_resource_keys or ())
        self.kind = kind
        self.typing_type = typing_type
        self.metadata = dict(metadata or {})

    @property
    def unique_name(self) -> str:
        """The name.

        Raises:
            InvalidDefinitionError: it was given only a key.
        """
        if self.name is None:
            raise InvalidDefinitionError(f"type `{self.key}` has no name of its own")
        return self.name

    @property
    def has_unique_name(self) -> bool:
        """True if it was given a name."""
        return self.name is not None

    @property
    def display_name(self) -> str:
        """The name that people see."""
        return self.name or self.key

    @property
    def type_check_fn(self) -> CheckFunction:
        """The function that checks."""
        return self._type_check_fn

    @property
    def is_nothing(self) -> bool:
        """True for the type of no value at all."""
        return self is NOTHING

    def check(self, value: Any, context: Any = None) -> TypeCheck:
        """Whether the value is of this type.

        Raises:
            TypeCheckError: the check function raised, or answered neither bool nor TypeCheck.
        """
        try:
            answer = self._type_check_fn(context, value)
        except Exception as error:
            raise TypeCheckError(
                f"the check of type `{self.display_name}` raised {type(error).__name__}"
            ) from error
        if answer is True or answer is False:
            return PASSED if answer else FAILED
        if isinstance(answer, TypeCheck):
            return answer
        raise TypeCheckError(
            f"the check of type `{self.display_name}` answered {shortened(repr(answer))}; "
            "it must answer a bool or a TypeCheck"
        )

    def type_check(self, context: Any, value: Any) -> TypeCheck:
        """`check` with the arguments the other way round."""
        return self.check(value, context)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.display_name!r})"

    def __reduce__(self) -> Any:
        return (resolve_type, (self.typing_type,)) if self.is_builtin else super().__reduce__()


class PythonObjectType(TypeDefinition):
    """A type whose values are instances of a Python class.

    Args:
        python_type: a class, or a tuple of classes.
        key: a stable name.
        name: for people; the class's if not given.
        kwargs: as for `TypeDefinition`.

    Example:
        >>> PythonObjectType(dict, name="Payload").check([]).description
        'expected dict, got list'
    """

    def __init__(
        self,
        python_type: type | tuple[type, ...],
        key: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        classes = python_type if isinstance(python_type, tuple) else (python_type,)
        if not classes or not all(isinstance(each, type) for each in classes):
            raise InvalidDefinitionError(
                f"python_type must be a class or a tuple of classes, got {python_type!r}"
            )
        self.python_type = python_type
        self.type_str = " or ".join(each.__name__ for each in classes)
        typing_type = python_type if isinstance(python_type, type) else typing.Union[python_type]  # noqa: UP007
        kwargs.setdefault("typing_type", typing_type)
        super().__init__(self._is_instance, key=key, name=name or self.type_str, **kwargs)

    def _is_instance(self, _context: Any, value: Any) -> TypeCheck:
        if isinstance(value, self.python_type):
            return PASSED
        return TypeCheck(False, f"expected {self.type_str}, got {type(value).__name__}")


class Nothing:
    """The type of an input or output that carries no value, only order."""


def _builtin(annotation: Any, name: str, check: CheckFunction) -> TypeDefinition:
    return TypeDefinition(check, key=name, name=name, is_builtin=True, typing_type=annotation)


ANY = _builtin(Any, "Any", lambda _, value: PASSED)
"""The type of anything. Compare by identity to skip the check."""
NOTHING = _builtin(Nothing, "Nothing", lambda _, value: PASSED if value is None else FAILED)


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
    supertype = getattr(annotation, "__supertype__", None)
    if supertype is not None:
        return resolve_type(supertype)
    bare = {typing.List: list, typing.Dict: dict, typing.Set: set, typing.Tuple: tuple}  # noqa: UP006
    if annotation in bare:
        return resolve_type(bare[annotation])
    if isinstance(annotation, str | typing.TypeVar | typing.ForwardRef) or callable(annotation):
        return ANY
    raise InvalidDefinitionError(
        f"{shortened(repr(annotation))} is not a type",
        hint="give a class, a typing annotation, or a DagsterType",
        code="invalid-type",
    )


def _resolve_class(python_type: type) -> TypeDefinition:
    loaderless = {"is_builtin": True, "key": f"{python_type.__module__}.{python_type.__qualname__}"}
    if typing.is_typeddict(python_type):
        return PythonObjectType(dict, name=python_type.__name__, typing_type=python_type, **loaderless)
    if getattr(python_type, "_is_protocol", False) and not getattr(
        python_type, "_is_runtime_protocol", False
    ):
        return ANY
    return PythonObjectType(python_type, **loaderless)


def _resolve_form(annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> TypeDefinition:
    if origin is typing.Annotated:
        return resolve_type(arguments[0])
    if origin is typing.Union or origin is types.UnionType:
        return _union_of(annotation, arguments)
    if origin is typing.Literal:
        return _form(annotation, f"Literal{list(arguments)}", lambda value: _check_literal(value, arguments))
    if origin is tuple:
        return _tuple_of(annotation, arguments)
    if origin in (list, set, frozenset):
        return _items_of(annotation, origin, resolve_type(arguments[0]))
    if origin is dict:
        return _dict_of(annotation, resolve_type(arguments[0]), resolve_type(arguments[1]))
    if origin in (type, collections.abc.Callable) or not isinstance(origin, type):
        return ANY
    registered = _registered.get(origin)
    return registered or _form(annotation, _name_of(annotation), lambda value: _check_class(value, origin))


def _form(annotation: Any, name: str, check: Callable[[Any], str | None]) -> TypeDefinition:
    """A type whose check answers None, or what is wrong."""

    def check_value(_context: Any, value: Any) -> TypeCheck:
        wrong = check(value)
        return PASSED if wrong is None else TypeCheck(False, wrong)

    return _builtin(annotation, name, check_value)


def _name_of(annotation: Any) -> str:
    return str(annotation).replace("typing.", "")


def _wrong(inner: TypeDefinition, value: Any) -> str | None:
    if inner is ANY:
        return None
    answer = inner.check(value)
    return (
        None
        if answer.success
        else answer.description or f"expected {inner.display_name}, got {type(value).__name__}"
    )


def _check_class(value: Any, wanted: type) -> str | None:
    return None if isinstance(value, wanted) else f"expected {wanted.__name__}, got {type(value).__name__}"


def _check_literal(value: Any, allowed: tuple[Any, ...]) -> str | None:
    if any(value == each and type(value) is type(each) for each in allowed):
        return None
    return f"expected one of {', '.join(map(repr, allowed))}, got {shortened(repr(value))}"


def _union_of(annotation: Any, arguments: tuple[Any, ...]) -> TypeDefinition:
    nullable = type(None) in arguments
    inner = [resolve_type(each) for each in arguments if each is not type(None)]
    if ANY in inner:
        return ANY

    def check(value: Any) -> str | None:
        if nullable and value is None:
            return None
        wrongs = [_wrong(each, value) for each in inner]
        if None in wrongs:
            return None
        return " or ".join(dict.fromkeys(str(wrong) for wrong in wrongs))

    name = " | ".join(each.display_name for each in inner)
    return _form(annotation, f"{name}?" if nullable else name, check)


def _items_of(annotation: Any, container: type, inner: TypeDefinition) -> TypeDefinition:
    def check(value: Any) -> str | None:
        wrong = _check_class(value, container)
        if wrong is not None or inner is ANY:
            return wrong
        for at, item in enumerate(value):
            if (wrong := _wrong(inner, item)) is not None:
                return (
                    f"item {at}: {wrong}" if container is list else f"item {shortened(repr(item))}: {wrong}"
                )
        return None

    name = "[{}]" if container is list else "Set[{}]"
    return _form(annotation, name.format(inner.display_name), check)


def _dict_of(annotation: Any, key: TypeDefinition, inner: TypeDefinition) -> TypeDefinition:
    def check(value: Any) -> str | None:
        wrong = _check_class(value, dict)
        if wrong is not None or (key is ANY and inner is ANY):
            return wrong
        for name, item in value.items():
            if (wrong := _wrong(key, name)) is not None:
                return f"key {shortened(repr(name))}: {wrong}"
            if (wrong := _wrong(inner, item)) is not None:
                return f"value of {shortened(repr(name))}: {wrong}"
        return None

    return _form(annotation, f"Dict[{key.display_name},{inner.display_name}]", check)


def _tuple_of(annotation: Any, arguments: tuple[Any, ...]) -> TypeDefinition:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _items_of(annotation, tuple, resolve_type(arguments[0]))
    inner = [resolve_type(each) for each in arguments]

    def check(value: Any) -> str | None:
        if not isinstance(value, tuple):
            return f"expected tuple, got {type(value).__name__}"
        if len(value) != len(inner):
            return f"expected a tuple of {len(inner)}, got {len(value)}"
        for at, (each, item) in enumerate(zip(inner, value, strict=True)):
            if (wrong := _wrong(each, item)) is not None:
                return f"item {at}: {wrong}"
        return None

    return _form(annotation, f"Tuple[{','.join(each.display_name for each in inner)}]", check)


def register_python_type(python_type: type, definition: TypeDefinition) -> None:
    """From now on the class, used as an annotation, means this type.

    Args:
        python_type: a class.
        definition: the type that it stands for.

    Raises:
        InvalidDefinitionError: the class already stands for another.
    """
    known = _BUILTIN.get(python_type) or _registered.get(python_type)
    if known is not None and known is not definition:
        raise InvalidDefinitionError(
            f"`{python_type.__name__}` already stands for the type `{known.display_name}`"
        )
    _registered[python_type] = definition
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


def check_type(dagster_type: Any, value: Any) -> TypeCheck:
    """Whether a value is of a type, outside of any run; for tests.

    Args:
        dagster_type: a type definition or an annotation.
        value: what to check.

    Example:
        >>> check_type(int, "1").success
        False
    """
    definition = resolve_type(dagster_type)
    if definition.required_resource_keys:
        raise InvalidDefinitionError(
            f"the check of type `{definition.display_name}` uses resources; it cannot be asked outside of a run"
        )
    return definition.check(value)


class _ContainerForm:
    """`List[int]`, `Optional[MyType]` …: spelled with subscripts, also of type definitions."""

    def __init__(self, name: str, make: Callable[[Any, tuple[TypeDefinition, ...]], TypeDefinition]) -> None:
        self._name = name
        self._make = make

    def __getitem__(self, inner: Any) -> TypeDefinition:
        arguments = inner if isinstance(inner, tuple) else (inner,)
        return self._make(Any, tuple(resolve_type(each) for each in arguments))

    def __repr__(self) -> str:
        return self._name


def _legacy_optional(annotation: Any, inner: tuple[TypeDefinition, ...]) -> TypeDefinition:
    return _form(
        annotation,
        f"{inner[0].display_name}?",
        lambda value: None if value is None else _wrong(inner[0], value),
    )


List = _ContainerForm("List", lambda annotation, inner: _items_of(annotation, list, inner[0]))
Set = _ContainerForm("Set", lambda annotation, inner: _items_of(annotation, set, inner[0]))
Dict = _ContainerForm("Dict", lambda annotation, inner: _dict_of(annotation, inner[0], inner[1]))
Optional = _ContainerForm("Optional", _legacy_optional)
Tuple = _ContainerForm("Tuple", lambda annotation, inner: _tuple_of(annotation, inner))
