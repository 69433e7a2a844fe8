# Generated from _public_names.py by `python -m treadle._public_names`; do not edit.
from treadle.core.partitions.definition import AddDynamicPartitionsRequest as AddDynamicPartitionsRequest
from treadle.core.partitions.mapping import AllPartitionMapping as AllPartitionMapping
from treadle.core.code_references import AnchorBasedFilePathMapping as AnchorBasedFilePathMapping
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
from treadle.define.asset_definition import AssetChecksDefinition as AssetChecksDefinition
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
from treadle.define.sensors import AssetSensorDefinition as AssetSensorDefinition
from treadle.core.specs import AssetSpec as AssetSpec
from treadle.define.asset_values import AssetValueLoader as AssetValueLoader
from treadle.define.asset_definition import AssetsDefinition as AssetsDefinition
from treadle.core.auto_materialize import AutoMaterializeAssetPartitionsFilter as AutoMaterializeAssetPartitionsFilter
from treadle.core.auto_materialize import AutoMaterializePolicy as AutoMaterializePolicy
from treadle.core.auto_materialize import AutoMaterializeRule as AutoMaterializeRule
from treadle.core.automation import AutomationCondition as AutomationCondition
from treadle.core.policies import BackfillPolicy as BackfillPolicy
from treadle.core.policies import BackfillPolicyType as BackfillPolicyType
from treadle.core.retry import Backoff as Backoff
from treadle.core.errors import BetaWarning as BetaWarning
from treadle.define.resources.binding import BindResourcesToJobs as BindResourcesToJobs
from treadle.define.types import Bool as Bool
from treadle.core.metadata import BoolMetadataValue as BoolMetadataValue
from treadle.define.config.scalars import BoolSource as BoolSource
from treadle.core.metadata import CodeReferencesMetadataValue as CodeReferencesMetadataValue
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
from treadle.define.type_definition import TypeDefinition as DagsterType
from treadle.core.errors import TypeCheckDidNotPass as DagsterTypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as DagsterTypeCheckError
from treadle.define.type_definition import TypeLoader as DagsterTypeLoader
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
from treadle.define.definitions import Definitions as Definitions
from treadle.define.validation.errors import DefinitionsError as DefinitionsError
from treadle.core.partitions.definition import DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest
from treadle.define.graphs.dependencies import DependencyDefinition as DependencyDefinition
from treadle.define.types import Dict as Dict
from treadle.core.partitions.multi_mapping import DimensionPartitionMapping as DimensionPartitionMapping
from treadle.run.io_managers.atomic import DiskFullError as DiskFullError
from treadle.define.op import DynamicOut as DynamicOut
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
from treadle.run.results import RunResult as ExecuteInProcessResult
from treadle.core.errors import ExecutionInterruptedError as ExecutionInterruptedError
from treadle.core.errors import ExecutionStepNotFoundError as ExecutionStepNotFoundError
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
from treadle.define.loggers import InitLoggerContext as InitLoggerContext
from treadle.define.resources.context import InitResourceContext as InitResourceContext
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
from treadle.core.metadata import MetadataValue as MetadataValue
from treadle.core.partitions.rhythms import MonthlyPartitionsDefinition as MonthlyPartitionsDefinition
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
from treadle.define.resources.configurable import PartialResource as PartialResource
from treadle.core.partitions.keys import Partition as Partition
from treadle.core.partitions.keys import PartitionKeyRange as PartitionKeyRange
from treadle.core.partitions.context import PartitionLoadingContext as PartitionLoadingContext
from treadle.core.partitions.mapping import PartitionMapping as PartitionMapping
from treadle.core.partitions.definition import PartitionsDefinition as PartitionsDefinition
from treadle.core.metadata import PathMetadataValue as PathMetadataValue
from treadle.define.graphs.invocation import PendingNodeInvocation as PendingNodeInvocation
from treadle.define.config.schema import Permissive as Permissive
from treadle.define.config.config_class import PermissiveConfig as PermissiveConfig
from treadle.core.metadata import PoolMetadataValue as PoolMetadataValue
from treadle.core.errors import PreviewWarning as PreviewWarning
from treadle.core.errors import Problem as Problem
from treadle.core.metadata import PythonArtifactMetadataValue as PythonArtifactMetadataValue
from treadle.define.type_definition import PythonObjectType as PythonObjectDagsterType
from treadle.define.type_definition import PythonObjectType as PythonObjectType
from treadle.run.reexecution import ReexecutionOptions as ReexecutionOptions
from treadle.define.repository import RepositoryDefinition as RepositoryDefinition
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
from treadle.run.results import RunResult as RunResult
from treadle.core.run_states import RunStatus as RunStatus
from treadle.store.records import RunStatusChangeRecordsFilter as RunStatusChangeRecordsFilter
from treadle.store.records import RunsFilter as RunsFilter
from treadle.define.config.schema import ScalarUnion as ScalarUnion
from treadle.define.schedules import ScheduleDefinition as ScheduleDefinition
from treadle.define.config.schema import Selector as Selector
from treadle.define.sensors import SensorDefinition as SensorDefinition
from treadle.core.schedules import SensorResult as SensorResult
from treadle.define.types import Set as Set
from treadle.define.config.schema import Shape as Shape
from treadle.core.schedules import SkipReason as SkipReason
from treadle.define.source_asset import SourceAsset as SourceAsset
from treadle.core.partitions.mapping import SpecificPartitionsPartitionMapping as SpecificPartitionsPartitionMapping
from treadle.core.partitions.mapping import StaticPartitionMapping as StaticPartitionMapping
from treadle.core.partitions.definition import StaticPartitionsDefinition as StaticPartitionsDefinition
from treadle.core.errors import StepExecutionError as StepExecutionError
from treadle.define.context.log import StepLogger as StepLogger
from treadle.core.errors import StepOutputNotFoundError as StepOutputNotFoundError
from treadle.define.types import String as String
from treadle.define.config.scalars import StringSource as StringSource
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
from treadle.core.outputs import TypeCheck as TypeCheck
from treadle.core.errors import TypeCheckDidNotPass as TypeCheckDidNotPass
from treadle.core.errors import TypeCheckError as TypeCheckError
from treadle.define.type_definition import TypeDefinition as TypeDefinition
from treadle.define.type_definition import TypeLoader as TypeLoader
from treadle.run.io_managers.upath import UPathIOManager as UPathIOManager
from treadle.core.errors import UnknownPartitionError as UnknownPartitionError
from treadle.core.errors import UnknownResourceError as UnknownResourceError
from treadle.core.errors import UnmetExecutorRequirementsError as UnmetExecutorRequirementsError
from treadle.run.io_managers.filesystem import UnpicklableOutputError as UnpicklableOutputError
from treadle.core.partitions.mapping import UpstreamPartitionsResult as UpstreamPartitionsResult
from treadle.core.code_references import UrlCodeReference as UrlCodeReference
from treadle.core.metadata import UrlMetadataValue as UrlMetadataValue
from treadle.core.errors import UserCodeExecutionError as UserCodeExecutionError
from treadle.run.io_managers.filesystem import ValueNotStoredError as ValueNotStoredError
from treadle.core.partitions.rhythms import WeeklyPartitionsDefinition as WeeklyPartitionsDefinition
from treadle.define.decorators.asset import asset as asset
from treadle.define.decorators.asset_check import asset_check as asset_check
from treadle.define.sensors import asset_sensor as asset_sensor
from treadle.define.executors import asyncio_executor as asyncio_executor
from treadle.run.io_managers.atomic import atomic_write as atomic_write
from treadle.define.context.build import build_asset_check_context as build_asset_check_context
from treadle.define.context.build import build_asset_context as build_asset_context
from treadle.define.context.build import build_hook_context as build_hook_context
from treadle.define.loggers import build_init_logger_context as build_init_logger_context
from treadle.define.resources.building import build_init_resource_context as build_init_resource_context
from treadle.define.context.build import build_input_context as build_input_context
from treadle.define.context.build import build_op_context as build_op_context
from treadle.define.context.build import build_output_context as build_output_context
from treadle.define.reconstructing import build_reconstructable_job as build_reconstructable_job
from treadle.define.resources.building import build_resources as build_resources
from treadle.define.types import check_type as check_dagster_type
from treadle.define.types import check_type as check_type
from treadle.define.loggers import colored_console_logger as colored_console_logger
from treadle.define.config.files import config_from_files as config_from_files
from treadle.define.config.files import config_from_pkg_resources as config_from_pkg_resources
from treadle.define.config.files import config_from_yaml_strings as config_from_yaml_strings
from treadle.define.config.mapping import config_mapping as config_mapping
from treadle.define.config.configured import configured as configured
from treadle.define.repository import create_repository_using_definitions_args as create_repository_using_definitions_args
from treadle.run.io_managers.filesystem import custom_path_fs_io_manager as custom_path_fs_io_manager
from treadle.define.type_definition import type_loader as dagster_type_loader
from treadle.define.loggers import default_loggers as default_loggers
from treadle.define.loggers import default_system_loggers as default_system_loggers
from treadle.define.jobs import define_asset_job as define_asset_job
from treadle.define.definitions import definitions as definitions
from treadle.run.execute import execute_job as execute_job
from treadle.define.executors import executor as executor
from treadle.define.hooks import failure_hook as failure_hook
from treadle.define.file_paths import file_relative_path as file_relative_path
from treadle.run.io_managers.filesystem import fs_io_manager as fs_io_manager
from treadle.define.context.log import get_dagster_logger as get_dagster_logger
from treadle.define.graphs.decorators import graph as graph
from treadle.define.graphs.graph_assets import graph_asset as graph_asset
from treadle.define.graphs.graph_assets import graph_multi_asset as graph_multi_asset
from treadle.define.executors import in_process_executor as in_process_executor
from treadle.define.io_manager import input_manager as input_manager
from treadle.store.for_tests import instance_for_test as instance_for_test
from treadle.define.io_manager import io_manager as io_manager
from treadle.define.graphs.decorators import job as job
from treadle.define.loggers import json_console_logger as json_console_logger
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
from treadle.define.resources.file_manager import local_file_manager as local_file_manager
from treadle.define.loggers import logger as logger
from treadle.define.types import register_python_type as make_python_type_usable_as_dagster_type
from treadle.define.resources.definition import make_values_resource as make_values_resource
from treadle.core.specs import map_asset_specs as map_asset_specs
from treadle.run.materialize import materialize as materialize
from treadle.run.materialize import materialize_to_memory as materialize_to_memory
from treadle.run.io_managers.upath import may_miss_partitions as may_miss_partitions
from treadle.run.io_managers.memory import mem_io_manager as mem_io_manager
from treadle.define.decorators.multi_asset import multi_asset as multi_asset
from treadle.define.decorators.asset_check import multi_asset_check as multi_asset_check
from treadle.define.decorators.observable import multi_observable_source_asset as multi_observable_source_asset
from treadle.define.executors import multi_or_in_process_executor as multi_or_in_process_executor
from treadle.define.executors import multiple_process_executor_requirements as multiple_process_executor_requirements
from treadle.define.executors import multiprocess_executor as multiprocess_executor
from treadle.define.decorators.observable import observable_source_asset as observable_source_asset
from treadle.run.materialize import observe as observe
from treadle.define.op import op as op
from treadle.core.partitions.context import partition_loading_context as partition_loading_context
from treadle.define.reconstructing import reconstructable as reconstructable
from treadle.define.types import register_python_type as register_python_type
from treadle.define.repository import repository as repository
from treadle.define.types import resolve_type as resolve_type
from treadle.define.resources.definition import resource as resource
from treadle.define.schedules import schedule as schedule
from treadle.define.sensors import sensor as sensor
from treadle.define.hooks import success_hook as success_hook
from treadle.define.executors import threaded_executor as threaded_executor
from treadle.define.type_definition import type_loader as type_loader
from treadle.define.types import usable_as_type as usable_as_dagster_type
from treadle.define.types import usable_as_type as usable_as_type
from treadle.define.config.resolve import validate_run_config as validate_run_config
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
    "BackfillPolicy",
    "BackfillPolicyType",
    "Backoff",
    "BetaWarning",
    "BindResourcesToJobs",
    "Bool",
    "BoolMetadataValue",
    "BoolSource",
    "CodeReferencesMetadataValue",
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
    "Definitions",
    "DefinitionsError",
    "DeleteDynamicPartitionsRequest",
    "DependencyDefinition",
    "Dict",
    "DimensionPartitionMapping",
    "DiskFullError",
    "DynamicOut",
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
    "ExecuteInProcessResult",
    "ExecutionInterruptedError",
    "ExecutionStepNotFoundError",
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
    "InitLoggerContext",
    "InitResourceContext",
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
    "MetadataValue",
    "MonthlyPartitionsDefinition",
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
    "PartialResource",
    "Partition",
    "PartitionKeyRange",
    "PartitionLoadingContext",
    "PartitionMapping",
    "PartitionsDefinition",
    "PathMetadataValue",
    "PendingNodeInvocation",
    "Permissive",
    "PermissiveConfig",
    "PoolMetadataValue",
    "PreviewWarning",
    "Problem",
    "PythonArtifactMetadataValue",
    "PythonObjectDagsterType",
    "PythonObjectType",
    "ReexecutionOptions",
    "RepositoryDefinition",
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
    "RunResult",
    "RunStatus",
    "RunStatusChangeRecordsFilter",
    "RunsFilter",
    "ScalarUnion",
    "ScheduleDefinition",
    "Selector",
    "SensorDefinition",
    "SensorResult",
    "Set",
    "Shape",
    "SkipReason",
    "SourceAsset",
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
    "ValueNotStoredError",
    "WeeklyPartitionsDefinition",
    "asset",
    "asset_check",
    "asset_sensor",
    "asyncio_executor",
    "atomic_write",
    "build_asset_check_context",
    "build_asset_context",
    "build_hook_context",
    "build_init_logger_context",
    "build_init_resource_context",
    "build_input_context",
    "build_op_context",
    "build_output_context",
    "build_reconstructable_job",
    "build_resources",
    "check_dagster_type",
    "check_type",
    "colored_console_logger",
    "config_from_files",
    "config_from_pkg_resources",
    "config_from_yaml_strings",
    "config_mapping",
    "configured",
    "create_repository_using_definitions_args",
    "custom_path_fs_io_manager",
    "dagster_type_loader",
    "default_loggers",
    "default_system_loggers",
    "define_asset_job",
    "definitions",
    "execute_job",
    "executor",
    "failure_hook",
    "file_relative_path",
    "fs_io_manager",
    "get_dagster_logger",
    "graph",
    "graph_asset",
    "graph_multi_asset",
    "in_process_executor",
    "input_manager",
    "instance_for_test",
    "io_manager",
    "job",
    "json_console_logger",
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
    "local_file_manager",
    "logger",
    "make_python_type_usable_as_dagster_type",
    "make_values_resource",
    "map_asset_specs",
    "materialize",
    "materialize_to_memory",
    "may_miss_partitions",
    "mem_io_manager",
    "multi_asset",
    "multi_asset_check",
    "multi_observable_source_asset",
    "multi_or_in_process_executor",
    "multiple_process_executor_requirements",
    "multiprocess_executor",
    "observable_source_asset",
    "observe",
    "op",
    "partition_loading_context",
    "reconstructable",
    "register_python_type",
    "repository",
    "resolve_type",
    "resource",
    "schedule",
    "sensor",
    "success_hook",
    "threaded_executor",
    "type_loader",
    "usable_as_dagster_type",
    "usable_as_type",
    "validate_run_config",
    "with_resources",
    "with_source_code_references",
    "write_whole",
]
