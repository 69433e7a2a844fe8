"""Checks that a number in the metadata of an asset lies within bounds."""

from collections.abc import Sequence
from typing import Any

from treadle.core.asset_events import AssetCheckResult, AssetCheckSeverity
from treadle.core.deprecation import beta
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.metadata import FloatMetadataValue, IntMetadataValue
from treadle.core.specs import AssetCheckSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.checks.building import checks_of, keys_of, severity_of
from treadle.define.context.asset_context import AssetCheckExecutionContext


@beta()
def build_metadata_bounds_checks(
    *,
    assets: Sequence[Any],
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
    metadata_key: str,
    min_value: int | float | None = None,
    max_value: int | float | None = None,
    exclusive_min: bool = False,
    exclusive_max: bool = False,
) -> Sequence[AssetChecksDefinition]:
    """Checks of a number in the metadata of each asset's latest materialization.

    Args:
        assets: definitions, specs, keys or texts.
        severity: of a check that fails.
        metadata_key: the entry.
        min_value: the least that is right.
        max_value: the most that is right.
        exclusive_min: `min_value` itself is too little.
        exclusive_max: `max_value` itself is too much.

    Raises:
        InvalidDefinitionError: no bound, bounds that no number keeps, a refused argument, or an asset named twice.

    Example:
        >>> build_metadata_bounds_checks(assets=["orders"], metadata_key="rows", min_value=1)[0].name
        'rows_bounds_check'
    """
    if not isinstance(metadata_key, str):
        raise wrong_type("metadata_key", "text", metadata_key)
    for argument, bound in (("min_value", min_value), ("max_value", max_value)):
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int | float)):
            raise wrong_type(argument, "a number", bound)
    if min_value is None and max_value is None:
        raise InvalidDefinitionError(
            "a check of bounds needs `min_value`, `max_value` or both.", code="invalid-argument"
        )
    if min_value is not None and max_value is not None and min_value > max_value:
        raise InvalidDefinitionError(
            f"no number lies within the bounds: min_value is {min_value}, max_value {max_value}.",
            code="invalid-argument",
        )
    bad = severity_of(severity)
    words = _range_words(min_value, max_value, exclusive_min, exclusive_max)
    name = _check_name(metadata_key)
    specs = [
        AssetCheckSpec(name, asset=key, description=f"Whether metadata `{metadata_key}` is {words}.")
        for key in keys_of(assets)
    ]

    def evaluate(context: AssetCheckExecutionContext, key: AssetKey) -> AssetCheckResult:
        records = context.instance.fetch_materializations(key, limit=1).records
        if not records:
            return _failed("It was never materialized.", bad)
        metadata = records[0].asset_materialization.metadata
        found = metadata.get(metadata_key)
        if found is None:
            return _failed(f"The latest materialization has no metadata `{metadata_key}`.", bad)
        value = found.value
        if not isinstance(found, IntMetadataValue | FloatMetadataValue) or value is None:
            return _failed(f"`{metadata_key}` is {value!r}, which is no number.", bad)
        too_low = min_value is not None and (value <= min_value if exclusive_min else value < min_value)
        too_high = max_value is not None and (value >= max_value if exclusive_max else value > max_value)
        passed = not too_low and not too_high and value == value  # a NaN lies nowhere
        text = f"`{metadata_key}` is {value}" + ("." if passed else f"; it should be {words}.")
        return AssetCheckResult(passed=passed, severity=bad, description=text)

    return checks_of(specs, "metadata_bounds_check", evaluate)


def _failed(description: str, severity: AssetCheckSeverity) -> AssetCheckResult:
    return AssetCheckResult(passed=False, severity=severity, description=description)


def _check_name(metadata_key: str) -> str:
    """`rows_bounds_check`; what no name may hold (`dagster/row_count`) becomes an underscore."""
    return "".join(c if c.isalnum() or c == "_" else "_" for c in metadata_key) + "_bounds_check"


def _range_words(low: float | None, high: float | None, above: bool, below: bool) -> str:
    parts = []
    if low is not None:
        parts.append(f"greater than {low}" if above else f"at least {low}")
    if high is not None:
        parts.append(f"less than {high}" if below else f"at most {high}")
    return " and ".join(parts)
