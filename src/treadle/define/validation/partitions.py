"""Problems of partitions: neighbours that no mapping joins, and keys that do not tell windows apart."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from treadle.core.catalog import Catalog, Computation
from treadle.core.errors import TreadleError
from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import StaticPartitionsDefinition
from treadle.core.partitions.lossy_keys import LossyKey, find_lossy_key
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.problem import Problem
from treadle.define.validation.resources import first_asset, subject_of


def partition_mismatches(catalog: Catalog) -> Iterator[Problem]:
    """A problem for each edge whose mapping, given or default, can not join the two definitions."""
    answers: dict[tuple[int, int, Any], tuple[str | None, bool]] = {}
    definitions = (computation.partitions_def for computation in catalog.computations.values())
    own = (node.spec.partitions_def for node in catalog.assets.values())
    if all(each is None for each in (*definitions, *own)):
        return
    for edge in _edges(catalog):
        upstream, downstream, mapping = catalog.partitions_def_of(edge.parent), edge.definition, edge.mapping
        if upstream is None or (downstream is None and mapping is None):
            continue
        question = (id(upstream), id(downstream), id(mapping))
        if question not in answers:
            refused = _why_not(upstream, downstream, mapping)
            strangers = refused is None and mapping is None and _share_no_key(upstream, downstream)
            told = "they have no partition key in common, so no partition has anything to read."
            answers[question] = (told if strangers else refused, strangers)
        reason, strangers = answers[question]
        if reason is not None:
            yield Problem(
                code="partition-mismatch" if mapping is None else "invalid-partition-mapping",
                message=f"{edge.subject} ({downstream}) depends on `{edge.parent.to_user_string()}` "
                f"({upstream}): {reason}",
                asset_key=edge.reader or first_asset(edge.computation),
                where=edge.computation.where,
                suggestion="say which partitions belong together: `AssetIn(partition_mapping=...)` or "
                "`AssetDep(..., partition_mapping=...)`"
                if mapping is None
                else None,
                severity="warning" if strangers else None,
            )


class _Edge(NamedTuple):
    computation: Computation
    parent: AssetKey
    definition: Any
    """Of what reads the parent."""
    mapping: Any
    reader: AssetKey | None = None
    """None: all that the function makes."""

    @property
    def subject(self) -> str:
        return (
            subject_of(self.computation) if self.reader is None else f"asset `{self.reader.to_user_string()}`"
        )


def _edges(catalog: Catalog) -> Iterator[_Edge]:
    """What each function reads: once for all its assets, or for each of them where their partitions may differ."""
    for computation in catalog.computations.values():
        inputs = [(node.asset_key, node) for node in computation.inputs if node.asset_key in catalog.assets]
        readers = _readers(catalog, computation) if inputs else {}
        for parent, node in inputs:
            if parent not in readers:
                yield _Edge(computation, parent, computation.partitions_def, node.partition_mapping)
            for reader in readers.get(parent, ()):
                mapping = catalog.partition_mapping_of(reader, parent)
                yield _Edge(computation, parent, catalog.partitions_def_of(reader), mapping, reader)


def _readers(catalog: Catalog, computation: Computation) -> dict[AssetKey, list[AssetKey]]:
    """Upstream asset -> which assets of a function depend on it; nothing where all have the partitions of the function."""
    made = [node.asset_key for node in computation.outputs if node.asset_key is not None]
    found: dict[AssetKey, list[AssetKey]] = {}
    if computation.partitions_def is not None or all(catalog.partitions_def_of(key) is None for key in made):
        return found
    for key in made:
        for parent in catalog.parents_of(key):
            found.setdefault(parent, []).append(key)
    return found


def _why_not(upstream: Any, downstream: Any, mapping: Any) -> str | None:
    try:
        chosen = mapping if mapping is not None else default_mapping(upstream, downstream)
        chosen.validate_partition_mapping(upstream, downstream)
    except TreadleError as error:
        return error.message
    return None


def _share_no_key(upstream: Any, downstream: Any) -> bool:
    """Whether definitions of fixed keys, which are joined key by key, have not one in common; in doubt False."""
    pair = (upstream, downstream)
    if all(isinstance(each, MultiPartitionsDefinition) for each in pair):
        sides = zip(*([item.partitions_def for item in each.partitions_defs] for each in pair), strict=True)
        return any(_share_no_key(*both) for both in sides)
    if not all(isinstance(each, StaticPartitionsDefinition) for each in pair):
        return False
    keys, others = (set(each.partition_keys) for each in pair)
    return bool(keys and others) and keys.isdisjoint(others)


def lossy_partition_keys(catalog: Catalog) -> Iterator[Problem]:
    """A warning for each step, or external asset, whose windows of time have keys that do not lead back to them."""
    answers: dict[tuple[str, str, str], LossyKey | None] = {}
    seen: set[tuple[Any, int]] = set()
    for key, node in catalog.assets.items():
        definition = catalog.partitions_def_of(key)
        if definition is None or (node.computation or key, id(definition)) in seen:
            continue
        seen.add((node.computation or key, id(definition)))
        for windows in _time_windows_of(definition):
            question = (windows.cron_schedule, windows.timezone, windows.fmt)
            if question not in answers:
                answers[question] = find_lossy_key(windows)
            lossy = answers[question]
            if lossy is not None:
                yield _lossy(key.to_user_string(), windows.fmt, lossy, asset_key=key, where=node.where)


def _time_windows_of(definition: Any) -> list[TimeWindowPartitionsDefinition]:
    dimensions = (
        [each.partitions_def for each in definition.partitions_defs]
        if isinstance(definition, MultiPartitionsDefinition)
        else [definition]
    )
    return [each for each in dimensions if isinstance(each, TimeWindowPartitionsDefinition)]


def _lossy(name: str, fmt: str, lossy: LossyKey, **place: Any) -> Problem:
    if lossy.other is None:
        message = f"partition `{lossy.key}` of `{name}` does not say when its window begins: it can not be read by {fmt!r}."
    else:
        begins = " and ".join(sorted(f"{start:%Y-%m-%d %H:%M}" for start in (lossy.start, lossy.other)))
        message = (
            f"the windows of `{name}` that begin at {begins} are both partition `{lossy.key}`: "
            "what is stored of one takes the place of the other."
        )
    return Problem(
        code="lossy-partition-keys",
        message=message,
        suggestion=f'give the partitions definition a `fmt` that tells windows apart, e.g. fmt="{lossy.better_fmt}"',
        severity="warning",
        **place,
    )
