"""What the functions that build checks share."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from treadle.core.asset_events import AssetCheckResult, AssetCheckSeverity
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.specs import AssetCheckSpec, AssetSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.context.asset_context import AssetCheckExecutionContext
from treadle.define.decorators.asset_check import multi_asset_check
from treadle.define.source_asset import SourceAsset

Evaluate = Callable[[AssetCheckExecutionContext, AssetKey], AssetCheckResult]
"""Looks at one asset; the result needs neither the asset's nor the check's name."""


def keys_of(assets: Any) -> list[AssetKey]:
    """The keys of assets given in any way.

    Raises:
        InvalidDefinitionError: not a list, none at all, or one twice.
    """
    if isinstance(assets, str | AssetKey) or not isinstance(assets, Sequence):
        raise wrong_type("assets", "a list of assets, specs, keys or texts", assets)
    keys: list[AssetKey] = []
    for asset in assets:
        if isinstance(asset, AssetsDefinition):
            keys += asset.ordered_keys
        else:
            keys.append(AssetKey.from_coercible_or_definition(asset))
    twice = sorted({key.to_user_string() for key in keys if keys.count(key) > 1})
    if twice:
        raise InvalidDefinitionError(
            f"the list of assets names `{twice[0]}` twice.",
            code="invalid-argument",
            hint="name each asset once",
        )
    return keys


def partitions_defs_of(assets: Iterable[Any]) -> dict[AssetKey, Any]:
    """Partitions definitions of those assets of which it is known already; None for those that have none."""
    found: dict[AssetKey, Any] = {}
    for asset in assets:
        if isinstance(asset, AssetsDefinition):
            for spec in asset.specs:
                found[spec.key] = spec.partitions_def or asset.partitions_def
        elif isinstance(asset, AssetSpec | SourceAsset):
            found[asset.key] = asset.partitions_def
    return found


def severity_of(severity: Any) -> AssetCheckSeverity:
    """A severity as it was given.

    Raises:
        InvalidArgumentError: it is none.
    """
    if not isinstance(severity, AssetCheckSeverity):
        raise wrong_type("severity", "an AssetCheckSeverity", severity)
    return severity


def checks_of(
    specs: Sequence[AssetCheckSpec], name: str, evaluate: Evaluate
) -> Sequence[AssetChecksDefinition]:
    """One definition of a check for each asset; its name holds for these checks only.

    Args:
        specs: one an asset.
        name: with what the step's name begins.
        evaluate: looks at one of the assets.
    """
    if not specs:
        return []
    identity = "".join(sorted(spec.key.to_user_string() for spec in specs))
    unique = hashlib.sha256(identity.encode()).hexdigest()[:8]

    @multi_asset_check(name=f"{name}_{unique}", specs=specs, can_subset=True)
    def run_checks(context: AssetCheckExecutionContext) -> Any:
        chosen: set[AssetCheckKey] = context.selected_asset_check_keys
        for spec in specs:
            if spec.key in chosen:
                result = evaluate(context, spec.asset_key)
                yield result._replace(asset_key=spec.asset_key, check_name=spec.name)

    return [run_checks]
