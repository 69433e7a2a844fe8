"""In place of Spark: frames of rows in memory, tables as CSV files; `s3a://bucket` is a folder `bucket` beside the program."""
