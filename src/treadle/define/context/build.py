"""Contexts for direct calls and unit tests: no run, nothing recorded, everything readable afterwards."""

import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from treadle.core.deprecation import tell_caller
from treadle.core.errors import InvalidInvocationError
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.define.config.problems import ConfigProblems
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.context.asset_context import AssetCheckExecutionContext, AssetExecutionContext
from treadle.define.context.hook_context import HookContext
from treadle.define.context.input_context import InputContext
from treadle.define.context.log import StepLogger, ToConsoleIfAlone
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.context.output_context import OutputContext
from treadle.define.context.step_state import KeyList, PartitionView, StepState
from treadle.define.resources.context import InstanceInMemory
from treadle.define.resources.definition import resolve_against
from treadle.define.resources.opening import GivenResources, Resources, open_given_resources

if TYPE_CHECKING:
    from treadle.core.events import LogData
    from treadle.core.ports import InstancePort


def build_op_context(
    resources: Mapping[str, Any] | None = None,
    op_config: Any = None,
    resources_config: Mapping[str, Any] | None = None,
    instance: "InstancePort | None" = None,
    config: Any = None,
    partition_key: str | None = None,
    partition_key_range: PartitionKeyRange | None = None,
    mapping_key: str | None = None,
    run_tags: Mapping[str, str] | None = None,
    event_loop: Any = None,
) -> OpExecutionContext:
    """A context with which an op can be called directly.

    Args:
        resources: key -> resource definition, resource object or any value. With resources that are generators
            use the context in a `with` statement, so that they are closed.
        op_config: the op's config (`config` is another name).
        resources_config: config of the resources that take some.
        instance: what `context.instance` gives; an in-memory one by default.
        partition_key: the run's partition.
        partition_key_range: the run's range of partitions, in place of `partition_key`.
        mapping_key: what `get_mapping_key` gives.
        run_tags: the run's tags.
        event_loop: kept for callers of the peer's name; coroutine functions are called as they are.

    Raises:
        InvalidConfigError: the resources' config does not fit.

    Example:
        >>> build_op_context(resources={"table": "orders"}).resources.table
        'orders'
    """
    state = _direct_state(resources, resources_config, instance, partition_key, partition_key_range, run_tags)
    state.op_config = config if op_config is None else op_config
    state.mapping_key = mapping_key
    return OpExecutionContext(state)


def build_asset_context(
    resources: Mapping[str, Any] | None = None,
    resources_config: Mapping[str, Any] | None = None,
    asset_config: Any = None,
    instance: "InstancePort | None" = None,
    partition_key: str | None = None,
    partition_key_range: PartitionKeyRange | None = None,
    run_tags: Mapping[str, str] | None = None,
    event_loop: Any = None,
) -> AssetExecutionContext:
    """A context with which an asset can be called directly.

    Args: as of `build_op_context`; `asset_config` is the asset's config.

    Example:
        >>> context = build_asset_context(partition_key="2024-01-01", run_tags={"team": "sales"})
        >>> context.partition_key, context.get_tag("team")
        ('2024-01-01', 'sales')
    """
    state = _direct_state(resources, resources_config, instance, partition_key, partition_key_range, run_tags)
    state.op_config = asset_config
    return AssetExecutionContext(state)


def build_asset_check_context(
    resources: Mapping[str, Any] | None = None,
    resources_config: Mapping[str, Any] | None = None,
    asset_config: Any = None,
    instance: "InstancePort | None" = None,
) -> AssetCheckExecutionContext:
    """A context with which an asset check can be called directly. Args: as of `build_asset_context`."""
    state = _direct_state(resources, resources_config, instance, None, None, None)
    state.op_config = asset_config
    return AssetCheckExecutionContext(state)


def build_hook_context(
    resources: Mapping[str, Any] | None = None,
    op: Any = None,
    run_id: str | None = None,
    job_name: str | None = None,
    op_exception: BaseException | None = None,
    instance: "InstancePort | None" = None,
) -> HookContext:
    """A context with which a hook can be called directly.

    Args:
        op: the op that the hook is told about.
        op_exception: what that op raised; None after success.
    """
    state = _direct_state(resources, None, instance, None, None, None)
    state.op = op
    state.step_key = op.name if op is not None else ""
    state.job_name = job_name or ""
    if run_id is not None:
        state.run = Run(run_id=run_id, job_name=job_name or "", status=RunStatus.STARTED)
    return HookContext(state, exception=op_exception)


