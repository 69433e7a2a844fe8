"""A session by configuration, as a class and as a function-made resource."""

from typing import Any

from dagster import ConfigurableResource, Field, Map, resource
from pyspark.sql import SparkSession


class PySparkResource(ConfigurableResource):
    """Spark with a configuration."""

    spark_config: dict[str, Any]

    @property
    def spark_session(self) -> SparkSession:
        return SparkSession(self.spark_config)


@resource({"spark_conf": Field(Map(str, str))})
def pyspark_resource(context):
    return PySparkResource(spark_config=context.resource_config["spark_conf"])
