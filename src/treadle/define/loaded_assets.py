"""The list that `load_assets_from_…` gives."""

from typing import Any

from treadle.define.asset_definition import AssetsDefinition


class LoadedAssets(list[Any]):
    """The assets of some modules. Definitions that get such a list with a clash are refused when they are made."""

    @property
    def has_clash(self) -> bool:
        """Whether different objects define one key."""
        keys = [
            (key, getattr(one, "writer", None))
            for one in self
            for key in (one.keys if isinstance(one, AssetsDefinition) else (one.key,))
        ]
        return len(set(keys)) < len(keys)
