# Generated from _public_names.py by `python -m treadle._public_names`; do not edit.
from treadle.core.partitions.definition import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
from treadle.core.partitions.mapping import AllPartitionMapping as AllPartitionMapping
from treadle.core.code_references import AnchorBasedFilePathMapping as AnchorBasedFilePathMapping
from treadle.define.types import Any as Any
from treadle.define.config.schema import Array as Array
from treadle.components.resolution.definition_models import AssetAttributesModel as AssetAttributesModel
from treadle.core.asset_events import AssetCheckEvaluation as AssetCheckEvaluation
from treadle.core.asset_events import AssetCheckEvaluationTargetMaterializationData as AssetCheckEvaluationTargetMaterializationData
from treadle.define.context.asset_context import AssetCheckExecutionContext as AssetCheckExecutionContext
from treadle.core.errors import AssetCheckFailedError as AssetCheckFailedError
from treadle.core.keys import AssetCheckKey as AssetCheckKey
from treadle.core.asset_events import AssetCheckResult as AssetCheckResult
from treadle.core.asset_events import AssetCheckSeverity as AssetCheckSeverity
from treadle.core.specs import AssetCheckSpec as AssetCheckSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition as AssetChecksDefinition
from treadle.core.specs import AssetDep as AssetDep
from treadle.define.context.asset_context import AssetExecutionContext as AssetExecutionContext
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
from treadle.define.asset_sensors import AssetSensorDefinition as AssetSensorDefinition
from treadle.core.specs import AssetSpec as AssetSpec
from treadle.define.asset_values import AssetValueLoader as AssetValueLoader
from treadle.define.asset_definition import AssetsDefinition as AssetsDefinition
from treadle.core.auto_materialize import AutoMaterializeAssetPartitionsFilter as AutoMaterializeAssetPartitionsFilter
from treadle.core.auto_materialize import AutoMaterializePolicy as AutoMaterializePolicy
from treadle.core.auto_materialize import AutoMaterializeRule as AutoMaterializeRule
from treadle.core.automation import AutomationCondition as AutomationCondition
from treadle.define.automation_sensors import AutomationConditionSensorDefinition as AutomationConditionSensorDefinition
from treadle.plan.automation.context import AutomationContext as AutomationContext
from treadle.plan.automation.context import AutomationResult as AutomationResult
from treadle.core.policies import BackfillPolicy as BackfillPolicy
from treadle.core.policies import BackfillPolicyType as BackfillPolicyType
from treadle.core.retry import Backoff as Backoff
from treadle.core.errors import BetaWarning as BetaWarning
from treadle.define.resources.binding import BindResourcesToJobs as BindResourcesToJobs
from treadle.define.types import Bool as Bool
from treadle.core.metadata import BoolMetadataValue as BoolMetadataValue
from treadle.define.config.scalars import BoolSource as BoolSource
from treadle.run.io_managers.branching import BranchingIOManager as BranchingIOManager
from treadle.core.selectors import CodeLocationSelector as CodeLocationSelector
from treadle.core.metadata import CodeReferencesMetadataValue as CodeReferencesMetadataValue
from treadle.components.component import Component as Component
from treadle.components.form_config import ComponentFormConfig as ComponentFormConfig
from treadle.components.load_context import ComponentLoadContext as ComponentLoadContext
from treadle.components.tree import ComponentTree as ComponentTree
from treadle.components.form_config import ComponentTypeSpec as ComponentTypeSpec
from treadle.define.config.config_class import Config as Config
from treadle.core.errors import ConfigArgumentWarning as ConfigArgumentWarning
from treadle.define.config.mapping import ConfigMapping as ConfigMapping
from treadle.core.errors import ConfigMappingFunctionError as ConfigMappingFunctionError
from treadle.define.config.scalars import ConfigSchema as ConfigSchema
from treadle.define.io_manager_class import ConfigurableIOManager as ConfigurableIOManager
from treadle.define.io_manager_class import ConfigurableIOManagerFactory as ConfigurableIOManagerFactory
from treadle.define.resources.legacy_adapters import ConfigurableLegacyIOManagerAdapter as ConfigurableLegacyIOManagerAdapter
from treadle.define.resources.legacy_adapters import ConfigurableLegacyResourceAdapter as ConfigurableLegacyResourceAdapter
from treadle.define.resources.configurable import ConfigurableResource as ConfigurableResource
from treadle.define.resources.configurable import ConfigurableResourceFactory as ConfigurableResourceFactory
from treadle.core.errors import AssetCheckFailedError as DagsterAssetCheckFailedError
from treadle.core.metadata import AssetMetadataValue as DagsterAssetMetadataValue
from treadle.core.errors import ConfigMappingFunctionError as DagsterConfigMappingFunctionError
from treadle.core.errors import TreadleError as DagsterError
from treadle.store.event_views import RunEvent as DagsterEvent
from treadle.core.errors import EventLogInvalidForRunError as DagsterEventLogInvalidForRun
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
from treadle.define.context.log import StepLogger as DagsterLogManager
from treadle.core.errors import MaxRetriesExceededError as DagsterMaxRetriesExceededError
from treadle.core.errors import PipesExecutionError as DagsterPipesExecutionError
from treadle.core.errors import ResourceFunctionError as DagsterResourceFunctionError
from treadle.core.runs import Run as DagsterRun
from treadle.core.metadata import RunMetadataValue as DagsterRunMetadataValue
from treadle.core.errors import RunNotFoundError as DagsterRunNotFoundError
from treadle.core.ticks import RunReaction as DagsterRunReaction
from treadle.core.run_states import RunStatus as DagsterRunStatus
from treadle.core.errors import StepOutputNotFoundError as DagsterStepOutputNotFoundError
from treadle.core.errors import SubprocessError as DagsterSubprocessError
from treadle.define.type_definition import TypeDefinition as DagsterType
from treadle.core.errors import TypeCheckDidNotPass as DagsterTypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as DagsterTypeCheckError
from treadle.define.type_definition import TypeLoader as DagsterTypeLoader
from treadle.define.context.op_context import OpExecutionContext as DagsterTypeLoaderContext
from treadle.core.errors import UnknownPartitionError as DagsterUnknownPartitionError
from treadle.core.errors import UnknownResourceError as DagsterUnknownResourceError
from treadle.core.errors import UnmetExecutorRequirementsError as DagsterUnmetExecutorRequirementsError
from treadle.core.errors import UserCodeExecutionError as DagsterUserCodeExecutionError
from treadle.core.partitions.rhythms import DailyPartitionsDefinition as DailyPartitionsDefinition
from treadle.core.data_versions import DataProvenance as DataProvenance
from treadle.core.data_versions import DataVersion as DataVersion
from treadle.core.data_versions import DataVersionsByPartition as DataVersionsByPartition
from treadle.run.io_managers.tables import DbClient as DbClient
from treadle.run.io_managers.tables import DbIOManager as DbIOManager
from treadle.run.io_managers.tables import DbTypeHandler as DbTypeHandler
from treadle.store.deployment import DefaultRunLauncher as DefaultRunLauncher
from treadle.core.schedules import DefaultScheduleStatus as DefaultScheduleStatus
from treadle.core.schedules import DefaultSensorStatus as DefaultSensorStatus
from treadle.define.definitions import Definitions as Definitions
from treadle.components.lib.definitions_file import DefinitionsComponent as DefinitionsComponent
from treadle.define.validation.errors import DefinitionsError as DefinitionsError
from treadle.components.folders import DefsFolderComponent as DefsFolderComponent
from treadle.core.partitions.definition import DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest
from treadle.define.graphs.dependencies import DependencyDefinition as DependencyDefinition
from treadle.define.types import Dict as Dict
from treadle.core.partitions.multi_mapping import DimensionPartitionMapping as DimensionPartitionMapping
from treadle.run.io_managers.atomic import DiskFullError as DiskFullError
from treadle.define.op import DynamicOut as DynamicOut
from treadle.core.outputs import DynamicOutput as DynamicOutput
from treadle.core.partitions.definition import DynamicPartitionsDefinition as DynamicPartitionsDefinition
from treadle.plan.automation.context import EntitySubset as EntitySubset
from treadle.define.config.enums import Enum as Enum
from treadle.define.config.enums import EnumValue as EnumValue
from treadle.define.config.environment import EnvVar as EnvVar
from treadle.plan.automation.results import EvaluateAutomationConditionsResult as EvaluateAutomationConditionsResult
from treadle.store.event_views import EventLogEntry as EventLogEntry
from treadle.core.errors import EventLogInvalidForRunError as EventLogInvalidForRunError
from treadle.store.event_views import EventLogRecord as EventLogRecord
from treadle.store.records import EventRecordsFilter as EventRecordsFilter
from treadle.store.records import EventRecordsResult as EventRecordsResult
from treadle.core.events import EventType as EventType
from treadle.run.results import RunResult as ExecuteInProcessResult
from treadle.core.errors import ExecutionInterruptedError as ExecutionInterruptedError
from treadle.core.errors import ExecutionStepNotFoundError as ExecutionStepNotFoundError
from treadle.define.executors import Executor as Executor
from treadle.define.executors import ExecutorDefinition as ExecutorDefinition
from treadle.define.executors import ExecutorRequirement as ExecutorRequirement
from treadle.core.outputs import ExpectationResult as ExpectationResult
from treadle.core.failures import Failure as Failure
from treadle.define.config.schema import Field as Field
from treadle.define.resources.file_manager import FileHandle as FileHandle
from treadle.core.code_references import FilePathMapping as FilePathMapping
from treadle.run.io_managers.configurable_filesystem import FilesystemIOManager as FilesystemIOManager
from treadle.define.types import Float as Float
from treadle.core.metadata import FloatMetadataValue as FloatMetadataValue
from treadle.define.config.scalars import FloatSource as FloatSource
from treadle.core.policies import FreshnessPolicy as FreshnessPolicy
from treadle.core.freshness import FreshnessState as FreshnessState
from treadle.components.lib.executable import FunctionComponent as FunctionComponent
from treadle.define.graphs.graph_definition import GraphDefinition as GraphDefinition
from treadle.define.graphs.dependencies import GraphIn as GraphIn
from treadle.define.graphs.dependencies import GraphOut as GraphOut
from treadle.core.errors import HandleOutputError as HandleOutputError
from treadle.define.context.hook_context import HookContext as HookContext
from treadle.define.hooks import HookDefinition as HookDefinition
from treadle.define.hooks import HookExecutionResult as HookExecutionResult
from treadle.core.partitions.rhythms import HourlyPartitionsDefinition as HourlyPartitionsDefinition
from treadle.define.resources.annotations import AttachesDifferentObject as IAttachDifferentObjectToOpContext
from treadle.define.io_manager import IOManager as IOManager
from treadle.define.io_manager import IOManagerDefinition as IOManagerDefinition
from treadle.core.partitions.mapping import IdentityPartitionMapping as IdentityPartitionMapping
from treadle.define.op import In as In
from treadle.run.io_managers.memory import InMemoryIOManager as InMemoryIOManager
from treadle.define.executors import InitExecutorContext as InitExecutorContext
from treadle.define.loggers import InitLoggerContext as InitLoggerContext
from treadle.define.resources.context import InitResourceContext as InitResourceContext
from treadle.components.resolution.resolver import Injected as Injected
from treadle.define.context.input_context import InputContext as InputContext
from treadle.define.io_manager import InputManager as InputManager
from treadle.define.io_manager import InputManagerDefinition as InputManagerDefinition
from treadle.define.graphs.dependencies import InputMapping as InputMapping
from treadle.store.instance import Instance as Instance
from treadle.define.types import Int as Int
from treadle.define.config.environment import IntEnvVar as IntEnvVar
from treadle.core.metadata import IntMetadataValue as IntMetadataValue
from treadle.define.config.scalars import IntSource as IntSource
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
from treadle.define.job_definition import JobDefinition as JobDefinition
from treadle.run.results import RunResult as JobExecutionResult
from treadle.core.metadata import JobMetadataValue as JobMetadataValue
from treadle.core.selectors import JobSelector as JobSelector
from treadle.define.loggers import JsonLogFormatter as JsonLogFormatter
from treadle.core.metadata import JsonMetadataValue as JsonMetadataValue
from treadle.core.partitions.mapping import LastPartitionMapping as LastPartitionMapping
from treadle.core.policies import LegacyFreshnessPolicy as LegacyFreshnessPolicy
from treadle.define.types import List as List
from treadle.define.load_code import LoadError as LoadError
from treadle.core.errors import LoadInputError as LoadInputError
from treadle.core.code_references import LocalFileCodeReference as LocalFileCodeReference
from treadle.define.resources.file_manager import LocalFileHandle as LocalFileHandle
from treadle.define.loggers import LoggerDefinition as LoggerDefinition
from treadle.run.run_limits import MAX_RUNTIME_TAG as MAX_RUNTIME_SECONDS_TAG
from treadle.run.run_limits import MAX_RUNTIME_TAG as MAX_RUNTIME_TAG
from treadle.define.config.schema import Map as Map
from treadle.core.metadata import MarkdownMetadataValue as MarkdownMetadataValue
from treadle.core.asset_events import MaterializeResult as MaterializeResult
from treadle.core.errors import MaxRetriesExceededError as MaxRetriesExceededError
from treadle.core.metadata_entry import MetadataEntry as MetadataEntry
from treadle.core.metadata import MetadataValue as MetadataValue
from treadle.run.migrate_io_storage import MigrateIOStorageResult as MigrateIOStorageResult
from treadle.components.resolution.resolvable import Model as Model
from treadle.core.partitions.rhythms import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
from treadle.define.asset_sensors import MultiAssetSensorDefinition as MultiAssetSensorDefinition
from treadle.define.context.multi_asset_sensor_context import MultiAssetSensorEvaluationContext as MultiAssetSensorEvaluationContext
from treadle.define.graphs.dependencies import MultiDependencyDefinition as MultiDependencyDefinition
from treadle.core.partitions.keys import MultiPartitionKey as MultiPartitionKey
from treadle.core.partitions.multi_mapping import MultiPartitionMapping as MultiPartitionMapping
from treadle.core.partitions.multi import MultiPartitionsDefinition as MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import MultiToSingleDimensionPartitionMapping as MultiToSingleDimensionPartitionMapping
from treadle.define.graphs.dependencies import NodeInvocation as NodeInvocation
from treadle.define.config.schema import Noneable as Noneable
from treadle.core.metadata import NotebookMetadataValue as NotebookMetadataValue
from treadle.define.type_definition import Nothing as Nothing
from treadle.core.metadata import NullMetadataValue as NullMetadataValue
from treadle.core.asset_events import ObserveResult as ObserveResult
from treadle.define.op import OpDefinition as OpDefinition
from treadle.define.context.op_context import OpExecutionContext as OpExecutionContext
from treadle.define.types import Optional as Optional
from treadle.define.op import Out as Out
from treadle.core.outputs import Output as Output
from treadle.define.context.output_context import OutputContext as OutputContext
from treadle.define.graphs.dependencies import OutputMapping as OutputMapping
from treadle.core.pagination import PaginatedResults as PaginatedResults
from treadle.define.resources.configurable import PartialResource as PartialResource
from treadle.core.partitions.keys import Partition as Partition
from treadle.core.partitions.keys import PartitionKeyRange as PartitionKeyRange
from treadle.core.partitions.context import PartitionLoadingContext as PartitionLoadingContext
from treadle.core.partitions.mapping import PartitionMapping as PartitionMapping
from treadle.define.config.partitioned import PartitionedConfig as PartitionedConfig
from treadle.core.partitions.definition import PartitionsDefinition as PartitionsDefinition
from treadle.core.metadata import PathMetadataValue as PathMetadataValue
from treadle.define.graphs.invocation import PendingNodeInvocation as PendingNodeInvocation
from treadle.define.config.schema import Permissive as Permissive
from treadle.define.config.config_class import PermissiveConfig as PermissiveConfig
from treadle.pipes.blob_readers import PipesBlobStoreMessageReader as PipesBlobStoreMessageReader
from treadle.pipes.client import PipesClient as PipesClient
from treadle.pipes.client import PipesClientCompletedInvocation as PipesClientCompletedInvocation
from treadle.pipes.readers import PipesCompositeMessageReader as PipesCompositeMessageReader
from treadle.pipes.client import PipesContextInjector as PipesContextInjector
from treadle.pipes.injectors import PipesEnvContextInjector as PipesEnvContextInjector
from treadle.core.errors import PipesExecutionError as PipesExecutionError
from treadle.pipes.client import PipesExecutionResult as PipesExecutionResult
from treadle.pipes.injectors import PipesFileContextInjector as PipesFileContextInjector
from treadle.pipes.readers import PipesFileMessageReader as PipesFileMessageReader
from treadle.pipes.client import PipesLaunchedData as PipesLaunchedData
from treadle.pipes.blob_readers import PipesLogReader as PipesLogReader
from treadle.pipes.message_handler import PipesMessageHandler as PipesMessageHandler
from treadle.pipes.client import PipesMessageReader as PipesMessageReader
from treadle.pipes.session import PipesSession as PipesSession
from treadle.pipes.subprocess_client import PipesSubprocessClient as PipesSubprocessClient
from treadle.pipes.injectors import PipesTempFileContextInjector as PipesTempFileContextInjector
from treadle.pipes.readers import PipesTempFileMessageReader as PipesTempFileMessageReader
from treadle.pipes.blob_readers import PipesThreadedMessageReader as PipesThreadedMessageReader
from treadle.core.metadata import PoolMetadataValue as PoolMetadataValue
from treadle.core.errors import PreviewWarning as PreviewWarning
from treadle.core.problem import Problem as Problem
from treadle.core.metadata import PythonArtifactMetadataValue as PythonArtifactMetadataValue
from treadle.define.type_definition import PythonObjectType as PythonObjectDagsterType
from treadle.define.type_definition import PythonObjectType as PythonObjectType
from treadle.components.lib.executable import PythonScriptComponent as PythonScriptComponent
from treadle.store.deployment import QueuedRunCoordinator as QueuedRunCoordinator
from treadle.run.reexecution import ReexecutionOptions as ReexecutionOptions
from treadle.define.repository import RepositoryData as RepositoryData
from treadle.define.repository import RepositoryDefinition as RepositoryDefinition
from treadle.core.selectors import RepositorySelector as RepositorySelector
from treadle.components.resolution.context import ResolutionContext as ResolutionContext
from treadle.components.resolution.errors import ResolutionError as ResolutionError
from treadle.components.resolution.resolvable import Resolvable as Resolvable
from treadle.components.resolution.definition_models import ResolvedAssetCheckSpec as ResolvedAssetCheckSpec
from treadle.components.resolution.definition_models import ResolvedAssetKey as ResolvedAssetKey
from treadle.components.resolution.definition_models import ResolvedAssetSpec as ResolvedAssetSpec
from treadle.components.resolution.resolver import Resolver as Resolver
from treadle.define.resources.definition import ResourceDefinition as ResourceDefinition
from treadle.define.resources.configurable import ResourceDependency as ResourceDependency
from treadle.core.errors import ResourceFunctionError as ResourceFunctionError
from treadle.define.resources.annotations import ResourceParam as ResourceParam
from treadle.core.retry import RetryPolicy as RetryPolicy
from treadle.core.failures import RetryRequested as RetryRequested
from treadle.core.runs import Run as Run
from treadle.define.config.run_config import RunConfig as RunConfig
from treadle.store.event_views import RunEvent as RunEvent
from treadle.define.context.run_status_context import RunFailureSensorContext as RunFailureSensorContext
from treadle.core.metadata import RunMetadataValue as RunMetadataValue
from treadle.core.errors import RunNotFoundError as RunNotFoundError
from treadle.core.ticks import RunReaction as RunReaction
from treadle.store.records import RunRecord as RunRecord
from treadle.core.schedules import RunRequest as RunRequest
from treadle.run.results import RunResult as RunResult
from treadle.store.records import RunShardedEventsCursor as RunShardedEventsCursor
from treadle.core.run_states import RunStatus as RunStatus
from treadle.store.records import RunStatusChangeRecordsFilter as RunStatusChangeRecordsFilter
from treadle.define.context.run_status_context import RunStatusSensorContext as RunStatusSensorContext
from treadle.define.run_status_sensors import RunStatusSensorDefinition as RunStatusSensorDefinition
from treadle.store.records import RunsFilter as RunsFilter
from treadle.components.scaffolding import ScaffoldRequest as ScaffoldRequest
from treadle.components.scaffolding import Scaffolder as Scaffolder
from treadle.define.config.schema import ScalarUnion as ScalarUnion
from treadle.define.schedules import ScheduleDefinition as ScheduleDefinition
from treadle.define.context.schedule_context import ScheduleEvaluationContext as ScheduleEvaluationContext
from treadle.define.config.schema import Selector as Selector
from treadle.define.sensors import SensorDefinition as SensorDefinition
from treadle.define.context.sensor_context import SensorEvaluationContext as SensorEvaluationContext
from treadle.core.schedules import SensorResult as SensorResult
from treadle.define.sensors import SensorReturnTypesUnion as SensorReturnTypesUnion
from treadle.core.ticks import SensorType as SensorType
from treadle.define.types import Set as Set
from treadle.define.config.schema import Shape as Shape
from treadle.core.schedules import SkipReason as SkipReason
from treadle.define.source_asset import SourceAsset as SourceAsset
from treadle.core.partitions.mapping import SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping
from treadle.components.lib.sql import SqlComponent as SqlComponent
from treadle.components.lib.state import StateBackedComponent as StateBackedComponent
from treadle.core.partitions.mapping import StaticPartitionMapping as StaticPartitionMapping
from treadle.core.partitions.definition import StaticPartitionsDefinition as StaticPartitionsDefinition
from treadle.define.context.op_context import OpExecutionContext as StepExecutionContext
from treadle.core.errors import StepExecutionError as StepExecutionError
from treadle.run.step_refs import StepLauncher as StepLauncher
from treadle.define.context.log import StepLogger as StepLogger
from treadle.core.errors import StepOutputNotFoundError as StepOutputNotFoundError
from treadle.run.step_refs import StepRunRef as StepRunRef
from treadle.run.migrate_io_storage import StoredAsset as StoredAsset
from treadle.define.types import String as String
from treadle.define.config.scalars import StringSource as StringSource
from treadle.store.deployment import SubmitRunContext as SubmitRunContext
from treadle.core.errors import SubprocessError as SubprocessError
from treadle.core.errors import SupersessionWarning as SupersessionWarning
from treadle.core.metadata_table import TableColumn as TableColumn
from treadle.core.metadata_table import TableColumnConstraints as TableColumnConstraints
from treadle.core.metadata_table import TableColumnDep as TableColumnDep
from treadle.core.metadata_table import TableColumnLineage as TableColumnLineage
from treadle.core.metadata import TableColumnLineageMetadataValue as TableColumnLineageMetadataValue
from treadle.core.metadata_table import TableConstraints as TableConstraints
from treadle.core.metadata import TableMetadataValue as TableMetadataValue
from treadle.run.io_managers.tables import TablePartitionDimension as TablePartitionDimension
from treadle.core.metadata_table import TableRecord as TableRecord
from treadle.core.metadata_table import TableSchema as TableSchema
from treadle.core.metadata import TableSchemaMetadataValue as TableSchemaMetadataValue
from treadle.run.io_managers.tables import TableSlice as TableSlice
from treadle.components.lib.sql import TemplatedSqlComponent as TemplatedSqlComponent
from treadle.core.metadata import TextMetadataValue as TextMetadataValue
from treadle.core.ticks import TickResult as TickResult
from treadle.core.partitions.keys import TimeWindow as TimeWindow
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping as TimeWindowPartitionMapping
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition as TimeWindowPartitionsDefinition
from treadle.core.metadata import TimestampMetadataValue as TimestampMetadataValue
from treadle.core.errors import TreadleError as TreadleError
from treadle.define.types import Tuple as Tuple
from treadle.core.outputs import TypeCheck as TypeCheck
from treadle.define.type_definition import TypeCheckContext as TypeCheckContext
from treadle.core.errors import TypeCheckDidNotPass as TypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as TypeCheckError
from treadle.define.type_definition import TypeDefinition as TypeDefinition
from treadle.define.type_definition import TypeLoader as TypeLoader
from treadle.store.deployment import UPathDefsStateStorage as UPathDefsStateStorage
from treadle.run.io_managers.upath import UPathIOManager as UPathIOManager
from treadle.core.errors import UnfitValueError as UnfitValueError
from treadle.core.errors import UnknownPartitionError as UnknownPartitionError
from treadle.core.errors import UnknownResourceError as UnknownResourceError
from treadle.core.errors import UnmetExecutorRequirementsError as UnmetExecutorRequirementsError
from treadle.run.io_managers.filesystem import UnpicklableOutputError as UnpicklableOutputError
from treadle.core.partitions.mapping import UpstreamPartitionsResult as UpstreamPartitionsResult
from treadle.core.code_references import UrlCodeReference as UrlCodeReference
from treadle.core.metadata import UrlMetadataValue as UrlMetadataValue
from treadle.core.errors import UserCodeExecutionError as UserCodeExecutionError
from treadle.components.lib.executable import UvRunComponent as UvRunComponent
from treadle.run.io_managers.filesystem import ValueNotStoredError as ValueNotStoredError
from treadle.core.partitions.rhythms import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
from treadle.define.freshness import apply_freshness_policy as apply_freshness_policy
from treadle.define.decorators.asset import asset as asset
from treadle.define.decorators.asset_check import asset_check as asset_check
from treadle.define.asset_sensors import asset_sensor as asset_sensor
from treadle.define.executors import asyncio_executor as asyncio_executor
from treadle.run.io_managers.atomic import atomic_write as atomic_write
from treadle.define.context.build import build_asset_check_context as build_asset_check_context
from treadle.define.context.build import build_asset_context as build_asset_context
from treadle.define.checks.column_schema import build_column_schema_change_checks as build_column_schema_change_checks
from treadle.components.loading import build_component_defs as build_component_defs
from treadle.components.loading import build_defs_for_component as build_defs_for_component
from treadle.define.context.build import build_hook_context as build_hook_context
from treadle.define.loggers import build_init_logger_context as build_init_logger_context
from treadle.define.resources.building import build_init_resource_context as build_init_resource_context
from treadle.define.context.build import build_input_context as build_input_context
from treadle.define.checks.freshness import build_last_update_freshness_checks as build_last_update_freshness_checks
from treadle.define.checks.metadata_bounds import build_metadata_bounds_checks as build_metadata_bounds_checks
from treadle.define.context.multi_asset_sensor_context import build_multi_asset_sensor_context as build_multi_asset_sensor_context
from treadle.define.context.build import build_op_context as build_op_context
from treadle.define.context.build import build_output_context as build_output_context
from treadle.define.reconstructing import build_reconstructable_job as build_reconstructable_job
from treadle.define.resources.building import build_resources as build_resources
from treadle.define.context.run_status_context import build_run_status_sensor_context as build_run_status_sensor_context
from treadle.define.context.schedule_context import build_schedule_context as build_schedule_context
from treadle.define.partitioned_schedules import build_schedule_from_partitioned_job as build_schedule_from_partitioned_job
from treadle.define.context.sensor_context import build_sensor_context as build_sensor_context
from treadle.define.checks.freshness_sensor import build_sensor_for_freshness_checks as build_sensor_for_freshness_checks
from treadle.define.checks.freshness import build_time_partition_freshness_checks as build_time_partition_freshness_checks
from treadle.define.types import check_type as check_dagster_type
from treadle.define.types import check_type as check_type
from treadle.core.calendar.clock import clock_at as clock_at
from treadle.define.loggers import colored_console_logger as colored_console_logger
from treadle.components.loading import component_defs as component_defs
from treadle.components.component import component_instance as component_instance
from treadle.define.config.files import config_from_files as config_from_files
from treadle.define.config.files import config_from_pkg_resources as config_from_pkg_resources
from treadle.define.config.files import config_from_yaml_strings as config_from_yaml_strings
from treadle.define.config.mapping import config_mapping as config_mapping
from treadle.define.config.configured import configured as configured
from treadle.define.repository import create_repository_using_definitions_args as create_repository_using_definitions_args
from treadle.run.io_managers.filesystem import custom_path_fs_io_manager as custom_path_fs_io_manager
from treadle.define.type_definition import type_loader as dagster_type_loader
from treadle.define.config.partitioned import daily_partitioned_config as daily_partitioned_config
from treadle.define.loggers import default_loggers as default_loggers
from treadle.define.loggers import default_system_loggers as default_system_loggers
from treadle.define.jobs import define_asset_job as define_asset_job
from treadle.define.definitions import definitions as definitions
from treadle.core.deprecation import deprecation_warning as deprecation_warning
from treadle.core.serialize import deserialize_value as deserialize_value
from treadle.define.config.partitioned import dynamic_partitioned_config as dynamic_partitioned_config
from treadle.run.automation import evaluate_automation_conditions as evaluate_automation_conditions
from treadle.run.execute import execute_job as execute_job
from treadle.define.executors import executor as executor
from treadle.run.step_refs import external_instance_from_step_run_ref as external_instance_from_step_run_ref
from treadle.pipes.readers import extract_message_or_forward_to_stdout as extract_message_or_forward_to_stdout
from treadle.define.hooks import failure_hook as failure_hook
from treadle.define.file_paths import file_relative_path as file_relative_path
from treadle.run.io_managers.filesystem import fs_io_manager as fs_io_manager
from treadle.components.loading import get_all_components_defs_within_project as get_all_components_defs_within_project
from treadle.components.loading import get_component_defs_within_project as get_component_defs_within_project
from treadle.define.context.log import get_dagster_logger as get_dagster_logger
from treadle.define.graphs.decorators import graph as graph
from treadle.define.graphs.graph_assets import graph_asset as graph_asset
from treadle.define.graphs.graph_assets import graph_multi_asset as graph_multi_asset
from treadle.define.config.partitioned import hourly_partitioned_config as hourly_partitioned_config
from treadle.define.executors import in_process_executor as in_process_executor
from treadle.define.io_manager import input_manager as input_manager
from treadle.store.for_tests import instance_for_test as instance_for_test
from treadle.define.io_manager import io_manager as io_manager
from treadle.define.graphs.decorators import job as job
from treadle.define.loggers import json_console_logger as json_console_logger
from treadle.define.code_references import link_code_references_to_git as link_code_references_to_git
from treadle.define.lint.lint import lint as lint
from treadle.define.loading import load_asset_checks_from_current_module as load_asset_checks_from_current_module
from treadle.define.loading import load_asset_checks_from_modules as load_asset_checks_from_modules
from treadle.define.loading import load_asset_checks_from_package_module as load_asset_checks_from_package_module
from treadle.define.loading import load_asset_checks_from_package_name as load_asset_checks_from_package_name
from treadle.define.loading import load_assets_from_current_module as load_assets_from_current_module
from treadle.define.loading import load_assets_from_modules as load_assets_from_modules
from treadle.define.loading import load_assets_from_package_module as load_assets_from_package_module
from treadle.define.loading import load_assets_from_package_name as load_assets_from_package_name
from treadle.define.load_code import load_code as load_code
from treadle.define.loading import load_definitions_from_current_module as load_definitions_from_current_module
from treadle.define.loading import load_definitions_from_module as load_definitions_from_module
from treadle.define.loading import load_definitions_from_modules as load_definitions_from_modules
from treadle.define.loading import load_definitions_from_package_module as load_definitions_from_package_module
from treadle.define.loading import load_definitions_from_package_name as load_definitions_from_package_name
from treadle.components.loading import load_defs as load_defs
from treadle.components.loading import load_from_defs_folder as load_from_defs_folder
from treadle.define.resources.file_manager import local_file_manager as local_file_manager
from treadle.define.loggers import logger as logger
from treadle.define.email_sensors import make_email_on_run_failure_sensor as make_email_on_run_failure_sensor
from treadle.define.types import register_python_type as make_python_type_usable_as_dagster_type
from treadle.define.resources.definition import make_values_resource as make_values_resource
from treadle.core.specs import map_asset_specs as map_asset_specs
from treadle.run.materialize import materialize as materialize
from treadle.run.materialize import materialize_to_memory as materialize_to_memory
from treadle.run.io_managers.upath import may_miss_partitions as may_miss_partitions
from treadle.run.io_managers.memory import mem_io_manager as mem_io_manager
from treadle.run.migrate_io_storage import migrate_io_storage as migrate_io_storage
from treadle.define.config.partitioned import monthly_partitioned_config as monthly_partitioned_config
from treadle.define.decorators.multi_asset import multi_asset as multi_asset
from treadle.define.decorators.asset_check import multi_asset_check as multi_asset_check
from treadle.define.asset_sensors import multi_asset_sensor as multi_asset_sensor
from treadle.define.decorators.observable import multi_observable_source_asset as multi_observable_source_asset
from treadle.define.executors import multi_or_in_process_executor as multi_or_in_process_executor
from treadle.define.executors import multiple_process_executor_requirements as multiple_process_executor_requirements
from treadle.define.executors import multiprocess_executor as multiprocess_executor
from treadle.define.decorators.observable import observable_source_asset as observable_source_asset
from treadle.run.materialize import observe as observe
from treadle.define.op import op as op
from treadle.pipes.session import open_pipes_session as open_pipes_session
from treadle.core.partitions.context import partition_loading_context as partition_loading_context
from treadle.define.config.partitioned import partitioned_config as partitioned_config
from treadle.run.interrupts import raise_execution_interrupts as raise_execution_interrupts
from treadle.define.reconstructing import reconstructable as reconstructable
from treadle.define.types import register_python_type as register_python_type
from treadle.define.repository import repository as repository
from treadle.define.types import resolve_type as resolve_type
from treadle.define.resources.definition import resource as resource
from treadle.components.scaffolding import resources as resources
from treadle.define.run_status_sensors import run_failure_sensor as run_failure_sensor
from treadle.define.run_status_sensors import run_status_sensor as run_status_sensor
from treadle.run.step_refs import run_step_from_ref as run_step_from_ref
from treadle.components.scaffolding import scaffold_component as scaffold_component
from treadle.components.scaffolding import scaffold_with as scaffold_with
from treadle.define.schedules import schedule as schedule
from treadle.define.sensors import sensor as sensor
from treadle.core.serialize import serialize_value as serialize_value
from treadle.define.config.partitioned import static_partitioned_config as static_partitioned_config
from treadle.run.step_refs import step_context_to_step_run_ref as step_context_to_step_run_ref
from treadle.run.step_refs import step_run_ref_to_step_context as step_run_ref_to_step_context
from treadle.define.hooks import success_hook as success_hook
from treadle.components.component import template_var as template_var
from treadle.define.executors import threaded_executor as threaded_executor
from treadle.define.type_definition import type_loader as type_loader
from treadle.define.types import usable_as_type as usable_as_dagster_type
from treadle.define.types import usable_as_type as usable_as_type
from treadle.define.config.resolve import validate_run_config as validate_run_config
from treadle.define.config.partitioned import weekly_partitioned_config as weekly_partitioned_config
from treadle.define.resources.binding import with_resources as with_resources
from treadle.define.code_references import with_source_code_references as with_source_code_references
from treadle.run.io_managers.atomic import write_whole as write_whole

