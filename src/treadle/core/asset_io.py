"""How an asset's function takes its inputs and gives its outputs: `AssetIn` and `AssetOut`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treadle.core.automation import AutomationCondition
from treadle.core.deprecation import OLD_SPEC_ARGUMENTS, tell_of_old_arguments
from treadle.core.errors import (
    InvalidArgumentError,
    InvalidDefinitionError,
    argument_names,
    unknown_argument,
    wrong_type,
)
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import definition_metadata
from treadle.core.names import check_key_prefix
from treadle.core.policies import BackfillPolicy, FreshnessPolicy, LegacyFreshnessPolicy
from treadle.core.specs import AssetDep, AssetSpec
from treadle.core.values import NO_ITEMS, NO_MAPPING, NOT_GIVEN, Items, TupleValue, Value, set_field


class AssetIn(TupleValue):
    """How a parameter takes an upstream asset.

    Args:
        key: the upstream asset; by default the parameter's name, under `key_prefix`.
        metadata: anything the IO manager should know for this input.
        key_prefix: goes before the parameter's name; not together with `key`.
        input_manager_key: what loads it, in place of the asset's IO manager.
        partition_mapping: which partitions it takes.
        dagster_type: the type that the value is checked against; by default the annotation's.

    Raises:
        InvalidDefinitionError: both `key` and `key_prefix`.
    """

    __slots__ = ("dagster_type", "input_manager_key", "key", "key_prefix", "metadata", "partition_mapping")
    key: AssetKey | None
    metadata: Mapping[str, Any] | None
    key_prefix: Sequence[str] | None
    input_manager_key: str | None
    partition_mapping: Any
    dagster_type: Any

    def __init__(
        self,
        key: Any = None,
        metadata: Mapping[str, Any] | None = None,
        key_prefix: str | Sequence[str] | None = None,
        input_manager_key: str | None = None,
        partition_mapping: Any = None,
        dagster_type: Any = NOT_GIVEN,
    ) -> None:
        if key is not None and key_prefix is not None:
            raise InvalidDefinitionError(
                "AssetIn: give `key` or `key_prefix`, not both", code="invalid-argument"
            )
        if input_manager_key is not None and not isinstance(input_manager_key, str):
            raise wrong_type("input_manager_key", "text", input_manager_key, "AssetIn")
        set_field(self, "key", None if key is None else AssetKey.from_coercible_or_definition(key))
        set_field(self, "metadata", None if metadata is None else definition_metadata(metadata))
        set_field(self, "key_prefix", None if key_prefix is None else Items(check_key_prefix(key_prefix)))
        set_field(self, "input_manager_key", input_manager_key)
        set_field(self, "partition_mapping", partition_mapping)
        set_field(self, "dagster_type", dagster_type)


class AssetOut(Value):
    """One asset of a function that makes several.

    Args:
        key_prefix: goes before the output's name; not together with `key`.
        key: the asset's key; by default the output's name, under `key_prefix`.
        dagster_type: the type that the value is checked against; by default the annotation's.
        description: for a person; Markdown.
        is_required: False where the function may leave it out.
        io_manager_key: what stores it.
        metadata: anything that should be known about it.
        group_name: the group it is shown in.
        code_version: changes when the code changes what it makes.
        automation_condition: when it is made by itself.
        backfill_policy: how its backfills are cut into runs.
        owners: email addresses, or `team:name`.
        tags: text to text.
        kinds: what it is made with or of.
        freshness_policy: how fresh it should be.
        is_virtual: whether it stands for nothing that is stored.
    """

    __slots__ = (
        "_named",
        "_spec",
        "backfill_policy",
        "dagster_type",
        "io_manager_key",
        "is_required",
        "key_prefix",
    )
    key_prefix: Sequence[str] | None
    dagster_type: Any
    is_required: bool
    io_manager_key: str | None
    backfill_policy: BackfillPolicy | None
    _spec: AssetSpec
    _named: bool

    def __init__(
        self,
        key_prefix: str | Sequence[str] | None = None,
        key: Any = None,
        dagster_type: Any = NOT_GIVEN,
        description: str | None = None,
        is_required: bool = True,
        io_manager_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        group_name: str | None = None,
        code_version: str | None = None,
        automation_condition: AutomationCondition | None = None,
        backfill_policy: BackfillPolicy | None = None,
        owners: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        kinds: Iterable[str] | None = None,
        freshness_policy: FreshnessPolicy | None = None,
        is_virtual: bool = False,
        **kwargs: Any,
    ) -> None:
        if key is not None and key_prefix:
            raise InvalidDefinitionError(
                "AssetOut: give `key` or `key_prefix`, not both", code="invalid-argument"
            )
        for name in kwargs:
            if name not in OLD_SPEC_ARGUMENTS and name != "spec":
                raise unknown_argument(name, argument_names(AssetOut.__init__), "AssetOut")
        tell_of_old_arguments("AssetOut", kwargs)
        spec = kwargs.pop("spec", None) or AssetSpec(
            _UNNAMED if key is None else AssetKey.from_coercible_or_definition(key),
            description=description,
            metadata=metadata,
            skippable=not is_required,
            group_name=group_name,
            code_version=code_version,
            automation_condition=automation_condition,
            owners=owners,
            tags=tags,
            kinds=kinds,
            freshness_policy=freshness_policy,
            is_virtual=is_virtual,
            **kwargs,
        )
        if backfill_policy is not None and not isinstance(backfill_policy, BackfillPolicy):
            raise wrong_type("backfill_policy", "a BackfillPolicy", backfill_policy, "AssetOut")
        if io_manager_key is not None and not isinstance(io_manager_key, str):
            raise wrong_type("io_manager_key", "text", io_manager_key, "AssetOut")
        set_field(self, "key_prefix", Items(check_key_prefix(key_prefix)) if key_prefix else None)
        set_field(self, "dagster_type", dagster_type)
        set_field(self, "is_required", bool(is_required))
        set_field(self, "io_manager_key", io_manager_key)
        set_field(self, "backfill_policy", backfill_policy)
        set_field(self, "_spec", spec)
        set_field(self, "_named", key is not None or spec.key is not _UNNAMED)

    @staticmethod
    def from_spec(
        spec: AssetSpec,
        dagster_type: Any = NOT_GIVEN,
        is_required: bool = True,
        io_manager_key: str | None = None,
        backfill_policy: BackfillPolicy | None = None,
    ) -> "AssetOut":
        """The output that makes the asset of a spec.

        Raises:
            InvalidArgumentError: the spec has dependencies, which belong to the function.
        """
        if spec.deps:
            raise InvalidArgumentError("AssetOut.from_spec: the spec has `deps`; give them to the function")
        return AssetOut(
            dagster_type=dagster_type,
            is_required=is_required and not spec.skippable,
            io_manager_key=io_manager_key or spec.io_manager_key,
            backfill_policy=backfill_policy,
            spec=spec,
        )

    def to_spec(
        self,
        key: AssetKey,
        deps: Sequence[AssetDep] = NO_ITEMS,
        partitions_def: Any = None,
        additional_tags: Mapping[str, str] = NO_MAPPING,
    ) -> AssetSpec:
        """The spec of the asset that the output makes, once its key and dependencies are known.

        Args:
            partitions_def: in place of those of the spec that it was made from.
        """
        metadata = self.metadata
        if self.io_manager_key is not None:
            metadata = AssetSpec(key, metadata=metadata).with_io_manager_key(self.io_manager_key).metadata
        return self._spec._replace(
            key=key,
            deps=deps,
            partitions_def=partitions_def if partitions_def is not None else self._spec.partitions_def,
            metadata=metadata,
            skippable=not self.is_required,
            tags={**additional_tags, **self.tags},
        )

    @property
    def key(self) -> AssetKey | None:
        """The asset's key, where one is given."""
        return self._spec.key if self._named else None

    @property
    def description(self) -> str | None:
        """For a person; Markdown."""
        return self._spec.description

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Anything that should be known about it."""
        return self._spec.metadata

    @property
    def group_name(self) -> str | None:
        """The group it is shown in."""
        return self._spec.group_name

    @property
    def code_version(self) -> str | None:
        """Changes when the code changes what it makes."""
        return self._spec.code_version

    @property
    def automation_condition(self) -> AutomationCondition | None:
        """When it is made by itself."""
        return self._spec.automation_condition

    @property
    def owners(self) -> Sequence[str]:
        """Email addresses, or `team:name`."""
        return self._spec.owners

    @property
    def tags(self) -> Mapping[str, str]:
        """Text to text; kinds are among them."""
        return self._spec.tags

    @property
    def kinds(self) -> set[str]:
        """What it is made with or of."""
        return self._spec.kinds

    @property
    def freshness_policy(self) -> FreshnessPolicy | None:
        """How fresh it should be."""
        return self._spec.freshness_policy

    @property
    def legacy_freshness_policy(self) -> LegacyFreshnessPolicy | None:
        """The older way to say it."""
        return self._spec.legacy_freshness_policy

    @property
    def is_virtual(self) -> bool:
        """Whether it stands for nothing that is stored."""
        return self._spec.is_virtual

    def _asdict(self) -> dict[str, Any]:
        spec = self._spec._asdict()
        for name in ("deps", "skippable", "legacy_freshness_policy"):
            del spec[name]
        return {**spec, "key": self.key, **super()._asdict()}

    def _arguments(self) -> dict[str, Any]:
        arguments = self._asdict()
        del arguments["partitions_def"]  # comes with a spec, and is no argument
        if self.legacy_freshness_policy is not None:
            arguments["legacy_freshness_policy"] = self.legacy_freshness_policy
        return arguments

    def _replace(self, **changes: Any) -> "AssetOut":
        copy = super()._replace(**changes)
        if self._spec.partitions_def is not None:
            set_field(copy, "_spec", copy._spec._replace(partitions_def=self._spec.partitions_def))
        return copy

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, AssetOut)
        return self._asdict() == other._asdict()

    def __hash__(self) -> int:
        return hash((AssetOut, self.key, self.io_manager_key))


_UNNAMED = AssetKey([])
