"""A type with a check of its own, what a check answers, and what loads a value of a type from config."""

import collections.abc
import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from treadle.core import late
from treadle.core.errors import (
    InvalidDefinitionError,
    InvariantViolationError,
    TypeCheckError,
    shortened,
    wrong_type,
)
from treadle.core.metadata_entries import definition_metadata, shown_metadata
from treadle.core.outputs import TypeCheck as TypeCheck
from treadle.define.doors import open_door
from treadle.define.where import where_of

if TYPE_CHECKING:
    from treadle.define.config.schema import Field

PASSED = TypeCheck(True)
FAILED = TypeCheck(False)

CheckFunction = Callable[[Any, Any], Any]


class TypeCheckContext:
    """What a check function is given outside of a run. In a run it is the step's context, which has the same.

    Args:
        run_id: of the run.
        log: a logger.
        resources: an object with an attribute for each resource that the type requires.
    """

    __slots__ = ("_log", "resources", "run_id")

    def __init__(self, run_id: str = "EPHEMERAL", log: Any = None, resources: Any = None) -> None:
        self.run_id = run_id
        self._log = log
        self.resources = resources if resources is not None else SimpleNamespace()

    @property
    def log(self) -> Any:
        """The logger given, else Python's own under `treadle.types`."""
        return self._log if self._log is not None else late.logging.getLogger("treadle.types")


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
        self._schema: Field | None = open_door("normalize_config_schema")(config_schema)
        self._required_resource_keys = frozenset(required_resource_keys or ())
        self._function = function

    @property
    def schema_type(self) -> Any:
        """The config type that it reads."""
        return self._schema.config_type if self._schema else None

    @property
    def config_schema(self) -> "Field | None":
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

    Raises:
        InvalidDefinitionError: the function does not take a context and config.
    """

    def decorate(function: Callable[..., Any]) -> TypeLoader:
        code = getattr(function, "__code__", None)
        if code is not None and code.co_argcount < 2 and not code.co_flags & _TAKES_MORE:
            raise InvalidDefinitionError(
                f"the type loader `{function.__name__}` must take two arguments, a context and config.",
                code="invalid-definition",
                hint=f"write `def {function.__name__}(context, config)`",
                where=where_of(function),
            )
        return TypeLoader(config_schema, required_resource_keys, function)

    return decorate


_TAKES_MORE: Final = 0x04
"""Of a code object that has `*arguments`."""


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

    description: str | None
    loader: TypeLoader | None
    required_resource_keys: frozenset[str]
    typing_type: Any

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
        if not callable(type_check_fn):
            raise wrong_type("type_check_fn", "a function of a context and a value", type_check_fn)
        if not is_builtin:
            _check_arity(type_check_fn, name or key)
        if loader is not None and not isinstance(loader, TypeLoader):
            raise wrong_type("loader", "a DagsterTypeLoader", loader)
        self._type_check_fn = type_check_fn
        self.name = name
        self.key = key or str(name)
        self.is_builtin = is_builtin
        self.description = description
        self.loader = loader
        self.required_resource_keys = frozenset(required_resource_keys or ())
        self.kind = kind
        self.typing_type = typing_type
        self.metadata = shown_metadata(definition_metadata(metadata))

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
        return self.typing_type is Nothing

    def check(self, value: Any, context: Any = None) -> TypeCheck:
        """Whether the value is of this type.

        Raises:
            TypeCheckError: the check function raised, or answered neither bool nor TypeCheck.
        """
        try:
            answer = self._type_check_fn(context if context is not None else _no_run, value)
        except Exception as error:
            raise TypeCheckError(
                f"the check of type `{self.display_name}` raised {type(error).__name__}"
            ) from error
        if answer is True or answer is False:
            return PASSED if answer else FAILED
        if isinstance(answer, TypeCheck):
            return answer
        raise InvariantViolationError(
            f"the check of type `{self.display_name}` answered {shortened(repr(answer))}; "
            "it must answer a bool or a TypeCheck"
        )

    def type_check(self, context: Any, value: Any) -> TypeCheck:
        """`check` with the arguments the other way round."""
        return self.check(value, context)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.display_name!r})"

    def __reduce__(self) -> Any:
        if self.is_builtin:
            return (_same_builtin, (self.typing_type,))
        return super().__reduce__()


_no_run = TypeCheckContext()


def _check_arity(function: CheckFunction, name: str | None) -> None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some callables of C tell nothing
        return
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters) or len(positional) == 2:
        return
    if len(positional) > 2 and all(p.default is not p.empty for p in positional[2:]):
        return
    raise InvalidDefinitionError(
        f"the check function of type `{name}` must take a context and a value, and it takes {len(positional)} arguments",
        code="invalid-type",
        hint="write `def check(context, value)`",
    )


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
        names = [each.__name__ for each in classes]
        self.type_str = names[0] if len(names) == 1 else f"Union[{', '.join(names)}]"
        typing_type = python_type if isinstance(python_type, type) else typing.Union[python_type]  # noqa: UP007
        kwargs.setdefault("typing_type", typing_type)
        super().__init__(self._is_instance, key=key, name=name or self.type_str, **kwargs)

    def _is_instance(self, _context: Any, value: Any) -> TypeCheck:
        if isinstance(value, self.python_type):
            return PASSED
        classes = self.python_type if isinstance(self.python_type, tuple) else (self.python_type,)
        return TypeCheck(False, wrong_class(classes, value))


def wrong_class(wanted: tuple[type, ...], value: Any) -> str:
    """What is wrong with a value of another class; with modules where two classes share a name."""
    got = type(value)
    if any(each.__name__ == got.__name__ for each in wanted):
        names = " or ".join(f"{each.__module__}.{each.__qualname__}" for each in wanted)
        return f"expected {names}, got {got.__module__}.{got.__qualname__}"
    return f"expected {' or '.join(each.__name__ for each in wanted)}, got {got.__name__}"


class Nothing:
    """The type of an input or output that carries no value, only order."""


def _same_builtin(annotation: Any) -> TypeDefinition:
    """What unpickles a builtin type: the one object that stands for the annotation."""
    found: TypeDefinition = importlib.import_module("treadle.define.types").resolve_type(annotation)
    return found
