"""Mapping between two definitions of time: by overlap of their windows."""

from typing import Any

from treadle.core.partitions import runs as line
from treadle.core.partitions.axes import TimeAxis, TimeGrid
from treadle.core.partitions.definition import open_to_subclasses
from treadle.core.partitions.mapping import (
    AnyDefinition,
    PartitionMapping,
    UpstreamPartitionsResult,
    mapping_error,
    partitioned,
)
from treadle.core.partitions.runs import Run, Runs
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.values import Value, set_field


def _offset(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise mapping_error(f"Offsets count partitions and are whole numbers, not {value!r}.")
    return value


class TimeWindowPartitionMapping(Value, PartitionMapping):
    """Each window needs the upstream windows that overlap it, or overlap it shifted by whole windows.

    A window that does not exist is required, unless it is reached only because of an offset that leads there: one
    back to before the first window (yesterday of the first day), or one forward to after the last.

    Args:
        start_offset: by how many downstream windows the beginning is moved; -1 adds the window before.
        end_offset: by how many downstream windows the end is moved.
        allow_nonexistent_upstream_partitions: whether missing upstream windows are fine.

    Example:
        >>> from treadle.core.partitions.rhythms import DailyPartitionsDefinition
        >>> days = DailyPartitionsDefinition("2026-01-01")
        >>> day = days.subset_with_partition_keys(["2026-01-05"])
        >>> mapping = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
        >>> list(mapping.upstream_of(day, days.space()).partitions_subset)
        ['2026-01-04']
    """

    _field_names = ("start_offset", "end_offset", "allow_nonexistent_upstream_partitions")

    start_offset: int
    end_offset: int
    allow_nonexistent_upstream_partitions: bool

    def __init__(
        self,
        start_offset: int = 0,
        end_offset: int = 0,
        allow_nonexistent_upstream_partitions: bool = False,
    ) -> None:
        set_field(self, "start_offset", _offset(start_offset))
        set_field(self, "end_offset", _offset(end_offset))
        set_field(self, "allow_nonexistent_upstream_partitions", allow_nonexistent_upstream_partitions)

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        wanted = partitioned(downstream, self)
        self.validate(upstream.definition, wanted.partitions_def)
        axis = _time_axis(upstream)
        over, under = axis.grid, _time_axis(wanted.space).grid
        reached = line.merged(
            _overlap(under, over, start + self.start_offset, end + self.end_offset)
            for start, end in (wanted.region if self.start_offset <= self.end_offset else ())
        )
        existing = PartitionSet(upstream, line.intersection(reached, axis.universe))
        if self.allow_nonexistent_upstream_partitions:
            return UpstreamPartitionsResult(existing)
        missing = line.difference(reached, ((0, axis.end),) if axis.end else ())
        return UpstreamPartitionsResult(
            existing, PartitionSet(upstream, self._required(missing, wanted, axis))
        )

    def _required(self, missing: Runs, wanted: PartitionSet, axis: TimeAxis) -> Runs:
        """Of windows that do not exist, those that an offset does not excuse."""
        if not missing or not (self.start_offset or self.end_offset):
            return missing
        excused: list[Run] = []
        if self.start_offset < 0:
            excused.append((min(missing[0][0], 0), 0))
        if self.end_offset > 0:
            excused.append((axis.end, max(missing[-1][1], axis.end)))
        under = _time_axis(wanted.space).grid
        own = line.merged(_overlap(under, axis.grid, start, end) for start, end in wanted.region)
        return line.merged(
            [*line.difference(missing, line.merged(excused)), *line.intersection(missing, own)]
        )

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        self.validate(upstream.partitions_def, downstream.definition)
        if self.start_offset > self.end_offset:
            return downstream.empty()
        axis = _time_axis(downstream)
        over, under = _time_axis(upstream.space).grid, axis.grid
        reached: list[Run] = []
        for start, end in upstream.region:
            first, last = _overlap(over, under, start, end)
            reached.append((first - self.end_offset, last - self.start_offset))
        return PartitionSet(downstream, line.intersection(line.merged(reached), axis.universe))

    def validate(self, upstream: AnyDefinition, downstream: AnyDefinition | None) -> None:
        for definition in (upstream, downstream):
            if not isinstance(definition, TimeWindowPartitionsDefinition):
                raise mapping_error(f"A time window mapping joins definitions of time, not {definition!r}.")
        assert isinstance(upstream, TimeWindowPartitionsDefinition)
        assert isinstance(downstream, TimeWindowPartitionsDefinition)
        if upstream.timezone != downstream.timezone:
            raise mapping_error(
                f"{upstream!r} and {downstream!r} are in different time zones,"
                f" {upstream.timezone} and {downstream.timezone}, so their windows do not line up.",
                hint="Use one time zone for both.",
            )


def _time_axis(space: PartitionSpace) -> TimeAxis:
    axis = space.axes[0]
    assert isinstance(axis, TimeAxis)
    return axis


def _overlap(source: TimeGrid, target: TimeGrid, start: int, end: int) -> Run:
    """The windows of `target` that overlap the windows `[start, end)` of `source`."""
    shift = target.shift_from(source)
    if shift is not None:
        return start + shift, end + shift
    first, last = source.start_of(start), source.start_of(end)
    return target.containing(first), target.containing(last - 1) + 1


open_to_subclasses(TimeWindowPartitionMapping)
