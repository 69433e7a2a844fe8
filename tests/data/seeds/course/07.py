import dagster as dg
from .assets import sample
#...

@dg.definitions
def defs():
    #...

    sample_assets = dg.load_assets_from_package_module(sample) # load assets from the module

    return dg.Definitions(
        assets=[*sample_assets],
        resources={
            "spark_s3_rsc" : configured_pyspark,
            "s3_test_io_manager": S3PartitionedCsvIOManager(
                pyspark=configured_pyspark,
                s3_bucket="test"
            )
        },
    )
