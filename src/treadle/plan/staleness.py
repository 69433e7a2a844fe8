"""Why an asset is stale, missing or fresh: its code version and its inputs' data versions against what is stored."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import attrs
import msgspec

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.core.ports import AssetState, StateReader
from treadle.plan.data_versions import NO_DATA_VERSION

Status = Literal["FRESH", "STALE", "MISSING"]
Category = Literal["CODE", "DATA", "DEPENDENCIES"]


class Cause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that makes an asset stale."""

    asset_key: AssetKey
    category: Category
    dependency: AssetKey | None = None
    detail: str = ""


class Staleness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asset's (or one partition's) status, with its causes and where they began."""

    asset_key: AssetKey
    partition_key: str | None = None
    status: Status
    causes: tuple[Cause, ...] = ()
    root_causes: tuple[Cause, ...] = ()

    def __str__(self) -> str:
        name = self.asset_key.to_user_string()
        place = f" [{self.partition_key}]" if self.partition_key is not None else ""
        if self.status == "MISSING":
            return f"{name}{place} has never been materialized"
        if self.status == "FRESH":
            return f"{name}{place} is fresh"
        lines = [f"{name}{place} is stale:"]
        lines.extend(f"  - {cause.detail}" for cause in self.causes)
        roots = [cause for cause in self.root_causes if cause not in self.causes]
        lines.extend(f"  began with: {cause.detail}" for cause in roots)
        return "\n".join(lines)


def why(
    catalog: Catalog,
    key: AssetKey,
    state: StateReader,
    partition_key: str | None = None,
    parent_keys: "ParentKeys | None" = None,
) -> Staleness:
    """The status of `key` and every cause.

    Args:
        catalog: what is declared now.
        key: the asset.
        state: what is stored.
        partition_key: which partition, for a partitioned asset.
        parent_keys: (asset, partition, parent) -> the parent's partitions that it reads; None reads the same key
            where the parent has a partition by that name, else the parent's latest.
    """
    return StalenessReader(catalog, state, parent_keys).of(key, partition_key)


ParentKeys = Callable[[AssetKey, str | None, AssetKey], Iterable[str | None]]


@attrs.define(eq=False)
class StalenessReader:
    """Answers `of` for many assets, reading each state once."""

    catalog: Catalog
    state: StateReader
    parent_keys: ParentKeys | None = None
    _states: dict[tuple[AssetKey, str | None], AssetState | None] = attrs.field(factory=dict)
    _answers: dict[tuple[AssetKey, str | None], Staleness] = attrs.field(factory=dict)

    def prefetch(self, requests: Iterable[tuple[AssetKey, str | None]]) -> None:
        """Reads the states of many assets in one go."""
        missing = [request for request in dict.fromkeys(requests) if request not in self._states]
        if missing:
            found: Mapping[tuple[AssetKey, str | None], AssetState] = self.state.latest_states(missing)
            for request in missing:
                self._states[request] = found.get(request)

    def of(self, key: AssetKey, partition_key: str | None = None) -> Staleness:
        """The status of one asset or partition."""
        partition_key = self._partition_for(key, partition_key)
        known = self._answers.get((key, partition_key))
        if known is None:
            known = self._answers[key, partition_key] = self._judge(key, partition_key)
        return known

    def data_version(self, key: AssetKey, partition_key: str | None = None) -> str:
        """The current data version, or the mark of an asset that has none."""
        found = self._state_of(key, self._partition_for(key, partition_key))
        return (found.data_version if found else None) or NO_DATA_VERSION

    def _partition_for(self, key: AssetKey, partition_key: str | None) -> str | None:
        if partition_key is None:
            return None
        node = self.catalog.assets.get(key)
        name = node.computation if node else None
        definition = self.catalog.computations[name].partitions_def if name else None
        if definition is None and node is not None:
            definition = getattr(node.spec, "partitions_def", None)
        return partition_key if definition is not None else None

    def _state_of(self, key: AssetKey, partition_key: str | None) -> AssetState | None:
        self.prefetch([(key, partition_key)])
        return self._states[key, partition_key]

    def _parents(self, key: AssetKey) -> list[AssetKey]:
        return [parent for parent in self.catalog.parents_of(key) if parent != key]

    def _judge(self, key: AssetKey, partition_key: str | None) -> Staleness:
        parents = self._parents(key)
        self.prefetch([(key, partition_key), *((p, self._partition_for(p, partition_key)) for p in parents)])
        made = self._states[key, partition_key]
        if made is None:
            return Staleness(asset_key=key, partition_key=partition_key, status="MISSING")
        causes = [*self._code_causes(key, made), *self._data_causes(key, partition_key, made, parents)]
        if not causes:
            return Staleness(asset_key=key, partition_key=partition_key, status="FRESH")
        roots: dict[Cause, None] = {}
        for cause in causes:
            roots.update(dict.fromkeys(self._roots_of(cause, partition_key)))
        return Staleness(
            asset_key=key,
            partition_key=partition_key,
            status="STALE",
            causes=tuple(causes),
            root_causes=tuple(roots),
        )

    def _code_causes(self, key: AssetKey, made: AssetState) -> Iterable[Cause]:
        declared = getattr(self.catalog.assets[key].spec, "code_version", None)
        if declared is not None and made.code_version is not None and declared != made.code_version:
            yield Cause(
                asset_key=key,
                category="CODE",
                detail=f"{key.to_user_string()}: code version is `{declared}`, it was made by `{made.code_version}`",
            )

    def _data_causes(
        self, key: AssetKey, partition_key: str | None, made: AssetState, parents: list[AssetKey]
    ) -> Iterable[Cause]:
        if not made.input_versions and not parents:
            return
        name = key.to_user_string()
        for parent in parents:
            text = parent.to_user_string()
            then = made.input_versions.get(text)
            if then is None:
                if made.input_versions:
                    yield Cause(
                        asset_key=key,
                        category="DEPENDENCIES",
                        dependency=parent,
                        detail=f"{name}: `{text}` is a new dependency",
                    )
                continue
            if self._is_ranged(parent, partition_key):
                continue
            now = self.data_version(parent, partition_key)
            if now not in (then, NO_DATA_VERSION):
                yield Cause(
                    asset_key=key,
                    category="DATA",
                    dependency=parent,
                    detail=f"{name}: `{text}` has changed since it was read",
                )
        now_parents = {parent.to_user_string() for parent in parents}
        for text in made.input_versions:
            if text not in now_parents:
                yield Cause(
                    asset_key=key,
                    category="DEPENDENCIES",
                    dependency=AssetKey(text.split("/")),
                    detail=f"{name}: `{text}` is no longer a dependency",
                )

    def _is_ranged(self, parent: AssetKey, partition_key: str | None) -> bool:
        """True where the parent is partitioned and the child is not: its many versions are not compared."""
        node = self.catalog.assets.get(parent)
        if partition_key is not None or node is None or node.computation is None:
            return False
        return self.catalog.computations[node.computation].partitions_def is not None

    def _roots_of(self, cause: Cause, partition_key: str | None) -> tuple[Cause, ...]:
        if cause.dependency is None or cause.category != "DATA":
            return (cause,)
        above = self.of(cause.dependency, partition_key)
        if above.status == "STALE":
            return above.root_causes
        text = cause.dependency.to_user_string()
        return (Cause(asset_key=cause.dependency, category="DATA", detail=f"{text} has new data"),)
