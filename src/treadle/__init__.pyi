# Generated from _public_names.py by `python -m treadle._public_names`; do not edit.
from treadle.core.partitions.definition import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
from treadle.core.partitions.mapping import AllPartitionMapping as AllPartitionMapping
from treadle.core.asset_events import AssetCheckEvaluation as AssetCheckEvaluation
from treadle.core.asset_events import (
    AssetCheckEvaluationTargetMaterializationData as AssetCheckEvaluationTargetMaterializationData,
)
from treadle.core.errors import AssetCheckFailedError as AssetCheckFailedError
from treadle.core.keys import AssetCheckKey as AssetCheckKey
from treadle.core.asset_events import AssetCheckResult as AssetCheckResult
from treadle.core.asset_events import AssetCheckSeverity as AssetCheckSeverity
from treadle.core.specs import AssetCheckSpec as AssetCheckSpec
from treadle.core.specs import AssetDep as AssetDep
from treadle.core.asset_io import AssetIn as AssetIn
from treadle.core.keys import AssetJobKey as AssetJobKey
from treadle.core.keys import AssetKey as AssetKey
from treadle.core.asset_events import AssetMaterialization as AssetMaterialization
from treadle.core.metadata import AssetMetadataValue as AssetMetadataValue
from treadle.core.asset_events import AssetObservation as AssetObservation
from treadle.core.keys import AssetOrCheckKey as AssetOrCheckKey
from treadle.core.asset_io import AssetOut as AssetOut
from treadle.store.records import AssetPartitionStatus as AssetPartitionStatus
from treadle.store.records import AssetRecordsFilter as AssetRecordsFilter
from treadle.core.asset_events import AssetResult as AssetResult
from treadle.core.selection.asset_selection import AssetSelection as AssetSelection
from treadle.core.specs import AssetSpec as AssetSpec
from treadle.core.automation import (
    AutoMaterializeAssetPartitionsFilter as AutoMaterializeAssetPartitionsFilter,
)
from treadle.core.automation import AutoMaterializePolicy as AutoMaterializePolicy
from treadle.core.automation import AutoMaterializeRule as AutoMaterializeRule
from treadle.core.automation import AutomationCondition as AutomationCondition
from treadle.core.policies import BackfillPolicy as BackfillPolicy
from treadle.core.policies import BackfillPolicyType as BackfillPolicyType
from treadle.core.retry import Backoff as Backoff
from treadle.core.errors import BetaWarning as BetaWarning
from treadle.core.metadata import BoolMetadataValue as BoolMetadataValue
from treadle.core.metadata import CodeReferencesMetadataValue as CodeReferencesMetadataValue
from treadle.core.errors import ConfigArgumentWarning as ConfigArgumentWarning
from treadle.core.errors import ConfigMappingFunctionError as ConfigMappingFunctionError
from treadle.core.errors import AssetCheckFailedError as DagsterAssetCheckFailedError
from treadle.core.metadata import AssetMetadataValue as DagsterAssetMetadataValue
from treadle.core.errors import ConfigMappingFunctionError as DagsterConfigMappingFunctionError
from treadle.core.errors import TreadleError as DagsterError
from treadle.store.event_views import RunEvent as DagsterEvent
from treadle.core.events import EventType as DagsterEventType
from treadle.core.errors import HandleOutputError as DagsterExecutionHandleOutputError
from treadle.core.errors import ExecutionInterruptedError as DagsterExecutionInterruptedError
from treadle.core.errors import LoadInputError as DagsterExecutionLoadInputError
from treadle.core.errors import StepExecutionError as DagsterExecutionStepExecutionError
from treadle.core.errors import ExecutionStepNotFoundError as DagsterExecutionStepNotFoundError
from treadle.store.instance import Instance as DagsterInstance
from treadle.core.errors import InvalidAssetSelectionError as DagsterInvalidAssetSelectionError
from treadle.core.errors import InvalidConfigDefinitionError as DagsterInvalidConfigDefinitionError
from treadle.core.errors import InvalidConfigError as DagsterInvalidConfigError
from treadle.core.errors import InvalidDefinitionError as DagsterInvalidDefinitionError
from treadle.core.errors import InvalidInvocationError as DagsterInvalidInvocationError
from treadle.core.errors import InvalidMetadataError as DagsterInvalidMetadata
from treadle.core.errors import InvalidSubsetError as DagsterInvalidSubsetError
from treadle.core.errors import InvariantViolationError as DagsterInvariantViolationError
from treadle.core.metadata import JobMetadataValue as DagsterJobMetadataValue
from treadle.core.errors import MaxRetriesExceededError as DagsterMaxRetriesExceededError
from treadle.core.errors import ResourceFunctionError as DagsterResourceFunctionError
from treadle.core.runs import Run as DagsterRun
from treadle.core.metadata import RunMetadataValue as DagsterRunMetadataValue
from treadle.core.errors import RunNotFoundError as DagsterRunNotFoundError
from treadle.core.run_states import RunStatus as DagsterRunStatus
from treadle.core.errors import StepOutputNotFoundError as DagsterStepOutputNotFoundError
from treadle.core.errors import SubprocessError as DagsterSubprocessError
from treadle.core.errors import TypeCheckDidNotPass as DagsterTypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as DagsterTypeCheckError
from treadle.core.errors import UnknownPartitionError as DagsterUnknownPartitionError
from treadle.core.errors import UnknownResourceError as DagsterUnknownResourceError
from treadle.core.errors import UnmetExecutorRequirementsError as DagsterUnmetExecutorRequirementsError
from treadle.core.errors import UserCodeExecutionError as DagsterUserCodeExecutionError
from treadle.core.partitions.rhythms import DailyPartitionsDefinition as DailyPartitionsDefinition
from treadle.core.data_versions import DataProvenance as DataProvenance
from treadle.core.data_versions import DataVersion as DataVersion
from treadle.core.data_versions import DataVersionsByPartition as DataVersionsByPartition
from treadle.core.schedules import DefaultScheduleStatus as DefaultScheduleStatus
from treadle.core.schedules import DefaultSensorStatus as DefaultSensorStatus
from treadle.core.partitions.definition import (
    DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest,
)
from treadle.core.partitions.multi_mapping import DimensionPartitionMapping as DimensionPartitionMapping
from treadle.core.outputs import DynamicOutput as DynamicOutput
from treadle.core.partitions.definition import DynamicPartitionsDefinition as DynamicPartitionsDefinition
from treadle.store.event_views import EventLogEntry as EventLogEntry
from treadle.store.event_views import EventLogRecord as EventLogRecord
from treadle.store.records import EventRecordsFilter as EventRecordsFilter
from treadle.store.records import EventRecordsResult as EventRecordsResult
from treadle.core.events import EventType as EventType
from treadle.core.errors import ExecutionInterruptedError as ExecutionInterruptedError
from treadle.core.errors import ExecutionStepNotFoundError as ExecutionStepNotFoundError
from treadle.core.outputs import ExpectationResult as ExpectationResult
from treadle.core.failures import Failure as Failure
from treadle.core.metadata import FloatMetadataValue as FloatMetadataValue
from treadle.core.policies import FreshnessPolicy as FreshnessPolicy
from treadle.core.errors import HandleOutputError as HandleOutputError
from treadle.core.partitions.rhythms import HourlyPartitionsDefinition as HourlyPartitionsDefinition
from treadle.core.partitions.mapping import IdentityPartitionMapping as IdentityPartitionMapping
from treadle.store.instance import Instance as Instance
from treadle.core.metadata import IntMetadataValue as IntMetadataValue
from treadle.core.errors import InvalidArgumentError as InvalidArgumentError
from treadle.core.errors import InvalidAssetSelectionError as InvalidAssetSelectionError
from treadle.core.errors import InvalidConfigDefinitionError as InvalidConfigDefinitionError
from treadle.core.errors import InvalidConfigError as InvalidConfigError
from treadle.core.errors import InvalidDefinitionError as InvalidDefinitionError
from treadle.core.errors import InvalidInvocationError as InvalidInvocationError
from treadle.core.errors import InvalidMetadataError as InvalidMetadataError
from treadle.core.errors import InvalidSubsetError as InvalidSubsetError
from treadle.core.errors import InvariantViolationError as InvariantViolationError
from treadle.core.retry import Jitter as Jitter
from treadle.core.metadata import JobMetadataValue as JobMetadataValue
from treadle.core.metadata import JsonMetadataValue as JsonMetadataValue
from treadle.core.partitions.mapping import LastPartitionMapping as LastPartitionMapping
from treadle.core.policies import LegacyFreshnessPolicy as LegacyFreshnessPolicy
from treadle.core.errors import LoadInputError as LoadInputError
from treadle.core.code_references import LocalFileCodeReference as LocalFileCodeReference
from treadle.core.metadata import MarkdownMetadataValue as MarkdownMetadataValue
from treadle.core.asset_events import MaterializeResult as MaterializeResult
from treadle.core.errors import MaxRetriesExceededError as MaxRetriesExceededError
from treadle.core.metadata import MetadataValue as MetadataValue
from treadle.core.partitions.rhythms import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
from treadle.core.partitions.keys import MultiPartitionKey as MultiPartitionKey
from treadle.core.partitions.multi_mapping import MultiPartitionMapping as MultiPartitionMapping
from treadle.core.partitions.multi import MultiPartitionsDefinition as MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import (
    MultiToSingleDimensionPartitionMapping as MultiToSingleDimensionPartitionMapping,
)
from treadle.core.metadata import NotebookMetadataValue as NotebookMetadataValue
from treadle.core.metadata import NullMetadataValue as NullMetadataValue
from treadle.core.asset_events import ObserveResult as ObserveResult
from treadle.core.outputs import Output as Output
from treadle.core.partitions.keys import Partition as Partition
from treadle.core.partitions.keys import PartitionKeyRange as PartitionKeyRange
from treadle.core.partitions.context import PartitionLoadingContext as PartitionLoadingContext
from treadle.core.partitions.mapping import PartitionMapping as PartitionMapping
from treadle.core.partitions.definition import PartitionsDefinition as PartitionsDefinition
from treadle.core.metadata import PathMetadataValue as PathMetadataValue
from treadle.core.metadata import PoolMetadataValue as PoolMetadataValue
from treadle.core.errors import PreviewWarning as PreviewWarning
from treadle.core.errors import Problem as Problem
from treadle.core.metadata import PythonArtifactMetadataValue as PythonArtifactMetadataValue
from treadle.core.errors import ResourceFunctionError as ResourceFunctionError
from treadle.core.retry import RetryPolicy as RetryPolicy
from treadle.core.failures import RetryRequested as RetryRequested
from treadle.core.runs import Run as Run
from treadle.store.event_views import RunEvent as RunEvent
from treadle.core.metadata import RunMetadataValue as RunMetadataValue
from treadle.core.errors import RunNotFoundError as RunNotFoundError
from treadle.store.records import RunRecord as RunRecord
from treadle.core.schedules import RunRequest as RunRequest
from treadle.core.run_states import RunStatus as RunStatus
from treadle.store.records import RunStatusChangeRecordsFilter as RunStatusChangeRecordsFilter
from treadle.store.records import RunsFilter as RunsFilter
from treadle.core.schedules import SensorResult as SensorResult
from treadle.core.schedules import SkipReason as SkipReason
from treadle.core.partitions.mapping import (
    SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping,
)
from treadle.core.partitions.mapping import StaticPartitionMapping as StaticPartitionMapping
from treadle.core.partitions.definition import StaticPartitionsDefinition as StaticPartitionsDefinition
from treadle.core.errors import StepExecutionError as StepExecutionError
from treadle.core.errors import StepOutputNotFoundError as StepOutputNotFoundError
from treadle.core.errors import SubprocessError as SubprocessError
from treadle.core.errors import SupersessionWarning as SupersessionWarning
from treadle.core.metadata_table import TableColumn as TableColumn
from treadle.core.metadata_table import TableColumnConstraints as TableColumnConstraints
from treadle.core.metadata_table import TableColumnDep as TableColumnDep
from treadle.core.metadata_table import TableColumnLineage as TableColumnLineage
from treadle.core.metadata import TableColumnLineageMetadataValue as TableColumnLineageMetadataValue
from treadle.core.metadata_table import TableConstraints as TableConstraints
from treadle.core.metadata import TableMetadataValue as TableMetadataValue
from treadle.core.metadata_table import TableRecord as TableRecord
from treadle.core.metadata_table import TableSchema as TableSchema
from treadle.core.metadata import TableSchemaMetadataValue as TableSchemaMetadataValue
from treadle.core.metadata import TextMetadataValue as TextMetadataValue
from treadle.core.partitions.keys import TimeWindow as TimeWindow
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping as TimeWindowPartitionMapping
from treadle.core.partitions.time_windows import (
    TimeWindowPartitionsDefinition as TimeWindowPartitionsDefinition,
)
from treadle.core.metadata import TimestampMetadataValue as TimestampMetadataValue
from treadle.core.errors import TreadleError as TreadleError
from treadle.core.outputs import TypeCheck as TypeCheck
from treadle.core.errors import TypeCheckDidNotPass as TypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as TypeCheckError
from treadle.core.errors import UnknownPartitionError as UnknownPartitionError
from treadle.core.errors import UnknownResourceError as UnknownResourceError
from treadle.core.errors import UnmetExecutorRequirementsError as UnmetExecutorRequirementsError
from treadle.core.partitions.mapping import UpstreamPartitionsResult as UpstreamPartitionsResult
from treadle.core.code_references import UrlCodeReference as UrlCodeReference
from treadle.core.metadata import UrlMetadataValue as UrlMetadataValue
from treadle.core.errors import UserCodeExecutionError as UserCodeExecutionError
from treadle.core.partitions.rhythms import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
from treadle.core.specs import map_asset_specs as map_asset_specs
from treadle.core.partitions.context import partition_loading_context as partition_loading_context

__version__: str
