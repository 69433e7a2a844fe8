defs = dg.Definitions(assets=[my_asset])
