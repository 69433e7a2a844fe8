"""Google Cloud: BigQuery and Cloud Storage as resources, and the factory that keeps a table up to date from files in a bucket.

Install with `treadle[gcp]`. Where `BIGQUERY_EMULATOR_HOST` or `STORAGE_EMULATOR_HOST` is set, clients talk to that emulator
and need no credentials. Tests: tests/integrations/gcp, against emulators.
"""

from treadle.integrations.gcp.bigquery import (
    BigQueryError,
    BigQueryResource,
    bigquery_resource,
    fetch_last_updated_timestamps,
)
from treadle.integrations.gcp.gcs import GCSResource, gcs_resource
from treadle.integrations.gcp.interval_config import BaseGCSAsset, Interval, IntervalGCSAsset, SourceMode
from treadle.integrations.gcp.interval_import import interval_gcs_import_asset

__all__ = [
    "BaseGCSAsset",
    "BigQueryError",
    "BigQueryResource",
    "GCSResource",
    "Interval",
    "IntervalGCSAsset",
    "SourceMode",
    "bigquery_resource",
    "fetch_last_updated_timestamps",
    "gcs_resource",
    "interval_gcs_import_asset",
]
