"""Functions that build checks: freshness, column schemas, bounds of metadata; and the sensor that runs freshness checks.

They make the same `AssetChecksDefinition`s as `@multi_asset_check`; what is fresh is decided in `core.freshness`. They ask
the instance only through `core.ports.InstancePort`. Anybody above `define` may import this; tests: `tests/define/checks`.
"""
