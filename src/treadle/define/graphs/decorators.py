"""`@graph` and `@job`: a function that calls ops says what is connected to what."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, overload

from treadle.core.errors import InvalidDefinitionError, TreadleError, wrong_type
from treadle.define.arguments import check_function, check_mapping
from treadle.define.graphs.composing import Composition, compose
from treadle.define.graphs.dependencies import GraphIn, GraphOut
from treadle.define.graphs.graph_definition import GraphDefinition
from treadle.define.job_definition import JobDefinition
from treadle.define.op import docstring_of
from treadle.define.parameters import raw_parameters
from treadle.define.where import where_of


@overload
def graph(compose_fn: Callable[..., Any], /) -> GraphDefinition: ...


@overload
def graph(
    compose_fn: None = ...,
    *,
    name: str | None = ...,
    description: str | None = ...,
    input_defs: Any = ...,
    output_defs: Any = ...,
    ins: Mapping[str, GraphIn] | None = ...,
    out: GraphOut | Mapping[str, GraphOut] | None = ...,
    tags: Mapping[str, Any] | None = ...,
    config: Any = ...,
) -> Callable[[Callable[..., Any]], GraphDefinition]: ...


def graph(
    compose_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    input_defs: Any = None,
    output_defs: Any = None,
    ins: Mapping[str, GraphIn] | None = None,
    out: GraphOut | Mapping[str, GraphOut] | None = None,
    tags: Mapping[str, Any] | None = None,
    config: Any = None,
) -> Any:
    """Make a function that calls ops a graph. It runs once, now; its parameters are the graph's inputs.

    Args:
        name: where not given, the function's name.
        ins: what should be known about its inputs.
        out: one GraphOut, or several by name where it returns several outputs.
        tags: of the jobs made of it.
        config: a ConfigMapping, or the config of its ops.

    Raises:
        InvalidDefinitionError: a call that does not fit.

    Example:
        >>> from treadle import graph, op
        >>> @op
        ... def double(number):
        ...     return 2 * number
        >>> @graph
        ... def fourfold(number):
        ...     return double(double(number))
        >>> fourfold.execute_in_process(input_values={"number": 3}).output_value()
        12
    """

    def decorate(function: Callable[..., Any]) -> GraphDefinition:
        return composed_graph(
            function,
            name=name or function.__name__,
            description=description,
            ins=ins,
            out=out,
            tags=tags,
            config=config,
        )

    if input_defs or output_defs:
        raise InvalidDefinitionError(
            "`input_defs` and `output_defs` belong to an older API.", hint="use `ins` and `out`"
        )
    return decorate if compose_fn is None else decorate(check_function("compose_fn", compose_fn))


def composed_graph(
    function: Callable[..., Any],
    *,
    name: str,
    description: str | None = None,
    ins: Mapping[str, Any] | None = None,
    out: GraphOut | Mapping[str, GraphOut] | None = None,
    tags: Mapping[str, Any] | None = None,
    config: Any = None,
    what: str = "@graph",
) -> GraphDefinition:
    """The graph that a function says, by being called once.

    Args:
        function: calls ops and graphs.
        what: the decorator, for messages.
    """
    where = where_of(function)
    try:
        inputs = _inputs_of(
            function, name, check_mapping("ins", ins, "a mapping of parameter names to GraphIns"), what
        )
        composition = Composition(name, what, where)
        returned = compose(function, composition, inputs)
        mappings = composition.output_mappings(returned, _declared(out))
        composition.warn_of_uncalled()
        return GraphDefinition(
            name,
            description=description if description is not None else docstring_of(function),
            node_defs=_each_once(composition),
            dependencies=composition.dependencies,
            input_mappings=sorted(
                composition.input_mappings, key=lambda mapping: list(inputs).index(mapping.graph_input_name)
            ),
            output_mappings=mappings,
            config=config,
            tags=tags,
            input_assets=composition.input_assets,
            composition_fn=function,
            graph_inputs=inputs,
        )
    except TreadleError as error:
        error.where = error.where or where
        raise


def _each_once(composition: Composition) -> list[Any]:
    found: dict[str, Any] = {}
    for node, definition in composition.node_defs.items():
        known = found.setdefault(definition.name, definition)
        if known is not definition:
            raise InvalidDefinitionError(
                f"{composition.what} `{composition.name}` calls two different ops or graphs named "
                f"`{definition.name}` (the second as `{node}`).",
                code="duplicate-key",
                hint="give one of them another name: `@op(name=…)`",
                where=composition.where,
            )
    return list(found.values())


def _inputs_of(function: Any, name: str, declared: Mapping[str, Any], what: str) -> dict[str, Any]:
    raw, _, var_keyword = raw_parameters(function)
    names = [parameter.name for parameter in raw]
    unknown = [given for given in declared if given not in names]
    if unknown and not var_keyword:
        raise InvalidDefinitionError(
            f"{what} `{name}` has an input `{unknown[0]}` that is no parameter of its function.",
            code="unknown-input",
            hint=f"add a parameter `{unknown[0]}`",
        )
    return {parameter: declared.get(parameter) for parameter in (*names, *unknown)}


def _declared(out: Any) -> Mapping[str, Any] | None:
    if out is None:
        return None
    if isinstance(out, GraphOut):
        return {"result": out}
    if not isinstance(out, Mapping) or not all(isinstance(name, str) for name in out):
        raise wrong_type("out", "a GraphOut, or a mapping of names to GraphOuts", out)
    return out


@overload
def job(compose_fn: Callable[..., Any], /) -> JobDefinition: ...


@overload
def job(
    compose_fn: None = ...,
    *,
    name: str | None = ...,
    description: str | None = ...,
    resource_defs: Mapping[str, Any] | None = ...,
    config: Any = ...,
    tags: Mapping[str, Any] | None = ...,
    run_tags: Mapping[str, Any] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    logger_defs: Mapping[str, Any] | None = ...,
    executor_def: Any = ...,
    hooks: AbstractSet[Any] | None = ...,
    op_retry_policy: Any = ...,
    partitions_def: Any = ...,
    input_values: Mapping[str, Any] | None = ...,
    owners: Sequence[str] | None = ...,
    timeout: Any = ...,
) -> Callable[[Callable[..., Any]], JobDefinition]: ...


def job(
    compose_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    config: Any = None,
    tags: Mapping[str, Any] | None = None,
    run_tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    logger_defs: Mapping[str, Any] | None = None,
    executor_def: Any = None,
    hooks: AbstractSet[Any] | None = None,
    op_retry_policy: Any = None,
    partitions_def: Any = None,
    input_values: Mapping[str, Any] | None = None,
    owners: Sequence[str] | None = None,
    timeout: Any = None,
) -> Any:
    """Make a function that calls ops a job. The function runs once, now, to say what is connected to what.

    Args:
        name: where not given, the function's name.
        resource_defs: key -> resource, or any object; the code location's where not given.
        config: run config (a dict or a RunConfig), a ConfigMapping, or a PartitionedConfig.
        tags: of the job; also of its runs, unless `run_tags` is given.
        executor_def: in place of the code location's.
        hooks: for every step.
        op_retry_policy: for steps that have none of their own.
        partitions_def: how its runs are partitioned.
        input_values: values of the function's parameters.
        timeout: seconds, or a timedelta, that a run may take.

    Raises:
        InvalidDefinitionError: a call that does not fit.

    Example:
        >>> from treadle import job, op
        >>> @op
        ... def one():
        ...     return 1
        >>> @op
        ... def double(number):
        ...     return 2 * number
        >>> @job
        ... def numbers():
        ...     double(one())
        >>> numbers.execute_in_process().output_for_node("double")
        2
    """

    def decorate(function: Callable[..., Any]) -> JobDefinition:
        job_name = name or function.__name__
        return JobDefinition(
            graph_def=composed_graph(function, name=job_name, description=description, what="@job"),
            name=job_name,
            description=description if description is not None else docstring_of(function),
            resource_defs=resource_defs,
            config=config,
            tags=tags,
            run_tags=run_tags,
            metadata=metadata,
            logger_defs=logger_defs,
            executor_def=executor_def,
            hook_defs=hooks,
            op_retry_policy=op_retry_policy,
            partitions_def=partitions_def,
            input_values=input_values,
            owners=owners,
            timeout=timeout,
        )

    return decorate if compose_fn is None else decorate(check_function("compose_fn", compose_fn))
