"""The peer's private modules (`dagster._core.errors`, …): a name that is public here is found under any of them.

Projects import public classes from where the peer keeps them. Names that are public nowhere are not made up.
"""

import importlib
from types import ModuleType
from typing import Any, Final

_PUBLIC: Final = "treadle"
_DOCS: Final = "docs/compatibility.md"

WORDS: Final[dict[str, str]] = {
    "ASSET_PARTITION_RANGE_END_TAG": "dagster/asset_partition_range_end",
    "ASSET_PARTITION_RANGE_START_TAG": "dagster/asset_partition_range_start",
    "BACKFILL_ID_TAG": "dagster/backfill",
    "DATA_VERSION_TAG": "dagster/data_version",
    "DEFAULT_IO_MANAGER_KEY": "io_manager",
    "MAX_RUNTIME_SECONDS_TAG": "dagster/max_runtime",
    "PARENT_RUN_ID_TAG": "dagster/parent_run_id",
    "PARTITION_NAME_TAG": "dagster/partition",
    "ROOT_RUN_ID_TAG": "dagster/root_run_id",
    "RUN_KEY_TAG": "dagster/run_key",
    "SCHEDULE_NAME_TAG": "dagster/schedule_name",
    "SENSOR_NAME_TAG": "dagster/sensor_name",
}
"""Words on the wire that have a name at the peer."""


class PrivateModule(ModuleType):
    """Stands for one private module: its names are the public ones."""

    __path__: list[str]

    def __init__(self, name: str) -> None:
        super().__init__(name, f"Names of `{_PUBLIC}` for code that imports `{name}`.")
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        """A public name.

        Raises:
            ImportError: there is none.
        """
        if name.startswith("__"):
            raise AttributeError(name)
        if name in WORDS:
            return WORDS[name]
        try:
            return getattr(importlib.import_module(_PUBLIC), name)
        except AttributeError as error:
            raise ImportError(
                f"`{self.__name__}` is private at the peer; of its names Treadle has those that are public, and "
                f"`{name}` is not one of them; see {_DOCS}",
                name=self.__name__,
            ) from error


def is_private(name: str) -> bool:
    """Whether a module name is of a private module: `dagster._core`, `dagster._utils.warnings`."""
    return name.startswith("dagster._")
