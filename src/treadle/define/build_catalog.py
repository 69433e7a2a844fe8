"""From definitions to `Code`: every asset, edge, check, job and resource in one place, and all that is wrong with them."""

import gc
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from treadle.core.catalog import (
    AssetKind,
    AssetNode,
    Catalog,
    CheckNode,
    Computation,
    InputNode,
    WriterNode,
)
from treadle.core.errors import TreadleError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.problem import Problem
from treadle.core.specs import AssetDep, AssetSpec
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.code import Code, CodeOrigin
from treadle.define.gathering import Gathered, gather
from treadle.define.graphs.config_of_graphs import has_config_mapping
from treadle.define.graphs.in_location import graph_in_location
from treadle.define.instigators import add_instigators
from treadle.define.location_resources import inferred_kinds, resource_nodes, resources_of
from treadle.define.resources.catalog import resource_problems
from treadle.define.source_asset import SourceAsset
from treadle.define.validation.automation import wrong_automation
from treadle.define.validation.blocking_checks import cycles_of_blocking_checks
from treadle.define.validation.closures import late_bound_closures
from treadle.define.validation.dependencies import cycles, cycles_of_steps, lookalikes
from treadle.define.validation.errors import DefinitionsError
from treadle.define.validation.names import Suggestions
from treadle.define.validation.partitions import lossy_partition_keys, partition_mismatches
from treadle.define.validation.places import path_clashes
from treadle.define.validation.resources import (
    missing_resources,
    wrong_io_managers,
    wrong_resource_kinds,
)
from treadle.define.validation.types import unfit_types
from treadle.define.validation.undeclared import undeclared_resources
from treadle.define.writers import overwriting_writers, with_spec_of_writer, with_writer


def build_code(*, strict: bool = False, **arguments: Any) -> Code:
    """Resolve definitions, refusing what can never run.

    Args:
        strict: refuse what is a warning otherwise, too.
        arguments: as of `examine`.

    Raises:
        DefinitionsError: with every problem.
    """
    code = examine(**arguments)
    refuse(code.catalog.problems, strict)
    return code


def refuse(problems: Iterable[Problem], strict: bool) -> None:
    """Raise for errors, and under `strict` for warnings.

    Raises:
        DefinitionsError: with every such problem.
    """
    found = tuple(problems)
    refused = [
        problem
        for problem in found
        if problem.severity == "error" or (strict and problem.severity == "warning")
    ]
    if refused:
        error = DefinitionsError.of(refused)
        error.found = found
        raise error


