from .jobs import jobs

#...

@dg.efinitions
def defs():
    #...

    return dg.Definitions(
        assets=[*sample_assets],
        jobs=jobs,
        resources={
            "spark_s3_rsc" : configured_pyspark,
            "s3_test_io_manager": S3PartitionedCsvIOManager(
                pyspark=configured_pyspark,
                s3_bucket="test"
            )
        },
    )
