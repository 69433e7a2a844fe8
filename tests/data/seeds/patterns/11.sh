dagster dev
