# Check partition exists
context.log.info(f"Partition: {context.partition_key}")
