"""Partitions: definitions (what keys exist), sets of them as algebra, mappings, and their stored form.

A definition resolved at a time is a `PartitionSpace`: it numbers the keys along each dimension. A
`PartitionSet` is runs of these numbers: it costs its gaps, and keys become text only when asked for. Numbers
never leave the process: `stored.py` turns sets into time ranges and stable ids, and back.
The clock and the store of dynamic keys are passed in (`current_time`, `dynamic_partitions_store`).
Not here: backfill policies, partitioned config, schedules of partitioned jobs, anything that reads a store.
Everything above core may import it. The names below load on first use. Tests: tests/core/partitions.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treadle.core.partitions.context import DynamicPartitionsStore as DynamicPartitionsStore
    from treadle.core.partitions.context import PartitionLoadingContext as PartitionLoadingContext
    from treadle.core.partitions.context import partition_loading_context as partition_loading_context
    from treadle.core.partitions.definition import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
    from treadle.core.partitions.definition import (
        DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest,
    )
    from treadle.core.partitions.definition import DynamicPartitionsDefinition as DynamicPartitionsDefinition
    from treadle.core.partitions.definition import PartitionsDefinition as PartitionsDefinition
    from treadle.core.partitions.definition import StaticPartitionsDefinition as StaticPartitionsDefinition
    from treadle.core.partitions.keys import MultiPartitionKey as MultiPartitionKey
    from treadle.core.partitions.keys import Partition as Partition
    from treadle.core.partitions.keys import PartitionKeyRange as PartitionKeyRange
    from treadle.core.partitions.keys import TimeWindow as TimeWindow
    from treadle.core.partitions.keys import check_partition_key as check_partition_key
    from treadle.core.partitions.mapping import AllPartitionMapping as AllPartitionMapping
    from treadle.core.partitions.mapping import IdentityPartitionMapping as IdentityPartitionMapping
    from treadle.core.partitions.mapping import LastPartitionMapping as LastPartitionMapping
    from treadle.core.partitions.mapping import PartitionMapping as PartitionMapping
    from treadle.core.partitions.mapping import (
        SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping,
    )
    from treadle.core.partitions.mapping import StaticPartitionMapping as StaticPartitionMapping
    from treadle.core.partitions.mapping import UpstreamPartitionsResult as UpstreamPartitionsResult
    from treadle.core.partitions.multi import MultiPartitionsDefinition as MultiPartitionsDefinition
    from treadle.core.partitions.multi_mapping import DimensionPartitionMapping as DimensionPartitionMapping
    from treadle.core.partitions.multi_mapping import MultiPartitionMapping as MultiPartitionMapping
    from treadle.core.partitions.multi_mapping import (
        MultiToSingleDimensionPartitionMapping as MultiToSingleDimensionPartitionMapping,
    )
    from treadle.core.partitions.multi_mapping import check_mapping as check_mapping
    from treadle.core.partitions.multi_mapping import default_mapping as default_mapping
    from treadle.core.partitions.rhythms import DailyPartitionsDefinition as DailyPartitionsDefinition
    from treadle.core.partitions.rhythms import HourlyPartitionsDefinition as HourlyPartitionsDefinition
    from treadle.core.partitions.rhythms import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
    from treadle.core.partitions.rhythms import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
    from treadle.core.partitions.sets import PartitionSet as PartitionSet
    from treadle.core.partitions.sets import PartitionSpace as PartitionSpace
    from treadle.core.partitions.stored import StoredSet as StoredSet
    from treadle.core.partitions.stored import from_stored as from_stored
    from treadle.core.partitions.stored import stored_keys as stored_keys
    from treadle.core.partitions.stored import to_stored as to_stored
    from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping as TimeWindowPartitionMapping
    from treadle.core.partitions.time_windows import (
        TimeWindowPartitionsDefinition as TimeWindowPartitionsDefinition,
    )

_NAMES = {
    "context": "DynamicPartitionsStore PartitionLoadingContext partition_loading_context",
    "definition": "AddDynamicPartitionsRequest DeleteDynamicPartitionsRequest DynamicPartitionsDefinition "
    "PartitionsDefinition StaticPartitionsDefinition",
    "keys": "MultiPartitionKey Partition PartitionKeyRange TimeWindow check_partition_key",
    "mapping": "AllPartitionMapping IdentityPartitionMapping LastPartitionMapping PartitionMapping "
    "SpecificPartitionsPartitionMapping StaticPartitionMapping UpstreamPartitionsResult",
    "multi": "MultiPartitionsDefinition",
    "multi_mapping": "DimensionPartitionMapping MultiPartitionMapping MultiToSingleDimensionPartitionMapping "
    "check_mapping default_mapping",
    "rhythms": "DailyPartitionsDefinition HourlyPartitionsDefinition MonthlyPartitionsDefinition "
    "WeeklyPartitionsDefinition",
    "sets": "PartitionSet PartitionSpace",
    "stored": "StoredSet from_stored stored_keys to_stored",
    "time_mapping": "TimeWindowPartitionMapping",
    "time_windows": "TimeWindowPartitionsDefinition",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
