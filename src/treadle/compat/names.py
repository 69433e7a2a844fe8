"""Which module of ours answers to which name of the peer's. One line a module."""

from typing import Final

MODULES: Final[dict[str, str]] = {
    "dagster": "treadle",
    "dagster.components": "treadle.components",
    "dagster.components.core": "treadle.components",
    "dagster.components.core.context": "treadle.components",
    "dagster.components.core.tree": "treadle.components",
    "dagster.components.lib": "treadle.components",
    "dagster.components.lib.sql_component": "treadle.components",
    "dagster.components.lib.sql_component.sql_component": "treadle.components",
    "dagster.components.resolved": "treadle.components",
    "dagster.components.resolved.base": "treadle.components",
    "dagster.components.resolved.context": "treadle.components",
    "dagster.components.resolved.core_models": "treadle.components",
    "dagster.components.resolved.model": "treadle.components",
    "dagster.components.testing": "treadle.components.testing",
    "dagster.components.utils": "treadle.components",
    "dagster.components.utils.defs_state": "treadle.components",
    "dagster_duckdb": "treadle.integrations.duckdb",
    "dagster_duckdb_pandas": "treadle.integrations.duckdb",
    "dagster_duckdb_polars": "treadle.integrations.duckdb",
}