def examine(
    *,
    assets: Iterable[Any] | None = None,
    asset_checks: Iterable[Any] | None = None,
    jobs: Iterable[Any] | None = None,
    schedules: Iterable[Any] | None = None,
    sensors: Iterable[Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    executor: Any = None,
    loggers: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    origin: CodeOrigin | None = None,
    told: Iterable[Problem] = (),
    where: str | None = None,
) -> Code:
    """Resolve definitions; `catalog.problems` has everything that is wrong or doubtful.

    Args:
        told: problems that are known already.
        where: `file:line` of the definitions, for what has no place of its own.
    """
    # Nothing of what is made here becomes garbage, so collections in between only cost (half the time at 100,000 assets).
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        gathered = gather(("assets", assets), ("asset_checks", asset_checks))
        gathered.add_targets([*(schedules or ()), *(sensors or ())])
        return _examine(
            _Builder(gathered, [*told, *gathered.problems]),
            (jobs or (), schedules or (), sensors or ()),
            resources or {},
            (executor, loggers or {}, metadata or {}, origin),
            where,
        )
    finally:
        if was_collecting:
            gc.enable()


def _examine(
    builder: "_Builder",
    instigators: tuple[Iterable[Any], Iterable[Any], Iterable[Any]],
    resources: Mapping[str, Any],
    rest: tuple[Any, Mapping[str, Any], Mapping[str, Any], CodeOrigin | None],
    where: str | None,
) -> Code:
    builder.resolve_assets()
    builder.add_resources(resources)
    code = builder.code(*rest)
    builder.problems += add_instigators(code, *instigators)
    builder.validate(code)
    builder.open_graphs(code)
    # The struct is frozen for everyone else; its problems are only known once it can be looked at.
    problems = tuple(problem.with_place(where) for problem in builder.problems)
    msgspec.structs.force_setattr(code.catalog, "problems", problems)
    # The first selection is to find it there.
    code.catalog.children_of  # noqa: B018
    return code


def graph_of_definitions(given: Any) -> Any:
    """What selections resolve against, for a list of assets and checks."""
    return build_code(assets=given if isinstance(given, Iterable) else [given]).catalog.selectable_graph


class _Builder:
    """The catalog while it is being put together."""

    def __init__(self, gathered: Gathered, told: Iterable[Problem] = ()) -> None:
        self.definitions: dict[str, AssetsDefinition] = gathered.computations
        self.external = gathered.external
        self.assets: dict[AssetKey, AssetNode] = {}
        self.checks: dict[AssetCheckKey, CheckNode] = {}
        self.computations: dict[str, Computation] = {}
        self.resources: dict[str, Any] = {}
        self.problems: list[Problem] = list(told)
        self._where: dict[str, str | None] = {}
        self._by_group: dict[tuple[str, str], list[AssetKey]] | None = None
        self._suggestions = Suggestions(lambda: [key.to_user_string() for key in self.assets])

    def resolve_assets(self) -> None:
        """Fill assets, checks and computations, and join their edges."""
        for name, definition in list(self.definitions.items()):
            self._add_definition(name, definition)
        for spec, given in self.external:
            self._add_external(spec, given)
        for name, definition in self.definitions.items():
            self._join(name, definition)
        for spec, _ in self.external:
            node = self.assets[spec.key]
            for dep in node.spec.deps:
                if dep.asset_key not in self.assets:
                    self._unknown_dep(spec.key, dep.asset_key, node.where)

    def _add_definition(self, name: str, definition: AssetsDefinition) -> None:
        where = self._where[name] = definition.op.where
        try:
            specs = definition.specs
        except Exception as error:  # noqa: BLE001 - a late reference is user code and may raise anything
            key = next(iter(definition.ordered_keys), None)
            self.problems.append(_late_failure(definition.op.name, key, where, error))
            definition = self.definitions[name] = definition.without_late_deps()
            specs = definition.specs
        kind: AssetKind = "observable" if definition.execution_kind == "observe" else "materializable"
        by_key = None if len(specs) == 1 else {spec.key: spec for spec in specs}
        for output in definition.outputs:
            if output.check_key is not None:
                self._add_check(name, definition, output.name, output.check_key, where)
                continue
            key = output.asset_key
            if key is None:
                continue
            known = self.assets.get(key)
            spec = specs[0] if by_key is None else by_key[key]
            writers: tuple[WriterNode, ...] = ()
            if definition.writer is not None:
                own = WriterNode(
                    name=definition.writer, spec=spec, computation=name, output=output.name, where=where
                )
                if known is not None and known.writers:
                    self.assets[key], problems = with_writer(known, own)
                    self.problems += problems
                    continue
                writers = (own,)
            if known is not None:
                self._duplicate(f"asset `{key.to_user_string()}`", key, where, known.where)
                continue
            self.assets[key] = AssetNode(
                spec=spec,
                kind=kind,
                computation=name,
                output=output.name,
                where=where,
                io_manager_key=output.io_manager_key,
                writers=writers,
            )

    def _add_check(
        self, name: str, definition: AssetsDefinition, output: str, key: AssetCheckKey, where: str | None
    ) -> None:
        known = self.checks.get(key)
        if known is not None:
            self._duplicate(f"check `{key.to_user_string()}`", key.asset_key, where, known.where)
            return
        spec = next(spec for spec in definition.check_specs if spec.key == key)
        self.checks[key] = CheckNode(spec=spec, computation=name, output=output, where=where)

    def _add_external(self, spec: AssetSpec, given: Any) -> None:
        where = given.where if isinstance(given, SourceAsset) else None
        try:
            for dep in spec.deps:
                dep.asset_key  # noqa: B018 - a late reference is looked up when first asked
        except Exception as error:  # noqa: BLE001 - and is user code, which may raise anything
            self.problems.append(_late_failure(spec.key.to_user_string(), spec.key, where, error))
            spec = spec.replace_attributes(deps=[dep for dep in spec.deps if not dep.is_late])
        known = self.assets.get(spec.key)
        if known is not None:
            if known.computation is not None or known.spec != spec:
                self._duplicate(f"asset `{spec.key.to_user_string()}`", spec.key, where, known.where)
            return
        io_manager_key = given.io_manager_key if isinstance(given, SourceAsset) else spec.io_manager_key
        self.assets[spec.key] = AssetNode(
            spec=spec, kind="external", where=where, io_manager_key=io_manager_key or "io_manager"
        )

    def _duplicate(self, what: str, key: AssetKey, where: str | None, other: str | None) -> None:
        places = " and ".join(place for place in (other, where) if place)
        self.problems.append(
            Problem(
                code="duplicate-key",
                message=f"{what} is defined twice" + (f": at {places}" if places else ""),
                asset_key=key,
                where=where,
                suggestion="rename one of the two, leave one out, or, where both write it, give each a `writer=`",
            )
        )

    def _join(self, name: str, definition: AssetsDefinition) -> None:
        """Make the computation, each of its inputs joined to an asset that exists."""
        op = definition.op
        assets = self.assets
        inputs = definition.inputs
        for node in inputs:
            if node.asset_key not in assets and node.asset_key is not None:
                definition, inputs = self._join_unknown(name, definition)
                break
        self.computations[name] = Computation(
            name=name,
            kind=definition.execution_kind,
            inputs=inputs,
            outputs=definition.outputs,
            internal_deps=definition.internal_deps,
            can_subset=definition.can_subset,
            partitions_def=definition.partitions_def,
            backfill_policy=definition.backfill_policy,
            retry_policy=op.retry_policy,
            timeout=op.timeout,
            pool=op.pool_of_steps,
            tags=op.tags,
            resource_keys=op.required_resource_keys,
            hook_names=tuple(sorted(hook.name for hook in op.hooks)) if op.hooks else (),
            is_async=op.is_async,
            writer=definition.writer,
            # An asset's own description stands in its spec; here only what is said of the step besides.
            description=op.own_description if len(definition.outputs) > 1 else None,
            graph=graph_in_location(name, definition, inputs) if definition.flat is not None else None,
            where=self._where[name],
        )

    def _join_unknown(
        self, name: str, definition: AssetsDefinition
    ) -> tuple[AssetsDefinition, tuple[InputNode, ...]]:
        """Inputs that name no asset: one of the same name in the same group is meant, or the default value, or nothing."""
        renamed: dict[AssetKey, AssetKey] = {}
        dropped: set[AssetKey] = set()
        inputs: list[InputNode] = []
        for node in definition.inputs:
            key = node.asset_key
            if key is None or key in self.assets:
                inputs.append(node)
                continue
            meant = self._same_group(definition, key)
            if meant is not None:
                renamed[key] = meant
                inputs.append(msgspec.structs.replace(node, asset_key=meant))
            elif node.has_default:
                dropped.add(key)
                inputs.append(msgspec.structs.replace(node, asset_key=None))
            elif node.loads_value:
                self._unknown_input(definition, node.name, key)
                self._add_unknown(key)
                inputs.append(node)
            else:
                owner = next(iter(definition.ordered_keys), None)
                self._unknown_dep(owner, key, definition.op.where, subject_name=_name_of(definition))
                inputs.append(node)
        if renamed or dropped:
            definition = definition.with_replaced(
                _inputs=tuple(inputs),
                _specs=tuple(_with_deps_renamed(spec, renamed, dropped) for spec in definition.specs),
            )
            self.definitions[name] = definition
            for spec in definition.specs:
                node_ = self.assets[spec.key]
                if node_.writers:
                    self.assets[spec.key] = with_spec_of_writer(node_, name, spec)
                elif node_.computation == name:
                    self.assets[spec.key] = msgspec.structs.replace(node_, spec=spec)
        return definition, tuple(inputs)

    def _same_group(self, definition: AssetsDefinition, key: AssetKey) -> AssetKey | None:
        """The one asset of the definition's group whose key ends like `key`, if there is exactly one."""
        groups = {spec.group_name or "default" for spec in definition.specs}
        if len(groups) != 1 or not key.parts_tuple:
            return None
        if self._by_group is None:
            self._by_group = {}
            for known, node in self.assets.items():
                if known.parts_tuple:
                    place = (node.spec.group_name or "default", known.parts_tuple[-1])
                    self._by_group.setdefault(place, []).append(known)
        own = set(definition.keys)
        found = [
            other for other in self._by_group.get((groups.pop(), key.parts_tuple[-1]), ()) if other not in own
        ]
        return found[0] if len(found) == 1 else None

    def _unknown_input(self, definition: AssetsDefinition, parameter: str, key: AssetKey) -> None:
        what = (
            f"parameter `{parameter}`"
            if key.to_user_string() == parameter
            else (f"parameter `{parameter}` (asset `{key.to_user_string()}`)")
        )
        self.problems.append(
            Problem(
                code="unknown-input",
                message=f"`{definition.op.name}` has the {what}, which names neither an asset nor a resource.",
                asset_key=next(iter(definition.ordered_keys), None),
                where=definition.op.where,
                suggestion=self._suggestions.for_name(key.to_user_string()),
            )
        )

    def _unknown_dep(
        self, owner: AssetKey | None, key: AssetKey, where: str | None, subject_name: str | None = None
    ) -> None:
        name = owner.to_user_string() if owner is not None else subject_name
        self.problems.append(
            Problem(
                code="unknown-dep",
                message=f"`{name}` depends on `{key.to_user_string()}`, which nobody defines.",
                asset_key=owner,
                where=where,
                suggestion=self._suggestions.for_name(key.to_user_string())
                or "define it, or an AssetSpec for it",
            )
        )
        self._add_unknown(key)

    def _add_unknown(self, key: AssetKey) -> None:
        self.assets.setdefault(key, AssetNode(spec=AssetSpec(key), kind="external"))

    def add_resources(self, resources: Mapping[str, Any]) -> None:
        """The resources of the location, and what assets get from them."""
        self.resources, problems = resources_of(resources, self.definitions.values(), self.external)
        self.problems += problems
        self.assets.update(inferred_kinds(self.resources, self.assets, self.computations))

    def code(
        self,
        executor: Any,
        loggers: Mapping[str, Any],
        metadata: Mapping[str, Any],
        origin: CodeOrigin | None,
    ) -> Code:
        """The code, as far as it does not depend on jobs."""
        catalog = Catalog(
            assets=self.assets,
            checks=self.checks,
            computations=self.computations,
            resources=resource_nodes(self.resources, self.computations),
            metadata=metadata,
            executor=getattr(executor, "name", None),
        )
        ops = {name: definition.op for name, definition in self.definitions.items()}
        hooks = {hook.name: hook for op in ops.values() if op.hooks for hook in op.hooks}
        return Code(
            catalog=catalog,
            assets_defs=dict(self.definitions),
            ops=ops,
            resources=self.resources,
            jobs={},
            hooks=hooks,
            loggers=loggers,
            executor=executor,
            origin=origin,
        )

    def open_graphs(self, code: Code) -> None:
        """Enter the ops of graphs, which are computations of their own to those who run them."""
        for name, definition in list(self.definitions.items()):
            if definition.flat is None:
                continue
            del code.ops[name]
            if has_config_mapping(definition.graph_def):
                code.mapped_graphs[name] = definition.graph_def
            for node in self.computations[name].graph.nodes:
                code.catalog.computations[node.path] = node.computation
                code.ops[node.path] = definition.flat.ops[node.path.removeprefix(f"{name}.")]
                code.assets_defs[node.path] = definition

    def validate(self, code: Code) -> None:
        """Look for everything that can be wrong with the whole."""
        found = self.problems
        found += cycles(self.assets)
        found += cycles_of_steps(self.assets, self.computations)
        found += cycles_of_blocking_checks(code.catalog)
        found += missing_resources(self.computations, self.definitions, self.assets, self.resources)
        if self.resources:
            found += resource_problems(self.resources, {})
            found += wrong_io_managers(self.computations, self.resources)
            found += wrong_resource_kinds(self.computations, self.definitions, self.resources)
        found += partition_mismatches(code.catalog)
        found += lossy_partition_keys(code.catalog)
        found += wrong_automation(code.catalog)
        found += unfit_types(code)
        found += path_clashes(code)
        found += lookalikes(self.assets)
        found += overwriting_writers(self.assets, self.computations, self.resources)
        found += late_bound_closures(self.computations, code.ops)
        found += undeclared_resources(self.computations, code.ops)
        for node in self.checks.values():
            key = node.spec.asset_key
            if key not in self.assets:
                self._unknown_dep(None, key, node.where, subject_name=node.spec.key.to_user_string())


def _late_failure(name: str, key: AssetKey | None, where: str | None, error: Exception) -> Problem:
    return Problem(
        code=error.code if isinstance(error, TreadleError) else "invalid-definition",
        message=f"a late reference in `deps` of `{name}` failed: {type(error).__name__}: {error}",
        asset_key=key,
        where=where,
        suggestion="the function in `deps` must return an asset that exists once everything is imported",
    )


def _name_of(definition: AssetsDefinition) -> str:
    """How a message calls a definition that makes no asset."""
    specs = definition.check_specs
    return specs[0].key.to_user_string() if specs else definition.op.name


def _with_deps_renamed(
    spec: AssetSpec, renamed: Mapping[AssetKey, AssetKey], dropped: set[AssetKey]
) -> AssetSpec:
    deps: dict[AssetKey, AssetDep] = {}
    for dep in spec.deps:
        if dep.asset_key in dropped:
            continue
        key = renamed.get(dep.asset_key)
        deps.setdefault(
            key or dep.asset_key,
            dep
            if key is None
            else AssetDep(key, partition_mapping=dep.partition_mapping, metadata=dep.metadata),
        )
    return spec.replace_attributes(deps=list(deps.values()))
