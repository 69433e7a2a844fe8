"""Problems of partitions: neighbours that no mapping joins."""

from collections.abc import Iterator
from typing import Any

from treadle.core.catalog import Catalog
from treadle.core.errors import Problem, TreadleError
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.define.validation.resources import first_asset, subject_of


def partition_mismatches(catalog: Catalog) -> Iterator[Problem]:
    """A problem for each edge whose mapping, given or default, can not join the two definitions."""
    answers: dict[tuple[int, int, Any], str | None] = {}
    if not any(c.partitions_def is not None for c in catalog.computations.values()):
        return
    for computation in catalog.computations.values():
        downstream = computation.partitions_def
        for node in computation.inputs:
            if node.asset_key is None or node.asset_key not in catalog.assets:
                continue
            upstream = catalog.partitions_def_of(node.asset_key)
            mapping = node.partition_mapping
            if upstream is None or (downstream is None and mapping is None):
                continue
            question = (id(upstream), id(downstream), id(mapping))
            if question not in answers:
                answers[question] = _why_not(upstream, downstream, mapping)
            reason = answers[question]
            if reason is not None:
                yield Problem(
                    code="partition-mismatch" if mapping is None else "invalid-partition-mapping",
                    message=f"{subject_of(computation)} ({downstream}) depends on `{node.asset_key.to_user_string()}` "
                    f"({upstream}): {reason}",
                    asset_key=first_asset(computation),
                    where=computation.where,
                    suggestion="say which partitions belong together: `AssetIn(partition_mapping=...)` or "
                    "`AssetDep(..., partition_mapping=...)`"
                    if mapping is None
                    else None,
                )


def _why_not(upstream: Any, downstream: Any, mapping: Any) -> str | None:
    try:
        chosen = mapping if mapping is not None else default_mapping(upstream, downstream)
        chosen.validate_partition_mapping(upstream, downstream)
    except TreadleError as error:
        return error.message
    return None
