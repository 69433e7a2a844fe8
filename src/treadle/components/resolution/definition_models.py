"""Keys, specs, partitions and backfill policies, as YAML spells them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

import pydantic

from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.fields import TemplateOr
from treadle.components.resolution.resolvable import Model, Resolvable, resolve_fields
from treadle.components.resolution.resolver import Resolver
from treadle.core.automation import AutomationCondition
from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import PartitionsDefinition, StaticPartitionsDefinition
from treadle.core.partitions.rhythms import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.policies import BackfillPolicy, FreshnessPolicy
from treadle.core.specs import AssetCheckSpec, AssetSpec


class _Hourly(Model):
    type: Literal["hourly"] = "hourly"
    start_date: str
    end_date: str | None = None
    timezone: str | None = None
    minute_offset: int = 0


class _Daily(_Hourly):
    type: Literal["daily"] = "daily"  # type: ignore[assignment]
    hour_offset: int = 0


class _Weekly(_Daily):
    type: Literal["weekly"] = "weekly"  # type: ignore[assignment]
    day_offset: int = 0


class _TimeWindow(Model):
    type: Literal["time_window"] = "time_window"
    start_date: str
    end_date: str | None = None
    timezone: str | None = None
    fmt: str
    cron_schedule: str


class _Static(Model):
    type: Literal["static"] = "static"
    partition_keys: Sequence[str]


_Partitions: TypeAlias = Annotated[
    Annotated[_Hourly | _Daily | _Weekly | _TimeWindow | _Static, pydantic.Field(discriminator="type")],
    TemplateOr(),
]


def _partitions(context: ResolutionContext, value: Any) -> Any:
    if not isinstance(value, _Hourly | _TimeWindow | _Static):
        return context.resolve_value(value, as_type=PartitionsDefinition)
    given = context.resolve_value(value)
    if isinstance(given, _Static):
        return StaticPartitionsDefinition(list(given.partition_keys))
    arguments = given.model_dump(exclude={"type"}, exclude_none=True)
    if isinstance(given, _TimeWindow):
        return TimeWindowPartitionsDefinition(
            start=arguments.pop("start_date"), end=arguments.pop("end_date", None), **arguments
        )
    made = {
        "hourly": HourlyPartitionsDefinition,
        "daily": DailyPartitionsDefinition,
        "weekly": WeeklyPartitionsDefinition,
    }[given.type]
    if (
        given.type == "hourly"
        and "T" not in str(arguments["start_date"])
        and len(arguments["start_date"]) == 10
    ):
        arguments["start_date"] += "-00:00"
    return made(**arguments)


ResolvedPartitionsDefinition: TypeAlias = Annotated[
    PartitionsDefinition[Any],
    Resolver(
        _partitions,
        model_field_type=_Partitions,
        description="How the asset is partitioned.",
        examples=[
            {"type": "daily", "start_date": "2024-01-01"},
            {"type": "static", "partition_keys": ["a", "b"]},
        ],
    ),
]


class _SingleRun(Model):
    type: Literal["single_run"] = "single_run"


class _MultiRun(Model):
    type: Literal["multi_run"] = "multi_run"
    max_partitions_per_run: int = 1


def _backfill_policy(context: ResolutionContext, value: Any) -> Any:
    if isinstance(value, _SingleRun):
        return BackfillPolicy.single_run()
    if isinstance(value, _MultiRun):
        return BackfillPolicy.multi_run(value.max_partitions_per_run)
    return context.resolve_value(value, as_type=BackfillPolicy)


ResolvedBackfillPolicy: TypeAlias = Annotated[
    BackfillPolicy,
    Resolver(
        _backfill_policy,
        model_field_type=Annotated[
            Annotated[_SingleRun | _MultiRun, pydantic.Field(discriminator="type")], TemplateOr()
        ],
        description="How many runs a backfill makes.",
        examples=[{"type": "single_run"}, {"type": "multi_run", "max_partitions_per_run": 10}],
    ),
]


def _key(context: ResolutionContext, value: Any) -> AssetKey:
    resolved = context.resolve_value(value)
    return resolved if isinstance(resolved, AssetKey) else AssetKey.from_user_string(resolved)


ResolvedAssetKey: TypeAlias = Annotated[
    AssetKey,
    Resolver(
        _key,
        model_field_type=str,
        description="An asset's key, its parts joined by `/`.",
        examples=["raw/orders"],
    ),
]
"""An asset key, as text in YAML."""


def _deps(context: ResolutionContext, value: Any) -> list[Any]:
    resolved = context.resolve_value(value)
    return [AssetKey.from_user_string(each) if isinstance(each, str) else each for each in resolved]


def _tags(context: ResolutionContext, value: Any) -> dict[str, str]:
    resolved = context.resolve_value(value)
    return {str(key): each if isinstance(each, str) else str(each) for key, each in resolved.items()}


_Tags: TypeAlias = Annotated[
    Mapping[str, str],
    Resolver(
        _tags,
        model_field_type=Annotated[Mapping[str, str | bool | int | float], TemplateOr()],
        description="Tags: keys and values.",
        examples=[{"tier": "gold"}],
    ),
]
_Condition: TypeAlias = Annotated[
    AutomationCondition,
    Resolver(
        lambda context, value: context.resolve_value(value, as_type=AutomationCondition),
        model_field_type=str,
        description="A template that gives an automation condition.",
        examples=["{{ dg.AutomationCondition.eager() }}"],
    ),
]
_Freshness: TypeAlias = Annotated[
    FreshnessPolicy,
    Resolver(
        lambda context, value: context.resolve_value(value, as_type=FreshnessPolicy),
        model_field_type=str,
        description="A template that gives a freshness policy.",
    ),
]
_Dependencies: TypeAlias = Annotated[
    Sequence[Any],
    Resolver(
        _deps,
        model_field_type=Annotated[Sequence[str], TemplateOr()],
        description="Keys of assets upstream.",
        examples=[["raw/orders"]],
    ),
]


def _said(description: str, examples: list[Any] | None = None) -> Resolver:
    return Resolver.default(description=description, examples=examples)


class SharedAssetAttributes(Model, Resolvable):
    """What may be said of any asset, its key left out."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    deps: _Dependencies | None = None
    description: Annotated[str | None, _said("What the asset is, for people.")] = None
    metadata: Annotated[
        Mapping[str, Any], _said("Anything else to know of the asset, by name.", [{"table": "raw.orders"}])
    ] = pydantic.Field(default_factory=dict)
    group_name: Annotated[str | None, _said("The group that the asset is shown in.", ["ingest"])] = None
    skippable: Annotated[bool | None, _said("Whether a run may leave the asset out.")] = None
    code_version: Annotated[str | None, _said("The version of the code that makes it.", ["3"])] = None
    owners: Annotated[
        Sequence[str] | None, _said("Mail addresses, or teams as `team:name`.", [["team:data"]])
    ] = None
    tags: _Tags = pydantic.Field(default_factory=dict)
    kinds: Annotated[Sequence[str], _said("What it is made with or kept in.", [["duckdb"]])] = pydantic.Field(
        default_factory=list
    )
    automation_condition: _Condition | None = None
    partitions_def: ResolvedPartitionsDefinition | None = None
    freshness_policy: _Freshness | None = None


