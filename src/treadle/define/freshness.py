"""Puts freshness policies on specs."""

from typing import Any

from treadle.core.errors import wrong_type
from treadle.core.policies import FreshnessPolicy
from treadle.core.specs import AssetSpec


def apply_freshness_policy(
    spec: AssetSpec, policy: FreshnessPolicy, overwrite_existing: bool = True
) -> AssetSpec:
    """A spec with a freshness policy; made for `Definitions.map_asset_specs`.

    Args:
        spec: the asset's.
        policy: what it gets.
        overwrite_existing: also where it has one already.

    Example:
        >>> from datetime import timedelta
        >>> daily = FreshnessPolicy.time_window(timedelta(days=1))
        >>> apply_freshness_policy(AssetSpec("orders"), daily).freshness_policy == daily
        True
    """
    given: Any = policy
    if not isinstance(spec, AssetSpec):
        raise wrong_type("spec", "an AssetSpec", spec)
    if not isinstance(given, FreshnessPolicy):
        raise wrong_type("policy", "a FreshnessPolicy", given)
    if spec.freshness_policy is not None and not overwrite_existing:
        return spec
    return spec.replace_attributes(freshness_policy=policy)
