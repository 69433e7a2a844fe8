"""Why an asset is stale, missing or fresh: its code version and its inputs' data versions against what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Literal

import attrs
import msgspec

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.core.partitions.sets import PartitionSet
from treadle.core.ports import AssetState, MadePiece, StateReader
from treadle.plan.data_versions import NO_DATA_VERSION, version_of_pieces
from treadle.plan.partitions import Binder

Status = Literal["FRESH", "STALE", "MISSING"]
Category = Literal["CODE", "CONFIG", "DATA", "DEPENDENCIES", "WRITER"]


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
    writer: str | None = None
    """Which of the asset's writers is judged; None: all that it has."""
    writers: "tuple[Staleness, ...]" = ()
    """Of an asset that has writers, each of them."""

    def __str__(self) -> str:
        name = _name_of(self.asset_key, self.writer)
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
) -> Staleness:
    """The status of `key` and every cause.

    Args:
        catalog: what is declared now.
        key: the asset.
        state: what is stored.
        partition_key: which partition, for a partitioned asset; None judges by what was made last.
    """
    return StalenessReader(catalog, state).of(key, partition_key)


@attrs.define(eq=False)
class StalenessReader:
    """Answers `of` for many assets, reading each state once."""

    catalog: Catalog
    state: StateReader
    config_versions: Mapping[str, str] = attrs.field(factory=dict)
    """Computation -> what stands for the config of the run that is planned; empty where none is."""
    _states: dict[tuple[AssetKey, str | None], AssetState | None] = attrs.field(factory=dict)
    _answers: dict[tuple[AssetKey, str | None, str | None], Staleness] = attrs.field(factory=dict)
    _binder: Binder | None = None
    _reads: dict[tuple[AssetKey, tuple[str, ...] | None, AssetKey], PartitionSet | None] = attrs.field(
        factory=dict
    )
    _pieces: dict[tuple[AssetKey, PartitionSet], Sequence[MadePiece]] = attrs.field(factory=dict)
    _made: dict[AssetKey, PartitionSet] = attrs.field(factory=dict)

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
        known = self._answers.get((key, partition_key, None))
        if known is None:
            writers = self.catalog.assets[key].writers
            if writers:
                known = _all_writers([self.of_writer(key, each.name, partition_key) for each in writers])
            else:
                known = self._judge(key, partition_key)
            self._answers[key, partition_key, None] = known
        return known

    def of_writer(self, key: AssetKey, writer: str, partition_key: str | None = None) -> Staleness:
        """The status of what one of an asset's writers wrote."""
        partition_key = self._partition_for(key, partition_key)
        known = self._answers.get((key, partition_key, writer))
        if known is None:
            known = self._answers[key, partition_key, writer] = self._judge(key, partition_key, writer)
        return known

    def made_by_other_code(self, key: AssetKey) -> tuple[Cause, ...]:
        """Whether what was made of an asset last, whichever partition, was made by another version of its code.

        Reads one state, however many partitions there are.
        """
        self.prefetch([(key, None)])
        made = self._states[key, None]
        return () if made is None else tuple(self._code_causes(key, made, None))

    def data_version(self, key: AssetKey, partition_key: str | None = None) -> str:
        """The current data version, or the mark of an asset that has none."""
        found = self._state_of(key, self._partition_for(key, partition_key))
        return (found.data_version if found else None) or NO_DATA_VERSION

    def _partition_for(self, key: AssetKey, partition_key: str | None) -> str | None:
        if partition_key is None:
            return None
        return partition_key if self.catalog.partitions_def_of(key) is not None else None

    def _state_of(self, key: AssetKey, partition_key: str | None) -> AssetState | None:
        """What was made last, as far as it is of what the asset is now: a definition may have changed since."""
        self.prefetch([(key, partition_key)])
        state = self._states[key, partition_key]
        if state is None or self.catalog.assets[key].kind != "materializable":
            return state
        definition = self.catalog.partitions_def_of(key)
        if definition is None or state.is_observation:
            return state if state.is_made(by_partition=definition is not None) else None
        if key not in self._made:
            self._made[key] = self.state.materialized_keys(key, definition)
        made = self._made[key]
        if partition_key is not None:
            return state if partition_key in made else None
        if any(each in made for each in state.partition_keys or ()):
            return state
        return self._state_of(key, str(made.last_key)) if made else None

    def _parents(self, key: AssetKey, writer: str | None = None) -> list[AssetKey]:
        deps = self.catalog.assets[key].spec_of(writer).deps
        return [dep.asset_key for dep in deps if dep.asset_key != key]

    def _state_of_writer(self, key: AssetKey, writer: str, partition_key: str | None) -> AssetState | None:
        partitions = None
        if partition_key is not None:
            space = self.catalog.partitions_def_of(key).space(None, self.state)
            partitions = space.find_keys([partition_key])[0]
        return self.state.latest_state_of_writer(key, writer, partitions)

    def _judge(self, key: AssetKey, partition_key: str | None, writer: str | None = None) -> Staleness:
        parents = self._parents(key, writer)
        if writer is None:
            self.prefetch([(key, partition_key), *((parent, None) for parent in parents)])
            made = self._state_of(key, partition_key)
        else:
            made = self._state_of_writer(key, writer, partition_key)
        if made is None:
            return Staleness(asset_key=key, partition_key=partition_key, status="MISSING", writer=writer)
        causes = [
            *self._code_causes(key, made, writer),
            *self._config_causes(key, made, writer),
            *self._data_causes(key, partition_key, made, parents, writer),
        ]
        if not causes:
            return Staleness(asset_key=key, partition_key=partition_key, status="FRESH", writer=writer)
        roots: dict[Cause, None] = {}
        for cause in causes:
            roots.update(dict.fromkeys(self._roots_of(cause, made)))
        return Staleness(
            asset_key=key,
            partition_key=partition_key,
            status="STALE",
            causes=tuple(causes),
            root_causes=tuple(roots),
            writer=writer,
        )

    def _code_causes(self, key: AssetKey, made: AssetState, writer: str | None) -> Iterable[Cause]:
        declared = getattr(self.catalog.assets[key].spec_of(writer), "code_version", None)
        if declared is not None and made.code_version is not None and declared != made.code_version:
            yield Cause(
                asset_key=key,
                category="CODE",
                detail=f"{_name_of(key, writer)}: code version is `{declared}`, it was made by `{made.code_version}`",
            )

    def _config_causes(self, key: AssetKey, made: AssetState, writer: str | None) -> Iterable[Cause]:
        computation = self.catalog.assets[key].computation_of(writer)
        now = self.config_versions.get(computation) if computation is not None else None
        if None not in (now, made.config_version) and now != made.config_version:
            yield Cause(
                asset_key=key,
                category="CONFIG",
                detail=f"{_name_of(key, writer)}: its config is not the one with which it was made",
            )

    def _data_causes(
        self,
        key: AssetKey,
        partition_key: str | None,
        made: AssetState,
        parents: list[AssetKey],
        writer: str | None,
    ) -> Iterable[Cause]:
        if not made.input_versions and not parents:
            return
        name = _name_of(key, writer)
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
            changed = self._what_changed(key, partition_key, made, parent, then)
            if changed is not None:
                yield Cause(
                    asset_key=key,
                    category="DATA",
                    dependency=parent,
                    detail=f"{name}: `{text}` has changed since it was read{changed}",
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

    # What was read

    def _what_changed(
        self, key: AssetKey, partition_key: str | None, made: AssetState, parent: AssetKey, then: str
    ) -> str | None:
        """None where `parent` is as it was when it was read, else what of it changed, as an addition to a sentence."""
        if self.catalog.partitions_def_of(parent) is None:
            return "" if self.data_version(parent) not in (then, NO_DATA_VERSION) else None
        read = self._read_of(key, made.partition_keys, parent)
        if read is None:
            return None
        if len(read) == 1:
            now = self.data_version(parent, read.first_key)
            return f": partition {read.first_key}" if now not in (then, NO_DATA_VERSION) else None
        pieces = self._pieces_of(parent, read)
        if version_of_pieces(pieces) in (then, NO_DATA_VERSION):
            return None
        newer = [piece for piece in pieces if piece.event_id > made.event_id]
        if not newer and len(pieces) == 1 and pieces[0].data_version == then:
            return None  # it was the only partition when it was read; others exist by now, and are not made
        if newer and partition_key is not None and len(made.partition_keys or ()) > 1:
            # One version stands for all that a range run read. What is newer than the run tells which of its
            # partitions are concerned; where nothing is (something came while it ran, or was wiped), all are.
            mine = self._read_of(key, (partition_key,), parent)
            if mine is not None:
                newer = [p for p in self._pieces_of(parent, mine) if p.event_id > made.event_id]
                if not newer:
                    return None
        return self._names_of(parent, newer)

    def _read_of(self, key: AssetKey, own: tuple[str, ...] | None, parent: AssetKey) -> PartitionSet | None:
        asked = (key, own, parent)
        if asked not in self._reads:
            if self._binder is None:
                self._binder = Binder(self.catalog, None, self.state)
            self._reads[asked] = self._binder.read_by(key, own, parent)
        return self._reads[asked]

    def _pieces_of(self, key: AssetKey, partitions: PartitionSet) -> Sequence[MadePiece]:
        if (key, partitions) not in self._pieces:
            self._pieces[key, partitions] = self.state.made_pieces(key, partitions)
        return self._pieces[key, partitions]

    def _names_of(self, key: AssetKey, pieces: Sequence[MadePiece]) -> str:
        if not pieces:
            return ""
        found = self.state.partitions_of_pieces(key, self.catalog.partitions_def_of(key), pieces)
        names = [str(each) for each in islice(found, 3)]
        if not names:
            return ""
        more = f" and {len(found) - len(names)} more" if len(found) > len(names) else ""
        return f": partition{'s' if len(found) > 1 else ''} {', '.join(names)}{more}"

    def _roots_of(self, cause: Cause, made: AssetState) -> tuple[Cause, ...]:
        parent = cause.dependency
        if parent is None or cause.category != "DATA":
            return (cause,)
        read = self._read_of(cause.asset_key, made.partition_keys, parent)
        above = self.of(parent, read.first_key if read is not None and len(read) == 1 else None)
        if above.status == "STALE":
            return above.root_causes
        text = parent.to_user_string()
        return (Cause(asset_key=parent, category="DATA", detail=f"{text} has new data"),)


def _name_of(key: AssetKey, writer: str | None) -> str:
    text = key.to_user_string()
    return text if writer is None else f"{text}/{writer}"


def _all_writers(found: Sequence[Staleness]) -> Staleness:
    """An asset is as its writers are: fresh where all are, missing where nobody wrote."""
    one = found[0]
    if all(each.status == one.status for each in found) and one.status != "STALE":
        return msgspec.structs.replace(one, writer=None, writers=tuple(found))
    causes: list[Cause] = []
    roots: dict[Cause, None] = {}
    for each in found:
        if each.status == "MISSING":
            name = _name_of(each.asset_key, each.writer)
            never = Cause(
                asset_key=each.asset_key, category="WRITER", detail=f"{name} has never been materialized"
            )
            causes.append(never)
            roots[never] = None
        causes += each.causes
        roots.update(dict.fromkeys(each.root_causes))
    return Staleness(
        asset_key=one.asset_key,
        partition_key=one.partition_key,
        status="STALE",
        causes=tuple(causes),
        root_causes=tuple(roots),
        writers=tuple(found),
    )
