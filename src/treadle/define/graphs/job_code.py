"""The `Code` of a job of ops: what a run of it needs, in the shape that runs of assets have."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, get_origin

import msgspec

from treadle.core.catalog import AssetNode, Catalog
from treadle.core.errors import InvalidDefinitionError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.core.op_graph import NodeInput, Unconnected
from treadle.core.problem import Problem
from treadle.define.code import Code
from treadle.define.doors import open_door
from treadle.define.graphs.flatten import FlatGraph
from treadle.define.op import OpDefinition
from treadle.define.parameters import NO_ANNOTATION
from treadle.define.resources.definition import coerce_resource
from treadle.define.types import ANY, resolve_type
from treadle.define.validation.names import Suggestions
from treadle.define.validation.resources import missing_of_hook

if TYPE_CHECKING:
    from treadle.define.job_definition import JobDefinition

_BUILTINS: Final = (int, str, bool, float, list, dict, tuple, set)


def code_of_graph(job: "JobDefinition", location: Code | None) -> Code:
    """The code of a job of ops.

    Args:
        job: the job.
        location: the code location that it belongs to, whose resources, loggers, executor and assets it finds.
    """
    flat = job.flat
    assets = dict(assets_as_external(location)) if location is not None else {}
    for key, given in flat.assets.items():
        if key not in assets:
            assets[key] = asset_node_of(given)
    catalog = Catalog(
        assets=assets,
        computations={node.path: node.computation for node in flat.graph.nodes},
        resources=dict(location.catalog.resources) if location is not None else {},
    )
    return Code(
        catalog=catalog,
        assets_defs={},
        ops=dict(flat.ops),
        resources=resources_of_job(job, location),
        jobs={job.name: job},
        loggers={**(location.loggers if location is not None else {}), **job.logger_defs},
        executor=location.executor if location is not None else None,
        origin=location.origin if location is not None else None,
    )


def resources_of_job(job: "JobDefinition", location: Code | None) -> dict[str, Any]:
    """Key -> ResourceDefinition: the location's, the job's own before them, and those that assets bring."""
    found = dict(location.resources) if location is not None else {}
    found.update({key: coerce_resource(value) for key, value in job.resource_overrides.items()})
    for given in job.flat.assets.values():
        for name, value in (getattr(given, "resource_defs", None) or {}).items():
            if name not in found:
                found[name] = coerce_resource(value)
    return found


def assets_as_external(location: Code) -> dict[AssetKey, AssetNode]:
    """The assets of a code location, for runs that make none of them: each with its partitions, without a maker."""
    if location.external_assets is None:
        catalog = location.catalog
        found: dict[AssetKey, AssetNode] = {}
        for key, node in catalog.assets.items():
            if node.computation is None:
                found[key] = node
                continue
            spec, partitions = node.spec, catalog.partitions_def_of(key)
            if partitions is not spec.partitions_def:
                spec = spec.replace_attributes(partitions_def=partitions)
            found[key] = msgspec.structs.replace(
                node, spec=spec, kind="external", computation=None, output=None
            )
        location.external_assets = found
    return location.external_assets


def asset_node_of(given: Any) -> AssetNode:
    """An asset that an op loads, as the catalog has it: who makes it is not known here."""
    key: AssetKey = given.key
    if hasattr(given, "get_asset_spec"):
        spec = given.get_asset_spec(key)
        if spec.partitions_def is None and given.partitions_def is not None:
            spec = spec.replace_attributes(partitions_def=given.partitions_def)
        output = next((one for one in given.outputs if one.asset_key == key), None)
        manager = output.io_manager_key if output is not None else None
    elif hasattr(given, "to_spec"):
        spec, manager = given.to_spec(), given.io_manager_key
    else:
        spec, manager = given, getattr(given, "io_manager_key", None)
    return AssetNode(spec=spec, kind="external", io_manager_key=manager or "io_manager")


def refuse_unfed_inputs(job: str, flat: FlatGraph) -> None:
    """Raise where an input can get no value: nothing is connected, and no config can give one.

    Raises:
        InvalidDefinitionError: with every such input.
    """
    unfed = [
        (node, item)
        for node in flat.graph.nodes
        for item in node.inputs
        if not _is_fed(item, flat.ops[node.path])
    ]
    if not unfed:
        return
    node = unfed[0][0]
    names = ", ".join(f"input `{one.name}` of `{each.path}`" for each, one in unfed)
    raise InvalidDefinitionError(
        f"job `{job}`: {names} can get no value: nothing is connected to it, and run config cannot give one of its type.",
        code="unknown-input",
        hint="pass it the output of an op, give it a default value or an input manager, or its type a loader",
        where=flat.ops[node.path].where,
    )


def _is_fed(item: NodeInput, op: OpDefinition) -> bool:
    if not isinstance(item.source, Unconnected) or not item.loads_value:
        return True
    declared = op.ins[item.name]
    return (
        declared.has_default_value
        or declared.input_manager_key is not None
        or declared.asset_key is not None
        or can_be_configured(declared.dagster_type)
    )


def can_be_configured(annotation: Any) -> bool:
    """Whether run config can give a value of the type: plain values, and types with a loader."""
    if annotation is NO_ANNOTATION or annotation is Any or get_origin(annotation) is not None:
        return True
    if any(annotation is builtin for builtin in _BUILTINS):
        return True
    known = resolve_type(annotation)
    if known is ANY or known.loader is not None:
        return True
    return not isinstance(annotation, type) and known.is_builtin


def refuse_missing_of_own(job: "JobDefinition") -> None:
    """Raise where a job is given resources, and not all that its ops and hooks need: its code location cannot add to them.

    Raises:
        DefinitionsError: with every one that is missing.
    """
    resources = resources_of_job(job, None)
    problems = list(missing_resources_of_job(job, resources))
    for hook in sorted(job.hooks, key=_name_of):
        problems += missing_of_hook(hook, f"job `{job.name}`", resources, _suggestions(resources))
    if problems:
        raise open_door("problems_error")(problems)


def missing_resources_of_job(
    job: "JobDefinition", resources: Mapping[str, Any], paths: Collection[str] | None = None
) -> Iterator[Problem]:
    """A problem for each resource that an op of the job, or a hook in it, asks for and nobody provides.

    Args:
        resources: those of the job, its code location's included.
        paths: only these ops.
    """
    for node in job.flat.graph.nodes:
        if paths is not None and node.path not in paths:
            continue
        computation = node.computation
        keys = {key: "resource" for key in computation.resource_keys}
        for output in computation.outputs:
            if output.stores_value:
                keys[output.io_manager_key] = "IO manager"
        for item in computation.inputs:
            if item.io_manager_key is not None:
                keys[item.io_manager_key] = "input manager"
        for key, what in sorted(keys.items()):
            if key not in resources and key != "io_manager":
                yield Problem(
                    code="unknown-resource" if what == "resource" else "missing-io-manager",
                    message=f"op `{node.path}` of job `{job.name}` needs the {what} `{key}`, which nobody provides.",
                    where=computation.where or job.where,
                    suggestion=did_you_mean(key, resources) or f"add `{key}` to `resources`",
                )
        for hook in sorted(job.flat.ops[node.path].hooks - job.hooks, key=_name_of):
            subject = f"op `{node.path}` of job `{job.name}`"
            yield from missing_of_hook(hook, subject, resources, _suggestions(resources))


def _suggestions(resources: Mapping[str, Any]) -> Suggestions:
    return Suggestions(lambda: resources)


def _name_of(hook: Any) -> str:
    return str(hook.name)
