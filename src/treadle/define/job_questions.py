"""What a job answers in the peer's words: its subsets, its partitions one by one, and what it requires."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Self

from treadle.core.errors import InvalidInvocationError, InvalidSubsetError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey


class JobQuestions:
    """What `JobDefinition` tells besides running."""

    name: str
    partitions_def: Any
    op_selection: tuple[str, ...] | None
    asset_keys: tuple[AssetKey, ...]
    check_keys: tuple[AssetCheckKey, ...]
    is_subset: bool = False
    """True for what `get_subset` gave."""

    def get_subset(
        self,
        *,
        op_selection: Iterable[str] | None = None,
        asset_selection: AbstractSet[AssetKey] | None = None,
        asset_check_selection: AbstractSet[AssetCheckKey] | None = None,
    ) -> Self:
        """The same job, which runs only some of its ops, or of its assets and checks; itself where nothing is chosen.

        Raises:
            InvalidSubsetError: an asset or check that it lacks; ops are looked up when it runs.
        """
        changes: dict[str, Any] = {}
        if op_selection is not None:
            changes["op_selection"] = tuple(op_selection)
        if asset_selection is not None or asset_check_selection is not None:
            keys = frozenset(asset_selection or ())
            self._refuse_foreign(keys, self.asset_keys, "asset")
            changes["asset_keys"] = tuple(key for key in self.asset_keys if key in keys)
            checks = asset_check_selection
            if checks is not None:
                self._refuse_foreign(checks, self.check_keys, "check")
            changes["check_keys"] = tuple(
                check
                for check in self.check_keys
                if (check.asset_key in keys if checks is None else check in checks)
            )
        return self.with_replaced(is_subset=True, **changes) if changes else self

    def with_replaced(self, **changes: Any) -> Self:
        """A copy with some attributes changed."""
        raise NotImplementedError

    def config_target(self) -> tuple[Any, Iterable[str], Iterable[str]]:
        """Its code, the computations that it runs, and the resources that they need."""
        raise NotImplementedError

    @property
    def partitioned_config(self) -> Any:
        """The partitioned config, where config is one."""
        raise NotImplementedError

    @property
    def is_asset_job(self) -> bool:
        """True for a selection of assets, False for a graph of ops."""
        return bool(self.asset_keys or self.check_keys)

    @property
    def required_resource_keys(self) -> set[str]:
        """The resources that its steps need; the IO manager always."""
        _, _, needed = self.config_target()
        return {"io_manager", *needed}

    def get_partition_keys(
        self, current_time: Any = None, dynamic_partitions_store: Any = None
    ) -> Sequence[str]:
        """The keys of its partitions, in order.

        Raises:
            InvalidInvocationError: it has none.
        """
        keys: Sequence[str] = self._partitions().get_partition_keys(current_time, dynamic_partitions_store)
        return keys

    def get_run_config_for_partition_key(self, partition_key: str) -> Mapping[str, Any]:
        """The run config that its partitioned config gives a partition; nothing where it has none."""
        config = self.partitioned_config
        found: Mapping[str, Any] = (
            {} if config is None else config.get_run_config_for_partition_key(partition_key)
        )
        return found

    def get_tags_for_partition_key(self, partition_key: str) -> Mapping[str, str]:
        """The tags of the run of a partition."""
        source = self.partitioned_config or self._partitions()
        given: Mapping[str, str] = source.get_tags_for_partition_key(partition_key)
        return {**given, "dagster/partition_set": f"{self.name}_partition_set"}

    def validate_partition_key(
        self, partition_key: str, selected_asset_keys: Any = None, context: Any = None
    ) -> None:
        """Refuse a key that is none of its partitions.

        Raises:
            UnknownPartitionError: there is no such partition.
        """
        self._partitions().space(None, context).of_keys([partition_key])

    def _partitions(self) -> Any:
        if self.partitions_def is None:
            raise InvalidInvocationError(f"Job `{self.name}` is not partitioned.")
        return self.partitions_def

    def _refuse_foreign(self, wanted: Iterable[Any], known: Sequence[Any], what: str) -> None:
        foreign = sorted(key.to_user_string() for key in set(wanted) - set(known))
        if foreign:
            raise InvalidSubsetError(
                f"Job `{self.name}` has no {what} `{foreign[0]}`.",
                code="unknown-asset" if what == "asset" else "unknown-check",
                hint=did_you_mean(foreign[0], [key.to_user_string() for key in known]),
            )
