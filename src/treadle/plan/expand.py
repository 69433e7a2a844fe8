"""Steps that are mapped over a dynamic output: one step a value, once the values are known. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from treadle.plan.plan import CollectedFrom, FanIn, FromStep, Plan, Step

PENDING = "[?]"


def mapped_key(key: str, mapping_key: str) -> str:
    """The key of one of the steps that `key` stands for: `double[?]` and `a` give `double[a]`."""
    return f"{key.removesuffix(PENDING)}[{mapping_key}]"


def pending_key(key: str) -> str:
    """The key in the unexpanded plan: `double[a]` gives `double[?]`; other keys stay as they are."""
    return f"{key.partition('[')[0]}{PENDING}" if key.endswith("]") else key


def mapping_key_of(key: str) -> str | None:
    """The mapping key in a step's key, or None."""
    return key[:-1].partition("[")[2] if key.endswith("]") and not key.endswith(PENDING) else None


def expanded(plan: Plan, known: Mapping[str, Mapping[str, Sequence[str]]]) -> Plan:
    """The plan with steps in place of those that stand for several.

    Args:
        plan: the plan.
        known: step key -> dynamic output -> its mapping keys, in order.
    """
    steps: list[Step] = []
    for step in plan.steps:
        keys = keys_of(step, known)
        if keys is None:
            steps.append(collecting(step, plan.steps_by_key, known))
        else:
            steps.extend(one_of(step, key, plan.steps_by_key) for key in keys)
    return msgspec.structs.replace(plan, steps=tuple(steps))


def keys_of(step: Step, known: Mapping[str, Mapping[str, Sequence[str]]]) -> Sequence[str] | None:
    """The mapping keys for which a step runs; None where it runs once, or where they are not known yet."""
    if step.mapped_over is None or step.mapped_over[0] not in known:
        return None
    return known[step.mapped_over[0]].get(step.mapped_over[1], ())


def one_of(step: Step, mapping_key: str, steps: Mapping[str, Step]) -> Step:
    """The step for one value."""
    over = step.mapped_over

    def single(source: Any) -> Any:
        if isinstance(source, FanIn):
            return FanIn(sources=tuple(single(one) for one in source.sources))
        if not isinstance(source, FromStep):
            return source
        if source.mapping_key == "?":
            return msgspec.structs.replace(source, mapping_key=mapping_key)
        return msgspec.structs.replace(source, step_key=place(source.step_key))

    def place(key: str) -> str:
        upstream = steps.get(key)
        same = upstream is not None and upstream.mapped_over == over
        return mapped_key(key, mapping_key) if same else key

    return msgspec.structs.replace(
        step,
        key=mapped_key(step.key, mapping_key),
        inputs=tuple(msgspec.structs.replace(item, source=single(item.source)) for item in step.inputs),
        after=tuple((place(key), output) for key, output in step.after),
        after_any=tuple(
            tuple((place(key), output) for key, output in group) for group in step.after_any
        ),
        mapped_over=None,
    )


def collecting(
    step: Step, steps: Mapping[str, Step], known: Mapping[str, Mapping[str, Sequence[str]]]
) -> Step:
    """A step that collects, with what it collects spelt out where that is known."""
    if not any(_collects(item.source) for item in step.inputs) and not any(
        _is_pending(steps, key) for key, _ in step.after
    ):
        return step
    groups: list[tuple[tuple[str, str], ...]] = list(step.after_any)
    after = list(step.after)
    inputs = []
    for item in step.inputs:
        source = item.source
        if isinstance(source, CollectedFrom):
            found = _found(source, steps, known)
            if found is not None:
                edge = (source.step_key, source.output)
                if edge in after:
                    after.remove(edge)
                source = FanIn(sources=found)
                groups.append(_edges(found, edge))
        elif isinstance(source, FanIn):
            before = tuple(dict.fromkeys(_edge(one) for one in source.sources if _has_edge(one)))
            source = _spelt_out(source, steps, known)
            now = tuple(dict.fromkeys(_edge(one) for one in source.sources if _has_edge(one)))
            groups = [now if group == before else group for group in groups]
        inputs.append(item if source is item.source else msgspec.structs.replace(item, source=source))
    spelt: list[tuple[str, str]] = []
    for key, output in after:
        keys = keys_of(steps[key], known) if key in steps else None
        # An edge that only orders behind all that is mapped.
        spelt += [(key, output)] if keys is None else [(mapped_key(key, one), output) for one in keys]
    return msgspec.structs.replace(
        step,
        inputs=tuple(inputs),
        after=tuple(dict.fromkeys(spelt)),
        after_any=tuple(group for group in groups if group),
    )


def _spelt_out(
    source: FanIn, steps: Mapping[str, Step], known: Mapping[str, Mapping[str, Sequence[str]]]
) -> FanIn:
    sources: list[Any] = []
    for one in source.sources:
        found = _found(one, steps, known) if isinstance(one, CollectedFrom) else None
        sources += [one] if found is None else found
    return FanIn(sources=tuple(sources))


def _found(
    source: CollectedFrom, steps: Mapping[str, Step], known: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[FromStep, ...] | None:
    upstream = steps.get(source.step_key)
    if upstream is not None and upstream.mapped_over is not None:
        keys = keys_of(upstream, known)
        if keys is None:
            return None
        return tuple(
            FromStep(step_key=mapped_key(source.step_key, key), output=source.output) for key in keys
        )
    if source.step_key not in known:
        return None
    return tuple(
        FromStep(step_key=source.step_key, output=source.output, mapping_key=key)
        for key in known[source.step_key].get(source.output, ())
    )


def _edges(found: Iterable[FromStep], empty: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The edges of what is collected; nothing where there is nothing, which is an empty list."""
    return tuple(dict.fromkeys((one.step_key, one.output) for one in found))


def _collects(source: Any) -> bool:
    if isinstance(source, FanIn):
        return any(isinstance(one, CollectedFrom) for one in source.sources)
    return isinstance(source, CollectedFrom)


def _has_edge(source: Any) -> bool:
    return isinstance(source, FromStep | CollectedFrom)


def _edge(source: Any) -> tuple[str, str]:
    return source.step_key, source.output


def _is_pending(steps: Mapping[str, Step], key: str) -> bool:
    return key in steps and steps[key].mapped_over is not None


def dynamic_outputs(plan: Plan) -> dict[str, set[str]]:
    """Step key -> its dynamic outputs that steps of the plan are mapped over or collect."""
    found: dict[str, set[str]] = {}
    for step in plan.steps:
        if step.mapped_over is not None:
            found.setdefault(step.mapped_over[0], set()).add(step.mapped_over[1])
        for item in step.inputs:
            sources: Collection[Any] = (
                item.source.sources if isinstance(item.source, FanIn) else (item.source,)
            )
            for source in sources:
                if isinstance(source, CollectedFrom) and not source.step_key.endswith(PENDING):
                    found.setdefault(source.step_key, set()).add(source.output)
    return found
