"""An asset and what is stored of it, gathered for one screen, one row or one JSON object."""

from collections.abc import Iterable
from typing import Any

import attrs

from treadle.cli.runs_view import time_text
from treadle.core.catalog import Catalog
from treadle.core.events import CheckData, EventType, LogData
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import metadata_from_wire
from treadle.plan.staleness import Cause, Staleness, StalenessReader
from treadle.store.filter import AssetEventsWhere
from treadle.store.instance import Instance


@attrs.frozen(kw_only=True)
class PartitionCount:
    """How many of an asset's partitions are made."""

    definition: str
    materialized: int
    total: int
    latest: str | None

    def __str__(self) -> str:
        return f"{self.materialized} of {self.total}"


def partition_count(catalog: Catalog, key: AssetKey, instance: Instance) -> PartitionCount | None:
    """How many partitions are made and how many there are; None for an asset without any."""
    definition = catalog.partitions_def_of(key)
    if definition is None:
        return None
    everything = definition.space(dynamic_partitions_store=instance).all()
    made = instance.materialized_keys(key, definition) if instance.has_asset_key(key) else None
    return PartitionCount(
        definition=repr(definition),
        materialized=0 if made is None else len(made),
        total=len(everything),
        latest=str(everything.last_key) if everything else None,
    )


class AssetStates:
    """How the assets of a catalog stand, read from the store at once.

    Args:
        keys: the assets that will be asked for.
    """

    def __init__(self, catalog: Catalog, instance: Instance, keys: Iterable[AssetKey]) -> None:
        self._catalog = catalog
        self._instance = instance
        requests: list[tuple[AssetKey, str | None]] = [(key, None) for key in keys]
        self._reader = StalenessReader(catalog, instance)
        self._reader.prefetch(requests)
        self._latest = instance.latest_states(requests)

    def staleness(self, key: AssetKey) -> Staleness:
        """Whether an asset without partitions is out of date, and why."""
        return self._reader.of(key)

    def stale_because(self, key: AssetKey) -> tuple[Cause, ...]:
        """Why an asset is out of date; of one with partitions only whether its code is another since the last was made."""
        node = self._catalog.assets[key]
        state = self._latest.get((key, None))
        if node.kind != "materializable" or state is None or state.problem is not None:
            return ()
        if self._catalog.partitions_def_of(key) is None:
            return self.staleness(key).causes
        return () if node.writers else self._reader.made_by_other_code(key)

    def last_made(self, key: AssetKey) -> tuple[float, str] | None:
        """When and by which run an asset was last made."""
        state = self._latest.get((key, None))
        by_partition = self._catalog.partitions_def_of(key) is not None
        is_ours = self._catalog.assets[key].kind == "materializable"
        if state is None or (is_ours and not state.is_made(by_partition=by_partition)):
            return None
        return state.timestamp, state.run_id

    def word(self, key: AssetKey) -> str:
        """How an asset stands, in words."""
        node = self._catalog.assets[key]
        if node.kind == "external":
            return "External"
        count = partition_count(self._catalog, key, self._instance)
        if count is not None:
            if not count.materialized:
                return "Never materialized"
            words = "All materialized" if count.materialized == count.total else f"{count} materialized"
            return f"{words}, stale" if self.stale_because(key) else words
        state = self._latest.get((key, None))
        if state is not None and state.problem is not None:
            return f"Corrupt record (event {state.event_id})"
        if node.kind == "observable":
            record = next(iter(self._instance.get_asset_records([key])), None)
            seen = record is not None and record.asset_entry.last_observation_record is not None
            return "Observed" if seen else "Never observed"
        return _STALENESS_WORDS[self.staleness(key).status]


_STALENESS_WORDS = {"FRESH": "Fresh", "STALE": "Stale", "MISSING": "Never materialized"}