__version__: str

__all__ = [
    "AddDynamicPartitionsRequest",
    "AllPartitionMapping",
    "AnchorBasedFilePathMapping",
    "Any",
    "Array",
    "AssetAttributesModel",
    "AssetCheckEvaluation",
    "AssetCheckEvaluationTargetMaterializationData",
    "AssetCheckExecutionContext",
    "AssetCheckFailedError",
    "AssetCheckKey",
    "AssetCheckResult",
    "AssetCheckSeverity",
    "AssetCheckSpec",
    "AssetChecksDefinition",
    "AssetDep",
    "AssetExecutionContext",
    "AssetIn",
    "AssetJobKey",
    "AssetKey",
    "AssetMaterialization",
    "AssetMetadataValue",
    "AssetObservation",
    "AssetOrCheckKey",
    "AssetOut",
    "AssetPartitionStatus",
    "AssetRecordsFilter",
    "AssetResult",
    "AssetSelection",
    "AssetSensorDefinition",
    "AssetSpec",
    "AssetValueLoader",
    "AssetsDefinition",
    "AutoMaterializeAssetPartitionsFilter",
    "AutoMaterializePolicy",
    "AutoMaterializeRule",
    "AutomationCondition",
    "AutomationConditionSensorDefinition",
    "AutomationContext",
    "AutomationResult",
    "BackfillPolicy",
    "BackfillPolicyType",
    "Backoff",
    "BetaWarning",
    "BindResourcesToJobs",
    "Bool",
    "BoolMetadataValue",
    "BoolSource",
    "BranchingIOManager",
    "CodeLocationSelector",
    "CodeReferencesMetadataValue",
    "Component",
    "ComponentFormConfig",
    "ComponentLoadContext",
    "ComponentTree",
    "ComponentTypeSpec",
    "Config",
    "ConfigArgumentWarning",
    "ConfigMapping",
    "ConfigMappingFunctionError",
    "ConfigSchema",
    "ConfigurableIOManager",
    "ConfigurableIOManagerFactory",
    "ConfigurableLegacyIOManagerAdapter",
    "ConfigurableLegacyResourceAdapter",
    "ConfigurableResource",
    "ConfigurableResourceFactory",
    "DagsterAssetCheckFailedError",
    "DagsterAssetMetadataValue",
    "DagsterConfigMappingFunctionError",
    "DagsterError",
    "DagsterEvent",
    "DagsterEventLogInvalidForRun",
    "DagsterEventType",
    "DagsterExecutionHandleOutputError",
    "DagsterExecutionInterruptedError",
    "DagsterExecutionLoadInputError",
    "DagsterExecutionStepExecutionError",
    "DagsterExecutionStepNotFoundError",
    "DagsterInstance",
    "DagsterInvalidAssetSelectionError",
    "DagsterInvalidConfigDefinitionError",
    "DagsterInvalidConfigError",
    "DagsterInvalidDefinitionError",
    "DagsterInvalidInvocationError",
    "DagsterInvalidMetadata",
    "DagsterInvalidSubsetError",
    "DagsterInvariantViolationError",
    "DagsterJobMetadataValue",
    "DagsterLogManager",
    "DagsterMaxRetriesExceededError",
    "DagsterPipesExecutionError",
    "DagsterResourceFunctionError",
    "DagsterRun",
    "DagsterRunMetadataValue",
    "DagsterRunNotFoundError",
    "DagsterRunReaction",
    "DagsterRunStatus",
    "DagsterStepOutputNotFoundError",
    "DagsterSubprocessError",
    "DagsterType",
    "DagsterTypeCheckDidNotPass",
    "DagsterTypeCheckError",
    "DagsterTypeLoader",
    "DagsterTypeLoaderContext",
    "DagsterUnknownPartitionError",
    "DagsterUnknownResourceError",
    "DagsterUnmetExecutorRequirementsError",
    "DagsterUserCodeExecutionError",
    "DailyPartitionsDefinition",
    "DataProvenance",
    "DataVersion",
    "DataVersionsByPartition",
    "DbClient",
    "DbIOManager",
    "DbTypeHandler",
    "DefaultRunLauncher",
    "DefaultScheduleStatus",
    "DefaultSensorStatus",
    "Definitions",
    "DefinitionsComponent",
    "DefinitionsError",
    "DefsFolderComponent",
    "DeleteDynamicPartitionsRequest",
    "DependencyDefinition",
    "Dict",
    "DimensionPartitionMapping",
    "DiskFullError",
    "DynamicOut",
    "DynamicOutput",
    "DynamicPartitionsDefinition",
    "EntitySubset",
    "Enum",
    "EnumValue",
    "EnvVar",
    "EvaluateAutomationConditionsResult",
    "EventLogEntry",
    "EventLogInvalidForRunError",
    "EventLogRecord",
    "EventRecordsFilter",
    "EventRecordsResult",
    "EventType",
    "ExecuteInProcessResult",
    "ExecutionInterruptedError",
    "ExecutionStepNotFoundError",
    "Executor",
    "ExecutorDefinition",
    "ExecutorRequirement",
    "ExpectationResult",
    "Failure",
    "Field",
    "FileHandle",
    "FilePathMapping",
    "FilesystemIOManager",
    "Float",
    "FloatMetadataValue",
    "FloatSource",
    "FreshnessPolicy",
    "FreshnessState",
    "FunctionComponent",
    "GraphDefinition",
    "GraphIn",
    "GraphOut",
    "HandleOutputError",
    "HookContext",
    "HookDefinition",
    "HookExecutionResult",
    "HourlyPartitionsDefinition",
    "IAttachDifferentObjectToOpContext",
    "IOManager",
    "IOManagerDefinition",
    "IdentityPartitionMapping",
    "In",
    "InMemoryIOManager",
    "InitExecutorContext",
    "InitLoggerContext",
    "InitResourceContext",
    "Injected",
    "InputContext",
    "InputManager",
    "InputManagerDefinition",
    "InputMapping",
    "Instance",
    "Int",
    "IntEnvVar",
    "IntMetadataValue",
    "IntSource",
    "InvalidArgumentError",
    "InvalidAssetSelectionError",
    "InvalidConfigDefinitionError",
    "InvalidConfigError",
    "InvalidDefinitionError",
    "InvalidInvocationError",
    "InvalidMetadataError",
    "InvalidSubsetError",
    "InvariantViolationError",
    "Jitter",
    "JobDefinition",
    "JobExecutionResult",
    "JobMetadataValue",
    "JobSelector",
    "JsonLogFormatter",
    "JsonMetadataValue",
    "LastPartitionMapping",
    "LegacyFreshnessPolicy",
    "List",
    "LoadError",
    "LoadInputError",
    "LocalFileCodeReference",
    "LocalFileHandle",
    "LoggerDefinition",
    "MAX_RUNTIME_SECONDS_TAG",
    "MAX_RUNTIME_TAG",
    "Map",
    "MarkdownMetadataValue",
    "MaterializeResult",
    "MaxRetriesExceededError",
    "MetadataEntry",
    "MetadataValue",
    "MigrateIOStorageResult",
    "Model",
    "MonthlyPartitionsDefinition",
    "MultiAssetSensorDefinition",
    "MultiAssetSensorEvaluationContext",
    "MultiDependencyDefinition",
    "MultiPartitionKey",
    "MultiPartitionMapping",
    "MultiPartitionsDefinition",
    "MultiToSingleDimensionPartitionMapping",
    "NodeInvocation",
    "Noneable",
    "NotebookMetadataValue",
    "Nothing",
    "NullMetadataValue",
    "ObserveResult",
    "OpDefinition",
    "OpExecutionContext",
    "Optional",
    "Out",
    "Output",
    "OutputContext",
    "OutputMapping",
    "PaginatedResults",
    "PartialResource",
    "Partition",
    "PartitionKeyRange",
    "PartitionLoadingContext",
    "PartitionMapping",
    "PartitionedConfig",
    "PartitionsDefinition",
    "PathMetadataValue",
    "PendingNodeInvocation",
    "Permissive",
    "PermissiveConfig",
    "PipesBlobStoreMessageReader",
    "PipesClient",
    "PipesClientCompletedInvocation",
    "PipesCompositeMessageReader",
    "PipesContextInjector",
    "PipesEnvContextInjector",
    "PipesExecutionError",
    "PipesExecutionResult",
    "PipesFileContextInjector",
    "PipesFileMessageReader",
    "PipesLaunchedData",
    "PipesLogReader",
    "PipesMessageHandler",
    "PipesMessageReader",
    "PipesSession",
    "PipesSubprocessClient",
    "PipesTempFileContextInjector",
    "PipesTempFileMessageReader",
    "PipesThreadedMessageReader",
    "PoolMetadataValue",
    "PreviewWarning",
    "Problem",
    "PythonArtifactMetadataValue",
    "PythonObjectDagsterType",
    "PythonObjectType",
    "PythonScriptComponent",
    "QueuedRunCoordinator",
    "ReexecutionOptions",
    "RepositoryData",
    "RepositoryDefinition",
    "RepositorySelector",
    "ResolutionContext",
    "ResolutionError",
    "Resolvable",
    "ResolvedAssetCheckSpec",
    "ResolvedAssetKey",
    "ResolvedAssetSpec",
    "Resolver",
    "ResourceDefinition",
    "ResourceDependency",
    "ResourceFunctionError",
    "ResourceParam",
    "RetryPolicy",
    "RetryRequested",
    "Run",
    "RunConfig",
    "RunEvent",
    "RunFailureSensorContext",
    "RunMetadataValue",
    "RunNotFoundError",
    "RunReaction",
    "RunRecord",
    "RunRequest",
    "RunResult",
    "RunShardedEventsCursor",
    "RunStatus",
    "RunStatusChangeRecordsFilter",
    "RunStatusSensorContext",
    "RunStatusSensorDefinition",
    "RunsFilter",
    "ScaffoldRequest",
    "Scaffolder",
    "ScalarUnion",
    "ScheduleDefinition",
    "ScheduleEvaluationContext",
    "Selector",
    "SensorDefinition",
    "SensorEvaluationContext",
    "SensorResult",
    "SensorReturnTypesUnion",
    "SensorType",
    "Set",
    "Shape",
    "SkipReason",
    "SourceAsset",
    "SpecificPartitionsPartitionMapping",
    "SqlComponent",
    "StateBackedComponent",
    "StaticPartitionMapping",
    "StaticPartitionsDefinition",
    "StepExecutionContext",
    "StepExecutionError",
    "StepLauncher",
    "StepLogger",
    "StepOutputNotFoundError",
    "StepRunRef",
    "StoredAsset",
    "String",
    "StringSource",
    "SubmitRunContext",
    "SubprocessError",
    "SupersessionWarning",
    "TableColumn",
    "TableColumnConstraints",
    "TableColumnDep",
    "TableColumnLineage",
    "TableColumnLineageMetadataValue",
    "TableConstraints",
    "TableMetadataValue",
    "TablePartitionDimension",
    "TableRecord",
    "TableSchema",
    "TableSchemaMetadataValue",
    "TableSlice",
    "TemplatedSqlComponent",
    "TextMetadataValue",
    "TickResult",
    "TimeWindow",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "TimestampMetadataValue",
    "TreadleError",
    "Tuple",
    "TypeCheck",
    "TypeCheckContext",
    "TypeCheckDidNotPass",
    "TypeCheckError",
    "TypeDefinition",
    "TypeLoader",
    "UPathDefsStateStorage",
    "UPathIOManager",
    "UnfitValueError",
    "UnknownPartitionError",
    "UnknownResourceError",
    "UnmetExecutorRequirementsError",
    "UnpicklableOutputError",
    "UpstreamPartitionsResult",
    "UrlCodeReference",
    "UrlMetadataValue",
    "UserCodeExecutionError",
    "UvRunComponent",
    "ValueNotStoredError",
    "WeeklyPartitionsDefinition",
    "apply_freshness_policy",
    "asset",
    "asset_check",
    "asset_sensor",
    "asyncio_executor",
    "atomic_write",
    "build_asset_check_context",
    "build_asset_context",
    "build_column_schema_change_checks",
    "build_component_defs",
    "build_defs_for_component",
    "build_hook_context",
    "build_init_logger_context",
    "build_init_resource_context",
    "build_input_context",
    "build_last_update_freshness_checks",
    "build_metadata_bounds_checks",
    "build_multi_asset_sensor_context",
    "build_op_context",
    "build_output_context",
    "build_reconstructable_job",
    "build_resources",
    "build_run_status_sensor_context",
    "build_schedule_context",
    "build_schedule_from_partitioned_job",
    "build_sensor_context",
    "build_sensor_for_freshness_checks",
    "build_time_partition_freshness_checks",
    "check_dagster_type",
    "check_type",
    "clock_at",
    "colored_console_logger",
    "component_defs",
    "component_instance",
    "config_from_files",
    "config_from_pkg_resources",
    "config_from_yaml_strings",
    "config_mapping",
    "configured",
    "create_repository_using_definitions_args",
    "custom_path_fs_io_manager",
    "dagster_type_loader",
    "daily_partitioned_config",
    "default_loggers",
    "default_system_loggers",
    "define_asset_job",
    "definitions",
    "deprecation_warning",
    "deserialize_value",
    "dynamic_partitioned_config",
    "evaluate_automation_conditions",
    "execute_job",
    "executor",
    "external_instance_from_step_run_ref",
    "extract_message_or_forward_to_stdout",
    "failure_hook",
    "file_relative_path",
    "fs_io_manager",
    "get_all_components_defs_within_project",
    "get_component_defs_within_project",
    "get_dagster_logger",
    "graph",
    "graph_asset",
    "graph_multi_asset",
    "hourly_partitioned_config",
    "in_process_executor",
    "input_manager",
    "instance_for_test",
    "io_manager",
    "job",
    "json_console_logger",
    "link_code_references_to_git",
    "lint",
    "load_asset_checks_from_current_module",
    "load_asset_checks_from_modules",
    "load_asset_checks_from_package_module",
    "load_asset_checks_from_package_name",
    "load_assets_from_current_module",
    "load_assets_from_modules",
    "load_assets_from_package_module",
    "load_assets_from_package_name",
    "load_code",
    "load_definitions_from_current_module",
    "load_definitions_from_module",
    "load_definitions_from_modules",
    "load_definitions_from_package_module",
    "load_definitions_from_package_name",
    "load_defs",
    "load_from_defs_folder",
    "local_file_manager",
    "logger",
    "make_email_on_run_failure_sensor",
    "make_python_type_usable_as_dagster_type",
    "make_values_resource",
    "map_asset_specs",
    "materialize",
    "materialize_to_memory",
    "may_miss_partitions",
    "mem_io_manager",
    "migrate_io_storage",
    "monthly_partitioned_config",
    "multi_asset",
    "multi_asset_check",
    "multi_asset_sensor",
    "multi_observable_source_asset",
    "multi_or_in_process_executor",
    "multiple_process_executor_requirements",
    "multiprocess_executor",
    "observable_source_asset",
    "observe",
    "op",
    "open_pipes_session",
    "partition_loading_context",
    "partitioned_config",
    "raise_execution_interrupts",
    "reconstructable",
    "register_python_type",
    "repository",
    "resolve_type",
    "resource",
    "resources",
    "run_failure_sensor",
    "run_status_sensor",
    "run_step_from_ref",
    "scaffold_component",
    "scaffold_with",
    "schedule",
    "sensor",
    "serialize_value",
    "static_partitioned_config",
    "step_context_to_step_run_ref",
    "step_run_ref_to_step_context",
    "success_hook",
    "template_var",
    "threaded_executor",
    "type_loader",
    "usable_as_dagster_type",
    "usable_as_type",
    "validate_run_config",
    "weekly_partitioned_config",
    "with_resources",
    "with_source_code_references",
    "write_whole",
]
