"""The few private names of the peer's that real projects use and that are public nowhere.

Each module stands for one private module; a name here behaves as there as far as projects rely on it. Nothing in
Treadle uses them. Tests: tests/compat/test_private_modules.py.
"""

from typing import Final

STAND_INS: Final[dict[str, str]] = {
    "dagster._annotations": "annotations",
    "dagster._check": "check",
    "dagster._config.pythonic_config": "models",
    "dagster._core.definitions.events": "events",
    "dagster._core.definitions.metadata": "models",
    "dagster._core.test_utils": "testing",
    "dagster._model": "models",
    "dagster._core.libraries": "libraries",
    "dagster._core.utils": "collections",
    "dagster._core.definitions.resource_definition": "annotations",
    "dagster._core.storage.io_manager": "annotations",
    "dagster._record": "record",
    "dagster._serdes": "serdes",
    "dagster._time": "time",
    "dagster._utils": "collections",
    "dagster._utils.backoff": "backoff",
    "dagster._utils.cached_method": "cached_method",
    "dagster._utils.env": "testing",
    "dagster._utils.test": "testing",
    "dagster._utils.warnings": "warnings",
    "dagster_shared": "collections",
    "dagster_shared.check": "check",
    "dagster_shared.dagster_model": "models",
    "dagster_shared.libraries": "libraries",
    "dagster_shared.record": "record",
    "dagster_shared.serdes": "serdes",
    "dagster_shared.seven": "collections",
    "dagster_shared.utils.cached_method": "cached_method",
    "dagster_shared.utils.warnings": "warnings",
}
"""Private module -> our module here. It answers for the modules below it as well."""

COMPONENTS_STAND_IN: Final = "treadle.compat.stand_ins.components"
"""Answers last for modules below `dagster.components`."""

KNOWN_SUBMODULES: Final = frozenset({"dagster_shared.check", "dagster_shared.seven"}) | frozenset(
    f"dagster.{name}"
    for name in (
        "_annotations",
        "_check",
        "_config",
        "_core",
        "_core.definitions",
        "_core.errors",
        "_core.events",
        "_core.execution",
        "_core.execution.context",
        "_core.executor",
        "_core.launcher",
        "_core.storage",
        "_core.storage.event_log",
        "_core.storage.tags",
        "_core.test_utils",
        "_core.types",
        "_grpc",
        "_legacy",
        "_loggers",
        "_record",
        "_serdes",
        "_seven",
        "_time",
        "_utils",
        "_utils.warnings",
        "components",
        "preview",
        "preview.freshness",
        "version",
    )
)
"""What `from package import name` may name and is a module."""

ELSEWHERE: Final[dict[str, str]] = {
    "TreatAsResourceParam": "treadle.define.resources.annotations:TreatAsResourceParam",
    "UnresolvedAssetJobDefinition": "treadle.define.jobs:UnresolvedAssetJobDefinition",
    "ReconstructableJob": "treadle.define.reconstructing:ReconstructableJob",
    "AssetCheckExecutionRecord": "treadle.store.storage_views:CheckRecord",
    "AssetCheckExecutionRecordStatus": "treadle.store.storage_views:CheckRecordStatus",
    "TypeHintInferredDagsterType": "treadle:DagsterType",
    "normalize_metadata": "treadle.core.metadata_entries:event_metadata",
}
"""Names that Treadle has under another name, or not as a public one: `module:name`."""

OF_INTEGRATIONS: Final[dict[str, tuple[str, str, str]]] = {
    "DuckDbClient": ("dagster_duckdb", "treadle.integrations.duckdb.client", "DuckDBClient"),
    "_get_cleanup_statement": ("dagster_duckdb", "treadle.integrations.duckdb.client", "cleanup_statement"),
}
"""Names inside of integrations that other packages build on: the package, our module and our name."""

WORDS: Final[dict[str, object]] = {
    "ASSET_PARTITION_RANGE_END_TAG": "dagster/asset_partition_range_end",
    "ASSET_PARTITION_RANGE_START_TAG": "dagster/asset_partition_range_start",
    "BACKFILL_ID_TAG": "dagster/backfill",
    "COMPUTE_KIND_TAG": "dagster/compute_kind",
    "CONCURRENCY_KEY_TAG": "dagster/concurrency_key",
    "DATA_VERSION_TAG": "dagster/data_version",
    "DEFAULT_DATE_FORMAT": "%Y-%m-%d",
    "DEFAULT_HOURLY_FORMAT_WITHOUT_TIMEZONE": "%Y-%m-%d-%H:%M",
    "DEFAULT_IO_MANAGER_KEY": "io_manager",
    "MAX_RETRIES_TAG": "dagster/max_retries",
    "MAX_RUNTIME_SECONDS_TAG": "dagster/max_runtime",
    "PARENT_RUN_ID_TAG": "dagster/parent_run_id",
    "PARTITION_NAME_TAG": "dagster/partition",
    "PRIORITY_TAG": "dagster/priority",
    "ROOT_RUN_ID_TAG": "dagster/root_run_id",
    "RUN_KEY_TAG": "dagster/run_key",
    "SCHEDULE_NAME_TAG": "dagster/schedule_name",
    "SENSOR_NAME_TAG": "dagster/sensor_name",
    "SYSTEM_TAG_PREFIX": "dagster/",
}
"""Words on the wire that have a name at the peer."""
