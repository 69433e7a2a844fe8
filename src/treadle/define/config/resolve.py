"""Run config against all that takes config: each op, resource and logger, all problems at once."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from treadle.core.errors import InvalidConfigError
from treadle.define.config.logger_settings import LOGGER_SETTINGS
from treadle.define.config.problems import (
    ConfigProblems,
    Path,
    RefusedSection,
    config_error,
    report_missing_fields,
    report_unknown_fields,
)
from treadle.define.config.run_config import run_config_dict, with_defaults
from treadle.define.config.scalars import ANY, INVALID, NOT_GIVEN, StringSource
from treadle.define.config.schema import Field, Permissive
from treadle.define.config.wanted import Wanted
from treadle.define.resources.definition import ResourceDefinition
from treadle.define.resources.opening import opening_order

_SECTIONS = ("execution", "inputs", "loggers", "ops", "resources")
_OP_KEYS = ("config", "inputs", "ops", "outputs")
_GRAPH_KEYS = ("inputs", "ops")


class TakesConfig(Protocol):
    """An op, as far as config is concerned."""

    @property
    def config_schema(self) -> Field | None: ...

    @property
    def required_resource_keys(self) -> Collection[str]: ...


class ConfigTarget(Protocol):
    """`Code`, as far as config is concerned."""

    @property
    def ops(self) -> Mapping[str, TakesConfig]: ...

    @property
    def resources(self) -> Mapping[str, ResourceDefinition]: ...


class ResolvedConfig(msgspec.Struct, frozen=True):
    """Run config, checked and completed."""

    op_config: Mapping[str, Any] = {}
    """Computation name -> completed config; one that takes none and was given none is not in it."""
    resource_config: Mapping[str, Any] = {}
    """Resource key -> completed config, environment variables read. Never stored."""
    execution: Mapping[str, Any] = {}
    """As given; the executor completes it."""
    loggers: Mapping[str, Any] = {}
    """Logger name -> completed config."""
    inputs: Mapping[str, Mapping[str, Any]] = {}
    """Computation or graph (`""`: the job itself) -> input name -> what run config says of it."""
    outputs: Mapping[str, Any] = {}
    """Computation name -> what run config says of its outputs, for IO managers."""


def resolve_run_config(
    code: ConfigTarget,
    computations: Iterable[str],
    run_config: Any = None,
    *,
    resource_keys: Iterable[str] | None = None,
) -> ResolvedConfig:
    """Check run config against what will run, and complete it.

    Config for something that exists but does not run is ignored.

    Args:
        code: the ops and resources, by name.
        computations: names of those that will run.
        run_config: a `RunConfig` or a dict; where it is empty, the job's own.
        resource_keys: resources that will be opened, IO managers too; by default those that the ops name.

    Raises:
        InvalidConfigError: `errors` has every path and reason.
        UnknownResourceError: a needed resource is nobody's.
        InvalidDefinitionError: resources need each other in a circle.
    """
    given = run_config_dict(run_config)
    names = list(computations)
    problems = ConfigProblems()
    report_unknown_fields(given, dict.fromkeys(_SECTIONS), (), problems)
    missing: list[str] = []
    wanted = Wanted()
    ops = _Ops(code.ops, names, problems, wanted)
    if isinstance(given.get("ops"), RefusedSection):
        problems.extend(given["ops"].problems)
    else:
        ops.resolve(_section(given, "ops", problems), "ops" in given, missing)
    if resource_keys is None:
        resource_keys = {key for name in names for key in code.ops[name].required_resource_keys}
    resources = _resolve_resources(
        code.resources,
        resource_keys,
        _section(given, "resources", problems),
        "resources" in given,
        missing,
        problems,
        wanted,
    )
    loggers = _resolve_loggers(
        getattr(code, "loggers", None) or {}, _section(given, "loggers", problems), problems
    )
    if missing:
        report_missing_fields(sorted(missing), (), problems, wanted.by_all())
    problems.raise_any("run config", given, wanted.hint())
    if given.get("inputs"):
        ops.inputs[""] = given["inputs"]
    return ResolvedConfig(
        ops.config, resources, _section(given, "execution", problems), loggers, ops.inputs, ops.outputs
    )


def _section(given: Mapping[str, Any], name: str, problems: ConfigProblems) -> Mapping[str, Any]:
    return _mapping(given.get(name), (name,), problems)


def _mapping(value: Any, path: Path, problems: ConfigProblems) -> Mapping[str, Any]:
    """The value if it is a dict; nothing (None) is an empty one; anything else is reported."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        Permissive().mismatch(value, path, problems)
        return {}
    return value


