from phlo.definitions import defs
from dagster import materialize

result = materialize([defs.get_asset_def("my_asset")])
print(result)
