# Generated from _public_names.py by `python -m treadle._public_names`; do not edit.
from treadle.core.partitions.definition import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
from treadle.core.partitions.mapping import AllPartitionMapping as AllPartitionMapping
from treadle.core.keys import AssetCheckKey as AssetCheckKey
from treadle.core.keys import AssetKey as AssetKey
from treadle.core.run_states import RunStatus as DagsterRunStatus
from treadle.core.partitions.rhythms import DailyPartitionsDefinition as DailyPartitionsDefinition
from treadle.core.partitions.definition import DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest
from treadle.core.partitions.multi_mapping import DimensionPartitionMapping as DimensionPartitionMapping
from treadle.core.partitions.definition import DynamicPartitionsDefinition as DynamicPartitionsDefinition
from treadle.core.partitions.rhythms import HourlyPartitionsDefinition as HourlyPartitionsDefinition
from treadle.core.partitions.mapping import IdentityPartitionMapping as IdentityPartitionMapping
from treadle.core.partitions.mapping import LastPartitionMapping as LastPartitionMapping
from treadle.core.partitions.rhythms import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
from treadle.core.partitions.keys import MultiPartitionKey as MultiPartitionKey
from treadle.core.partitions.multi_mapping import MultiPartitionMapping as MultiPartitionMapping
from treadle.core.partitions.multi import MultiPartitionsDefinition as MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import MultiToSingleDimensionPartitionMapping as MultiToSingleDimensionPartitionMapping
from treadle.core.partitions.keys import Partition as Partition
from treadle.core.partitions.keys import PartitionKeyRange as PartitionKeyRange
from treadle.core.partitions.context import PartitionLoadingContext as PartitionLoadingContext
from treadle.core.partitions.mapping import PartitionMapping as PartitionMapping
from treadle.core.partitions.definition import PartitionsDefinition as PartitionsDefinition
from treadle.core.run_states import RunStatus as RunStatus
from treadle.core.partitions.mapping import SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping
from treadle.core.partitions.mapping import StaticPartitionMapping as StaticPartitionMapping
from treadle.core.partitions.definition import StaticPartitionsDefinition as StaticPartitionsDefinition
from treadle.core.partitions.keys import TimeWindow as TimeWindow
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping as TimeWindowPartitionMapping
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition as TimeWindowPartitionsDefinition
from treadle.core.partitions.mapping import UpstreamPartitionsResult as UpstreamPartitionsResult
from treadle.core.partitions.rhythms import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
from treadle.core.partitions.context import partition_loading_context as partition_loading_context

__version__: str
