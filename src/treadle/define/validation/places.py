"""Problems of where things are stored: an asset at the place of another's partition."""

from collections.abc import Iterator, Sequence
from typing import Any

from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import StaticPartitionsDefinition
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.problem import Problem
from treadle.define.code import Code
from treadle.define.validation.types import keeps_type


def path_clashes(code: Code) -> Iterator[Problem]:
    """A warning for each asset whose file is that of a partition of another: `a` with a partition `b`, and `a/b`."""
    catalog = code.catalog
    for key in catalog.assets:
        parts = key.parts_tuple
        if len(parts) < 2 or catalog.partitions_def_of(key) is not None:
            continue
        for cut in range(1, len(parts)):
            above = AssetKey(parts[:cut])
            if above not in catalog.assets or not _is_partition(
                catalog.partitions_def_of(above), parts[cut:]
            ):
                continue
            one, other = catalog.assets[above].io_manager_key, catalog.assets[key].io_manager_key
            if one != other or not keeps_type(code, one, above):
                continue
            name = catalog.assets[key].computation
            yield Problem(
                code="path-clash",
                message=f"`{key.to_user_string()}` is stored where partition `{'|'.join(parts[cut:])}` of "
                f"`{above.to_user_string()}` is: each overwrites the other.",
                asset_key=key,
                where=catalog.computations[name].where if name is not None else None,
                suggestion="rename one of them, or give one an IO manager with another `base_dir`",
                severity="warning",
            )


def _is_partition(definition: Any, parts: Sequence[str]) -> bool:
    """Whether these names below an asset's folder are those of a partition: one a dimension, in their order."""
    dimensions = (
        [each.partitions_def for each in definition.partitions_defs]
        if isinstance(definition, MultiPartitionsDefinition)
        else [definition]
    )
    return len(dimensions) == len(parts) and all(map(_has_key, dimensions, parts))


def _has_key(definition: Any, key: str) -> bool:
    if isinstance(definition, StaticPartitionsDefinition):
        return definition.has_partition_key(key)
    return isinstance(definition, TimeWindowPartitionsDefinition) and definition.ever_has_key(key)
