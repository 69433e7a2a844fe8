"""What is known of a run before its first step: the events of what it intends, and the versions of what it will read."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from treadle.core.catalog import Catalog
from treadle.core.events import AssetData, CheckData, Event, EventType
from treadle.core.keys import AssetKey
from treadle.plan.partitions import StepPartitions
from treadle.plan.plan import Step
from treadle.run.environment import RunEnvironment
from treadle.run.event_maker import EventMaker
from treadle.run.partition_tags import plain_keys


def planned_events(
    maker: EventMaker, catalog: Catalog, steps: Sequence[Step], partitions: Mapping[str, StepPartitions]
) -> list[Event]:
    """What the run intends: one event an asset and a check, in order of key. They stand in the store only."""
    assets = (
        sorted(((key, step) for step in steps for key in step.asset_keys), key=itemgetter(0))
        if len(steps) > 1
        else [(key, step) for step in steps for key in sorted(step.asset_keys)]
    )
    events = []
    for key, step in assets:
        bound = partitions.get(step.key)
        own = bound.own_of_asset(catalog, key) if bound is not None else None
        events.append(
            maker.make(
                EventType.ASSET_MATERIALIZATION_PLANNED,
                step.key,
                AssetData(),
                f"{key.to_user_string()} is to be materialized",
                asset_key=key,
                partition_keys=plain_keys(own.keys) if own is not None else None,
            )
        )
    for step in steps:
        for check in sorted(step.check_keys):
            blocking = bool(catalog.checks[check].spec.blocking)
            events.append(
                maker.make(
                    EventType.ASSET_CHECK_EVALUATION_PLANNED,
                    step.key,
                    CheckData(name=check.name, blocking=blocking),
                    f"Check {check.name} is to be evaluated",
                    asset_key=check.asset_key,
                )
            )
    return events


def prefetch_versions(env: RunEnvironment, steps: Sequence[Step]) -> None:
    """Reads the data versions of everything that this run reads and does not make, in one query."""
    made = {key for step in steps for key in step.asset_keys}
    requests: list[tuple[AssetKey, str | None]] = []
    for step in steps:
        parents = env.partitions_of(step).parents
        for key in step.asset_keys:
            for dep in env.catalog.assets[key].spec.deps:
                parent = dep.asset_key
                if parent in made:
                    continue
                read = parents.get(parent)
                if read is None:
                    requests.append((parent, None))
                elif len(read.keys) == 1:
                    requests.append((parent, read.keys.first_key))
    if requests:
        env.versions.prefetch(requests)
