"""The decorators of assets and checks: they read a function once and build an `AssetsDefinition`.

Nothing here looks at other definitions; what only the whole can tell is found in `define.validation`. Tests: tests/define.
"""
