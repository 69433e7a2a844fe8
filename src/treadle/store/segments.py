"""Segments: which event is the truth for which partitions, overwritten interval by interval.

Layer MATERIALIZED says what exists. Layer ATTEMPT says what was planned and has had no materialization since; the
state of its run says whether that is in progress or failed. Each writer of an asset has a layer of its own.
Whoever writes holds the asset's row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from treadle.core.partitions.stored_set import StoredSet
from treadle.store.codec import encode
from treadle.store.database import Transaction

MATERIALIZED: Final = 0
ATTEMPT: Final = 1


def layer_of_writer(name: int) -> int:
    """The layer that says what one of an asset's writers made last: by the id of its name, behind the others."""
    return ATTEMPT + name


def layers_of(tx: Transaction, asset: int) -> list[int]:
    """The layers in which an asset has segments."""
    return [int(row[0]) for row in tx.all("layers_of", asset=asset)]


class Segment(NamedTuple):
    """A run of partitions of one slice, all made by the same event."""

    slice: str
    lo: int
    hi: int
    event: int
    run: int
    data_version: str | None = None
    code_version: str | None = None


Stored = tuple[int, int, int, int, str | None, str | None, int]
"""lo, hi, event, run, data version, code version, generation."""


_WHOLE: Final = ("", 0, 1)
"""Where an asset without partitions lies: slice, lo, hi."""


class Overwrite(NamedTuple):
    """What becomes the truth of one asset's layer; it has at least one piece, and the later ones win."""

    asset: int
    pieces: Sequence[Segment]
    generation: int


def lock_assets(tx: Transaction, rows: Sequence[tuple[int, int | None, int | None]]) -> dict[int, int]:
    """Lock the rows of assets for a change of their segments, and tell the generation that it makes of each.

    Args:
        rows: asset, its latest materialization and its latest observation (None: as they were), in order of asset,
            so that two writers never wait for each other.
    """
    if len(rows) == 1:
        asset, materialization, observation = rows[0]
        row = tx.one("lock_asset", asset=asset, materialization=materialization, observation=observation)
        return {} if row is None else {asset: row[0]}
    return dict(tx.all("lock_assets", rows=encode(rows).decode())) if rows else {}


class SegmentWrites:
    """Rows of segments, gathered over the assets of one batch and sent together.

    An asset's layer is overwritten at most once before they are sent: what is gathered is not read back.
    """

    def __init__(self) -> None:
        self._deletes: list[tuple[int, int, str, int]] = []
        self._puts: list[tuple[int | str | None, ...]] = []
        self._covered: list[tuple[int, int, str, int, int, int]] = []

    def overwrite(
        self, tx: Transaction, asset: int, layer: int, segments: Sequence[Segment], generation: int
    ) -> None:
        """Make these segments the truth of a layer; where two overlap the later one wins."""
        by_slice: dict[str, list[Segment]] = {}
        for segment in segments:
            by_slice.setdefault(segment.slice, []).append(segment)
        for name, items in by_slice.items():
            news = without_overlap(items)
            olds = overlapped(tx, asset, layer, name, news)
            gone, rests = carve(olds, news)
            self._deletes += [(asset, layer, name, lo) for lo in gone]
            self._puts += [(asset, layer, name, *rest) for rest in rests]
            self._puts += [(asset, layer, *segment, generation) for segment in news]

    def overwrite_many(self, tx: Transaction, layer: int, items: Sequence[Overwrite]) -> None:
        """The same of many assets, in one query for all that are without partitions."""
        whole: list[Overwrite] = []
        for item in items:
            if all(piece[:3] == _WHOLE for piece in item.pieces):
                whole.append(item)
            else:
                self.overwrite(tx, item.asset, layer, item.pieces, item.generation)
        if len(whole) == 1 and _replace_whole(tx, layer, whole[0]):
            return
        olds: dict[int, list[Stored]] = {}
        known = [item.asset for item in whole if item.generation > 1]  # the others have had no segment yet
        if known:
            text = encode(known).decode()
            for row in tx.all("overlapping_whole", assets=text, layer=layer):
                olds.setdefault(row[0], []).append(row[1:])
        for asset, pieces, generation in whole:
            if asset in olds:
                gone, rests = carve(olds[asset], pieces[-1:])
                self._deletes += [(asset, layer, "", lo) for lo in gone]
                self._puts += [(asset, layer, "", *rest) for rest in rests]
            self._puts.append((asset, layer, *pieces[-1], generation))

    def forget_attempts(self, asset: int, segments: Iterable[Segment]) -> None:
        """Drop the attempts that these materializations follow; those cut in part are told apart by generation."""
        self._covered += [
            (asset, ATTEMPT, segment.slice, segment.lo, segment.hi, segment.hi) for segment in segments
        ]

    def send(self, tx: Transaction) -> None:
        """Write what was gathered; attempts are dropped after those of the same batch were noted."""
        if self._deletes:
            tx.many("delete_segment", self._deletes)
        if self._puts:
            tx.many("put_segment", self._puts)
        if self._covered:
            tx.many("delete_covered_segments", self._covered)