def asset_as_json(
    catalog: Catalog, key: AssetKey, instance: Instance, location: str, states: AssetStates
) -> dict[str, Any]:
    """An asset for machines."""
    node, spec = catalog.assets[key], catalog.assets[key].spec
    made = states.last_made(key)
    count = partition_count(catalog, key, instance)
    jobs = tuple(name for name, job in catalog.jobs.items() if key in job.asset_keys)
    return {
        "key": key.to_user_string(),
        "location": location,
        "kind": node.kind,
        "state": states.word(key),
        "stale_because": [cause.detail for cause in states.stale_because(key)],
        "group": spec.group_name or "default",
        "kinds": sorted(spec.kinds),
        "owners": list(spec.owners),
        "tags": dict(spec.tags),
        "description": spec.description,
        "code_version": spec.code_version,
        "where": node.where,
        "writers": [{"name": each.name, "where": each.where} for each in node.writers],
        "upstream": [parent.to_user_string() for parent in catalog.parents_of(key)],
        "downstream": [child.to_user_string() for child in catalog.children_of.get(key, ())],
        "checks": [check.name for check in catalog.checks_of.get(key, ())],
        "jobs": list(jobs),
        "schedules": [name for name, each in catalog.schedules.items() if each.job_name in jobs],
        "sensors": [
            name
            for name, each in catalog.sensors.items()
            if key in each.asset_keys or set(jobs).intersection(each.job_names)
        ],
        "resources": sorted(
            {key for name in node.computations for key in catalog.computations[name].resource_keys}
        ),
        "io_manager": node.io_manager_key,
        "partitions": None
        if count is None
        else {
            "definition": count.definition,
            "materialized": count.materialized,
            "total": count.total,
            "latest": count.latest,
        },
        "last_materialization": None if made is None else {"timestamp": made[0], "run_id": made[1]},
    }


def asset_screen(catalog: Catalog, key: AssetKey, instance: Instance, location: str) -> list[tuple[str, str]]:
    """Everything about an asset as (name, text) rows; what it does not have is left out."""
    states = AssetStates(catalog, instance, [key])
    found = asset_as_json(catalog, key, instance, location, states)
    made = found["last_materialization"]
    count = found["partitions"]
    writers = states.staleness(key) if count is None and found["kind"] == "materializable" else None
    rows = [
        ("asset", found["key"]),
        ("description", found["description"]),
        ("state", found["state"]),
        ("why", "; ".join(found["stale_because"])),
        ("last made", f"{time_text(made['timestamp'])} by run {made['run_id']}" if made else ""),
        ("location", found["location"]),
        ("group", found["group"]),
        ("kinds", ", ".join(found["kinds"])),
        ("owners", ", ".join(found["owners"])),
        ("tags", ", ".join(f"{name}={value}" if value else name for name, value in found["tags"].items())),
        ("code version", found["code_version"]),
        ("defined at", ", ".join(each["where"] for each in found["writers"]) or found["where"]),
        (
            "partitions",
            f"{count['definition']}; {count['materialized']} of {count['total']} made" if count else "",
        ),
        ("latest one", count["latest"] if count else ""),
        ("writers", ", ".join(_writer_text(each, writers) for each in found["writers"])),
        ("upstream", ", ".join(found["upstream"])),
        ("downstream", ", ".join(found["downstream"])),
        ("jobs", ", ".join(found["jobs"])),
        ("schedules", ", ".join(found["schedules"])),
        ("sensors", ", ".join(found["sensors"])),
        ("resources", ", ".join(found["resources"])),
        ("IO manager", found["io_manager"]),
        (
            "checks",
            "; ".join(_check_text(name, result) for name, result in _results(catalog, key, instance).items()),
        ),
        ("metadata", _metadata_text(key, instance)),
    ]
    return [(name, str(text)) for name, text in rows if text]


def _results(catalog: Catalog, key: AssetKey, instance: Instance) -> dict[str, CheckData | None]:
    """Check -> its last result."""
    found: dict[str, CheckData | None] = {check.name: None for check in catalog.checks_of.get(key, ())}
    asset = instance.store.history.asset_id(key) if found else None
    if asset is None:
        return found
    wanted = AssetEventsWhere(type=EventType.ASSET_CHECK_EVALUATION.value, asset=asset)
    for stored in instance.store.history.asset_events(wanted, 200, ascending=False):
        data = stored.event.data
        if isinstance(data, CheckData) and found.get(data.name, data) is None:
            found[data.name] = data
    return found


def _writer_text(writer: dict[str, str], of_all: Staleness | None) -> str:
    """A writer's name, and how it stands where that is known."""
    for each in of_all.writers if of_all is not None else ():
        if each.writer == writer["name"]:
            return f"{each.writer} ({each.status.lower()})"
    return writer["name"]


def _check_text(name: str, result: CheckData | None) -> str:
    if result is None:
        return f"{name} never ran"
    return f"{name} {'passed' if result.passed else 'warned' if result.severity == 'WARN' else 'failed'}"


def _metadata_text(key: AssetKey, instance: Instance) -> str:
    stored = instance.store.assets.latest_materialization(key)
    if stored is None:
        return ""
    if isinstance(stored.event.data, LogData):
        return stored.event.message
    entries = metadata_from_wire(getattr(stored.event.data, "metadata", {}))
    return ", ".join(f"{name}={_short(value)}" for name, value in entries.items())


def _short(value: Any) -> str:
    text = str(getattr(value, "value", value)).replace("\n", " ")
    return text if len(text) <= 60 else text[:59] + "…"
