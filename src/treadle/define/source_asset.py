"""`SourceAsset`: the peer's older way to name an asset that something else makes. New code writes an `AssetSpec`."""

from collections.abc import Callable, Mapping
from typing import Any

from treadle.core.deprecation import deprecated
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import definition_metadata
from treadle.core.names import check_group_name
from treadle.core.specs import AssetSpec
from treadle.define.arguments import check_keys, check_mapping, check_resource_defs, check_type
from treadle.define.where import caller_where, where_of


@deprecated("write an `AssetSpec`, with `.with_io_manager_key(...)` where it is loaded")
class SourceAsset:
    """An asset that something outside makes; with `observe_fn`, one whose version can be observed.

    Args:
        key: of the asset.
        metadata: of the definition.
        io_manager_key: the resource that loads its value.
        io_manager_def: the IO manager itself.
        description: for people.
        partitions_def: how it is partitioned.
        group_name: `default` where not given.
        resource_defs: resources that it brings.
        observe_fn: gives a DataVersion or an ObserveResult.
        op_tags: tags of the observing step.
        automation_condition: when to observe it.
        tags: of the asset.
    """

    key: AssetKey
    raw_metadata: Mapping[str, Any]
    resource_defs: dict[str, Any]
    io_manager_key: str | None
    description: str | None
    partitions_def: Any
    group_name: str
    observe_fn: Callable[..., Any] | None

    def __init__(
        self,
        key: Any,
        metadata: Mapping[str, Any] | None = None,
        io_manager_key: str | None = None,
        io_manager_def: Any = None,
        description: str | None = None,
        partitions_def: Any = None,
        group_name: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        observe_fn: Callable[..., Any] | None = None,
        op_tags: Mapping[str, Any] | None = None,
        *,
        auto_observe_interval_minutes: float | None = None,
        legacy_freshness_policy: Any = None,
        automation_condition: Any = None,
        tags: Mapping[str, str] | None = None,
        _required_resource_keys: Any = None,
    ) -> None:
        self.key = AssetKey.from_coercible(key)
        self.raw_metadata = dict(definition_metadata(metadata))
        self.resource_defs = dict(check_resource_defs(resource_defs))
        if io_manager_def is not None:
            io_manager_key = io_manager_key or f"{self.key.to_python_identifier()}__io_manager"
            self.resource_defs[io_manager_key] = io_manager_def
        self.io_manager_key: str | None = check_type("io_manager_key", io_manager_key, str, "text")
        self.description = description
        self.partitions_def = partitions_def
        self.group_name = check_group_name(group_name) or "default"
        self.observe_fn = observe_fn
        self.op_tags = dict(check_mapping("op_tags", op_tags, "a mapping with text keys"))
        self.auto_observe_interval_minutes = auto_observe_interval_minutes
        self.legacy_freshness_policy = legacy_freshness_policy
        self.automation_condition = automation_condition
        self.tags = dict(check_mapping("tags", tags, "a mapping of texts to texts"))
        self.required_resource_keys = check_keys("required_resource_keys", _required_resource_keys)
        self._where = caller_where()

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The definition metadata as given."""
        return self.raw_metadata

    @property
    def is_observable(self) -> bool:
        """True where it has an `observe_fn`."""
        return self.observe_fn is not None

    @property
    def op(self) -> Any:
        """The observing computation's name, or None."""
        return self.observe_fn

    @property
    def where(self) -> str | None:
        """`file:line` of the definition."""
        return where_of(self.observe_fn) if self.observe_fn is not None else self._where

    def to_spec(self) -> AssetSpec:
        """The same as an external asset's spec."""
        return AssetSpec(
            self.key,
            metadata=self.raw_metadata,
            description=self.description,
            partitions_def=self.partitions_def,
            group_name=self.group_name,
            automation_condition=self.automation_condition,
            tags=self.tags,
        )

    def with_attributes(self, *, key: AssetKey | None = None, group_name: str | None = None) -> "SourceAsset":
        """A copy under another key or in another group."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, key=key or self.key, group_name=group_name or self.group_name)
        return copy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SourceAsset) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self.key)

    def _compared(self) -> dict[str, Any]:
        """All that it says; the place where it is said makes no difference."""
        return {name: value for name, value in self.__dict__.items() if name != "_where"}

    def with_resources(self, resource_defs: Mapping[str, Any]) -> "SourceAsset":
        """A copy that brings these resources; its own win."""
        copy = self.with_attributes()
        copy.resource_defs = {**resource_defs, **self.resource_defs}
        return copy

    def __repr__(self) -> str:
        return f"SourceAsset({self.key.to_user_string()})"
