"""The two names of `dagster_pyspark` that the course uses."""

from dagster_pyspark.resources import PySparkResource, pyspark_resource

__all__ = ["PySparkResource", "pyspark_resource"]
