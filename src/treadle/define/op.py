"""A function that runs as a step: what it takes, what it gives, and how it is to be run."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final, Self, overload

from msgspec.structs import replace

from treadle.core.deprecation import tell_caller, tell_user
from treadle.core.errors import (
    InvalidArgumentError,
    InvalidConfigDefinitionError,
    InvalidDefinitionError,
    did_you_mean,
)
from treadle.core.names import check_run_tags, check_storable
from treadle.define.arguments import check_keys, check_op_name, check_retry_policy, check_type, seconds_of
from treadle.define.config.configurable import Configurable, required_name
from treadle.define.config.markers import is_config_annotation
from treadle.define.doors import open_door
from treadle.define.inputs_by_name import takes_all_inputs, with_inputs_by_name
from treadle.define.op_port_views import OpPorts
from treadle.define.op_ports import DEFAULT_OUTS as DEFAULT_OUTS
from treadle.define.op_ports import DynamicOut as DynamicOut
from treadle.define.op_ports import In as In
from treadle.define.op_ports import Out as Out
from treadle.define.op_ports import in_of
from treadle.define.op_ports import out_of as out_of
from treadle.define.op_signature import outs_of, refuse_lone_dynamic, refuse_parameters, yields
from treadle.define.output_types import dynamic_annotation, is_nothing, value_annotation
from treadle.define.parameters import NO_ANNOTATION, NO_DEFAULT, Parameters, read_parameters
from treadle.define.types import resource_keys_of
from treadle.define.where import DocOf, code_of, innermost, where_of

if TYPE_CHECKING:
    from treadle.define.config.schema import Field
    from treadle.define.graphs.invocation import PendingNodeInvocation

NO_ITEMS: Final[Mapping[str, Any]] = {}
NO_KEYS: Final[frozenset[str]] = frozenset()

CONCURRENCY_KEY: Final = "dagster/concurrency_key"
"""The peer's old tag for a pool."""

_ASYNC: Final = 0x80 | 0x200
"""Of the code of coroutines and of asynchronous generators."""


