# Generated from _public_names.py by `python -m treadle._public_names`; do not edit.
from treadle.core.partitions.definition import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
from treadle.core.partitions.mapping import AllPartitionMapping as AllPartitionMapping
from treadle.define.types import Any as Any
from treadle.define.config.schema import Array as Array
from treadle.core.asset_events import AssetCheckEvaluation as AssetCheckEvaluation
from treadle.core.asset_events import AssetCheckEvaluationTargetMaterializationData as AssetCheckEvaluationTargetMaterializationData
from treadle.define.context.asset_context import AssetCheckExecutionContext as AssetCheckExecutionContext
from treadle.core.errors import AssetCheckFailedError as AssetCheckFailedError
from treadle.core.keys import AssetCheckKey as AssetCheckKey
from treadle.core.asset_events import AssetCheckResult as AssetCheckResult
from treadle.core.asset_events import AssetCheckSeverity as AssetCheckSeverity
from treadle.core.specs import AssetCheckSpec as AssetCheckSpec
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
from treadle.core.specs import AssetSpec as AssetSpec
from treadle.core.automation import AutoMaterializeAssetPartitionsFilter as AutoMaterializeAssetPartitionsFilter
from treadle.core.automation import AutoMaterializePolicy as AutoMaterializePolicy
from treadle.core.automation import AutoMaterializeRule as AutoMaterializeRule
from treadle.core.automation import AutomationCondition as AutomationCondition
from treadle.core.policies import BackfillPolicy as BackfillPolicy
from treadle.core.policies import BackfillPolicyType as BackfillPolicyType
from treadle.core.retry import Backoff as Backoff
from treadle.core.errors import BetaWarning as BetaWarning
from treadle.define.types import Bool as Bool
from treadle.core.metadata import BoolMetadataValue as BoolMetadataValue
from treadle.define.config.schema import BoolSource as BoolSource
from treadle.core.metadata import CodeReferencesMetadataValue as CodeReferencesMetadataValue
from treadle.define.config.config_class import Config as Config
from treadle.core.errors import ConfigArgumentWarning as ConfigArgumentWarning
from treadle.core.errors import ConfigMappingFunctionError as ConfigMappingFunctionError
from treadle.define.config.schema import ConfigSchema as ConfigSchema
from treadle.define.io_manager_class import ConfigurableIOManager as ConfigurableIOManager
from treadle.define.io_manager_class import ConfigurableIOManagerFactory as ConfigurableIOManagerFactory
from treadle.define.resources.configurable import ConfigurableResource as ConfigurableResource
from treadle.define.resources.configurable import ConfigurableResourceFactory as ConfigurableResourceFactory
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
from treadle.define.context.log import StepLogger as DagsterLogManager
from treadle.core.errors import MaxRetriesExceededError as DagsterMaxRetriesExceededError
from treadle.core.errors import ResourceFunctionError as DagsterResourceFunctionError
from treadle.core.runs import Run as DagsterRun
from treadle.core.metadata import RunMetadataValue as DagsterRunMetadataValue
from treadle.core.errors import RunNotFoundError as DagsterRunNotFoundError
from treadle.core.run_states import RunStatus as DagsterRunStatus
from treadle.core.errors import StepOutputNotFoundError as DagsterStepOutputNotFoundError
from treadle.core.errors import SubprocessError as DagsterSubprocessError
from treadle.define.types import TypeDefinition as DagsterType
from treadle.core.errors import TypeCheckDidNotPass as DagsterTypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as DagsterTypeCheckError
from treadle.define.types import TypeLoader as DagsterTypeLoader
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
from treadle.core.schedules import DefaultScheduleStatus as DefaultScheduleStatus
from treadle.core.schedules import DefaultSensorStatus as DefaultSensorStatus
from treadle.core.partitions.definition import DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest
from treadle.define.types import Dict as Dict
from treadle.core.partitions.multi_mapping import DimensionPartitionMapping as DimensionPartitionMapping
from treadle.run.io_managers.atomic import DiskFullError as DiskFullError
from treadle.core.outputs import DynamicOutput as DynamicOutput
from treadle.core.partitions.definition import DynamicPartitionsDefinition as DynamicPartitionsDefinition
from treadle.define.config.schema import Enum as Enum
from treadle.define.config.schema import EnumValue as EnumValue
from treadle.define.config.environment import EnvVar as EnvVar
from treadle.store.event_views import EventLogEntry as EventLogEntry
from treadle.store.event_views import EventLogRecord as EventLogRecord
from treadle.store.records import EventRecordsFilter as EventRecordsFilter
from treadle.store.records import EventRecordsResult as EventRecordsResult
from treadle.core.events import EventType as EventType
from treadle.core.errors import ExecutionInterruptedError as ExecutionInterruptedError
from treadle.core.errors import ExecutionStepNotFoundError as ExecutionStepNotFoundError
from treadle.core.outputs import ExpectationResult as ExpectationResult
from treadle.core.failures import Failure as Failure
from treadle.define.config.schema import Field as Field
from treadle.run.io_managers.configurable_filesystem import FilesystemIOManager as FilesystemIOManager
from treadle.define.types import Float as Float
from treadle.core.metadata import FloatMetadataValue as FloatMetadataValue
from treadle.define.config.schema import FloatSource as FloatSource
from treadle.core.policies import FreshnessPolicy as FreshnessPolicy
from treadle.core.errors import HandleOutputError as HandleOutputError
from treadle.define.context.hook_context import HookContext as HookContext
from treadle.core.partitions.rhythms import HourlyPartitionsDefinition as HourlyPartitionsDefinition
from treadle.define.resources.annotations import AttachesDifferentObject as IAttachDifferentObjectToOpContext
from treadle.define.io_manager import IOManager as IOManager
from treadle.define.io_manager import IOManagerDefinition as IOManagerDefinition
from treadle.core.partitions.mapping import IdentityPartitionMapping as IdentityPartitionMapping
from treadle.run.io_managers.memory import InMemoryIOManager as InMemoryIOManager
from treadle.define.resources.context import InitResourceContext as InitResourceContext
from treadle.define.context.input_context import InputContext as InputContext
from treadle.define.io_manager import InputManager as InputManager
from treadle.define.io_manager import InputManagerDefinition as InputManagerDefinition
from treadle.store.instance import Instance as Instance
from treadle.define.types import Int as Int
from treadle.define.config.environment import IntEnvVar as IntEnvVar
from treadle.core.metadata import IntMetadataValue as IntMetadataValue
from treadle.define.config.schema import IntSource as IntSource
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
from treadle.define.types import List as List
from treadle.core.errors import LoadInputError as LoadInputError
from treadle.core.code_references import LocalFileCodeReference as LocalFileCodeReference
from treadle.define.config.schema import Map as Map
from treadle.core.metadata import MarkdownMetadataValue as MarkdownMetadataValue
from treadle.core.asset_events import MaterializeResult as MaterializeResult
from treadle.core.errors import MaxRetriesExceededError as MaxRetriesExceededError
from treadle.core.metadata import MetadataValue as MetadataValue
from treadle.core.partitions.rhythms import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
from treadle.core.partitions.keys import MultiPartitionKey as MultiPartitionKey
from treadle.core.partitions.multi_mapping import MultiPartitionMapping as MultiPartitionMapping
from treadle.core.partitions.multi import MultiPartitionsDefinition as MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import MultiToSingleDimensionPartitionMapping as MultiToSingleDimensionPartitionMapping
from treadle.define.config.schema import Noneable as Noneable
from treadle.core.metadata import NotebookMetadataValue as NotebookMetadataValue
from treadle.define.types import Nothing as Nothing
from treadle.core.metadata import NullMetadataValue as NullMetadataValue
from treadle.core.asset_events import ObserveResult as ObserveResult
from treadle.define.context.op_context import OpExecutionContext as OpExecutionContext
from treadle.define.types import Optional as Optional
from treadle.core.outputs import Output as Output
from treadle.define.context.output_context import OutputContext as OutputContext
from treadle.define.resources.configurable import PartialResource as PartialResource
from treadle.core.partitions.keys import Partition as Partition
from treadle.core.partitions.keys import PartitionKeyRange as PartitionKeyRange
from treadle.core.partitions.context import PartitionLoadingContext as PartitionLoadingContext
from treadle.core.partitions.mapping import PartitionMapping as PartitionMapping
from treadle.core.partitions.definition import PartitionsDefinition as PartitionsDefinition
from treadle.core.metadata import PathMetadataValue as PathMetadataValue
from treadle.define.config.schema import Permissive as Permissive
from treadle.define.config.config_class import PermissiveConfig as PermissiveConfig
from treadle.core.metadata import PoolMetadataValue as PoolMetadataValue
from treadle.core.errors import PreviewWarning as PreviewWarning
from treadle.core.errors import Problem as Problem
from treadle.core.metadata import PythonArtifactMetadataValue as PythonArtifactMetadataValue
from treadle.define.types import PythonObjectType as PythonObjectDagsterType
from treadle.define.types import PythonObjectType as PythonObjectType
from treadle.define.resources.definition import ResourceDefinition as ResourceDefinition
from treadle.define.resources.configurable import ResourceDependency as ResourceDependency
from treadle.core.errors import ResourceFunctionError as ResourceFunctionError
from treadle.define.resources.annotations import ResourceParam as ResourceParam
from treadle.core.retry import RetryPolicy as RetryPolicy
from treadle.core.failures import RetryRequested as RetryRequested
from treadle.core.runs import Run as Run
from treadle.define.config.run_config import RunConfig as RunConfig
from treadle.store.event_views import RunEvent as RunEvent
from treadle.core.metadata import RunMetadataValue as RunMetadataValue
from treadle.core.errors import RunNotFoundError as RunNotFoundError
from treadle.store.records import RunRecord as RunRecord
from treadle.core.schedules import RunRequest as RunRequest
from treadle.core.run_states import RunStatus as RunStatus
from treadle.store.records import RunStatusChangeRecordsFilter as RunStatusChangeRecordsFilter
from treadle.store.records import RunsFilter as RunsFilter
from treadle.define.config.schema import ScalarUnion as ScalarUnion
from treadle.define.config.schema import Selector as Selector
from treadle.core.schedules import SensorResult as SensorResult
from treadle.define.types import Set as Set
from treadle.define.config.schema import Shape as Shape
from treadle.core.schedules import SkipReason as SkipReason
from treadle.core.partitions.mapping import SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping
from treadle.core.partitions.mapping import StaticPartitionMapping as StaticPartitionMapping
from treadle.core.partitions.definition import StaticPartitionsDefinition as StaticPartitionsDefinition
from treadle.core.errors import StepExecutionError as StepExecutionError
from treadle.define.context.log import StepLogger as StepLogger
from treadle.core.errors import StepOutputNotFoundError as StepOutputNotFoundError
from treadle.define.types import String as String
from treadle.define.config.schema import StringSource as StringSource
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
from treadle.core.metadata import TextMetadataValue as TextMetadataValue
from treadle.core.partitions.keys import TimeWindow as TimeWindow
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping as TimeWindowPartitionMapping
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition as TimeWindowPartitionsDefinition
from treadle.core.metadata import TimestampMetadataValue as TimestampMetadataValue
from treadle.core.errors import TreadleError as TreadleError
from treadle.define.types import Tuple as Tuple
from treadle.define.types import TypeCheck as TypeCheck
from treadle.core.errors import TypeCheckDidNotPass as TypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as TypeCheckError
from treadle.define.types import TypeDefinition as TypeDefinition
from treadle.define.types import TypeLoader as TypeLoader
from treadle.run.io_managers.upath import UPathIOManager as UPathIOManager
from treadle.core.errors import UnknownPartitionError as UnknownPartitionError
from treadle.core.errors import UnknownResourceError as UnknownResourceError
from treadle.core.errors import UnmetExecutorRequirementsError as UnmetExecutorRequirementsError
from treadle.run.io_managers.filesystem import UnpicklableOutputError as UnpicklableOutputError
from treadle.core.partitions.mapping import UpstreamPartitionsResult as UpstreamPartitionsResult
from treadle.core.code_references import UrlCodeReference as UrlCodeReference
from treadle.core.metadata import UrlMetadataValue as UrlMetadataValue
from treadle.core.errors import UserCodeExecutionError as UserCodeExecutionError
from treadle.core.partitions.rhythms import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
from treadle.define.context.build import build_asset_check_context as build_asset_check_context
from treadle.define.context.build import build_asset_context as build_asset_context
from treadle.define.context.build import build_hook_context as build_hook_context
from treadle.define.context.build import build_input_context as build_input_context
from treadle.define.context.build import build_op_context as build_op_context
from treadle.define.context.build import build_output_context as build_output_context
from treadle.define.types import check_type as check_dagster_type
from treadle.define.types import check_type as check_type
from treadle.define.config.configured import configured as configured
from treadle.run.io_managers.filesystem import custom_path_fs_io_manager as custom_path_fs_io_manager
from treadle.define.types import type_loader as dagster_type_loader
from treadle.run.io_managers.filesystem import fs_io_manager as fs_io_manager
from treadle.define.context.log import get_dagster_logger as get_dagster_logger
from treadle.define.io_manager import input_manager as input_manager
from treadle.define.io_manager import io_manager as io_manager
from treadle.define.types import register_python_type as make_python_type_usable_as_dagster_type
from treadle.define.resources.definition import make_values_resource as make_values_resource
from treadle.core.specs import map_asset_specs as map_asset_specs
from treadle.run.io_managers.memory import mem_io_manager as mem_io_manager
from treadle.core.partitions.context import partition_loading_context as partition_loading_context
from treadle.define.types import register_python_type as register_python_type
from treadle.define.types import resolve_type as resolve_type
from treadle.define.resources.definition import resource as resource
from treadle.define.types import type_loader as type_loader
from treadle.define.types import usable_as_type as usable_as_dagster_type
from treadle.define.types import usable_as_type as usable_as_type
from treadle.run.io_managers.atomic import write_whole as write_whole

