from dagster import build_last_update_freshness_checks
from datetime import timedelta

# Automatically check freshness
freshness_checks = build_last_update_freshness_checks(
    assets=[my_data],
    lower_bound_delta=timedelta(hours=1),  # Must be updated within 1 hour
)