def build_output_context(
    step_key: str | None = None,
    name: str | None = None,
    definition_metadata: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    mapping_key: str | None = None,
    config: Any = None,
    dagster_type: Any = None,
    version: str | None = None,
    resource_config: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    op_def: Any = None,
    asset_key: Any = None,
    partition_key: str | None = None,
    asset_partitions_def: Any = None,
    asset_partition_key_range: PartitionKeyRange | None = None,
    instance: "InstancePort | None" = None,
    asset_spec: Any = None,
    metadata: Mapping[str, Any] | None = None,
    output_metadata: Mapping[str, Any] | None = None,
) -> OutputContext:
    """A context with which `IOManager.handle_output` can be called directly.

    Args: the attributes of `OutputContext` by name; `metadata` is the old name of `definition_metadata`.

    Example:
        >>> build_output_context(step_key="load", name="result", run_id="r1").get_identifier()
        ['r1', 'load', 'result']
    """
    if metadata is not None:
        tell_caller("`metadata` of build_output_context is deprecated: write `definition_metadata`.")
    opened = open_given_resources(resources or {}, None, instance)
    asset_view, run_view = _storage_views(
        partition_key, asset_partition_key_range, asset_partitions_def, asset_key
    )
    context = OutputContext(
        step_key=step_key,
        name=name,
        definition_metadata=definition_metadata or metadata or {},
        run_id=run_id,
        mapping_key=mapping_key,
        config=config,
        dagster_type=dagster_type,
        version=version,
        resource_config=resource_config,
        resources=opened.resources,
        op_def=op_def,
        asset_key=_key_or_none(asset_key if asset_key is not None else getattr(asset_spec, "key", None)),
        asset_partitions=asset_view,
        run_partitions=run_view,
        asset_spec=asset_spec,
        instance=instance,
        output_metadata=output_metadata or {},
        log=_direct_log(),
    )
    context._close = _closing(context, opened)
    return context


def build_input_context(
    name: str | None = None,
    config: Any = None,
    definition_metadata: Mapping[str, Any] | None = None,
    upstream_output: OutputContext | None = None,
    dagster_type: Any = None,
    resource_config: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    op_def: Any = None,
    step_context: Any = None,
    asset_key: Any = None,
    partition_key: str | None = None,
    asset_partition_key_range: PartitionKeyRange | None = None,
    asset_partitions_def: Any = None,
    instance: "InstancePort | None" = None,
    metadata: Mapping[str, Any] | None = None,
) -> InputContext:
    """A context with which `IOManager.load_input` can be called directly.

    Args: the attributes of `InputContext` by name; `metadata` is the old name of `definition_metadata`.
    """
    if metadata is not None:
        tell_caller("`metadata` of build_input_context is deprecated: write `definition_metadata`.")
    opened = open_given_resources(resources or {}, None, instance)
    asset_view, run_view = _storage_views(
        partition_key, asset_partition_key_range, asset_partitions_def, asset_key
    )
    context = InputContext(
        name=name,
        config=config,
        definition_metadata=definition_metadata or metadata or {},
        upstream_output=upstream_output,
        dagster_type=dagster_type,
        resource_config=resource_config,
        resources=opened.resources,
        op_def=op_def,
        asset_key=_key_or_none(asset_key),
        asset_partitions=asset_view,
        run_partitions=run_view,
        instance=instance,
        log=_direct_log(),
    )
    context._close = _closing(context, opened)
    return context


def bind_direct_call(context: OpExecutionContext, op: Any, assets_def: Any) -> StepState:
    """Tell a built context which definition it is called with, so that its questions about that can be answered.

    A context may be used for several calls: it always speaks of the latest.

    Raises:
        InvalidConfigError: the context's config does not fit the definition's `config_schema`.
    """
    state = context.step_state
    if state.given_config is None:
        state.given_config = (state.op_config,)
    (state.op_config,) = state.given_config
    if op.has_config and op.parameters.config_class is None:
        state.op_config = _completed_config(op, state.op_config)
    state.op, state.assets_def, state.step_key = op, assets_def, op.name
    state.own_tags, state.given_outputs = op.tags, set()
    state.run_config = _direct_run_config(state, op)
    state.selected_outputs = tuple(op.outs)
    state.selected_assets = frozenset(assets_def.keys) if assets_def is not None else frozenset()
    state.selected_checks = (
        frozenset(spec.key for spec in assets_def.check_specs) if assets_def is not None else frozenset()
    )
    definition = assets_def.partitions_def if assets_def is not None else None
    if definition is not None and state.partitions is not None and state.partitions.definition is None:
        state.partitions = _resolve_view(state.partitions, definition)
    return state


def _direct_run_config(state: StepState, op: Any) -> dict[str, Any]:
    """The run config that a run with the same config would have had."""
    config: dict[str, Any] = {"resources": state.resources_config}
    if state.op_config is not None:
        config["ops"] = {op.name: {"config": state.op_config}}
    return config