class OpDefinition(OpPorts, Configurable):
    """A function as a step, with its inputs, outputs, config and resources. `@op` and the asset decorators make it.

    Args:
        compute_fn: the user's function; one of `(context, inputs)` gets all inputs as a dictionary.
        name: also the step's key.
        ins: inputs by name; parameters that are not named here are inputs by themselves.
        outs: outputs by name; `result` where none is given.
        config_schema: a config class, or a schema in the peer's older form.
        required_resource_keys: resources reached through `context.resources`.
        tags: any JSON values, for executors and people.
        retry_policy: a RetryPolicy.
        pool: the pool whose slots the step takes.
        timeout: seconds.

    Raises:
        InvalidDefinitionError: a bad name, or an `In` that is no parameter.
    """

    __slots__ = (
        "__weakref__",
        "_config_schema",
        "_config_source",
        "_description",
        "_function",
        "_version",
        "_where",
        "code_version",
        "compute_fn",
        "hooks",
        "ins",
        "name",
        "outs",
        "parameters",
        "pool",
        "required_resource_keys",
        "retry_policy",
        "tags",
        "timeout",
    )

    def __init__(
        self,
        compute_fn: Callable[..., Any],
        name: str,
        ins: Mapping[str, In] | None = None,
        outs: Mapping[str, Out] | None = None,
        description: str | None = None,
        config_schema: Any = None,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, Any] | None = None,
        version: str | None = None,
        retry_policy: Any = None,
        code_version: str | None = None,
        pool: str | None = None,
        *,
        timeout: Any = None,
        hooks: Iterable[Any] | None = None,
        parameters: Parameters | None = None,
        where: str | None = None,
    ) -> None:
        self._where = where
        if parameters is None and takes_all_inputs(compute_fn, ins or NO_ITEMS):
            self._where = where or where_of(compute_fn)
            compute_fn = with_inputs_by_name(compute_fn)
        self.compute_fn = compute_fn
        self._function = compute_fn
        self.name = name
        self.parameters = parameters if parameters is not None else read_parameters(compute_fn)
        self.ins: Mapping[str, In] = self._inputs(ins)
        self.outs: Mapping[str, Out] = outs if outs is not None else self._outputs()
        self._description = description
        self._config_source = config_schema
        self._config_schema: Any = None
        if self.parameters.config is not None:
            self._check_config(config_schema)
        if config_schema is not None and not isinstance(config_schema, type):
            self._config_schema = self._checked_schema(config_schema)
        self.required_resource_keys = self._resources(required_resource_keys)
        self.tags: Mapping[str, Any] = tags or NO_ITEMS
        if version is not None:
            tell_user("`version` of an op is deprecated: write `code_version`.")
        self._version = version
        self.retry_policy = check_retry_policy(retry_policy)
        self.code_version = code_version or version
        if isinstance(self.code_version, str):
            check_storable("code_version", self.code_version)
        self.pool = self._checked_pool(pool)
        self.timeout = seconds_of(timeout)
        self.hooks = frozenset(hooks) if hooks else frozenset()

    def _inputs(self, given: Mapping[str, In] | None) -> Mapping[str, In]:
        parameters = self.parameters
        if not given:
            if not parameters.inputs:
                return NO_ITEMS
            return {p.name: in_of(p.annotation, p.default) for p in parameters.inputs}
        found: dict[str, In] = {}
        for parameter in parameters.inputs:
            chosen = given.get(parameter.name)
            if chosen is None:
                found[parameter.name] = in_of(parameter.annotation, parameter.default)
                continue
            changes: dict[str, Any] = {}
            if chosen.dagster_type is NO_ANNOTATION and parameter.annotation is not NO_ANNOTATION:
                changes["dagster_type"] = parameter.annotation
            if not chosen.has_default_value and parameter.default is not NO_DEFAULT:
                changes["default_value"] = parameter.default
            found[parameter.name] = replace(chosen, **changes) if changes else chosen
        for name, chosen in given.items():
            if name in found:
                continue
            if not parameters.var_keyword and not is_nothing(chosen.dagster_type):
                raise InvalidDefinitionError(
                    f"`{self.name}` has an input `{name}` that is no parameter of its function.",
                    code="unknown-input",
                    hint=did_you_mean(name, [p.name for p in parameters.inputs])
                    or f"add a parameter `{name}`, or give the input the type `Nothing`",
                    where=self.where,
                )
            found[name] = chosen
        return found

    def _checked_pool(self, pool: str | None) -> str | None:
        """A pool's name, which may not contradict the tag by which the peer once named it."""
        if pool is None:
            return None
        check_type("pool", pool, str, "text")
        tagged = self.tags.get(CONCURRENCY_KEY)
        if any(letter.isspace() for letter in pool) or tagged not in (None, pool):
            wrong = (
                "holds a space"
                if tagged in (None, pool)
                else f"is not that of the tag `{CONCURRENCY_KEY}`, `{tagged}`"
            )
            raise InvalidDefinitionError(f"the pool `{pool}` of `{self.name}` {wrong}.", where=self.where)
        return pool

    @property
    def version(self) -> str | None:
        """The old name of `code_version`."""
        tell_caller("`version` of an op is deprecated: read `code_version`.")
        return self._version if self._version is not None else self.code_version

    def _check_config(self, config_schema: Any) -> None:
        annotation = self.parameters.config_class
        if config_schema is not None and annotation is not None:
            raise InvalidArgumentError(
                f"`{self.name}` says twice what config it takes: by its parameter `{self.parameters.config}`, and by "
                "`config_schema`.",
                hint="leave one of them out",
                where=self.where,
            )
        if annotation is not None and (
            not is_config_annotation(annotation) or getattr(annotation, "field_of_another_kind", None)
        ):
            open_door("check_config_annotation")(annotation, self.name, self.where)

    def _checked_schema(self, given: Any) -> Any:
        try:
            return open_door("normalize_config_schema")(given)
        except InvalidConfigDefinitionError as error:
            error.where = error.where or self.where
            raise

    def _outputs(self) -> Mapping[str, Out]:
        dynamic = dynamic_annotation(self.parameters.returns)
        if dynamic is not None:
            return {"result": DynamicOut(dynamic)}
        annotation = value_annotation(self.parameters.returns)
        return DEFAULT_OUTS if annotation is NO_ANNOTATION else {"result": out_of(annotation)}

    def _resources(self, keys: Iterable[str] | None) -> frozenset[str]:
        typed: frozenset[str] = NO_KEYS
        for taken in self.ins.values():
            typed |= resource_keys_of(taken.dagster_type)
        for given in self.outs.values():
            typed |= resource_keys_of(given.dagster_type)
        if not keys and not self.parameters.resources and not typed:
            return NO_KEYS
        return (
            check_keys("required_resource_keys", keys)
            | {resource.key for resource in self.parameters.resources.values()}
            | typed
        )

    @property
    def is_async(self) -> bool:
        """True for `async def`, also for asynchronous generators."""
        code = code_of(self.compute_fn)
        return code is not None and bool(code.co_flags & _ASYNC)

    @property
    def is_generator(self) -> bool:
        """True where the function yields, also asynchronously."""
        return yields(self.compute_fn)

    @property
    def description(self) -> str | None:
        """The description given, else the function's docstring."""
        return self._description if self._description is not None else docstring_of(self.compute_fn)

    @property
    def __name__(self) -> str:
        """The function's name, or the op's where it has none."""
        return str(getattr(innermost(self.compute_fn), "__name__", self.name))

    @property
    def own_description(self) -> str | None:
        """The description given to the op itself."""
        return self._description

    @property
    def where(self) -> str | None:
        """`file:line` of the function."""
        return self._where or where_of(self.compute_fn)

    @property
    def has_config(self) -> bool:
        """True where the op takes config; cheaper than looking at `config_schema`."""
        return self.parameters.config is not None or self._config_source is not None

    @property
    def config_source(self) -> Any:
        """What the user gave: the config parameter's annotation, or the `config_schema` argument."""
        if self.parameters.config_class is not None:
            return self.parameters.config_class
        return self._config_source

    @property
    def config_schema(self) -> Any:  # type: ignore[override]
        """The normalised schema, or None where the op takes no config."""
        if self._config_schema is None and self.has_config:
            if self.parameters.config is None:
                self._config_schema = open_door("normalize_config_schema")(self.config_source)
            else:
                default = self.parameters.config_default
                given = () if default is NO_DEFAULT else (default,)
                self._config_schema = open_door("op_config_field")(self.config_source, *given)
        return self._config_schema

    @property
    def config_field(self) -> Any:
        """The same, under another of its names."""
        return self.config_schema

    @property
    def required_keys_and_io_managers(self) -> frozenset[str]:
        """Every resource key that a step of this op may touch."""
        keys = {
            out.io_manager_key or "io_manager"
            for out in self.outs.values()
            if not is_nothing(out.dagster_type)
        }
        return self.required_resource_keys | keys

    def with_replaced(self, **changes: Any) -> Self:
        """A copy with some of `name`, `ins`, `outs`, `tags`, `retry_policy`, `hooks`, `pool`, `timeout`,
        `required_resource_keys`, `compute_fn` changed."""
        copy = object.__new__(type(self))
        for slot in OpDefinition.__slots__:
            if slot != "__weakref__":
                setattr(copy, slot, getattr(self, slot))
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy

    def copy_configured(self, name: str | None, description: str | None, config_schema: "Field") -> Self:
        """The op under another name, with config given."""
        changes = {"_description": description} if description is not None else {}
        return self.with_replaced(
            name=required_name(f"op `{self.name}`", name, "op"),
            _config_source=config_schema,
            _config_schema=config_schema,
            **changes,
        )

    # Use in graphs

    def alias(self, name: str) -> "PendingNodeInvocation":
        """The op under another name, to be called in a graph."""
        return self._pending(alias=name)

    def tag(self, tags: Mapping[str, Any] | None) -> "PendingNodeInvocation":
        """The op with these tags too, to be called in a graph."""
        return self._pending(tags=tags)

    def with_hooks(self, hook_defs: AbstractSet[Any]) -> "PendingNodeInvocation":
        """The op with these hooks too, to be called in a graph."""
        return self._pending().with_hooks(hook_defs)

    def with_retry_policy(self, retry_policy: Any) -> "PendingNodeInvocation":
        """The op with this retry policy, to be called in a graph."""
        return self._pending(retry_policy=retry_policy)

    def _pending(
        self, alias: str | None = None, tags: Mapping[str, Any] | None = None, retry_policy: Any = None
    ) -> "PendingNodeInvocation":
        made: PendingNodeInvocation = open_door("pending_invocation")(self, alias, tags, None, retry_policy)
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return open_door("call_definition")(self, args, kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


OpDefinition.__doc__ = DocOf(OpDefinition.__doc__, "compute_fn")  # type: ignore[assignment]


@overload
def op(compute_fn: Callable[..., Any], /) -> OpDefinition: ...


@overload
def op(
    compute_fn: None = ...,
    *,
    name: str | None = ...,
    description: str | None = ...,
    ins: Mapping[str, In] | None = ...,
    out: Out | Mapping[str, Out] | None = ...,
    config_schema: Any = ...,
    required_resource_keys: Iterable[str] | None = ...,
    tags: Mapping[str, Any] | None = ...,
    version: str | None = ...,
    retry_policy: Any = ...,
    code_version: str | None = ...,
    pool: str | None = ...,
    timeout: Any = ...,
) -> Callable[[Callable[..., Any]], OpDefinition]: ...


def op(
    compute_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, In] | None = None,
    out: Out | Mapping[str, Out] | None = None,
    config_schema: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, Any] | None = None,
    version: str | None = None,
    retry_policy: Any = None,
    code_version: str | None = None,
    pool: str | None = None,
    timeout: Any = None,
) -> Any:
    """Make a function an op: a step that jobs and graphs call.

    Args:
        name: where not given, the function's name.
        ins: inputs by parameter name.
        out: one `Out`, or several by name.
        timeout: seconds, or a timedelta.

    Example:
        >>> from treadle import op
        >>> @op
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> double.name
        'double'
    """

    def decorate(function: Callable[..., Any]) -> OpDefinition:
        where = where_of(function)
        check_type("ins", ins, Mapping, "a mapping of names to Ins")
        for given in (ins or NO_ITEMS).values():
            check_type("ins", given, In, "a mapping of names to Ins")
        op_name = check_op_name(name if name is not None else function.__name__, where)
        parameters = read_parameters(function)
        refuse_parameters(op_name, function, parameters, ins or NO_ITEMS, where)
        is_generator = yields(function)
        if out is None and not is_generator:
            refuse_lone_dynamic(op_name, parameters.returns, where)
        return OpDefinition(
            function,
            op_name,
            ins=ins,
            outs=outs_of(out, parameters, where, is_generator=is_generator),
            description=description,
            config_schema=config_schema,
            required_resource_keys=required_resource_keys,
            tags=check_run_tags(tags),
            version=version,
            retry_policy=retry_policy,
            code_version=code_version,
            pool=pool,
            timeout=timeout,
            parameters=parameters,
        )

    return decorate if compute_fn is None else decorate(compute_fn)


def docstring_of(function: Any) -> str | None:
    """A function's own docstring, cleaned of indentation."""
    text = getattr(innermost(function), "__doc__", None)
    return cleandoc(text) if text else None
