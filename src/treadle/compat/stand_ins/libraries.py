"""`dagster._core.libraries`: packages beside the peer tell their version here; it is kept and can be asked for."""

from collections.abc import Mapping


class DagsterLibraryRegistry:
    """Names and versions of imported packages."""

    _versions: dict[str, str] = {}

    @classmethod
    def register(cls, name: str, version: str, *, is_dagster_package: bool = True) -> None:
        """Note a package."""
        cls._versions[name] = version

    @classmethod
    def get(cls) -> Mapping[str, str]:
        """All that were noted."""
        return dict(cls._versions)