class AssetSpecArguments(SharedAssetAttributes):
    """What may be said of an asset, its key first."""

    key: ResolvedAssetKey


def _without_none(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def asset_spec_of(context: ResolutionContext, model: Any) -> AssetSpec:
    """The spec of validated attributes."""
    return AssetSpec(**_without_none(resolve_fields(AssetSpecArguments, context, model)))


ResolvedAssetSpec: TypeAlias = Annotated[
    AssetSpec,
    Resolver(asset_spec_of, model_field_type=AssetSpecArguments.model(), description="An asset."),
]
"""An AssetSpec, as attributes in YAML."""


class _CheckArguments(Model, Resolvable):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    name: str
    asset: ResolvedAssetKey
    additional_deps: _Dependencies | None = None
    description: str | None = None
    blocking: bool = False
    metadata: Mapping[str, Any] | None = None
    automation_condition: _Condition | None = None


ResolvedAssetCheckSpec: TypeAlias = Annotated[
    AssetCheckSpec,
    Resolver(
        lambda context, model: AssetCheckSpec(
            **_without_none(resolve_fields(_CheckArguments, context, model))
        ),
        model_field_type=_CheckArguments.model(),
        description="A check of an asset.",
    ),
]
"""An AssetCheckSpec, as attributes in YAML."""


def shared_attributes(context: ResolutionContext, model: Any) -> dict[str, Any]:
    """The attributes that were given, resolved, by name."""
    return resolve_fields(SharedAssetAttributes, context, model)


ResolvedAssetAttributes: TypeAlias = Annotated[
    Mapping[str, Any],
    Resolver(
        shared_attributes, model_field_type=SharedAssetAttributes.model(), description="Attributes of assets."
    ),
]
"""Attributes to put on assets, as a mapping of those that were given."""

_UNSET: Final = "<unset>"


class AssetAttributesModel(Model):
    """What YAML may say of an asset: every attribute of an AssetSpec, templates allowed, none required."""

    deps: Annotated[Sequence[str], TemplateOr()] | None = None
    description: str | None = None
    metadata: Annotated[Mapping[str, Any], TemplateOr()] | str = _UNSET
    group_name: str | None = None
    skippable: Annotated[bool, TemplateOr()] | None = None
    code_version: str | None = None
    owners: Annotated[Sequence[str], TemplateOr()] | None = None
    tags: Annotated[Mapping[str, str | bool | int | float], TemplateOr()] | str = _UNSET
    kinds: Annotated[Sequence[str], TemplateOr()] | str = _UNSET
    automation_condition: str | None = None
    partitions_def: _Partitions | None = None
    freshness_policy: str | None = None
    key: str | None = None
    key_prefix: Annotated[str | Sequence[str], TemplateOr()] | None = None


class OpSpec(Model, Resolvable):
    """What may be said of the step that runs a component."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    name: str | None = None
    tags: dict[str, Any] | None = None
    description: str | None = None
    pool: str | None = None
    backfill_policy: ResolvedBackfillPolicy | None = None
