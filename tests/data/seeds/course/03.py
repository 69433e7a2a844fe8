# resources/csv_io_manager.py

import os
from typing import Union
import dagster as dg
from dagster_pyspark.resources import PySparkResource
from pyspark.sql import DataFrame


class PartitionedCsvIOManager(dg.ConfigurableIOManager):

    pyspark: dg.ResourceDependency[PySparkResource]

    @property
    def _base_path(self):
        raise NotImplementedError()

    def handle_output(self, context: dg.OutputContext, obj: DataFrame):
        path = self._get_path(context)

        # code to save the asset to external storage here...

        # add metadata to the asset here...
        context.add_output_metadata({"path": path})


    def load_input(self, context) -> DataFrame:
        path = self._get_path(context)

        # code to read the asset from external storage here...


    def _get_path(self, context: Union[dg.InputContext, dg.OutputContext]):
        return os.path.join(self._base_path, *context.asset_key.parts)


class S3PartitionedCsvIOManager(PartitionedCsvIOManager):
    s3_bucket: str

    @property
    def _base_path(self):
        return "s3a://" + self.s3_bucket
