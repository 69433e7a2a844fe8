"""Which module of ours answers to which name of the peer's. One line a module."""

from typing import Final

MODULES: Final[dict[str, str]] = {
    "dagster": "treadle",
    "dagster_duckdb": "treadle.integrations.duckdb",
    "dagster_duckdb_pandas": "treadle.integrations.duckdb",
    "dagster_duckdb_polars": "treadle.integrations.duckdb",
}

LEFT_ALONE: Final = frozenset({"dagster_pipes"})
"""Packages of the peer's that stand for themselves: what runs outside of our processes imports the real ones."""
