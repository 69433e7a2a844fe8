"""Config mappings of jobs and graphs: from the config that users write to that of the ops inside."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from treadle.core.errors import InvalidConfigError
from treadle.define.config.problems import (
    ConfigErrorReason,
    ConfigProblem,
    ConfigProblems,
    Path,
    RefusedSection,
)
from treadle.define.config.resolve import resolve_run_config
from treadle.define.config.run_config import run_config_dict
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.config.schema import Permissive


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
    if graph.config_mapping is None:
        return {**plain, "ops": _with_mapped_nodes(graph, plain.get("ops"), ("ops",))}
    return {**plain, "ops": _mapped_section(graph, plain.get("ops"), ("ops",), ("config",))}


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
    return {**plain, "ops": _with_mapped(graphs, plain.get("ops"), ("ops",))}


def _with_mapped(graphs: Mapping[str, Any], section: Any, path: Path) -> Any:
    """An `ops` section, the mappings of the graphs by name applied."""
    if section is not None and not isinstance(section, Mapping):
        return section  # said to be wrong where the whole is checked
    found = dict(section or {})
    for name, graph in graphs.items():
        found[name] = _mapped_entry(graph, found.get(name), (*path, name))
    return found


def _with_mapped_nodes(graph: Any, section: Any, path: Path) -> Any:
    nodes = graph.nodes_by_name.items()
    mapped = {name: node.definition for name, node in nodes if node.is_graph}
    mapped = {name: inner for name, inner in mapped.items() if has_config_mapping(inner)}
    return _with_mapped(mapped, section, path)


def _mapped_entry(graph: Any, entry: Any, path: Path) -> Any:
    """What run config says of a graph, in terms of its ops."""
    if graph.config_mapping is None:
        entry = {} if entry is None else entry
        if not isinstance(entry, Mapping):
            return entry  # said to be wrong where the whole is checked
        return {**entry, "ops": _with_mapped_nodes(graph, entry.get("ops"), (*path, "ops"))}
    ops = _mapped_section(graph, entry, path, ("config", "inputs"))
    if isinstance(ops, RefusedSection):
        return ops
    return {"ops": ops} | ({"inputs": entry["inputs"]} if entry and "inputs" in entry else {})


def _mapped_section(graph: Any, given: Any, path: Path, taken: tuple[str, ...]) -> Any:
    """The `ops` of a graph with a mapping, which alone gives them config: anything but what is taken is refused."""
    problems = ConfigProblems()
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        Permissive().mismatch(given, path, problems)
        return RefusedSection(problems)
    if unknown := [str(name) for name in given if name not in taken]:
        names = ", ".join(f"`{name}`" for name in unknown)
        problems.report(
            path,
            ConfigErrorReason.FIELD_NOT_DEFINED
            if len(unknown) == 1
            else ConfigErrorReason.FIELDS_NOT_DEFINED,
            f"unknown {'field' if len(unknown) == 1 else 'fields'} {names}; graph `{graph.name}` has a config mapping, "
            f"which gives its ops their config, so what is taken here is {' and '.join(f'`{name}`' for name in taken)}",
        )
    ops: Any = None
    try:
        ops = graph.config_mapping.resolve(
            given.get("config", NOT_GIVEN), f"the config mapping of graph `{graph.name}`", (*path, "config")
        )
    except InvalidConfigError as error:
        if not error.errors:
            raise
        problems.extend(error.errors)
    return RefusedSection(problems) if problems else _with_mapped_nodes(graph, ops, (*path, "ops"))


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
    problems = ConfigProblems(_refused(section))
    problems.raise_any("run config", run_config)
    if not isinstance(section, Mapping) or _reads_environment(section):
        return
    named = [path for path in ops if _names(section, path.split("."))]
    resolve_run_config(OpsAlone(ops), named, {"ops": section}, resource_keys=())


def _refused(section: Any) -> Iterator[ConfigProblem]:
    """The problems of all sections that mappings could not take."""
    if isinstance(section, RefusedSection):
        yield from section.problems
    elif isinstance(section, Mapping):
        for inner in section.values():
            yield from _refused(inner)


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
