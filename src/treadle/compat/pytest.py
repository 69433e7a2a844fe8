"""A plugin of pytest's: the project's own tests run with the alias. `addopts = "-p treadle.compat.pytest"`.

Plugins named so are loaded before any `conftest.py`, also in the workers of pytest-xdist.
"""

from treadle.compat.finder import install

install()


def pytest_report_header() -> str:
    """One line at the top of pytest's report."""
    return "treadle: `dagster` means Treadle here"