class _Ops:
    """The section `ops`. Ops inside of graphs stand in their graph's own `ops`."""

    def __init__(
        self,
        ops: Mapping[str, TakesConfig],
        selected: list[str],
        problems: ConfigProblems,
        wanted: Wanted,
    ) -> None:
        self._ops = ops
        self._selected = selected
        self._problems = problems
        self._wanted = wanted
        self.config: dict[str, Any] = {}
        self.inputs: dict[str, Mapping[str, Any]] = {}
        self.outputs: dict[str, Any] = {}

    def resolve(self, section: Mapping[str, Any], was_given: bool, missing: list[str]) -> None:
        """Complete the config of each selected op; a missing section goes into `missing`."""
        if not section:
            required = self._complete_without_config()
            if required and not was_given:
                missing.append("ops")
            elif required:
                report_missing_fields(
                    sorted({name.partition(".")[0] for name in required}),
                    ("ops",),
                    self._problems,
                    self._wanted.by_ops(required),
                )
            return
        self._resolve_level(section, ("ops",), self._selected, list(self._ops), "")

    def _complete_without_config(self) -> list[str]:
        """Give each selected op its defaults; the names of those that need config."""
        required = []
        for name in self._selected:
            field = self._ops[name].config_schema
            if field is None:
                continue
            if field.is_required:
                required.append(name)
                self._wanted.op(name, field)
            elif (default := field.resolve_missing(("ops", name, "config"), self._problems)) is not NOT_GIVEN:
                self.config[name] = default
        return required

    def _resolve_level(
        self, section: Mapping[str, Any], path: Path, selected: list[str], known: list[str], prefix: str
    ) -> None:
        heads = dict.fromkeys(
            name[len(prefix) :].partition(".")[0] for name in known if name.startswith(prefix)
        )
        report_unknown_fields(section, heads, path, self._problems)
        missing: list[str] = []
        for head in dict.fromkeys(
            name[len(prefix) :].partition(".")[0] for name in selected if name.startswith(prefix)
        ):
            full = prefix + head
            if isinstance(refused := section.get(head), RefusedSection):
                self._problems.extend(refused.problems)
            elif full in self._ops:
                self._resolve_op(full, head, section, path, missing)
            else:
                inner = _mapping(section.get(head), (*path, head), self._problems)
                report_unknown_fields(inner, dict.fromkeys(_GRAPH_KEYS), (*path, head), self._problems)
                if "inputs" in inner:
                    self.inputs[full] = _mapping(inner["inputs"], (*path, head, "inputs"), self._problems)
                nested = _mapping(inner.get("ops"), (*path, head, "ops"), self._problems)
                self._resolve_level(nested, (*path, head, "ops"), selected, known, f"{full}.")
        if missing:
            report_missing_fields(
                sorted(missing), path, self._problems, self._wanted.by_ops(prefix + head for head in missing)
            )

    def _resolve_op(
        self, name: str, head: str, section: Mapping[str, Any], path: Path, missing: list[str]
    ) -> None:
        field = self._ops[name].config_schema
        at = (*path, head)
        if head not in section:
            if field is not None and field.is_required:
                missing.append(head)
                self._wanted.op(name, field)
            elif (
                field is not None
                and (default := field.resolve_missing((*at, "config"), self._problems)) is not NOT_GIVEN
            ):
                self.config[name] = default
            return
        entry = _mapping(section[head], at, self._problems)
        report_unknown_fields(entry, dict.fromkeys(_OP_KEYS), at, self._problems)
        if "inputs" in entry:
            inputs = self.inputs[name] = _mapping(entry["inputs"], (*at, "inputs"), self._problems)
            known = getattr(self._ops[name], "ins", None)
            if known is not None:
                report_unknown_fields(inputs, known, (*at, "inputs"), self._problems)
        if "outputs" in entry:
            self.outputs[name] = entry["outputs"]
        if "config" in entry:
            self.config[name] = (field or _ANYTHING).resolve(entry["config"], (*at, "config"), self._problems)
        elif field is not None and field.is_required:
            self._wanted.op(name, field)
            report_missing_fields(["config"], at, self._problems, self._wanted.by_ops([name]))
        elif (
            field is not None
            and (default := field.resolve_missing((*at, "config"), self._problems)) is not NOT_GIVEN
        ):
            self.config[name] = default


_ANYTHING = Field(ANY)


