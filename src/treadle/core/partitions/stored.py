"""The form in which sets of partitions are stored: never ordinals, which rot."""

import msgspec


class StoredSet(msgspec.Struct, frozen=True):
    """Sorted, disjoint half-open runs of integers for each slice; an unpartitioned asset's is `{"": ((0, 1),)}`."""

    runs: dict[str, tuple[tuple[int, int], ...]]
