from dagster import materialize

result = materialize([my_first_asset])
