"""The verbs that lead upstairs: what a definition can do that a higher room carries out. The one declared exception
to the rule that imports point down."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, Final

from treadle._loading import load

DOORS: Final[dict[str, str]] = {
    "invoke": "treadle.run.invoke:invoke",
    "execute_in_process": "treadle.run.execute:execute_job_in_process",
    "materialize": "treadle.run.materialize:materialize",
    "call_asset_sensor": "treadle.run.ticks.asset_events:call_for_what_is_new",
    "evaluate_tick": "treadle.run.ticks.evaluate:evaluate_tick",
    "load_asset_value": "treadle.run.load_asset_value:load_asset_value",
    "normalize_config_schema": "treadle.define.config.schema:normalize_config_schema",
    "op_config_field": "treadle.define.config.op_config:op_config_field",
    "check_config_class": "treadle.define.config.class_schema:check_config_class",
    "check_config_annotation": "treadle.define.config.op_config:check_config_annotation",
    "configured_field": "treadle.define.config.configured:configured_field",
    "build_hook_context": "treadle.define.context.build:build_hook_context",
    "build_init_resource_context": "treadle.define.resources.building:build_init_resource_context",
    "call_definition": "treadle.define.graphs.invocation:call_definition",
    "call_asset": "treadle.define.graphs.invocation:call_asset",
    "pending_invocation": "treadle.define.graphs.invocation:PendingNodeInvocation",
    "examine": "treadle.define.build_catalog:examine",
    "refuse": "treadle.define.build_catalog:refuse",
    "implicit_job": "treadle.define.job_of_assets:implicit_job",
    "job_of_assets": "treadle.define.job_of_assets:job_of_assets",
    "resolve_partition_request": "treadle.define.partition_requests:resolve_partition_request",
    "call_schedule": "treadle.define.context.schedule_context:call_schedule",
    "logger_of_tick": "treadle.define.context.log:logger_of_tick",
    "open_for_tick": "treadle.define.resources.opening:open_for_tick",
    "coerce_selection": "treadle.core.selection.asset_selection:AssetSelection.from_coercible",
    "graph_of_definitions": "treadle.define.build_catalog:graph_of_definitions",
    "assets_of_arguments": "treadle.define.direct_assets:assets_of_arguments",
    "assets_of_op": "treadle.define.op_assets:assets_of_op",
    "assets_of_graph": "treadle.define.graphs.graph_assets:assets_of_graph",
    "graph_of_assets": "treadle.define.graphs.graph_of_assets:graph_of_assets",
    "parts_of_run": "treadle.plan.build:parts_of_run",
    "console_logger": "treadle.define.loggers:colored_console_logger",
    "problems_error": "treadle.define.validation.errors:DefinitionsError.of",
    "wrong_arguments_error": "treadle.define.validation.errors:WrongArgumentsError.of",
    "repository_of": "treadle.define.repository:repository_of",
    "sensors_with_default": "treadle.define.default_automation:sensors_with_default",
    "lasting_resources": "treadle.define.resources.lasting:LastingResources",
    "described": "treadle.define.docstrings:described",
    "debugger": "treadle.define.context.debugger:debugger",
    "default_io_manager": "treadle.run.resource_needs:default_io_manager",
    "ephemeral_instance": "treadle.store.instance:Instance.ephemeral",
}


@cache
def open_door(name: str) -> Callable[..., Any]:
    """The function behind a verb, imported on first use.

    Args:
        name: one of `DOORS`.
    """
    module, _, function = DOORS[name].partition(":")
    found: Callable[..., Any] = attrgetter(function)(load(module))
    return found
