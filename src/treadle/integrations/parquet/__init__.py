"""Parquet files on any fsspec URL: an IO manager for pandas, Polars and Arrow.

Install with `treadle[parquet]`. Tests: tests/integrations/parquet.
"""

from treadle.integrations.parquet.io_manager import ParquetIOManager

__all__ = ["ParquetIOManager"]
