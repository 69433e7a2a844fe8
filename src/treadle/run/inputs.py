"""Loads the inputs of a step: from this run's outputs, from stored assets, from config; and checks their types."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treadle.core.catalog import Computation, InputNode, OutputNode
from treadle.core.errors import (
    InvalidInvocationError,
    InvariantViolationError,
    LoadInputError,
    UserCodeExecutionError,
)
from treadle.core.events import EventType, InputData
from treadle.core.failures import Failure, RetryRequested
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import event_metadata, metadata_to_wire
from treadle.core.values import NOT_GIVEN
from treadle.define.code import Code
from treadle.define.config.problems import ConfigProblems, report_missing_fields
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.graphs.job_code import can_be_configured
from treadle.define.io_manager import manager_name
from treadle.define.types import ANY, resolve_type
from treadle.plan.plan import CollectedFrom, FanIn, FromConfig, FromStep, FromStorage, Step, StepInput
from treadle.run.attempt import StepAttempt
from treadle.run.environment import DEFAULT_IO_MANAGER, InConfig, config_of_output, view_of
from treadle.run.input_config import loaded_value, report_wrong_values
from treadle.run.returned_values import wrong_value

_STEERING = (Failure, RetryRequested)


class InputLoader:
    """Loads the inputs of one attempt of a step."""

    def __init__(self, execution: StepAttempt) -> None:
        self._execution = execution
        self._nodes: dict[str, InputNode] = {node.name: node for node in execution.computation.inputs}

    def load_all(self, items: Sequence[StepInput]) -> dict[str, Any]:
        """The values of all inputs: first each is loaded, then each is checked; their events are recorded.

        Raises:
            LoadInputError: the IO manager raised.
            TypeCheckDidNotPass: a value is not of the declared type.
        """
        values = {item.name: self._load(item) for item in items}
        for item in items:
            self._check(item, values[item.name])
        return values

    def _load(self, item: StepInput) -> Any:
        source = item.source
        if isinstance(source, FanIn):
            return [self._load_source(item, each) for each in source.sources if self._exists(each)]
        return self._load_source(item, source)

    def _load_source(self, item: StepInput, source: Any) -> Any:
        assert not isinstance(source, CollectedFrom)  # spelt out before the step could start
        if isinstance(source, FromConfig):
            return self._unconnected(item, source)
        return self._load_one(item, source)

    def _exists(self, source: Any) -> bool:
        if not isinstance(source, FromStep):
            return True
        given = self._execution.env.given_outputs.get(source.step_key)
        return given is None or source.output in given

    def _unconnected(self, item: StepInput, source: FromConfig) -> Any:
        """The value that was given, else what the input manager loads, else the default."""
        execution = self._execution
        env = execution.env
        found = given_value(env.input_values, execution.computation, item.name, source)
        declared = execution.op.ins.get(item.name)
        node = self._nodes.get(item.name)
        if node is not None and node.io_manager_key is not None and not _is_value(found):
            return self._load_one(item, source)  # what run config says is for the manager
        if found is not NOT_GIVEN:
            return value_from_config(found, declared, execution) if isinstance(found, InConfig) else found
        if declared is not None and declared.has_default_value:
            return declared.default_value
        raise InvariantViolationError(
            f"Input `{item.name}` of `{execution.step.key}` has no value: no asset is connected to it.",
            code="unknown-input",
            where=execution.computation.where,
        )

    def _load_one(self, item: StepInput, source: FromStep | FromStorage | FromConfig) -> Any:
        execution = self._execution
        env = execution.env
        node = self._nodes.get(item.name)
        manager_key = (node.io_manager_key if node is not None else None) or self._manager_key(source)
        context = self._context(item, source, manager_key)
        manager = env.resources.get(manager_key)
        try:
            value = manager.load_input(context)
        except (*_STEERING, UserCodeExecutionError):
            raise
        except Exception as error:
            raise LoadInputError(
                f"`{manager_key}` ({manager_name(manager)}) could not load input `{item.name}` of "
                f"`{execution.step.key}`{_of_asset(item.asset_key)}.",
                step_key=execution.step.key,
                input_name=item.name,
            ) from error
        added = context.get_logged_metadata()
        step_key = source.step_key if isinstance(source, FromStep) else None
        output = source.output if isinstance(source, FromStep) else None
        execution.tell(
            EventType.LOADED_INPUT,
            InputData(
                name=item.name,
                io_manager_key=manager_key,
                upstream_step_key=step_key,
                upstream_output_name=output,
                metadata=metadata_to_wire(event_metadata(added)) if added else {},
            ),
            f"Loaded input {item.name} with {manager_key}",
        )
        return value

    def _manager_key(self, source: FromStep | FromStorage | FromConfig) -> str:
        env = self._execution.env
        if isinstance(source, FromStorage):
            return env.io_manager_key_of(source.asset_key)
        if isinstance(source, FromConfig):
            return DEFAULT_IO_MANAGER
        output = self._output_of(source)
        return output.io_manager_key if output is not None else DEFAULT_IO_MANAGER

    def _asset_of(self, source: FromStep | FromStorage | FromConfig) -> AssetKey | None:
        """Of inputs that fan in, each source may be another asset."""
        if isinstance(source, FromConfig):
            return None
        if isinstance(source, FromStorage):
            return source.asset_key
        output = self._output_of(source)
        return output.asset_key if output is not None else None

    def _output_of(self, source: FromStep) -> OutputNode | None:
        env = self._execution.env
        outputs = env.computation(env.step_named(source.step_key)).outputs
        return next((output for output in outputs if output.name == source.output), None)

    def _context(
        self, item: StepInput, source: FromStep | FromStorage | FromConfig, manager_key: str
    ) -> InputContext:
        execution = self._execution
        env, op = execution.env, execution.op
        declared = op.ins.get(item.name)
        asset_key = item.asset_key if item.asset_key is not None else self._asset_of(source)
        node = env.catalog.assets.get(asset_key) if asset_key is not None else None
        spec_metadata = node.spec.metadata if node is not None else {}
        view = view_of(execution.partitions.inputs.get(item.name))
        resource_config = env.resources.config_of(manager_key)
        upstream = (
            None
            if isinstance(source, FromConfig)
            else OutputContext(
                name=source.output if isinstance(source, FromStep) else "result",
                step_key=source.step_key if isinstance(source, FromStep) else None,
                run_id=self._run_id_of(source),
                job_name=env.job_name,
                mapping_key=source.mapping_key if isinstance(source, FromStep) else None,
                asset_key=asset_key,
                asset_partitions=view,
                run_partitions=execution.run_view,
                asset_spec=node.spec if node is not None else None,
                definition_metadata={**spec_metadata, **self._metadata_of_output(source)},
                log=execution.state.log,
                resources=env.resources.for_manager(manager_key),
                op_def=self._upstream_op(source),
                instance=env.instance,
                resource_config=resource_config,
                config=self._config_of_output(source),
                step_context=execution.context,
            )
        )
        return InputContext(
            name=item.name,
            job_name=env.job_name,
            asset_key=asset_key,
            asset_partitions=view,
            run_partitions=execution.run_view,
            upstream_output=upstream,
            dagster_type=resolve_type(declared.dagster_type) if declared is not None else ANY,
            definition_metadata=(declared.metadata if declared is not None else None) or {},
            log=execution.state.log,
            resources=env.resources.for_manager(manager_key),
            op_def=op,
            instance=env.instance,
            resource_config=resource_config,
            config=env.resources.config_for_input(manager_key, item.name, self._config_of(item)),
            on_event=execution.state.log_event,
        )

    def _config_of(self, item: StepInput) -> Any:
        given = self._execution.env.input_values.get(f"{self._execution.step.computation}:{item.name}")
        return given.config if isinstance(given, InConfig) else None

    def _run_id_of(self, source: FromStep | FromStorage | FromConfig) -> str:
        env = self._execution.env
        if isinstance(source, FromStep):
            return env.earlier_run_ids.get(source.step_key, env.run.run_id)
        return env.run.run_id

    def _config_of_output(self, source: FromStep | FromStorage) -> Any:
        env = self._execution.env
        is_told = env.output_configs or env.resources.takes_config_of_outputs
        if not is_told or not isinstance(source, FromStep):
            return None
        output = self._output_of(source)
        given = config_of_output(
            env.output_configs.get(env.step_named(source.step_key).computation), source.output
        )
        key = output.io_manager_key if output is not None else DEFAULT_IO_MANAGER
        return env.resources.told_config_of_output(key, source.output, given)

    def _metadata_of_output(self, source: FromStep | FromStorage) -> Mapping[str, Any]:
        if isinstance(source, FromStorage):
            return {}
        op = self._upstream_op(source)
        out = op.outs.get(source.output) if op is not None else None
        return (out.metadata if out is not None else None) or {}

    def _upstream_op(self, source: FromStep | FromStorage | FromConfig) -> Any:
        env = self._execution.env
        if isinstance(source, FromStep):
            return env.code.ops[env.step_named(source.step_key).computation]
        if isinstance(source, FromConfig):
            return None
        node = env.catalog.assets.get(source.asset_key)
        return (
            env.code.ops.get(node.computation) if node is not None and node.computation is not None else None
        )

    def _check(self, item: StepInput, value: Any) -> None:
        execution = self._execution
        declared = execution.op.ins.get(item.name)
        wanted = resolve_type(declared.dagster_type) if declared is not None else ANY
        if wanted is ANY:
            data = InputData(name=item.name)
            execution.tell(EventType.STEP_INPUT, data, f"Got input {item.name}")
            return
        check = wanted.check(value, execution.context)
        execution.tell(
            EventType.STEP_INPUT,
            InputData(
                name=item.name,
                type_check_passed=check.success,
                type_name=wanted.display_name,
                type_check_description=check.description,
                type_check_metadata=metadata_to_wire(check.metadata) if check.metadata else {},
            ),
            f"Got input {item.name} of type {wanted.display_name}",
        )
        if not check.success:
            what = f"Input `{item.name}` of `{execution.step.key}`{_of_asset(item.asset_key)}"
            raise wrong_value(what, wanted, check, value, execution.computation.where)


def refuse_wrong_inputs(code: Code, steps: Iterable[Step], given: Mapping[str, Any]) -> None:
    """Refuse to begin where an op's input has no value and run config gives none, or one that is not of its type.

    Raises:
        InvalidConfigError: with every such input.
        InvalidInvocationError: config could not give it either.
    """
    problems = ConfigProblems()
    for step in steps:
        computation = code.catalog.computations[step.computation]
        if computation.kind != "op":
            continue
        op = code.ops[step.computation]
        nodes = {node.name: node for node in computation.inputs}
        for item in step.inputs:
            if not isinstance(item.source, FromConfig):
                continue
            declared = op.ins[item.name]
            if nodes[item.name].io_manager_key is not None:
                continue
            path = [part for name in step.computation.split(".") for part in ("ops", name)]
            found = given_value(given, computation, item.name, item.source)
            if isinstance(found, InConfig):
                wanted = resolve_type(declared.dagster_type)
                report_wrong_values(wanted, found.config, (*path, "inputs", item.name), problems)
            if declared.has_default_value or found is not NOT_GIVEN:
                continue
            if not can_be_configured(declared.dagster_type):
                raise InvalidInvocationError(
                    f"Input `{item.name}` of `{step.key}` has no value, and run config cannot give one of its type.",
                    code="unknown-input",
                    hint="give it in `input_values`",
                    where=computation.where,
                )
            report_missing_fields([item.name], (*path, "inputs"), problems)
    problems.raise_any("run config")


def given_value(given: Mapping[str, Any], computation: Computation, name: str, source: FromConfig) -> Any:
    """What was given for an input that nothing is connected to; `NOT_GIVEN` where nothing was.

    Args:
        given: values and config of inputs: `path:input`, `graph:input`, `:input` of the job itself.
        source: the names under which graphs around the step know the input.
    """
    own = f"{computation.name}:{name}"
    for key in (own, *source.names):
        if key in given:
            return given[key]
    if computation.kind != "op":
        return given.get(f":{name}", NOT_GIVEN)
    return NOT_GIVEN


def _is_value(found: Any) -> bool:
    return found is not NOT_GIVEN and not isinstance(found, InConfig)


def value_from_config(given: InConfig, declared: Any, execution: StepAttempt) -> Any:
    """The value that run config stands for: made by the type's loader, or as it is written.

    Raises:
        InvalidConfigError: it cannot be read.
    """
    wanted = resolve_type(declared.dagster_type) if declared is not None else ANY
    return loaded_value(wanted, given.config, execution.context)


def _of_asset(key: AssetKey | None) -> str:
    return f" (asset `{key.to_user_string()}`)" if key is not None else ""
