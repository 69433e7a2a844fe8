"""Hands an output's value to its IO manager."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from treadle.core.asset_events import AssetMaterialization
from treadle.core.catalog import OutputNode
from treadle.core.errors import HandleOutputError, InvariantViolationError, UserCodeExecutionError
from treadle.core.failures import Failure, RetryRequested
from treadle.core.metadata_entries import event_metadata
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import manager_name
from treadle.run.attempt import StepAttempt
from treadle.run.environment import config_of_output, view_of


class OutputStore:
    """Stores the outputs of one attempt of a step."""

    def __init__(self, execution: StepAttempt) -> None:
        self._execution = execution

    def store(
        self,
        node: OutputNode,
        value_type: Any,
        value: Any,
        metadata: Mapping[str, Any],
        mapping_key: str | None,
    ) -> Mapping[str, Any]:
        """Store a value; the metadata that its IO manager added.

        Raises:
            HandleOutputError: the IO manager raised.
        """
        execution = self._execution
        resources = execution.env.resources
        context = self._context(node, value_type, metadata, mapping_key)
        manager = resources.get(node.io_manager_key)
        told: Sequence[Any] = ()
        try:
            answer = manager.handle_output(context, value)
            if answer is not None and inspect.isgenerator(answer):
                told = _events_of(answer, context)
        except (Failure, RetryRequested, UserCodeExecutionError):
            raise
        except Exception as error:
            asset = f" (asset `{node.asset_key.to_user_string()}`)" if node.asset_key is not None else ""
            raise HandleOutputError(
                f"`{node.io_manager_key}` ({manager_name(manager)}) could not store output `{node.name}` of "
                f"`{execution.step.key}`{asset}.",
                step_key=execution.step.key,
                output_name=node.name,
            ) from error
        added = context.get_logged_metadata()
        for event in told:
            context.log_event(_with_metadata(event, added, context) if added else event)
        return event_metadata(added) if added else {}

    def _context(
        self, node: OutputNode, value_type: Any, metadata: Mapping[str, Any], mapping_key: str | None
    ) -> OutputContext:
        execution = self._execution
        env, state = execution.env, execution.state
        spec, own = None, None
        if node.asset_key is not None:
            spec = env.catalog.assets[node.asset_key].spec
            own = execution.partitions.own_of_asset(env.catalog, node.asset_key)
        out = execution.op.outs.get(node.name)
        definition_metadata = (out.metadata if out is not None else None) or {}
        if spec is not None and spec.metadata:
            definition_metadata = {**spec.metadata, **definition_metadata}
        return OutputContext(
            name=node.name,
            step_key=execution.step.key,
            run_id=env.run.run_id,
            job_name=env.job_name,
            mapping_key=mapping_key,
            asset_key=node.asset_key,
            asset_spec=spec,
            asset_partitions=view_of(own),
            run_partitions=execution.run_view,
            definition_metadata=definition_metadata,
            output_metadata=metadata,
            dagster_type=value_type,
            log=state.log,
            resources=env.resources.for_manager(node.io_manager_key),
            resource_config=env.resources.config_of(node.io_manager_key),
            config=env.resources.config_for_output(
                node.io_manager_key,
                node.name,
                config_of_output(env.output_configs.get(execution.step.computation), node.name),
            ),
            op_def=execution.op,
            instance=env.instance,
            step_context=execution.context,
            on_event=state.log_event,
        )


def _events_of(answer: Iterator[Any], context: OutputContext) -> list[Any]:
    """What a manager yields besides metadata; it is told once the value is stored."""
    events = []
    for event in answer:
        if isinstance(event, Mapping):
            context.add_output_metadata(event)
        else:
            events.append(event)
    return events


def _with_metadata(event: Any, added: Mapping[str, Any], context: OutputContext) -> Any:
    """A yielded materialization with the metadata that the manager added.

    Raises:
        InvariantViolationError: it has metadata of its own, so which of the two counts is not known.
    """
    if not isinstance(event, AssetMaterialization):
        return event
    if event.metadata:
        raise InvariantViolationError(
            f"The IO manager of output `{context.name}` yielded a materialization with metadata and added output "
            "metadata too.",
            hint="Say it in one of the two places.",
        )
    return event.with_metadata(added)
