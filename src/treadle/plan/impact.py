"""What would break, and what would go stale, if assets were deleted or changed."""

from collections.abc import Iterable

import msgspec

from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidSubsetError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey


class Impact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that hangs on some assets. Each list is in the order of definition."""

    asset_keys: tuple[AssetKey, ...]
    """The assets asked about."""
    writers: tuple[str, ...] = ()
    """`orders/shopify`, … : their writers, where they have several."""
    failing_assets: tuple[AssetKey, ...] = ()
    """Assets that load one of them, or load what loads it: without it their runs fail."""
    stale_assets: tuple[AssetKey, ...] = ()
    """Assets below that only come after: they run, on data that is out of date."""
    checks: tuple[AssetCheckKey, ...] = ()
    jobs: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    sensors: tuple[str, ...] = ()

    def __str__(self) -> str:
        names = ", ".join(key.to_user_string() for key in self.asset_keys)
        rows = [
            ("asset", " that would fail", [key.to_user_string() for key in self.failing_assets]),
            ("asset", " that would go stale", [key.to_user_string() for key in self.stale_assets]),
            ("check", "", [f"{key.asset_key.to_user_string()}:{key.name}" for key in self.checks]),
            ("job", "", list(self.jobs)),
            ("schedule", "", list(self.schedules)),
            ("sensor", "", list(self.sensors)),
        ]
        if self.writers:
            rows.insert(0, ("writer", " with nothing to write", list(self.writers)))
        lines = [f"Without {names}:"]
        lines.extend(
            f"  {len(found)} {noun}{'' if len(found) == 1 else 's'}{what}{': ' + ', '.join(found) if found else ''}"
            for noun, what, found in rows
        )
        return "\n".join(lines)


def impact_of(catalog: Catalog, keys: Iterable[AssetKey]) -> Impact:
    """Assets, checks, jobs, schedules and sensors that would fail or go stale without `keys`.

    Raises:
        InvalidSubsetError: a key that the catalog does not have.
    """
    asked = tuple(dict.fromkeys(keys))
    for key in asked:
        if key not in catalog.assets:
            raise InvalidSubsetError(
                f"There is no asset `{key.to_user_string()}`.",
                code="unknown-asset",
                hint=did_you_mean(key.to_user_string(), (known.to_user_string() for known in catalog.assets)),
            )
    failing, below = _downstream(catalog, asked)
    touched = {*asked, *below}
    checks = tuple(
        key
        for key, node in catalog.checks.items()
        if key.asset_key in touched or _reads(catalog, node.computation, touched)
    )
    touched_checks = set(checks)
    jobs = tuple(
        name
        for name, job in catalog.jobs.items()
        if touched.intersection(job.asset_keys) or touched_checks.intersection(job.check_keys)
    )
    return Impact(
        asset_keys=asked,
        writers=tuple(
            f"{key.to_user_string()}/{each.name}" for key in asked for each in catalog.assets[key].writers
        ),
        failing_assets=tuple(key for key in catalog.assets if key in failing and key not in asked),
        stale_assets=tuple(
            key for key in catalog.assets if key in below and key not in failing and key not in asked
        ),
        checks=checks,
        jobs=jobs,
        schedules=tuple(name for name, node in catalog.schedules.items() if node.job_name in jobs),
        sensors=tuple(
            name
            for name, node in catalog.sensors.items()
            if set(node.job_names).intersection(jobs) or touched.intersection(node.asset_keys)
        ),
    )


def _downstream(catalog: Catalog, asked: tuple[AssetKey, ...]) -> tuple[set[AssetKey], set[AssetKey]]:
    failing: set[AssetKey] = set(asked)
    below: set[AssetKey] = set(asked)
    pending = list(asked)
    while pending:
        key = pending.pop()
        for child in catalog.children_of.get(key, ()):
            fails = key in failing and _loads(catalog, child, key)
            if child not in below or (fails and child not in failing):
                below.add(child)
                if fails:
                    failing.add(child)
                pending.append(child)
    return failing, below


def _loads(catalog: Catalog, child: AssetKey, parent: AssetKey) -> bool:
    return any(
        node.asset_key == parent and node.loads_value
        for name in catalog.assets[child].computations
        for node in catalog.computations[name].inputs
    )


def _reads(catalog: Catalog, computation: str, keys: set[AssetKey]) -> bool:
    return any(node.asset_key in keys for node in catalog.computations[computation].inputs)
