dagster asset materialize -m phlo.definitions -a my_first_asset