def open_resources_of_call(
    state: StepState, op: Any, assets_def: Any, arguments: Mapping[str, Any]
) -> Callable[[], None]:
    """Give a call what its context was built with, without what an earlier call added, and what comes with the call.

    Args:
        arguments: key -> what the call was given for a resource's parameter; it stands before what the definition
            brings.

    Returns:
        What closes all that the context holds open. Without it, that is closed when the context is gone.

    Raises:
        InvalidInvocationError: the context has resources, and the call was given some or the definition brings one
            of them.
        InvalidConfigError: a resource's config does not fit; has every path.
        ResourceFunctionError: setting one up raised.
    """
    if state.given_resources is None:
        state.given_resources = state.resources
    given = state.resources = state.given_resources
    if arguments and any(given):
        raise _given_in_both(op, arguments, given)
    brought = getattr(assets_def, "resource_defs", None) or {}
    own = {key: brought[key] for key in brought if key in op.required_resource_keys}
    twice = next((key for key in own if key in given), None)
    if twice is not None:
        raise InvalidInvocationError(
            f"the resource `{twice}` is given by the context, and `{op.name}` brings its own.",
            hint="leave it out of the context, or take the definition's own away",
            where=op.where,
        )
    if own or arguments:
        instance = state.instance_in_memory if state.instance is None else state.instance
        opened = open_given_resources({**own, **arguments}, None, instance)
        state.resources = Resources(
            {**given.original_resource_dict, **opened.resources.original_resource_dict}
        )
        state.close = _both(_closing(state, opened), state.close)
    return state.close or _nothing


def _given_in_both(op: Any, arguments: Mapping[str, Any], given: Resources) -> InvalidInvocationError:
    twice = next((key for key in arguments if key in given), None)
    what = (
        f"the resource `{twice}` twice: as an argument, and by its context"
        if twice is not None
        else f"some resources as arguments ({', '.join(arguments)}) and some by its context ({', '.join(given)})"
    )
    return InvalidInvocationError(
        f"`{op.name}` was given {what}.", hint="give all of them in one place", where=op.where
    )


def _both(first: Callable[[], object], second: Callable[[], object] | None) -> Callable[[], None]:
    def close() -> None:
        first()
        if second is not None:
            second()

    return close


def _nothing() -> None:
    """Closes nothing."""


def _completed_config(op: Any, given: Any) -> Any:
    """Config against a `config_schema`, defaults filled in; a config class is made by the caller."""
    problems = ConfigProblems()
    completed = resolve_against(
        op.config_schema, NOT_GIVEN if given is None else given, ("ops", op.name, "config"), problems
    )
    problems.raise_any(f"config of `{op.name}`")
    return completed


def _direct_state(
    resources: Mapping[str, Any] | None,
    resources_config: Mapping[str, Any] | None,
    instance: "InstancePort | None",
    partition_key: str | None,
    partition_key_range: PartitionKeyRange | None,
    run_tags: Mapping[str, str] | None,
) -> StepState:
    in_memory = InstanceInMemory()
    seen = in_memory if instance is None else instance
    opened = open_given_resources(resources or {}, resources_config, seen)
    run = None
    if run_tags is not None:
        run = Run(run_id="EPHEMERAL", job_name="", status=RunStatus.STARTED, tags=dict(run_tags))
    state = StepState(
        run=run,
        instance=instance,
        instance_in_memory=in_memory,
        log=_direct_log(),
        resources=opened.resources,
        resources_config=resources_config or {},
        partitions=_given_view(partition_key, partition_key_range, None),
    )
    state.close = _closing(state, opened)
    return state


def _closing(owner: Any, opened: GivenResources) -> Callable[[], None]:
    """Closes what was opened: when it is called, else when `owner` is gone."""
    return weakref.finalize(owner, opened.close)


def _given_view(
    partition_key: str | None, key_range: PartitionKeyRange | None, definition: Any
) -> PartitionView | None:
    if partition_key is not None:
        view = PartitionView(definition, KeyList([partition_key]))
        return view if definition is None else _resolve_view(view, definition)
    if key_range is None:
        return None
    view = PartitionView(definition, KeyList([key_range.start, key_range.end]), is_range=True)
    return view if definition is None else _resolve_view(view, definition)


def _resolve_view(view: PartitionView, definition: Any) -> PartitionView:
    """With the definition known, a range of two ends becomes all keys between them."""
    if not view.is_range:
        keys = view.keys
        if isinstance(definition, MultiPartitionsDefinition):
            keys = KeyList(definition.get_partition_key_from_str(key) for key in keys)
        return PartitionView(definition, keys)
    ends = PartitionKeyRange(view.keys.first_key, view.keys.last_key)
    return PartitionView(definition, KeyList(definition.get_partition_keys_in_range(ends)), is_range=True)


def _storage_views(
    partition_key: str | None, key_range: PartitionKeyRange | None, definition: Any, asset_key: Any
) -> tuple[PartitionView | None, PartitionView | None]:
    """Views of the asset's partitions and of the run's, from what a test gave."""
    view = _given_view(partition_key, key_range, definition)
    return (view if asset_key is not None else None), _given_view(partition_key, None, definition)


def _key_or_none(key: Any) -> AssetKey | None:
    return None if key is None else AssetKey.from_coercible(key)


def _direct_log() -> StepLogger:
    def keep_nothing(level: int, message: str, data: "LogData | None") -> None:
        """No run, so nothing to record."""

    return StepLogger(keep_nothing, handlers=[ToConsoleIfAlone("treadle.direct")])
