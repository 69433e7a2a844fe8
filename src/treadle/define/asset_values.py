"""Loading stored values of assets outside a run."""

from typing import Any

from treadle.define.doors import open_door


class AssetValueLoader:
    """Loads the stored values of assets; a context manager that closes the resources it opened.

    Args:
        code: resolved definitions.
        instance: where the assets were materialized; the default one where not given.
    """

    def __init__(self, code: Any, instance: Any = None) -> None:
        self._code = code
        self._instance = instance

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
        )

    def __enter__(self) -> "AssetValueLoader":
        return self

    def __exit__(self, *error: object) -> None:
        return None