__version__: str

__all__ = [
    "AddDynamicPartitionsRequest",
    "AllPartitionMapping",
    "Any",
    "Array",
    "AssetCheckEvaluation",
    "AssetCheckEvaluationTargetMaterializationData",
    "AssetCheckExecutionContext",
    "AssetCheckFailedError",
    "AssetCheckKey",
    "AssetCheckResult",
    "AssetCheckSeverity",
    "AssetCheckSpec",
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
    "AssetSpec",
    "AutoMaterializeAssetPartitionsFilter",
    "AutoMaterializePolicy",
    "AutoMaterializeRule",
    "AutomationCondition",
    "BackfillPolicy",
    "BackfillPolicyType",
    "Backoff",
    "BetaWarning",
    "Bool",
    "BoolMetadataValue",
    "BoolSource",
    "CodeReferencesMetadataValue",
    "Config",
    "ConfigArgumentWarning",
    "ConfigMappingFunctionError",
    "ConfigSchema",
    "ConfigurableIOManager",
    "ConfigurableIOManagerFactory",
    "ConfigurableResource",
    "ConfigurableResourceFactory",
    "DagsterAssetCheckFailedError",
    "DagsterAssetMetadataValue",
    "DagsterConfigMappingFunctionError",
    "DagsterError",
    "DagsterEvent",
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
    "DagsterResourceFunctionError",
    "DagsterRun",
    "DagsterRunMetadataValue",
    "DagsterRunNotFoundError",
    "DagsterRunStatus",
    "DagsterStepOutputNotFoundError",
    "DagsterSubprocessError",
    "DagsterType",
    "DagsterTypeCheckDidNotPass",
    "DagsterTypeCheckError",
    "DagsterTypeLoader",
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
    "DefaultScheduleStatus",
    "DefaultSensorStatus",
    "DeleteDynamicPartitionsRequest",
    "Dict",
    "DimensionPartitionMapping",
    "DiskFullError",
    "DynamicOutput",
    "DynamicPartitionsDefinition",
    "Enum",
    "EnumValue",
    "EnvVar",
    "EventLogEntry",
    "EventLogRecord",
    "EventRecordsFilter",
    "EventRecordsResult",
    "EventType",
    "ExecutionInterruptedError",
    "ExecutionStepNotFoundError",
    "ExpectationResult",
    "Failure",
    "Field",
    "FilesystemIOManager",
    "Float",
    "FloatMetadataValue",
    "FloatSource",
    "FreshnessPolicy",
    "HandleOutputError",
    "HookContext",
    "HourlyPartitionsDefinition",
    "IAttachDifferentObjectToOpContext",
    "IOManager",
    "IOManagerDefinition",
    "IdentityPartitionMapping",
    "InMemoryIOManager",
    "InitResourceContext",
    "InputContext",
    "InputManager",
    "InputManagerDefinition",
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
    "JobMetadataValue",
    "JsonMetadataValue",
    "LastPartitionMapping",
    "LegacyFreshnessPolicy",
    "List",
    "LoadInputError",
    "LocalFileCodeReference",
    "Map",
    "MarkdownMetadataValue",
    "MaterializeResult",
    "MaxRetriesExceededError",
    "MetadataValue",
    "MonthlyPartitionsDefinition",
    "MultiPartitionKey",
    "MultiPartitionMapping",
    "MultiPartitionsDefinition",
    "MultiToSingleDimensionPartitionMapping",
    "Noneable",
    "NotebookMetadataValue",
    "Nothing",
    "NullMetadataValue",
    "ObserveResult",
    "OpExecutionContext",
    "Optional",
    "Output",
    "OutputContext",
    "PartialResource",
    "Partition",
    "PartitionKeyRange",
    "PartitionLoadingContext",
    "PartitionMapping",
    "PartitionsDefinition",
    "PathMetadataValue",
    "Permissive",
    "PermissiveConfig",
    "PoolMetadataValue",
    "PreviewWarning",
    "Problem",
    "PythonArtifactMetadataValue",
    "PythonObjectDagsterType",
    "PythonObjectType",
    "ResourceDefinition",
    "ResourceDependency",
    "ResourceFunctionError",
    "ResourceParam",
    "RetryPolicy",
    "RetryRequested",
    "Run",
    "RunConfig",
    "RunEvent",
    "RunMetadataValue",
    "RunNotFoundError",
    "RunRecord",
    "RunRequest",
    "RunStatus",
    "RunStatusChangeRecordsFilter",
    "RunsFilter",
    "ScalarUnion",
    "Selector",
    "SensorResult",
    "Set",
    "Shape",
    "SkipReason",
    "SpecificPartitionsPartitionMapping",
    "StaticPartitionMapping",
    "StaticPartitionsDefinition",
    "StepExecutionError",
    "StepLogger",
    "StepOutputNotFoundError",
    "String",
    "StringSource",
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
    "TextMetadataValue",
    "TimeWindow",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "TimestampMetadataValue",
    "TreadleError",
    "Tuple",
    "TypeCheck",
    "TypeCheckDidNotPass",
    "TypeCheckError",
    "TypeDefinition",
    "TypeLoader",
    "UPathIOManager",
    "UnknownPartitionError",
    "UnknownResourceError",
    "UnmetExecutorRequirementsError",
    "UnpicklableOutputError",
    "UpstreamPartitionsResult",
    "UrlCodeReference",
    "UrlMetadataValue",
    "UserCodeExecutionError",
    "WeeklyPartitionsDefinition",
    "build_asset_check_context",
    "build_asset_context",
    "build_hook_context",
    "build_input_context",
    "build_op_context",
    "build_output_context",
    "check_dagster_type",
    "check_type",
    "configured",
    "custom_path_fs_io_manager",
    "dagster_type_loader",
    "fs_io_manager",
    "get_dagster_logger",
    "input_manager",
    "io_manager",
    "make_python_type_usable_as_dagster_type",
    "make_values_resource",
    "map_asset_specs",
    "mem_io_manager",
    "partition_loading_context",
    "register_python_type",
    "resolve_type",
    "resource",
    "type_loader",
    "usable_as_dagster_type",
    "usable_as_type",
    "write_whole",
]
