"""Dynamic partitions as they will be once the requests of a tick are carried out."""

from collections.abc import Sequence
from typing import Any

from treadle.core.partitions.definition import AddDynamicPartitionsRequest


class WithRequests:
    """Dynamic partitions as they will be once requests are carried out.

    Args:
        store: where they are kept now; None: nowhere.
        requests: keys to add or to delete.
    """

    def __init__(self, store: Any, requests: Sequence[Any]) -> None:
        self._store = store
        self._requests = requests

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of a definition, in the order of adding."""
        found = [] if self._store is None else self._store.get_dynamic_partitions(partitions_def_name)
        keys = dict.fromkeys(found)
        for request in self._requests:
            if request.partitions_def_name != partitions_def_name:
                continue
            if isinstance(request, AddDynamicPartitionsRequest):
                keys.update(dict.fromkeys(request.partition_keys))
            else:
                keys = {key: None for key in keys if key not in request.partition_keys}
        return list(keys)

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a key is among them."""
        return partition_key in self.get_dynamic_partitions(partitions_def_name)
