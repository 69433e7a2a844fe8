"""The value that `stored.py` makes and reads; apart from it, so that the store need not import the algebra."""

from typing import Final

import msgspec

LATEST_TIME: Final = 2**38
"""Epoch seconds beyond the year 9999: no stored time reaches it, and ids of keys begin there."""


class StoredSet(msgspec.Struct, frozen=True):
    """Sorted, disjoint half-open runs of integers for each slice; an unpartitioned asset's is `{"": ((0, 1),)}`."""

    runs: dict[str, tuple[tuple[int, int], ...]]


WHOLE = StoredSet({"": ((0, 1),)})
"""An unpartitioned asset."""
