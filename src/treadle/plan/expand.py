"""Steps that are mapped over a dynamic output: one step a value, once the values are known. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from treadle.plan.plan import CollectedFrom, FanIn, FromStep, Plan, Step

PENDING = "[?]"

KnownKeys = Mapping[str, Mapping[str, Sequence[str]]]
"""Step key -> dynamic output -> its mapping keys, in order; of steps that are over."""


def mapped_key(key: str, mapping_key: str) -> str:
    """The key of one of the steps that `key` stands for: `double[?]` and `a` give `double[a]`."""
    return f"{key.removesuffix(PENDING)}[{mapping_key}]"


def pending_key(key: str) -> str:
    """The key in the unexpanded plan: `double[a]` gives `double[?]`; other keys stay as they are."""
    return f"{key.partition('[')[0]}{PENDING}" if key.endswith("]") else key


def mapping_key_of(key: str) -> str | None:
    """The mapping key in a step's key, or None."""
    return key[:-1].partition("[")[2] if key.endswith("]") and not key.endswith(PENDING) else None


def expanded(plan: Plan, known: KnownKeys) -> Plan:
    """The plan with steps in place of those that stand for several.

    Args:
        plan: the plan.
        known: step key -> dynamic output -> its mapping keys, in order.
    """
    steps: list[Step] = []
    for step in plan.steps:
        spelt = collecting(step, plan.steps_by_key, known)
        keys = keys_of(step, known)
        if keys is None:
            steps.append(spelt)
        else:
            steps.extend(one_of(spelt, key, plan.steps_by_key) for key in keys)
    return msgspec.structs.replace(plan, steps=tuple(steps))


def keys_of(step: Step, known: KnownKeys) -> Sequence[str] | None:
    """The mapping keys for which a step runs; None where it runs once, or where they are not known."""
    if step.mapped_over is None or step.mapped_over[0] not in known:
        return None
    return known[step.mapped_over[0]].get(step.mapped_over[1])


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
        after_any=tuple(tuple((place(key), output) for key, output in group) for group in step.after_any),
        mapped_over=None,
    )


def collecting(step: Step, steps: Mapping[str, Step], known: KnownKeys) -> Step:
    """A step that collects, with what it collects spelt out where that is known; others as they are.

    Args:
        steps: of the unexpanded plan, by key.
        known: step key -> dynamic output -> its mapping keys.
    """
    inputs = tuple(
        msgspec.structs.replace(item, source=_spelt_out(item.source, steps, known))
        if _collects(item.source)
        else item
        for item in step.inputs
    )
    groups: list[tuple[tuple[str, str], ...]] = []
    for group in step.after_any:
        edges: list[tuple[str, str]] = []
        for key, output in group:
            upstream = steps.get(key)
            keys = keys_of(upstream, known) if upstream is not None else None
            edges += [(key, output)] if keys is None else [(mapped_key(key, one), output) for one in keys]
        if edges:  # a group of nothing is an empty list, which may run
            groups.append(tuple(dict.fromkeys(edges)))
    if inputs == step.inputs and tuple(groups) == step.after_any:
        return step
    return msgspec.structs.replace(step, inputs=inputs, after_any=tuple(groups))


def _collects(source: Any) -> bool:
    if isinstance(source, FanIn):
        return any(isinstance(one, CollectedFrom) for one in source.sources)
    return isinstance(source, CollectedFrom)


def _spelt_out(source: Any, steps: Mapping[str, Step], known: KnownKeys) -> Any:
    if isinstance(source, CollectedFrom):
        found = _found(source, steps, known)
        return source if found is None else FanIn(sources=found)
    sources: list[Any] = []
    for one in source.sources:
        found = _found(one, steps, known) if isinstance(one, CollectedFrom) else None
        sources += [one] if found is None else found
    return FanIn(sources=tuple(sources))


def _found(source: CollectedFrom, steps: Mapping[str, Step], known: KnownKeys) -> tuple[FromStep, ...] | None:
    upstream = steps.get(source.step_key)
    if upstream is not None and upstream.mapped_over is not None:
        keys = keys_of(upstream, known)
        if keys is None:
            return None
        return tuple(
            FromStep(step_key=mapped_key(source.step_key, key), output=source.output) for key in keys
        )
    keys = known.get(source.step_key, {}).get(source.output)
    if keys is None:
        return None
    return tuple(FromStep(step_key=source.step_key, output=source.output, mapping_key=key) for key in keys)


def dynamic_outputs(plan: Plan) -> dict[str, set[str]]:
    """Step -> its dynamic outputs that steps of the plan are mapped over, or collect."""
    found: dict[str, set[str]] = {}
    for step in plan.steps:
        if step.mapped_over is not None:
            found.setdefault(step.mapped_over[0], set()).add(step.mapped_over[1])
        for item in step.inputs:
            sources = item.source.sources if isinstance(item.source, FanIn) else (item.source,)
            for source in sources:
                if isinstance(source, CollectedFrom) and not source.step_key.endswith(PENDING):
                    found.setdefault(source.step_key, set()).add(source.output)
    return found
