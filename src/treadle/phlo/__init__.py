"""What the tutorial's `phlo` package gives its assets: settings from the environment.

Under the import alias `phlo.config` is `treadle.phlo.config`. Imports only the store's settings. Tests: tests/phlo.
"""
