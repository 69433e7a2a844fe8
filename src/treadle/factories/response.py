"""What an asset factory gives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.job_definition import JobDefinition
from treadle.define.jobs import UnresolvedAssetJobDefinition
from treadle.define.sensors import SensorDefinition


@dataclass
class AssetFactoryResponse:
    """The definitions that one factory made.

    Args:
        assets: what it is all about.
        sensors: that watch them.
        jobs: that clean up after them, or run them.
        checks: of them.

    Example:
        >>> from treadle import asset
        >>> from treadle.factories import AssetFactoryResponse
        >>> @asset(key_prefix="raw")
        ... def orders(): ...
        >>> [each.key.to_user_string() for each in AssetFactoryResponse([orders]).filter_assets_by_name("orders")]
        ['raw/orders']
    """

    assets: list[AssetsDefinition]
    sensors: list[SensorDefinition] = field(default_factory=list)
    jobs: list[JobDefinition | UnresolvedAssetJobDefinition] = field(default_factory=list)
    checks: list[AssetChecksDefinition] = field(default_factory=list)

    def find_job_by_name(self, name: str) -> JobDefinition | UnresolvedAssetJobDefinition | None:
        """The job of that name, or None."""
        return next((job for job in self.jobs if job.name == name), None)

    def filter_assets(self, wanted: Callable[[AssetsDefinition], bool]) -> Iterable[AssetsDefinition]:
        """The assets of which `wanted` is true."""
        return filter(wanted, self.assets)

    def filter_assets_by_name(self, name: str) -> Iterable[AssetsDefinition]:
        """The assets whose key ends in `name`."""
        return self.filter_assets(
            lambda definition: any(key.parts_tuple[-1:] == (name,) for key in definition.keys)
        )
