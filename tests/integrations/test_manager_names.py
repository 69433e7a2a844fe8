"""Errors call an IO manager what the user wrote, not the class that does the work."""

import pandas as pd
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager, DuckDBPandasIOManager
from treadle.integrations.parquet import ParquetIOManager


class Lake(ParquetIOManager):
    """Of one's own."""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (DuckDBIOManager, "DuckDBIOManager"),
        (DuckDBPandasIOManager, "DuckDBIOManager"),  # the peer's word for all of them, which tests look for
        (ParquetIOManager, "ParquetIOManager"),
        (Lake, "Lake"),
    ],
)
def test_an_error_names_the_manager_that_the_user_wrote(tmp_path, kind, name):
    is_parquet = issubclass(kind, ParquetIOManager)
    fails = (
        {"base_path": str(tmp_path), "compression": "?"} if is_parquet else {"database": f"{tmp_path}/no/x"}
    )
    manager = kind(**fails)

    @dg.asset
    def orders() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    result = dg.materialize([orders], resources={"io_manager": manager}, raise_on_error=False)
    (failure,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert f"`io_manager` ({name}) could not store" in failure.event_specific_data.error.message
