"""Names only: import finders by which code written for the peer finds Treadle under the peer's names.

`install()` makes `import dagster`, `import dagster_duckdb`, … resolve to Treadle in this process. Processes that the
command line starts have it by themselves; `compat = false` in the settings turns that off there. `python -m
treadle.compat script.py` runs a script with it, `-p treadle.compat.pytest` a test suite.
`names` are the tables, `finder` what Python asks, `modules` what it gets, `stand_ins` the few private names.
This room imports none of ours. Tests: tests/compat.
"""

from treadle.compat.finder import install, is_installed, uninstall

__all__ = ["install", "is_installed", "uninstall"]
