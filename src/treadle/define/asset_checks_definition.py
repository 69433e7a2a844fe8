"""A computation that only evaluates checks. `@asset_check` and `@multi_asset_check` make it."""

from treadle.core.keys import AssetKey
from treadle.core.specs import AssetCheckSpec
from treadle.define.asset_definition import AssetsDefinition


class AssetChecksDefinition(AssetsDefinition):
    """A computation that makes no asset and evaluates checks. `@asset_check` and `@multi_asset_check` make it."""

    @property
    def check_spec(self) -> AssetCheckSpec:
        """The spec of its one check.

        Raises:
            InvalidDefinitionError: it evaluates several.
        """
        return self.get_spec_for_check_key(self.check_key)

    @property
    def asset_key(self) -> AssetKey:
        """The asset that its one check is about."""
        return self.check_spec.asset_key

    @property
    def name(self) -> str:
        """The name of its one check."""
        return self.check_spec.name

    def __repr__(self) -> str:
        return f"AssetChecksDefinition({', '.join(spec.key.to_user_string() for spec in self.check_specs)})"
