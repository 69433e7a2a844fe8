"""Several functions that write one asset: `@asset(key="orders", writer="shopify")`, in one node of the catalog."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from treadle.core.catalog import AssetNode, Computation, WriterNode
from treadle.core.keys import AssetKey
from treadle.core.names import KIND_PREFIX
from treadle.core.problem import Problem
from treadle.core.specs import AssetDep, AssetSpec
from treadle.define.resources.catalog import class_of_resource

_MUST_AGREE: Final = (
    "group_name",
    "description",
    "partitions_def",
    "automation_condition",
    "freshness_policy",
    "legacy_freshness_policy",
    "is_virtual",
)
_KEEPS_ONE_VALUE: Final = ("treadle.run.io_managers", "treadle.integrations")
"""Where IO managers are made of which we know that a second value takes the place of the first."""


def with_writer(known: AssetNode, added: WriterNode) -> tuple[AssetNode, list[Problem]]:
    """The node of an asset with one writer more, and what does not fit."""
    key, name = added.spec.key, added.name
    for other in known.writers:
        if other.name == name:
            return known, [_taken(key, name, other.where, added.where)]
    mine, theirs = known.spec.partitions_def, added.spec.partitions_def
    if mine != theirs:
        return known, [_mismatch(key, known, added, "partitions_def", mine, theirs)]
    merged, problems = _merged(known, added)
    return msgspec.structs.replace(known, spec=merged, writers=(*known.writers, added)), problems


def with_spec_of_writer(node: AssetNode, computation: str, spec: AssetSpec) -> AssetNode:
    """The node where one of its writers declares something else: its inputs were joined to other assets."""
    writers = [
        msgspec.structs.replace(each, spec=spec) if each.computation == computation else each
        for each in node.writers
    ]
    found = msgspec.structs.replace(node, spec=writers[0].spec, writers=(writers[0],))
    for writer in writers[1:]:
        merged, _ = _merged(found, writer)
        found = msgspec.structs.replace(found, spec=merged, writers=(*found.writers, writer))
    return found


def _merged(known: AssetNode, added: WriterNode) -> tuple[AssetSpec, list[Problem]]:
    """Dependencies of all; what only one says holds; what several say must be the same."""
    old: AssetSpec = known.spec
    new: AssetSpec = added.spec
    problems: list[Problem] = []
    changes: dict[str, Any] = {}
    for name in _MUST_AGREE:
        mine, theirs = getattr(old, name), getattr(new, name)
        if mine and theirs and mine != theirs:
            problems.append(_mismatch(new.key, known, added, name, mine, theirs))
        elif theirs and not mine:
            changes[name] = theirs
    if old.owners and new.owners and set(old.owners) != set(new.owners):
        problems.append(_mismatch(new.key, known, added, "owners", list(old.owners), list(new.owners)))
    elif new.owners and not old.owners:
        changes["owners"] = list(new.owners)
    for name in ("tags", "metadata"):
        mine, theirs = getattr(old, name), getattr(new, name)
        for each in sorted(mine.keys() & theirs.keys()):
            if mine[each] != theirs[each] and not each.startswith("dagster/"):
                problems.append(
                    _mismatch(new.key, known, added, f"{name}[{each!r}]", mine[each], theirs[each])
                )
        if theirs:
            both = {**theirs, **mine}
            changes[name] = {each: text for each, text in both.items() if not each.startswith(KIND_PREFIX)}
    if new.kinds:
        changes["kinds"] = old.kinds | new.kinds
    deps: dict[AssetKey, AssetDep] = {dep.asset_key: dep for dep in (*new.deps, *old.deps)}
    if len(deps) != len(old.deps):
        order = dict.fromkeys(dep.asset_key for dep in (*old.deps, *new.deps))
        changes["deps"] = [deps[key] for key in order]
    if old.code_version is not None:
        changes["code_version"] = None  # each writer has its own
    return (old.replace_attributes(**changes) if changes else old), problems


def overwriting_writers(
    assets: Mapping[AssetKey, AssetNode],
    computations: Mapping[str, Computation],
    resources: Mapping[str, Any],
) -> Iterator[Problem]:
    """A problem for each asset of which several writers hand a value to an IO manager that keeps only the last."""
    for key, node in assets.items():
        if len(node.writers) < 2:
            continue
        storing = [
            writer
            for writer in node.writers
            for output in computations[writer.computation].outputs
            if output.asset_key == key
            and output.stores_value
            and _overwrites(output.io_manager_key, resources)
        ]
        if len(storing) > 1:
            names = ", ".join(f"`{writer.name}`" for writer in storing)
            yield Problem(
                code="writers-overwrite",
                severity="warning",
                message=f"the writers {names} of asset `{key.to_user_string()}` return values, and the IO manager "
                f"keeps one value: what `{storing[-1].name}` returns takes the place of the others'.",
                asset_key=key,
                where=storing[-1].where,
                suggestion="let each write its own part and return None (`-> None`) or a MaterializeResult",
            )


def _overwrites(key: str, resources: Mapping[str, Any]) -> bool:
    """Whether an IO manager is one of ours; what others do with a second value is theirs to know."""
    definition = resources.get(key)
    if definition is None:
        return key == "io_manager"
    found = class_of_resource(definition)
    makers = found.__mro__ if found is not None else (getattr(definition, "resource_fn", None),)
    return any(getattr(each, "__module__", "").startswith(_KEEPS_ONE_VALUE) for each in makers)


def _taken(key: AssetKey, name: str, first: str | None, second: str | None) -> Problem:
    places = " and ".join(place for place in (first, second) if place)
    return Problem(
        code="duplicate-key",
        message=f"asset `{key.to_user_string()}` has two writers called `{name}`"
        + (f": at {places}" if places else ""),
        asset_key=key,
        where=second,
        suggestion="rename one of the two, or leave one out",
    )


def _mismatch(
    key: AssetKey, known: AssetNode, added: WriterNode, what: str, mine: Any, theirs: Any
) -> Problem:
    places = " and ".join(place for place in (known.writers[0].where, added.where) if place)
    return Problem(
        code="writers-differ",
        message=f"the writers of asset `{key.to_user_string()}` do not agree on `{what}`: {mine!r} and, from "
        f"`{added.name}`, {theirs!r}" + (f": at {places}" if places else ""),
        asset_key=key,
        where=added.where,
        suggestion=f"say `{what}` in one of them, or the same in all",
    )
