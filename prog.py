import dagster as dg
from dagster_duckdb import DuckDBResource

@dg.asset
def a(context: dg.AssetExecutionContext) -> int:
    return 1

defs = dg.Definitions(assets=[a], resources={"d": DuckDBResource(database="x")})
reveal_type(dg.AssetKey("a"))
dg.nonsense
