"""Names of the tags by which a run says what it works on and who asked for it. They are the peer's: stores keep them."""

from typing import Final

PARTITION_TAG: Final = "dagster/partition"
"""The key; `dagster/partition/NAME` has the part of one dimension."""
PARTITION_SET_TAG: Final = "dagster/partition_set"
RANGE_START_TAG: Final = "dagster/asset_partition_range_start"
RANGE_END_TAG: Final = "dagster/asset_partition_range_end"
SCHEDULE_NAME_TAG: Final = "dagster/schedule_name"
SENSOR_NAME_TAG: Final = "dagster/sensor_name"


def partition_set_of(job_name: str) -> dict[str, str]:
    """The tag that says of which job a run makes a partition."""
    return {PARTITION_SET_TAG: f"{job_name}_partition_set"}
