"""Config mappings of jobs and graphs: from the config that users write to that of the ops inside."""

from collections.abc import Mapping
from typing import Any

import msgspec

from treadle.define.config.problems import Path
from treadle.define.config.resolve import resolve_run_config
from treadle.define.config.run_config import run_config_dict
from treadle.define.config.scalars import NOT_GIVEN


def with_mapped_config(mapping: Any, graph: Any, run_config: Any) -> Any:
    """Run config in terms of ops and resources.

    Args:
        mapping: the job's ConfigMapping, if it has one.
        graph: the job's GraphDefinition, if it has one.
        run_config: as the user gave it.

    Raises:
        InvalidConfigError: it does not fit a mapping's schema.
    """
    if mapping is not None:
        given = NOT_GIVEN if run_config is None else run_config_dict(run_config)
        run_config = mapping.resolve(given, "the job's config mapping")
    if graph is None or not has_config_mapping(graph):
        return run_config
    plain = run_config_dict(run_config)
    ops = plain.get("ops")
    section = ops if isinstance(ops, Mapping) else {}
    if graph.config_mapping is not None:
        section = graph.config_mapping.resolve(
            section.get("config", NOT_GIVEN), _mapping_of(graph.name), ("ops", "config")
        )
    return {**plain, "ops": _mapped(graph, section, ("ops",))}


def has_config_mapping(graph: Any) -> bool:
    """Whether the config of a graph, or of one inside of it, is mapped."""
    return graph.config_mapping is not None or any(
        node.is_graph and has_config_mapping(node.definition) for node in graph.nodes_by_name.values()
    )


def with_mapped_assets(graphs: Mapping[str, Any], run_config: Any) -> Any:
    """Run config of assets in terms of ops, where graphs with a config mapping make some of them.

    Args:
        graphs: computation -> GraphDefinition.
    """
    if not graphs:
        return run_config
    plain = run_config_dict(run_config)
    section = plain.get("ops")
    found = dict(section) if isinstance(section, Mapping) else {}
    for name, graph in graphs.items():
        _map_node(found, name, graph, ("ops",))
    return {**plain, "ops": found}


def _mapping_of(name: str) -> str:
    return f"the config mapping of graph `{name}`"


def _map_node(found: dict[str, Any], name: str, graph: Any, path: Path) -> None:
    given = found.get(name)
    entry = dict(given) if isinstance(given, Mapping) else {}
    inner = entry.get("ops")
    if graph.config_mapping is not None:
        inner = graph.config_mapping.resolve(
            entry.pop("config", NOT_GIVEN), _mapping_of(name), (*path, name, "config")
        )
    entry["ops"] = _mapped(graph, inner if isinstance(inner, Mapping) else {}, (*path, name, "ops"))
    found[name] = entry


def _mapped(graph: Any, section: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The `ops` section of a graph, the mappings of graphs inside applied."""
    found = dict(section)
    for name, node in graph.nodes_by_name.items():
        if node.is_graph and has_config_mapping(node.definition):
            _map_node(found, name, node.definition, path)
    return found


class OpsAlone(msgspec.Struct, frozen=True):
    """Ops by path, for resolving run config before resources are known."""

    ops: Mapping[str, Any]
    resources: Mapping[str, Any] = msgspec.field(default_factory=dict)


def check_own_config(ops: Mapping[str, Any], run_config: Any) -> None:
    """Refuse config of ops, given with their job, that does not fit them.

    Args:
        ops: path -> op.
        run_config: in terms of ops.

    Raises:
        InvalidConfigError: with every path and reason.
    """
    section = run_config_dict(run_config).get("ops")
    if not isinstance(section, Mapping) or _reads_environment(section):
        return
    named = [path for path in ops if _names(section, path.split("."))]
    resolve_run_config(OpsAlone(ops), named, {"ops": section}, resource_keys=())


def _names(section: Any, path: list[str]) -> bool:
    entry = section.get(path[0]) if isinstance(section, Mapping) else None
    if not isinstance(entry, Mapping):
        return False
    return _names(entry.get("ops"), path[1:]) if len(path) > 1 else "config" in entry


def _reads_environment(value: Any) -> bool:
    """Whether config names environment variables, which need only be set when a run begins."""
    if isinstance(value, Mapping):
        return set(value) == {"env"} or any(map(_reads_environment, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_reads_environment, value))
    return type(value).__name__ in ("EnvVar", "IntEnvVar")
