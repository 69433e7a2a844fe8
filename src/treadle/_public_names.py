"""Where each public name lives. One line a module; `__init__` loads a module when one of its names is first used.

A name written `Alias=Name` is the spelling that code written for the peer uses. `__init__.pyi` is generated from
this table by `python -m treadle._public_names`, so that editors and type checkers see the same names.
"""

MODULES: dict[str, str] = {
    "treadle.components.component": "Component component_instance template_var",
    "treadle.components.folders": "DefsFolderComponent",
    "treadle.components.form_config": "ComponentFormConfig ComponentTypeSpec",
    "treadle.components.lib.definitions_file": "DefinitionsComponent",
    "treadle.components.lib.executable": "FunctionComponent PythonScriptComponent UvRunComponent",
    "treadle.components.lib.sql": "SqlComponent TemplatedSqlComponent",
    "treadle.components.lib.state": "StateBackedComponent",
    "treadle.components.load_context": "ComponentLoadContext",
    "treadle.components.loading": (
        "build_component_defs build_defs_for_component component_defs "
        "get_all_components_defs_within_project get_component_defs_within_project load_defs "
        "load_from_defs_folder"
    ),
    "treadle.components.resolution.context": "ResolutionContext",
    "treadle.components.resolution.definition_models": (
        "AssetAttributesModel ResolvedAssetCheckSpec ResolvedAssetKey ResolvedAssetSpec"
    ),
    "treadle.components.resolution.errors": "ResolutionError",
    "treadle.components.resolution.resolvable": "Model Resolvable",
    "treadle.components.resolution.resolver": "Injected Resolver",
    "treadle.components.scaffolding": "Scaffolder ScaffoldRequest scaffold_component scaffold_with resources",
    "treadle.components.tree": "ComponentTree",
    "treadle.core.asset_events": (
        "AssetCheckEvaluation AssetCheckEvaluationTargetMaterializationData AssetCheckResult "
        "AssetCheckSeverity AssetMaterialization AssetObservation AssetResult MaterializeResult "
        "ObserveResult"
    ),
    "treadle.core.asset_io": "AssetIn AssetOut",
    "treadle.core.auto_materialize": (
        "AutoMaterializeAssetPartitionsFilter AutoMaterializePolicy AutoMaterializeRule"
    ),
    "treadle.core.automation": "AutomationCondition",
    "treadle.core.calendar.clock": "clock_at",
    "treadle.core.code_references": (
        "LocalFileCodeReference UrlCodeReference AnchorBasedFilePathMapping FilePathMapping"
    ),
    "treadle.core.data_versions": "DataProvenance DataVersion DataVersionsByPartition",
    "treadle.core.deprecation": "deprecation_warning",
    "treadle.core.errors": (
        "BetaWarning ConfigArgumentWarning PreviewWarning SupersessionWarning TreadleError "
        "DagsterError=TreadleError InvalidArgumentError InvalidDefinitionError "
        "DagsterInvalidDefinitionError=InvalidDefinitionError InvalidConfigDefinitionError "
        "DagsterInvalidConfigDefinitionError=InvalidConfigDefinitionError InvalidConfigError "
        "DagsterInvalidConfigError=InvalidConfigError InvalidMetadataError "
        "DagsterInvalidMetadata=InvalidMetadataError InvalidInvocationError "
        "DagsterInvalidInvocationError=InvalidInvocationError InvariantViolationError "
        "DagsterInvariantViolationError=InvariantViolationError UnknownPartitionError "
        "DagsterUnknownPartitionError=UnknownPartitionError UnknownResourceError "
        "DagsterUnknownResourceError=UnknownResourceError InvalidSubsetError "
        "DagsterInvalidSubsetError=InvalidSubsetError InvalidAssetSelectionError "
        "DagsterInvalidAssetSelectionError=InvalidAssetSelectionError RunNotFoundError "
        "DagsterRunNotFoundError=RunNotFoundError ExecutionStepNotFoundError "
        "DagsterExecutionStepNotFoundError=ExecutionStepNotFoundError StepOutputNotFoundError "
        "DagsterStepOutputNotFoundError=StepOutputNotFoundError TypeCheckDidNotPass "
        "DagsterTypeCheckDidNotPass=TypeCheckDidNotPass AssetCheckFailedError "
        "DagsterAssetCheckFailedError=AssetCheckFailedError MaxRetriesExceededError "
        "DagsterMaxRetriesExceededError=MaxRetriesExceededError UnmetExecutorRequirementsError "
        "DagsterUnmetExecutorRequirementsError=UnmetExecutorRequirementsError SubprocessError "
        "DagsterSubprocessError=SubprocessError UserCodeExecutionError "
        "DagsterUserCodeExecutionError=UserCodeExecutionError StepExecutionError "
        "DagsterExecutionStepExecutionError=StepExecutionError ResourceFunctionError "
        "DagsterResourceFunctionError=ResourceFunctionError ConfigMappingFunctionError "
        "DagsterConfigMappingFunctionError=ConfigMappingFunctionError TypeCheckError "
        "DagsterTypeCheckError=TypeCheckError LoadInputError "
        "DagsterExecutionLoadInputError=LoadInputError HandleOutputError "
        "DagsterExecutionHandleOutputError=HandleOutputError ExecutionInterruptedError "
        "DagsterExecutionInterruptedError=ExecutionInterruptedError EventLogInvalidForRunError "
        "DagsterEventLogInvalidForRun=EventLogInvalidForRunError PipesExecutionError "
        "DagsterPipesExecutionError=PipesExecutionError UnfitValueError"
    ),
    "treadle.core.events": "EventType DagsterEventType=EventType",
    "treadle.core.failures": "Failure RetryRequested",
    "treadle.core.freshness": "FreshnessState",
    "treadle.core.keys": "AssetCheckKey AssetKey AssetJobKey AssetOrCheckKey",
    "treadle.core.metadata": (
        "BoolMetadataValue CodeReferencesMetadataValue FloatMetadataValue IntMetadataValue "
        "JsonMetadataValue MarkdownMetadataValue MetadataValue NotebookMetadataValue NullMetadataValue "
        "PathMetadataValue PoolMetadataValue PythonArtifactMetadataValue TableColumnLineageMetadataValue "
        "TableMetadataValue TableSchemaMetadataValue TextMetadataValue TimestampMetadataValue "
        "UrlMetadataValue AssetMetadataValue DagsterAssetMetadataValue=AssetMetadataValue "
        "JobMetadataValue DagsterJobMetadataValue=JobMetadataValue RunMetadataValue "
        "DagsterRunMetadataValue=RunMetadataValue"
    ),
    "treadle.core.metadata_entry": "MetadataEntry",
    "treadle.core.metadata_table": (
        "TableColumn TableColumnConstraints TableColumnDep TableColumnLineage TableConstraints "
        "TableRecord TableSchema"
    ),
    "treadle.core.outputs": "DynamicOutput ExpectationResult Output TypeCheck",
    "treadle.core.pagination": "PaginatedResults",
    "treadle.core.partitions.context": "PartitionLoadingContext partition_loading_context",
    "treadle.core.partitions.definition": (
        "AddDynamicPartitionsRequest DeleteDynamicPartitionsRequest DynamicPartitionsDefinition "
        "PartitionsDefinition StaticPartitionsDefinition"
    ),
    "treadle.core.partitions.keys": "MultiPartitionKey Partition PartitionKeyRange TimeWindow",
    "treadle.core.partitions.mapping": (
        "AllPartitionMapping IdentityPartitionMapping LastPartitionMapping PartitionMapping "
        "SpecificPartitionsPartitionMapping StaticPartitionMapping UpstreamPartitionsResult"
    ),
    "treadle.core.partitions.multi": "MultiPartitionsDefinition",
    "treadle.core.partitions.multi_mapping": (
        "DimensionPartitionMapping MultiPartitionMapping MultiToSingleDimensionPartitionMapping"
    ),
    "treadle.core.partitions.rhythms": (
        "DailyPartitionsDefinition HourlyPartitionsDefinition MonthlyPartitionsDefinition "
        "WeeklyPartitionsDefinition"
    ),
    "treadle.core.partitions.time_mapping": "TimeWindowPartitionMapping",
    "treadle.core.partitions.time_windows": "TimeWindowPartitionsDefinition",
    "treadle.core.policies": "BackfillPolicy BackfillPolicyType FreshnessPolicy LegacyFreshnessPolicy",
    "treadle.core.problem": "Problem",
    "treadle.core.retry": "Backoff Jitter RetryPolicy",
    "treadle.core.run_states": "RunStatus DagsterRunStatus=RunStatus",
    "treadle.core.runs": "Run DagsterRun=Run",
    "treadle.core.schedules": "DefaultScheduleStatus DefaultSensorStatus RunRequest SensorResult SkipReason",
    "treadle.core.selection.asset_selection": "AssetSelection",
    "treadle.core.selectors": "CodeLocationSelector JobSelector RepositorySelector",
    "treadle.core.serialize": "deserialize_value serialize_value",
    "treadle.core.specs": "AssetCheckSpec AssetDep AssetSpec map_asset_specs",
    "treadle.core.ticks": "RunReaction DagsterRunReaction=RunReaction SensorType TickResult",
    "treadle.define.asset_checks_definition": "AssetChecksDefinition",
    "treadle.define.asset_definition": "AssetsDefinition",
    "treadle.define.asset_sensors": (
        "AssetSensorDefinition MultiAssetSensorDefinition asset_sensor multi_asset_sensor"
    ),
    "treadle.define.asset_values": "AssetValueLoader",
    "treadle.define.automation_sensors": "AutomationConditionSensorDefinition",
    "treadle.define.checks.column_schema": "build_column_schema_change_checks",
    "treadle.define.checks.freshness": (
        "build_last_update_freshness_checks build_time_partition_freshness_checks"
    ),
    "treadle.define.checks.freshness_sensor": "build_sensor_for_freshness_checks",
    "treadle.define.checks.metadata_bounds": "build_metadata_bounds_checks",
    "treadle.define.code_references": "with_source_code_references link_code_references_to_git",
    "treadle.define.config.config_class": "Config PermissiveConfig",
    "treadle.define.config.configured": "configured",
    "treadle.define.config.enums": "Enum EnumValue",
    "treadle.define.config.environment": "EnvVar IntEnvVar",
    "treadle.define.config.files": "config_from_files config_from_pkg_resources config_from_yaml_strings",
    "treadle.define.config.mapping": "ConfigMapping config_mapping",
    "treadle.define.config.partitioned": (
        "PartitionedConfig daily_partitioned_config dynamic_partitioned_config hourly_partitioned_config "
        "monthly_partitioned_config partitioned_config static_partitioned_config "
        "weekly_partitioned_config"
    ),
    "treadle.define.config.resolve": "validate_run_config",
    "treadle.define.config.run_config": "RunConfig",
    "treadle.define.config.scalars": "BoolSource ConfigSchema FloatSource IntSource StringSource",
    "treadle.define.config.schema": "Array Field Map Noneable Permissive ScalarUnion Selector Shape",
    "treadle.define.context.asset_context": "AssetCheckExecutionContext AssetExecutionContext",
    "treadle.define.context.build": (
        "build_asset_check_context build_asset_context build_hook_context build_input_context "
        "build_op_context build_output_context"
    ),
    "treadle.define.context.hook_context": "HookContext",
    "treadle.define.context.input_context": "InputContext",
    "treadle.define.context.log": "get_dagster_logger StepLogger DagsterLogManager=StepLogger",
    "treadle.define.context.multi_asset_sensor_context": (
        "MultiAssetSensorEvaluationContext build_multi_asset_sensor_context"
    ),
    "treadle.define.context.op_context": (
        "OpExecutionContext DagsterTypeLoaderContext=OpExecutionContext "
        "StepExecutionContext=OpExecutionContext"
    ),
    "treadle.define.context.output_context": "OutputContext",
    "treadle.define.context.run_status_context": (
        "RunFailureSensorContext RunStatusSensorContext build_run_status_sensor_context"
    ),
    "treadle.define.context.schedule_context": "ScheduleEvaluationContext build_schedule_context",
    "treadle.define.context.sensor_context": "SensorEvaluationContext build_sensor_context",
    "treadle.define.decorators.asset": "asset",
    "treadle.define.decorators.asset_check": "asset_check multi_asset_check",
    "treadle.define.decorators.multi_asset": "multi_asset",
    "treadle.define.decorators.observable": "multi_observable_source_asset observable_source_asset",
    "treadle.define.definitions": "Definitions definitions",
    "treadle.define.email_sensors": "make_email_on_run_failure_sensor",
    "treadle.define.executors": (
        "ExecutorDefinition ExecutorRequirement asyncio_executor executor in_process_executor "
        "multi_or_in_process_executor multiple_process_executor_requirements multiprocess_executor "
        "threaded_executor Executor InitExecutorContext"
    ),
    "treadle.define.file_paths": "file_relative_path",
    "treadle.define.freshness": "apply_freshness_policy",
    "treadle.define.graphs.decorators": "graph job",
    "treadle.define.graphs.dependencies": (
        "DependencyDefinition GraphIn GraphOut InputMapping MultiDependencyDefinition NodeInvocation "
        "OutputMapping"
    ),
    "treadle.define.graphs.graph_assets": "graph_asset graph_multi_asset",
    "treadle.define.graphs.graph_definition": "GraphDefinition",
    "treadle.define.graphs.invocation": "PendingNodeInvocation",
    "treadle.define.hooks": "HookDefinition failure_hook success_hook HookExecutionResult",
    "treadle.define.io_manager": (
        "IOManager IOManagerDefinition InputManager InputManagerDefinition input_manager io_manager"
    ),
    "treadle.define.io_manager_class": "ConfigurableIOManager ConfigurableIOManagerFactory",
    "treadle.define.job_definition": "JobDefinition",
    "treadle.define.jobs": "define_asset_job",
    "treadle.define.lint.lint": "lint",
    "treadle.define.load_code": "LoadError load_code",
    "treadle.define.loading": (
        "load_asset_checks_from_current_module load_asset_checks_from_modules "
        "load_asset_checks_from_package_module load_asset_checks_from_package_name "
        "load_assets_from_current_module load_assets_from_modules load_assets_from_package_module "
        "load_assets_from_package_name load_definitions_from_current_module load_definitions_from_module "
        "load_definitions_from_modules load_definitions_from_package_module "
        "load_definitions_from_package_name"
    ),
    "treadle.define.loggers": (
        "InitLoggerContext JsonLogFormatter LoggerDefinition build_init_logger_context "
        "colored_console_logger default_loggers default_system_loggers json_console_logger logger"
    ),
    "treadle.define.op": "DynamicOut In OpDefinition Out op",
    "treadle.define.partitioned_schedules": "build_schedule_from_partitioned_job",
    "treadle.define.reconstructing": "build_reconstructable_job reconstructable",
    "treadle.define.repository": (
        "RepositoryDefinition create_repository_using_definitions_args repository RepositoryData"
    ),
    "treadle.define.resources.annotations": (
        "IAttachDifferentObjectToOpContext=AttachesDifferentObject ResourceParam"
    ),
    "treadle.define.resources.binding": "BindResourcesToJobs with_resources",
    "treadle.define.resources.building": "build_init_resource_context build_resources",
    "treadle.define.resources.configurable": (
        "ConfigurableResource ConfigurableResourceFactory PartialResource ResourceDependency"
    ),
    "treadle.define.resources.context": "InitResourceContext",
    "treadle.define.resources.definition": "ResourceDefinition make_values_resource resource",
    "treadle.define.resources.file_manager": "FileHandle LocalFileHandle local_file_manager",
    "treadle.define.resources.legacy_adapters": (
        "ConfigurableLegacyIOManagerAdapter ConfigurableLegacyResourceAdapter"
    ),
    "treadle.define.run_status_sensors": "RunStatusSensorDefinition run_failure_sensor run_status_sensor",
    "treadle.define.schedules": "ScheduleDefinition schedule",
    "treadle.define.sensors": "SensorDefinition sensor SensorReturnTypesUnion",
    "treadle.define.source_asset": "SourceAsset",
    "treadle.define.type_definition": (
        "DagsterType=TypeDefinition DagsterTypeLoader=TypeLoader Nothing "
        "PythonObjectDagsterType=PythonObjectType PythonObjectType TypeDefinition TypeLoader "
        "dagster_type_loader=type_loader type_loader TypeCheckContext"
    ),
    "treadle.define.types": (
        "Dict List Optional Set Tuple check_dagster_type=check_type check_type "
        "make_python_type_usable_as_dagster_type=register_python_type register_python_type resolve_type "
        "usable_as_dagster_type=usable_as_type usable_as_type Any=Any Bool=Bool Float=Float Int=Int "
        "String=String"
    ),
    "treadle.define.validation.errors": "DefinitionsError",
    "treadle.pipes.blob_readers": "PipesBlobStoreMessageReader PipesLogReader PipesThreadedMessageReader",
    "treadle.pipes.client": (
        "PipesClient PipesClientCompletedInvocation PipesContextInjector PipesExecutionResult "
        "PipesLaunchedData PipesMessageReader"
    ),
    "treadle.pipes.injectors": (
        "PipesEnvContextInjector PipesFileContextInjector PipesTempFileContextInjector"
    ),
    "treadle.pipes.message_handler": "PipesMessageHandler",
    "treadle.pipes.readers": (
        "PipesCompositeMessageReader PipesFileMessageReader PipesTempFileMessageReader "
        "extract_message_or_forward_to_stdout"
    ),
    "treadle.pipes.session": "PipesSession open_pipes_session",
    "treadle.pipes.subprocess_client": "PipesSubprocessClient",
    "treadle.plan.automation.context": "AutomationContext AutomationResult EntitySubset",
    "treadle.plan.automation.results": "EvaluateAutomationConditionsResult",
    "treadle.run.automation": "evaluate_automation_conditions",
    "treadle.run.execute": "execute_job",
    "treadle.run.interrupts": "raise_execution_interrupts",
    "treadle.run.io_managers.atomic": "DiskFullError write_whole atomic_write",
    "treadle.run.io_managers.branching": "BranchingIOManager",
    "treadle.run.io_managers.configurable_filesystem": "FilesystemIOManager",
    "treadle.run.io_managers.filesystem": (
        "UnpicklableOutputError custom_path_fs_io_manager fs_io_manager ValueNotStoredError"
    ),
    "treadle.run.io_managers.memory": "InMemoryIOManager mem_io_manager",
    "treadle.run.io_managers.tables": "DbClient DbIOManager DbTypeHandler TablePartitionDimension TableSlice",
    "treadle.run.io_managers.upath": "UPathIOManager may_miss_partitions",
    "treadle.run.materialize": "materialize materialize_to_memory observe",
    "treadle.run.migrate_io_storage": "MigrateIOStorageResult StoredAsset migrate_io_storage",
    "treadle.run.reexecution": "ReexecutionOptions",
    "treadle.run.results": "RunResult ExecuteInProcessResult=RunResult JobExecutionResult=RunResult",
    "treadle.run.run_limits": "MAX_RUNTIME_TAG MAX_RUNTIME_SECONDS_TAG=MAX_RUNTIME_TAG",
    "treadle.run.step_refs": (
        "StepLauncher StepRunRef external_instance_from_step_run_ref run_step_from_ref "
        "step_context_to_step_run_ref step_run_ref_to_step_context"
    ),
    "treadle.store.deployment": (
        "DefaultRunLauncher QueuedRunCoordinator SubmitRunContext UPathDefsStateStorage"
    ),
    "treadle.store.event_views": "RunEvent DagsterEvent=RunEvent EventLogEntry EventLogRecord",
    "treadle.store.for_tests": "instance_for_test",
    "treadle.store.instance": "Instance DagsterInstance=Instance",
    "treadle.store.records": (
        "AssetPartitionStatus AssetRecordsFilter EventRecordsFilter EventRecordsResult RunRecord "
        "RunsFilter RunStatusChangeRecordsFilter RunShardedEventsCursor"
    ),
}


def name_table() -> dict[str, tuple[str, str]]:
    """Every public name with its module and the name it has there."""
    table: dict[str, tuple[str, str]] = {}
    for module, names in MODULES.items():
        for entry in names.split():
            public, _, inner = entry.partition("=")
            table[public] = (module, inner or public)
    return table


def stub_text() -> str:
    """The text of `__init__.pyi`."""
    lines = ["# Generated from _public_names.py by `python -m treadle._public_names`; do not edit."]
    for public, (module, inner) in sorted(name_table().items()):
        lines.append(f"from {module} import {inner} as {public}")
    lines += ["", "__version__: str", "", "__all__ = ["]
    lines += [f'    "{public}",' for public in sorted(name_table())]
    lines.append("]")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("__init__.pyi").write_text(stub_text(), encoding="utf-8")