def _replace_whole(tx: Transaction, layer: int, item: Overwrite) -> bool:
    """Change the segment of an asset without partitions in place; False where there is none, or are others."""
    if item.generation == 1:
        return False
    piece = item.pieces[-1]
    changed = tx.run(
        "replace_whole_segment",
        asset=item.asset,
        layer=layer,
        event=piece.event,
        run=piece.run,
        data_version=piece.data_version,
        code_version=piece.code_version,
        generation=item.generation,
    )
    return changed == 1


def overwrite(tx: Transaction, asset: int, layer: int, segments: Sequence[Segment], generation: int) -> None:
    """Make these segments the truth of one asset's layer at once."""
    writes = SegmentWrites()
    writes.overwrite(tx, asset, layer, segments, generation)
    writes.send(tx)


def without_overlap(items: list[Segment]) -> list[Segment]:
    """The segments of one slice in order, each cut by those that came after it."""
    items_sorted = sorted(items, key=_lo)
    if all(one.hi <= other.lo for one, other in pairwise(items_sorted)):
        return items_sorted
    kept: list[Segment] = []
    for item in items:
        cut: list[Segment] = []
        for old in kept:
            if old.hi <= item.lo or old.lo >= item.hi:
                cut.append(old)
                continue
            if old.lo < item.lo:
                cut.append(old._replace(hi=item.lo))
            if old.hi > item.hi:
                cut.append(old._replace(lo=item.hi))
        kept = [*cut, item]
    return sorted(kept, key=_lo)


def carve(olds: Iterable[Stored], news: Sequence[Segment]) -> tuple[list[int], list[Stored]]:
    """What overwriting `olds` takes away: the starts to delete, and what is left of those that are cut."""
    starts = {segment.lo for segment in news}
    gone: list[int] = []
    rests: list[Stored] = []
    position = 0
    for old in sorted(olds):
        lo, hi = old[0], old[1]
        while position and news[position - 1].hi > lo:
            position -= 1
        while position < len(news) and news[position].hi <= lo:
            position += 1
        if position == len(news) or news[position].lo >= hi:
            continue
        if lo not in starts:
            gone.append(lo)
        left = lo
        for segment in news[position:]:
            if segment.lo >= hi:
                break
            if segment.lo > left:
                rests.append((left, segment.lo, *old[2:]))
            left = segment.hi
        if left < hi:
            rests.append((left, hi, *old[2:]))
    kept = {rest[0] for rest in rests}
    return [lo for lo in gone if lo not in kept], rests


def within(tx: Transaction, asset: int, layer: int, stored: StoredSet) -> Iterator[Segment]:
    """The segments of a layer, cut to what lies in a set; in order of slice and place."""
    olds: Mapping[str, list[Stored]] = {}
    many = len(stored.runs) > _SLICES_APART
    if many:
        olds = _all_by_slice(tx, asset, layer)
    for name in sorted(stored.runs):
        spans = stored.runs[name]
        if not many:
            wanted = [Segment(name, lo, hi, 0, 0) for lo, hi in spans]
            found = sorted(overlapped(tx, asset, layer, name, wanted)) if wanted else []
        else:
            found = olds.get(name, [])
        position = 0
        for lo, hi in spans:
            while position < len(found) and found[position][1] <= lo:
                position += 1
            for start, end, event, run, data_version, code_version, _ in found[position:]:
                if start >= hi:
                    break
                yield Segment(name, max(start, lo), min(end, hi), event, run, data_version, code_version)


_SLICES_APART: Final = 8
"""More slices than this are read with all others of the asset: one query instead of one a slice."""


def _all_by_slice(tx: Transaction, asset: int, layer: int) -> dict[str, list[Stored]]:
    found: dict[str, list[Stored]] = {}
    for name, lo, hi, event, _, data_version, code_version, generation in tx.all(
        "list_segments", asset=asset, layer=layer
    ):
        found.setdefault(name, []).append((lo, hi, event, 0, data_version, code_version, generation))
    return found


def overlapped(tx: Transaction, asset: int, layer: int, name: str, news: Sequence[Segment]) -> list[Stored]:
    """The stored segments of a slice that others, in order and without overlap, would touch."""
    width = sum(segment.hi - segment.lo for segment in news)
    lowest, highest = news[0].lo, news[-1].hi
    if highest - lowest <= 4 * width:
        spans = [(lowest, highest)]
    else:
        spans = [(segment.lo, segment.hi) for segment in news]
    found: dict[int, Stored] = {}
    for lo, hi in spans:
        for row in tx.all("overlapping_segments", asset=asset, layer=layer, slice=name, lo=lo, hi=hi):
            found[row[0]] = row
    return list(found.values())


def _lo(segment: Segment) -> int:
    return segment.lo


def remove(tx: Transaction, asset: int, layer: int, stored: StoredSet) -> None:
    """Take partitions out of a layer."""
    for name, spans in stored.runs.items():
        holes = [Segment(name, lo, hi, 0, 0) for lo, hi in spans]
        if not holes:
            continue
        olds = overlapped(tx, asset, layer, name, holes)
        _, rests = carve(olds, holes)
        starts = {hole.lo for hole in holes}
        kept = {rest[0] for rest in rests}
        cut = [old[0] for old in olds if any(hole.lo < old[1] and old[0] < hole.hi for hole in holes)]
        tx.many("delete_segment", [(asset, layer, name, lo) for lo in {*cut, *starts} - kept])
        tx.many("put_segment", [(asset, layer, name, *rest) for rest in rests])
