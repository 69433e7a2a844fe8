"""Loading stored values of assets outside a run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from treadle.core.errors import wrong_type
from treadle.core.keys import AssetKey
from treadle.define.code import Code
from treadle.define.doors import open_door

if TYPE_CHECKING:
    from treadle.define.resources.lasting import LastingResources


class AssetValueLoader:
    """Loads the stored values of assets; as a context manager it opens each resource once, and closes them at its end.

    Args:
        assets_defs_by_key: asset key -> its definition; or resolved definitions.
        instance: where the assets were materialized; the default one where not given.

    Raises:
        InvalidArgumentError: `assets_defs_by_key` is neither.

    Example:
        >>> import treadle as dg
        >>> @dg.asset
        ... def one():
        ...     return 1
        >>> with dg.instance_for_test() as instance:
        ...     _ = dg.materialize([one], instance=instance)
        ...     with dg.AssetValueLoader({one.key: one}, instance=instance) as loader:
        ...         loader.load_asset_value("one")
        1
    """

    def __init__(self, assets_defs_by_key: Mapping[AssetKey, Any] | Code, instance: Any = None) -> None:
        self._code = _code_of(assets_defs_by_key)
        self._instance = instance
        self._lasting: LastingResources | None = None

    def load_asset_value(
        self,
        asset_key: Any,
        *,
        python_type: type | None = None,
        partition_key: str | None = None,
        partition_key_range: Any = None,
        input_definition_metadata: Any = None,
        resource_config: Any = None,
        metadata: Any = None,
    ) -> Any:
        """The stored value of an asset.

        Args:
            asset_key: the asset.
            python_type: what the IO manager should give back, where it can choose.
            partition_key: one partition.
            partition_key_range: several in a row.
        """
        return open_door("load_asset_value")(
            self._code,
            asset_key,
            instance=self._instance,
            python_type=python_type,
            partition_key=partition_key,
            partition_key_range=partition_key_range,
            input_definition_metadata=input_definition_metadata or metadata,
            resource_config=resource_config,
            lasting=self._lasting,
        )

    def __enter__(self) -> "AssetValueLoader":
        self._lasting = open_door("lasting_resources")()
        return self

    def __exit__(self, *error: object) -> None:
        if self._lasting is not None:
            self._lasting.close()
            self._lasting = None


def _code_of(given: Mapping[AssetKey, Any] | Code) -> Code:
    """Some assets may be all of a graph that is wanted: what they depend on need not be there, so nothing is refused."""
    if isinstance(given, Code):
        return given
    if not isinstance(given, Mapping):
        raise wrong_type("assets_defs_by_key", "a mapping of asset keys to their definitions", given)
    code: Code = open_door("examine")(assets=given.values())
    return code
