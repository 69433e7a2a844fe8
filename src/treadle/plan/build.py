"""Builds the plan of a run of assets and checks: the selected parts of each computation as steps, in order."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

import attrs

from treadle.core.catalog import AssetNode, Catalog, Computation, InputNode, OutputNode
from treadle.core.errors import InvalidDefinitionError, InvalidSubsetError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.ordering import circles, levels_of
from treadle.core.parts import needs_of_part, waits_for_checks_of
from treadle.core.ports import StateReader
from treadle.plan.graph_parts import end_of, end_of_check, steps_of_part
from treadle.plan.ops import priority_of
from treadle.plan.partitions import RunPartition
from treadle.plan.plan import (
    ASKED_FOR,
    FromConfig,
    FromStep,
    FromStorage,
    Plan,
    Reason,
    SkippedAsset,
    Step,
    StepInput,
)
from treadle.plan.split import PartTuple, split_cyclic_parts
from treadle.plan.unchanged import AssetOfWriter, Reasons, reasons_to_run

ChosenWriters = Mapping[AssetKey, Collection[str]]
"""Asset -> names of its writers."""


@attrs.define(eq=False)
class Part:
    """The selected outputs of one computation: a step in the making."""

    key: str
    computation: Computation
    asset_keys: list[AssetKey]
    check_keys: list[AssetCheckKey]
    needs: dict[str, set[str]] = attrs.field(factory=dict)
    """Step key -> outputs that must exist first, in the order found."""
    needs_any: list[list[tuple[str, str]]] = attrs.field(factory=list)
    """Groups of (step key, output): the writers of one asset, of which one must have written."""
    behind: str | None = None
    """The writer of the same asset that goes first."""
    blocked_by: list[tuple[str, AssetCheckKey]] = attrs.field(factory=list)
    is_split: bool = False
    """One of several of its computation: it waits only for what its own assets and checks need."""

    def upstream(self) -> Iterable[str]:
        """Keys of the parts that come before this one."""
        yield from self.needs
        for group in self.needs_any:
            for key, _ in group:
                yield key
        for key, _ in self.blocked_by:
            yield key
        if self.behind is not None:
            yield self.behind


@attrs.define(eq=False)
class Producers:
    """Which part makes which asset or check in this plan."""

    assets: dict[AssetKey, Part]
    checks: dict[AssetCheckKey, Part]
    computations: dict[str, Computation]
    """Part -> its computation."""
    writers: dict[AssetKey, list[Part]]
    """The parts of assets that have writers, in their order; such assets are not in `assets`."""

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "Producers":
        """The index of `parts`."""
        assets: dict[AssetKey, Part] = {}
        checks: dict[AssetCheckKey, Part] = {}
        computations: dict[str, Computation] = {}
        writers: dict[AssetKey, list[Part]] = {}
        for part in parts:
            computations[part.key] = part.computation
            checks.update(dict.fromkeys(part.check_keys, part))
            if part.computation.writer is not None:
                for key in part.asset_keys:
                    writers.setdefault(key, []).append(part)
                continue
            assets.update(dict.fromkeys(part.asset_keys, part))
        return cls(assets, checks, computations, writers)


def plan_assets(
    catalog: Catalog,
    asset_keys: Iterable[AssetKey],
    check_keys: Iterable[AssetCheckKey] | None = None,
    *,
    job_name: str = "",
    state: StateReader | None = None,
    skip_unchanged: bool = False,
    partition: RunPartition | None = None,
    writers: ChosenWriters | None = None,
    config_versions: Mapping[str, str] | None = None,
) -> Plan:
    """The plan that materializes (or observes) the assets and evaluates the checks.

    Args:
        catalog: what the code location declares.
        asset_keys: assets asked for; external ones are left out without a word.
        check_keys: checks asked for; None means every check of the assets asked for.
        job_name: for whom the plan is made.
        state: if given, each step's reason says what changed since it last ran.
        skip_unchanged: leave out assets whose code version and inputs' data versions are as they were (needs `state`).
        partition: the run's, by which the state of partitioned assets is read.
        writers: of assets of which not all writers are asked for, those that are.
        config_versions: computation -> what stands for its config (see `versions_of_configs`), to compare with.

    Raises:
        InvalidSubsetError: an unknown key, or part of a computation that cannot run in part.
    """
    wanted = list(dict.fromkeys(asset_keys))
    parts = _choose_parts(catalog, wanted, check_keys, writers or {})
    reasons = Reasons()
    skipped: tuple[SkippedAsset, ...] = ()
    if state is not None:
        reasons = reasons_to_run(
            catalog,
            [(key, part.computation.writer) for part in parts for key in part.asset_keys],
            state,
            partition,
            config_versions,
            _evaluated_by(parts) if skip_unchanged else None,
        )
        if skip_unchanged:
            parts, skipped = _leave_out_unchanged(parts, reasons)
    parts = _connect_and_sort(catalog, parts)
    producers = Producers.of(parts)
    steps = tuple(step for part in parts for step in _make_steps(catalog, part, producers, reasons))
    return Plan(job_name=job_name, steps=steps, skipped=skipped, catalog_hash="")


def parts_of_run(
    catalog: Catalog, asset_keys: Iterable[AssetKey], check_keys: Iterable[AssetCheckKey]
) -> list[tuple[PartTuple, frozenset[AssetKey]]]:
    """The steps that a run of all of these would have, in order, each with the assets that it needs."""
    parts = _connect_and_sort(catalog, _choose_parts(catalog, list(asset_keys), check_keys, {}))
    return [
        (
            (part.key, part.computation, part.asset_keys, part.check_keys),
            frozenset(needs_of_part(catalog, part)),
        )
        for part in parts
    ]


def _choose_parts(
    catalog: Catalog,
    wanted: list[AssetKey],
    check_keys: Iterable[AssetCheckKey] | None,
    writers: ChosenWriters,
) -> list[Part]:
    chosen: dict[str, Part] = {}
    left_out: set[str] = set()
    for key in wanted:
        asset = _asset_node(catalog, key)
        if asset.writers:
            left_out |= _choose_writers(chosen, catalog, key, asset, writers.get(key))
        elif asset.computation is not None:
            _part_of(chosen, catalog, asset.computation).asset_keys.append(key)
    if check_keys is None:
        selected = set(wanted)
        check_keys = [key for key in catalog.checks if key.asset_key in selected] if catalog.checks else ()
    for check in check_keys:
        node = catalog.checks.get(check)
        if node is None:
            raise InvalidSubsetError(
                f"There is no check `{check.name}` on asset `{check.asset_key.to_user_string()}`.",
                code="unknown-check",
            )
        if node.computation not in left_out:
            _part_of(chosen, catalog, node.computation).check_keys.append(check)
    for part in chosen.values():
        if len(part.asset_keys) + len(part.check_keys) < len(part.computation.outputs):
            _refuse_half_a_computation(part)
    return list(chosen.values())


def _choose_writers(
    chosen: dict[str, Part], catalog: Catalog, key: AssetKey, node: AssetNode, names: Collection[str] | None
) -> set[str]:
    """Adds the writers of an asset that are asked for; the computations of the others."""
    known = [writer.name for writer in node.writers]
    for name in sorted(set(names or ()).difference(known)):
        raise InvalidSubsetError(
            f"`{key.to_user_string()}` has no writer `{name}`.",
            code="unknown-writer",
            hint=did_you_mean(name, known) or "it has " + ", ".join(f"`{each}`" for each in known),
        )
    left_out: set[str] = set()
    for writer in node.writers:
        if names is None or writer.name in names:
            _part_of(chosen, catalog, writer.computation).asset_keys.append(key)
        else:
            left_out.add(writer.computation)
    return left_out


def _part_of(chosen: dict[str, Part], catalog: Catalog, name: str) -> Part:
    part = chosen.get(name)
    if part is None:
        part = chosen[name] = Part(name, catalog.computations[name], [], [])
    return part


def _asset_node(catalog: Catalog, key: AssetKey) -> AssetNode:
    node = catalog.assets.get(key)
    if node is None:
        text = key.to_user_string()
        raise InvalidSubsetError(
            f"There is no asset `{text}`.",
            code="unknown-asset",
            hint=did_you_mean(text, (known.to_user_string() for known in catalog.assets)),
        )
    return node


def _refuse_half_a_computation(part: Part) -> None:
    """Raises where some outputs of a computation that cannot be subset are not asked for."""
    computation = part.computation
    if computation.can_subset:
        return
    assets, checks = set(part.asset_keys), set(part.check_keys)
    missing = [
        output
        for output in computation.outputs
        if (output.asset_key is not None and output.asset_key not in assets)
        or (output.check_key is not None and output.check_key not in checks)
    ]
    if not missing:
        return
    names = ", ".join(_name_of_output(output) for output in missing)
    raise InvalidSubsetError(
        f"`{computation.name}` makes its assets and checks in one go; {names} was not asked for.",
        code="partial-computation",
        hint="ask for all of them, or declare it with `can_subset=True`",
        where=computation.where,
    )


def _name_of_output(output: OutputNode) -> str:
    if output.check_key is not None:
        return f"check `{output.check_key.name}`"
    return (
        f"`{output.asset_key.to_user_string()}`"
        if output.asset_key is not None
        else f"output `{output.name}`"
    )


def _evaluated_by(parts: list[Part]) -> dict[AssetCheckKey, AssetOfWriter | None]:
    """The checks of a plan, each with the asset whose function evaluates it, if it has no function of its own."""
    return {
        check: (check.asset_key, part.computation.writer) if check.asset_key in part.asset_keys else None
        for part in parts
        for check in part.check_keys
    }


def _leave_out_unchanged(parts: list[Part], reasons: Reasons) -> tuple[list[Part], tuple[SkippedAsset, ...]]:
    kept: list[Part] = []
    skipped: list[SkippedAsset] = []
    for part in parts:
        writer = part.computation.writer
        fresh = [key for key in part.asset_keys if reasons.assets[key, writer].code == "unchanged"]
        if fresh:
            left_out = set(fresh)
            skipped.extend(
                SkippedAsset(asset_key=key, reason=reasons.assets[key, writer], writer=writer)
                for key in fresh
            )
            part.asset_keys = [key for key in part.asset_keys if key not in left_out]
            part.check_keys = [key for key in part.check_keys if key.asset_key not in left_out]
        if part.asset_keys or part.check_keys:
            kept.append(part)
    skipped_keys = {item.asset_key for item in skipped}.difference(key for p in kept for key in p.asset_keys)
    # A check of its own on an asset that is left out has nothing new to look at, unless what it says is not settled.
    kept = [
        part
        for part in kept
        if part.asset_keys
        or any(key.asset_key not in skipped_keys or key in reasons.checks for key in part.check_keys)
    ]
    return kept, tuple(skipped)


def _connect_and_sort(catalog: Catalog, parts: list[Part]) -> list[Part]:
    _connect(catalog, parts)
    ordered = _sort_by_level(parts)
    if ordered is not None:
        return ordered
    split = split_cyclic_parts(catalog, parts)
    times = Counter(computation.name for _, computation, _, _ in split)
    parts = [
        Part(
            key,
            computation,
            assets,
            checks,
            is_split=times[computation.name] > 1 or _is_some(computation, checks),
        )
        for key, computation, assets, checks in split
    ]
    _connect(catalog, parts)
    ordered = _sort_by_level(parts)
    if ordered is None:
        circle = next(circles({part.key: set(part.upstream()) for part in parts}))
        raise InvalidDefinitionError(
            "These steps wait for each other: " + " -> ".join([*circle, circle[0]]),
            code="dependency-cycle",
            hint="split their functions, or make the check that stands between them not blocking",
            where=next(part.computation.where for part in parts if part.key == circle[0]),
        )
    _take_what_is_there(catalog, ordered)
    return ordered


def _is_some(computation: Computation, checks: list[AssetCheckKey]) -> bool:
    """Whether these are some of the checks of a function that only evaluates checks."""
    return computation.kind == "check" and len(checks) < len(computation.outputs)


def _take_what_is_there(catalog: Catalog, ordered: list[Part]) -> None:
    """Lets a part of a split computation also take the inputs that are not for its assets from steps before it."""
    made: dict[AssetKey, Part] = {}
    for part in ordered:
        loaded = [node.asset_key for node in part.computation.inputs if node.loads_value and node.asset_key]
        for key in loaded if part.is_split else ():
            if key in made:
                part.needs.setdefault(made[key].key, set()).add(catalog.assets[key].output or "result")
        if part.computation.writer is None:
            made.update(dict.fromkeys(part.asset_keys, part))


def _connect(catalog: Catalog, parts: list[Part]) -> None:
    """Fills `needs` and `blocked_by` of every part, and puts the writers of an asset one behind the other."""
    producers = Producers.of(parts)
    for group in producers.writers.values():
        for first, second in pairwise(group):
            second.behind = first.key
    for part in parts:
        for key in needs_of_part(catalog, part):
            if key in producers.writers:
                _need_writers(catalog, part, key, producers.writers[key])
                continue
            producer = producers.assets.get(key)
            if producer is not None and producer is not part:
                output = catalog.assets[key].output or "result"
                part.needs.setdefault(producer.key, set()).add(output)
    blocking = [check for check in producers.checks if catalog.checks[check].spec.blocking]
    if blocking:
        _add_blocking_edges(catalog, parts, producers, blocking)


def _need_writers(catalog: Catalog, part: Part, key: AssetKey, writers: list[Part]) -> None:
    if part in writers:
        return
    outputs = {writer.computation: writer.output for writer in catalog.assets[key].writers}
    group = [(each.key, outputs[each.computation.name]) for each in writers]
    if group not in part.needs_any:
        part.needs_any.append(group)


def _add_blocking_edges(
    catalog: Catalog, parts: list[Part], producers: Producers, blocking: list[AssetCheckKey]
) -> None:
    """Lets what reads an asset wait for its blocking checks. Also where the check needs that in turn: such a circle is
    for `split_cyclic_parts` to open, or refused when definitions are loaded."""
    gated = {check.asset_key for check in blocking}
    readers: dict[AssetKey, list[Part]] = {}
    for part in parts:
        for key in gated.intersection(needs_of_part(catalog, part)):
            readers.setdefault(key, []).append(part)
    for check in blocking:
        checker = producers.checks[check]
        if check.asset_key in checker.asset_keys:
            continue  # the step that makes the asset fails itself
        for part in readers[check.asset_key]:
            if part is not checker and waits_for_checks_of(part, check.asset_key):
                part.blocked_by.append((checker.key, check))


def _sort_by_level(parts: list[Part]) -> list[Part] | None:
    """Topological order: by distance from the roots, then by name. None where there is a cycle."""
    if len(parts) < 2:
        return parts
    by_key = {part.key: part for part in parts}
    levels = levels_of({part.key: part.upstream() for part in parts})
    ordered = [by_key[key] for level in levels for key in level]
    return ordered if len(ordered) == len(parts) else None


def _make_steps(catalog: Catalog, part: Part, producers: Producers, reasons: Reasons) -> list[Step]:
    """The step of a part; of a graph, its steps."""
    computation = part.computation
    whole = _make_step(catalog, part, producers, reasons)
    if computation.graph is None:
        return [whole]
    given = {
        node.name: _make_input(catalog, node, part, producers).source
        for node in computation.inputs
        if node.asset_key is not None
    }
    return steps_of_part(computation, part.asset_keys, part.check_keys, given, whole)


def _make_step(catalog: Catalog, part: Part, producers: Producers, reasons: Reasons) -> Step:
    computation = part.computation
    assets, checks = set(part.asset_keys), set(part.check_keys)
    selected = [
        output
        for output in computation.outputs
        if (output.asset_key in assets if output.asset_key is not None else True)
        and (output.check_key in checks if output.check_key is not None else True)
    ]
    return Step(
        key=part.key,
        computation=computation.name,
        inputs=tuple(
            _make_input(catalog, node, part, producers) for node in computation.inputs if node.loads_value
        ),
        outputs=tuple(output.name for output in selected),
        asset_keys=tuple(output.asset_key for output in selected if output.asset_key is not None),
        check_keys=tuple(output.check_key for output in selected if output.check_key is not None),
        after=tuple(
            end_of(producers.computations[key], key, name)
            for key in sorted(part.needs)
            for name in sorted(part.needs[key])
        ),
        after_any=tuple(tuple(group) for group in part.needs_any),
        behind=() if part.behind is None else (part.behind,),
        blocked_by=tuple(
            (end_of_check(producers.computations[key], key, check), check) for key, check in part.blocked_by
        ),
        reason=_reason_of(part, reasons),
        pool=computation.pool,
        priority=priority_of(computation),
    )


def _make_input(catalog: Catalog, node: InputNode, part: Part, producers: Producers) -> StepInput:
    if node.asset_key is None:
        return StepInput(name=node.name, source=FromConfig())
    producer = producers.assets.get(node.asset_key)
    if producer is None or producer is part or producer.key not in part.needs:
        return StepInput(
            name=node.name, source=FromStorage(asset_key=node.asset_key), asset_key=node.asset_key
        )
    step_key, output = end_of(
        producer.computation, producer.key, catalog.assets[node.asset_key].output or "result"
    )
    return StepInput(
        name=node.name, source=FromStep(step_key=step_key, output=output), asset_key=node.asset_key
    )


def _reason_of(part: Part, reasons: Reasons) -> Reason:
    for key in part.asset_keys:
        reason = reasons.assets.get((key, part.computation.writer))
        if reason is not None and reason.code != "unchanged":
            return reason
    return next((reasons.checks[key] for key in part.check_keys if key in reasons.checks), ASKED_FOR)
