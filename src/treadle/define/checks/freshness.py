"""Checks that an asset was updated lately enough, or that its latest partition has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from treadle.core.asset_events import AssetCheckResult, AssetCheckSeverity
from treadle.core.calendar.clock import now as clock_now
from treadle.core.calendar.cron import Cron
from treadle.core.deprecation import superseded
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, wrong_type
from treadle.core.freshness import at, last_tick, update_window, words_of
from treadle.core.keys import AssetKey
from treadle.core.metadata import JsonMetadataValue, MetadataValue, TimestampMetadataValue
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.specs import AssetCheckSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.checks.building import checks_of, keys_of, partitions_defs_of, severity_of
from treadle.define.context.asset_context import AssetCheckExecutionContext

CHECK_NAME: Final = "freshness_check"
PARAMS: Final = "dagster/freshness_params"
FRESH_UNTIL: Final = "dagster/fresh_until_timestamp"
LAST_UPDATED: Final = "dagster/last_updated_timestamp"
LOWER_BOUND: Final = "dagster/freshness_lower_bound_timestamp"
LATEST_TICK: Final = "dagster/latest_cron_tick_timestamp"


@superseded("give the assets a `FreshnessPolicy`")
def build_last_update_freshness_checks(
    *,
    assets: Sequence[Any],
    lower_bound_delta: timedelta,
    deadline_cron: str | None = None,
    timezone: str = "UTC",
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
    blocking: bool = False,
) -> Sequence[AssetChecksDefinition]:
    """Checks that each asset was materialized within a time, or seen to have been updated.

    An observation with the metadata `dagster/last_updated_timestamp` counts as an update at that time; others say nothing.

    Args:
        assets: definitions, specs, keys or texts.
        lower_bound_delta: how long ago the last update may be; with deadlines, how long before the latest of them.
        deadline_cron: when an update must be there.
        timezone: of the deadlines.
        severity: of a check that fails.
        blocking: True: where it fails, nothing downstream of the asset runs.

    Raises:
        InvalidDefinitionError: an argument that is refused, or an asset named twice.

    Example:
        >>> from datetime import timedelta
        >>> checks = build_last_update_freshness_checks(assets=["orders"], lower_bound_delta=timedelta(days=1))
        >>> checks[0].check_key.to_user_string()
        'orders:freshness_check'
    """
    if not isinstance(lower_bound_delta, timedelta):
        raise wrong_type("lower_bound_delta", "a timedelta", lower_bound_delta)
    if lower_bound_delta < timedelta(0):
        raise InvalidArgumentError(
            f"argument `lower_bound_delta` must not be negative, got {lower_bound_delta}"
        )
    keys = keys_of(assets)
    # Without deadlines the zone says nothing, but a wrong one is wrong all the same.
    cron = _cron("deadline_cron", "@daily" if deadline_cron is None else deadline_cron, timezone)
    deadlines = cron if deadline_cron is not None else None
    bad = severity_of(severity)
    params: dict[str, Any] = {
        "timezone": timezone,
        "lower_bound_delta_seconds": lower_bound_delta.total_seconds(),
    }
    if deadline_cron is not None:
        params["deadline_cron"] = deadline_cron

    def evaluate(context: AssetCheckExecutionContext, key: AssetKey) -> AssetCheckResult:
        now = clock_now()
        updated = _last_update(context.instance, key)
        window = update_window(updated, now, lower_bound_delta, deadlines)
        metadata: dict[str, MetadataValue[Any]] = {
            PARAMS: JsonMetadataValue(params),
            LOWER_BOUND: _stamp(window.lower_bound),
        }
        if window.deadline is not None:
            metadata[LATEST_TICK] = _stamp(window.deadline)
        if window.fresh_until is not None:
            metadata[FRESH_UNTIL] = _stamp(window.fresh_until)
        if updated is not None:
            metadata[LAST_UPDATED] = _stamp(updated)
        return AssetCheckResult(
            passed=window.is_fresh,
            severity=bad,
            metadata=metadata,
            description=_told(updated, now, window.lower_bound, window.is_fresh),
        )

    return checks_of(_specs(keys, params, blocking), CHECK_NAME, evaluate)


@superseded("give the assets a `FreshnessPolicy`")
def build_time_partition_freshness_checks(
    *,
    assets: Sequence[Any],
    deadline_cron: str,
    timezone: str = "UTC",
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
    blocking: bool = False,
) -> Sequence[AssetChecksDefinition]:
    """Checks of assets with partitions of time: the latest partition that was over at the latest deadline is there.

    Args:
        assets: definitions, specs, keys or texts.
        deadline_cron: when the latest partition must be there.
        timezone: of the deadlines.
        severity: of a check that fails.
        blocking: True: where it fails, nothing downstream of the asset runs.

    Raises:
        InvalidDefinitionError: an argument that is refused, an asset named twice.
    """
    keys = keys_of(assets)
    deadlines, bad = _cron("deadline_cron", deadline_cron, timezone), severity_of(severity)
    known = partitions_defs_of(assets)
    params = {"timezone": timezone, "deadline_cron": deadline_cron}

    def evaluate(context: AssetCheckExecutionContext, key: AssetKey) -> AssetCheckResult:
        # Of an asset that was given by its name only, this is known once all definitions are.
        found = known[key] if key in known else context.job_def.code.catalog.partitions_def_of(key)
        definition = _check_time(key, found)
        now = clock_now()
        deadline = last_tick(deadlines, now)
        expected = definition.get_last_partition_window(current_time=deadline)
        metadata: dict[str, MetadataValue[Any]] = {
            PARAMS: JsonMetadataValue(params),
            LATEST_TICK: _stamp(deadline),
        }
        if expected is None:
            metadata[FRESH_UNTIL] = _stamp(deadlines.next_tick(now))
            return AssetCheckResult(
                passed=True, severity=bad, metadata=metadata, description="No partition is due yet."
            )
        name = definition.get_partition_key_for_timestamp(expected.start.timestamp())
        is_there = _has_partition(context.instance, key, name)
        if is_there:
            metadata[FRESH_UNTIL] = _stamp(deadlines.next_tick(now))
            text = f"Partition {name}, the latest that was due, is there."
        else:
            updated = _last_update(context.instance, key)
            if updated is not None:
                metadata[LAST_UPDATED] = _stamp(updated)
            text = f"Partition {name} was due by {deadline:%Y-%m-%d %H:%M %Z} and is not there."
        return AssetCheckResult(passed=is_there, severity=bad, metadata=metadata, description=text)

    return checks_of(_specs(keys, params, blocking), CHECK_NAME, evaluate)


def _specs(keys: Sequence[AssetKey], params: Mapping[str, Any], blocking: bool) -> list[AssetCheckSpec]:
    return [
        AssetCheckSpec(
            CHECK_NAME,
            asset=key,
            description="Whether the asset is as fresh as it should be.",
            metadata={PARAMS: JsonMetadataValue(dict(params))},
            blocking=blocking,
        )
        for key in keys
    ]


def _cron(argument: str, expression: Any, timezone: Any) -> Cron:
    if not isinstance(expression, str):
        raise wrong_type(argument, "a cron expression", expression)
    if not isinstance(timezone, str):
        raise wrong_type("timezone", "the name of a time zone", timezone)
    return Cron(expression, timezone)


def _check_time(key: AssetKey, definition: Any) -> TimeWindowPartitionsDefinition:
    if not isinstance(definition, TimeWindowPartitionsDefinition):
        raise InvalidDefinitionError(
            f"`{key.to_user_string()}` has no partitions of time, so none of them can be due.",
            code="partition-mismatch",
            hint="use `build_last_update_freshness_checks`",
        )
    return definition


def _last_update(instance: Any, key: AssetKey) -> datetime | None:
    """When an asset was materialized last, or seen to have been updated."""
    times = [at(record.timestamp) for record in instance.fetch_materializations(key, 1).records]
    for record in instance.fetch_observations(key, 1).records:
        told = record.asset_observation.metadata.get(LAST_UPDATED)
        if isinstance(told, TimestampMetadataValue):
            times.append(at(told.value))
    return max(times, default=None)


def _has_partition(instance: Any, key: AssetKey, partition_key: str) -> bool:
    # Materialized, or observed where it never was.
    return (key, partition_key) in instance.latest_states([(key, partition_key)])


def _stamp(time: datetime) -> TimestampMetadataValue:
    return TimestampMetadataValue(time.timestamp())


def _told(updated: datetime | None, now: datetime, lower_bound: datetime, is_fresh: bool) -> str:
    if updated is None:
        return "It was never materialized or observed."
    age = words_of(now - updated)
    if is_fresh:
        return f"It was updated {age} ago."
    return f"It was updated {age} ago; it should have been at most {words_of(now - lower_bound)} ago."
