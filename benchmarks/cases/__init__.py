"""What is measured. Each module's functions run unchanged on both sides, through names that both packages have."""

import importlib

MODULES = ("start", "definitions", "alias", "runs", "partitions", "automation", "ticks", "floor")


def load_all() -> None:
    """Imports every module here, which registers its cases in the order of the table."""
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