def _resolve_resources(
    definitions: Mapping[str, ResourceDefinition],
    keys: Iterable[str],
    section: Mapping[str, Any],
    was_given: bool,
    missing: list[str],
    problems: ConfigProblems,
    wanted: Wanted,
) -> dict[str, Any]:
    if section:
        report_unknown_fields(section, definitions, ("resources",), problems)
    resolved: dict[str, Any] = {}
    missing_here = []
    for node in opening_order(definitions, keys):
        at: Path = ("resources", node.name)
        if node.key is None:
            node.definition.resolve_config(NOT_GIVEN, (*at, "config"), problems)
        elif node.key in section:
            entry = _mapping(section[node.key], at, problems)
            report_unknown_fields(entry, {"config": None}, at, problems)
            if "config" not in entry and node.definition.requires_config:
                wanted.resource(node.key, node.definition.config_schema)
                report_missing_fields(["config"], at, problems)
                continue
            config = entry.get("config", NOT_GIVEN)
            resolved[node.key] = node.definition.resolve_config(config, (*at, "config"), problems)
        elif node.definition.requires_config:
            missing_here.append(node.key)
            wanted.resource(node.key, node.definition.config_schema)
        else:
            resolved[node.key] = node.definition.resolve_config(NOT_GIVEN, (*at, "config"), problems)
    if missing_here and not was_given:
        missing.append("resources")
    elif missing_here:
        report_missing_fields(sorted(missing_here), ("resources",), problems)
    return resolved


def _resolve_loggers(
    definitions: Mapping[str, Any], section: Mapping[str, Any], problems: ConfigProblems
) -> dict[str, Any]:
    if not section:
        return {}
    report_unknown_fields(section, {"console": None, **definitions}, ("loggers",), problems)
    resolved = {}
    for name, entry in section.items():
        at: Path = ("loggers", name)
        config = _mapping(entry, at, problems).get("config", {})
        field = getattr(definitions.get(name), "config_schema", None) or _ANYTHING
        if name not in definitions:  # the console's, which needs no definition
            field = Field(LOGGER_SETTINGS)
        value = field.resolve(config, (*at, "config"), problems)
        if value is not INVALID:
            resolved[name] = value
    return resolved


class HasConfigTarget(Protocol):
    """A job, as far as config is concerned."""

    @property
    def run_config(self) -> Any:
        """What the job itself says."""
        ...

    def config_target(self) -> tuple[ConfigTarget, Iterable[str], Iterable[str]]:
        """Its code, the computations that it runs, and the resource keys that they need."""
        ...

    def standard_config(self, run_config: Any) -> Any:
        """Run config after its config mappings."""
        ...

    def executor_settings(self, execution: Mapping[str, Any]) -> Any:
        """The `execution` part of run config, checked and completed."""
        ...


class _WithDefaultIOManager(msgspec.Struct, frozen=True):
    """A job's code where run config may also be about the IO manager that runs have by default."""

    code: Any

    @property
    def ops(self) -> Mapping[str, TakesConfig]:
        return self.code.ops  # type: ignore[no-any-return]

    @property
    def loggers(self) -> Mapping[str, Any]:
        return getattr(self.code, "loggers", None) or {}

    @property
    def resources(self) -> Mapping[str, ResourceDefinition]:
        return {"io_manager": _DEFAULT_IO_MANAGER, **self.code.resources}


_DEFAULT_IO_MANAGER = ResourceDefinition(
    lambda: None, config_schema={"base_dir": Field(StringSource, is_required=False)}
)


def validate_run_config(job_def: HasConfigTarget, run_config: Any = None) -> dict[str, Any]:
    """Check run config for a job without running it; the completed config.

    Args:
        job_def: a job.
        run_config: a `RunConfig`, a dict, or None.

    Raises:
        InvalidConfigError: `errors` has every path and reason.
    """
    code, computations, resource_keys = job_def.config_target()
    own = job_def.run_config
    run_config = job_def.standard_config(with_defaults(run_config, own) if own else run_config)
    resource_keys = set(resource_keys)
    if "io_manager" in (run_config_dict(run_config).get("resources") or {}):
        resource_keys.add("io_manager")
    found: list[Any] = []
    hint = None
    try:
        resolved = resolve_run_config(
            _WithDefaultIOManager(code), computations, run_config, resource_keys=resource_keys
        )
    except InvalidConfigError as error:
        if not error.errors:
            raise
        resolved = ResolvedConfig(
            execution=_section(run_config_dict(run_config), "execution", ConfigProblems())
        )
        found += error.errors
        hint = error.hint
    try:
        job_def.executor_settings(resolved.execution)
    except InvalidConfigError as error:
        if not error.errors:
            raise
        found += error.errors
    if found:
        raise config_error("run config", found, run_config_dict(run_config), hint)
    return {
        "ops": {name: {"config": value} for name, value in resolved.op_config.items()},
        "resources": {key: {"config": value} for key, value in resolved.resource_config.items()},
        "execution": dict(resolved.execution),
        "loggers": {name: {"config": value} for name, value in resolved.loggers.items()},
    }
