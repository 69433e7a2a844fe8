"""Specs: what an asset, a dependency or a check is, apart from the code that makes it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import EllipsisType
from typing import Any, Final

from treadle.core.auto_materialize import AutoMaterializePolicy
from treadle.core.automation import AutomationCondition
from treadle.core.deprecation import OLD_SPEC_ARGUMENTS, tell_of_old_arguments
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, unknown_argument, wrong_type
from treadle.core.keys import AssetCheckKey, AssetKey, keys_of_definition
from treadle.core.metadata_entries import definition_metadata
from treadle.core.names import (
    KIND_PREFIX,
    check_definition_tags,
    check_group_name,
    check_key,
    check_kinds,
    check_owners,
    check_storable,
    kinds_in,
    tags_with_kinds,
)
from treadle.core.policies import FreshnessPolicy, LegacyFreshnessPolicy
from treadle.core.repeated_deps import DepNamedTwiceError
from treadle.core.values import NO_ITEMS, NO_MAPPING, Items, Value, set_field

IO_MANAGER_KEY: Final = "dagster/io_manager_key"
"""Metadata key under which a spec keeps the key of its IO manager."""


class AssetDep(Value):
    """A dependency on an asset.

    Args:
        asset: a key, text, a spec, a definition with one key, or a function that gives one of these
            later: `AssetDep(lambda: defined_below)`.
        partition_mapping: which partitions depend on which; None means the default of the two definitions.
        metadata: anything that should be known about the edge.

    Example:
        >>> AssetDep(["raw", "orders"]).asset_key.to_user_string()
        'raw/orders'
    """

    __slots__ = ("_key", "_late", "metadata", "partition_mapping")
    partition_mapping: Any
    metadata: Mapping[str, Any]
    _key: AssetKey | None
    _late: Callable[[], Any] | None

    def __init__(
        self, asset: Any, *, partition_mapping: Any = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        late = not isinstance(asset, AssetKey) and is_late(asset)
        set_field(self, "_key", None if late else _key_of_dep(asset))
        set_field(self, "_late", asset if late else None)
        set_field(self, "partition_mapping", partition_mapping)
        set_field(self, "metadata", NO_MAPPING if metadata is None else definition_metadata(metadata))

    @property
    def asset_key(self) -> AssetKey:
        """The upstream asset. A late reference is resolved when first asked."""
        if self._key is None:
            assert self._late is not None
            set_field(self, "_key", _key_of_dep(self._late()))
        assert self._key is not None
        return self._key

    def with_renamed(self, renamed: Mapping[AssetKey, AssetKey]) -> "AssetDep":
        """A copy that follows assets to their new keys."""
        return AssetDep(
            renamed.get(self.asset_key, self.asset_key),
            partition_mapping=self.partition_mapping,
            metadata=self.metadata,
        )

    @property
    def is_late(self) -> bool:
        """Whether the reference still has to be resolved, which may raise what the function raises."""
        return self._key is None

    def _asdict(self) -> dict[str, Any]:
        return {
            "asset_key": self.asset_key,
            "partition_mapping": self.partition_mapping,
            "metadata": self.metadata,
        }

    def _arguments(self) -> dict[str, Any]:
        arguments = self._asdict()
        arguments["asset"] = arguments.pop("asset_key")
        return arguments

    _argument_names = {"asset_key": "asset"}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, AssetDep)
        return self._asdict() == other._asdict()

    def __hash__(self) -> int:
        return hash((AssetDep, self.asset_key))

    def __repr__(self) -> str:
        if self.is_late:
            return f"AssetDep({self._late!r})"
        return super().__repr__()

    def __getstate__(self) -> Any:
        return {
            "_key": self.asset_key,
            "_late": None,
            "partition_mapping": self.partition_mapping,
            "metadata": self.metadata,
        }

    @staticmethod
    def from_coercible(arg: Any) -> "AssetDep":
        """The dependency that anything accepted in `deps` means."""
        return arg if isinstance(arg, AssetDep) else AssetDep(arg)


def is_late(asset: Any) -> bool:
    """Whether a reference is a function that gives the asset later."""
    return callable(asset) and not isinstance(asset, type) and keys_of_definition(asset) is None


def _key_of_dep(asset: Any) -> AssetKey:
    if isinstance(asset, AssetKey):
        return asset
    if isinstance(asset, AssetDep):
        return asset.asset_key
    return AssetKey.from_coercible_or_definition(asset)


def deps_of(deps: Any, owner: str = "deps") -> Sequence[AssetDep]:
    """What `deps=` takes, as dependencies: each once; a definition with several keys stands for all.

    Args:
        deps: keys, texts, specs, definitions, AssetDep, or functions that give one later.
        owner: whose argument it is, for the message.

    Raises:
        InvalidArgumentError: not a sequence, or an item that names no asset.
        DepNamedTwiceError: one asset twice in different ways.
    """
    if deps is None:
        return NO_ITEMS
    if isinstance(deps, (str, bytes, AssetKey, Mapping)) or not isinstance(deps, Iterable):
        raise wrong_type("deps", "a list of assets", deps, owner if owner != "deps" else "")
    found: dict[Any, AssetDep] = {}
    for item in deps:
        for dep in (item,) if type(item) is AssetDep else _deps_of_item(item, owner):
            name: Any = dep._key or id(dep)
            before = found.setdefault(name, dep)
            if before is not dep and before != dep:
                raise DepNamedTwiceError(
                    f"`deps` names asset {dep.asset_key.to_user_string()} twice, in different ways",
                    hint="keep one of the two",
                )
    return Items(found.values()) if found else NO_ITEMS


def _deps_of_item(item: Any, owner: str) -> Iterable[AssetDep]:
    if isinstance(item, (AssetKey, str, list, tuple)):
        return (AssetDep(item),)
    if isinstance(item, AssetDep):
        return (item,)
    keys = keys_of_definition(item)
    if keys is not None:
        return [AssetDep(key) for key in keys]
    if is_late(item):
        return (AssetDep(item),)
    raise wrong_type("deps", "a list of keys, texts, specs or assets", item, owner if owner != "deps" else "")


class AssetSpec(Value):
    """What an asset is, apart from the code that makes it.

    Args:
        key: the asset's key.
        deps: upstream assets: keys, texts, specs, definitions, AssetDep, or functions that give one later.
        description: for a person; Markdown.
        metadata: anything that should be known about it; it may hold any object.
        skippable: whether a run may leave it out.
        group_name: the group it is shown in.
        code_version: changes when the code changes what it makes.
        automation_condition: when it is made by itself.
        owners: email addresses, or `team:name`.
        tags: text to text.
        kinds: what it is made with or of: `duckdb`, `table`.
        partitions_def: its partitions.
        freshness_policy: how fresh it should be.
        is_virtual: whether it stands for nothing that is stored.

    Raises:
        InvalidDefinitionError: an argument breaks its rule.

    Example:
        >>> AssetSpec("orders", deps=["raw_orders"], kinds={"duckdb"}).tags
        {'dagster/kind/duckdb': ''}
    """

    __slots__ = (
        "automation_condition",
        "code_version",
        "deps",
        "description",
        "freshness_policy",
        "group_name",
        "is_virtual",
        "key",
        "legacy_freshness_policy",
        "metadata",
        "owners",
        "partitions_def",
        "skippable",
        "tags",
    )
    key: AssetKey
    deps: Sequence[AssetDep]
    description: str | None
    metadata: Mapping[str, Any]
    skippable: bool
    group_name: str | None
    code_version: str | None
    legacy_freshness_policy: LegacyFreshnessPolicy | None
    freshness_policy: FreshnessPolicy | None
    automation_condition: AutomationCondition | None
    owners: Sequence[str]
    tags: Mapping[str, str]
    partitions_def: Any
    is_virtual: bool

    def __init__(
        self,
        key: Any,
        *,
        deps: Any = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        skippable: bool = False,
        group_name: str | None = None,
        code_version: str | None = None,
        automation_condition: AutomationCondition | None = None,
        owners: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        kinds: Iterable[str] | None = None,
        partitions_def: Any = None,
        freshness_policy: FreshnessPolicy | None = None,
        is_virtual: bool = False,
        **kwargs: Any,
    ) -> None:
        legacy_freshness_policy = None
        if kwargs:
            automation_condition, legacy_freshness_policy = _old_arguments(automation_condition, kwargs)
            tell_of_old_arguments("AssetSpec", kwargs)
        if automation_condition is not None and not isinstance(automation_condition, AutomationCondition):
            raise wrong_type(
                "automation_condition", "an AutomationCondition", automation_condition, "AssetSpec"
            )
        if freshness_policy is not None and not isinstance(freshness_policy, FreshnessPolicy):
            raise wrong_type("freshness_policy", "a FreshnessPolicy", freshness_policy, "AssetSpec")
        if description is not None and not isinstance(description, str):
            raise wrong_type("description", "text", description, "AssetSpec")
        if code_version is not None and not isinstance(code_version, str):
            raise wrong_type("code_version", "text", code_version, "AssetSpec")
        if code_version is not None:
            check_storable("code_version", code_version, "AssetSpec")
        if partitions_def is not None and not hasattr(partitions_def, "get_partition_keys"):
            raise wrong_type("partitions_def", "a PartitionsDefinition", partitions_def, "AssetSpec")
        if not isinstance(skippable, bool):
            raise wrong_type("skippable", "a bool", skippable, "AssetSpec")
        checked_tags = check_definition_tags(tags) if tags is not None else NO_MAPPING
        if kinds:
            checked_tags = tags_with_kinds(checked_tags, check_kinds(kinds))
        set_field(self, "key", key if isinstance(key, AssetKey) else AssetKey.from_coercible(key))
        set_field(self, "deps", NO_ITEMS if deps is None else deps_of(deps, "AssetSpec"))
        set_field(self, "description", description)
        set_field(self, "metadata", NO_MAPPING if metadata is None else definition_metadata(metadata))
        set_field(self, "skippable", skippable)
        set_field(self, "group_name", None if group_name is None else check_group_name(group_name))
        set_field(self, "code_version", code_version)
        set_field(self, "legacy_freshness_policy", legacy_freshness_policy)
        set_field(self, "freshness_policy", freshness_policy)
        set_field(self, "automation_condition", automation_condition)
        set_field(self, "owners", NO_ITEMS if owners is None else check_owners(owners))
        set_field(self, "tags", checked_tags)
        set_field(self, "partitions_def", partitions_def)
        set_field(self, "is_virtual", is_virtual)

    @property
    def kinds(self) -> set[str]:
        """The kinds that its tags hold."""
        return kinds_in(self.tags)

    @property
    def io_manager_key(self) -> str | None:
        """The key of its IO manager, where one is given."""
        found = self.metadata.get(IO_MANAGER_KEY)
        return getattr(found, "value", found)

    @property
    def partition_mappings(self) -> Mapping[AssetKey, Any]:
        """Upstream key to partition mapping, where one is given."""
        return {
            dep.asset_key: dep.partition_mapping for dep in self.deps if dep.partition_mapping is not None
        }

    def with_io_manager_key(self, io_manager_key: str) -> "AssetSpec":
        """The same asset, stored and loaded by another IO manager."""
        return self._replace(metadata={**self.metadata, IO_MANAGER_KEY: io_manager_key})

    def replace_attributes(
        self,
        *,
        key: Any = ...,
        deps: Any = ...,
        description: str | EllipsisType | None = ...,
        metadata: Mapping[str, Any] | EllipsisType | None = ...,
        skippable: bool | EllipsisType = ...,
        group_name: str | EllipsisType | None = ...,
        code_version: str | EllipsisType | None = ...,
        automation_condition: AutomationCondition | EllipsisType | None = ...,
        owners: Sequence[str] | EllipsisType | None = ...,
        tags: Mapping[str, str] | EllipsisType | None = ...,
        kinds: Iterable[str] | EllipsisType | None = ...,
        partitions_def: Any = ...,
        legacy_freshness_policy: LegacyFreshnessPolicy | EllipsisType | None = ...,
        freshness_policy: FreshnessPolicy | EllipsisType | None = ...,
        is_virtual: bool | EllipsisType = ...,
    ) -> "AssetSpec":
        """The spec with the given attributes in place of its own; what is not given stays."""
        given = {name: value for name, value in locals().items() if value is not ... and name != "self"}
        if "tags" in given or "kinds" in given:
            plain = {name: text for name, text in self.tags.items() if not name.startswith(KIND_PREFIX)}
            given["tags"] = given.get("tags", plain) or {}
            given["kinds"] = given.get("kinds", self.kinds) or ()
        return self._replace(**given)

    def merge_attributes(
        self,
        *,
        deps: Any = ...,
        metadata: Mapping[str, Any] | EllipsisType = ...,
        owners: Sequence[str] | EllipsisType = ...,
        tags: Mapping[str, str] | EllipsisType = ...,
        kinds: Iterable[str] | EllipsisType = ...,
    ) -> "AssetSpec":
        """The spec with the given attributes beside its own."""
        changes: dict[str, Any] = {}
        if deps is not ...:
            changes["deps"] = [*self.deps, *deps_of(deps)]
        if not isinstance(metadata, EllipsisType):
            changes["metadata"] = {**self.metadata, **metadata}
        if not isinstance(owners, EllipsisType):
            changes["owners"] = [*self.owners, *owners]
        if not isinstance(tags, EllipsisType):
            changes["tags"] = {**self.tags, **tags}
        if not isinstance(kinds, EllipsisType):
            changes["kinds"] = {*self.kinds, *kinds}
        return self._replace(**changes)


def _old_arguments(condition: Any, given: dict[str, Any]) -> tuple[Any, LegacyFreshnessPolicy | None]:
    """The arguments of older versions, as what stands for them now."""
    for name in given:
        if name not in OLD_SPEC_ARGUMENTS:
            known = [*(AssetSpec.__init__.__kwdefaults__ or ()), *OLD_SPEC_ARGUMENTS]
            raise unknown_argument(name, known, "AssetSpec")
    policy = given.get("auto_materialize_policy")
    if policy is not None:
        if condition is not None:
            raise InvalidArgumentError("give `automation_condition` or `auto_materialize_policy`, not both")
        if not isinstance(policy, AutoMaterializePolicy):
            raise wrong_type("auto_materialize_policy", "an AutoMaterializePolicy", policy, "AssetSpec")
        condition = policy.to_automation_condition()
    legacy = given.get("legacy_freshness_policy")
    if legacy is not None and not isinstance(legacy, LegacyFreshnessPolicy):
        raise wrong_type("legacy_freshness_policy", "a LegacyFreshnessPolicy", legacy, "AssetSpec")
    return condition, legacy


class AssetCheckSpec(Value):
    """What a check is, apart from the code that runs it.

    Args:
        name: unique for its asset.
        asset: the asset that is checked: a key, text, spec or definition.
        description: for a person; Markdown.
        additional_deps: other assets that it reads.
        blocking: whether a failure (of severity ERROR) keeps what is downstream from running.
        metadata: anything that should be known about it.
        automation_condition: when it runs by itself.
        partitions_def: partitions that it runs for; those of the asset or none.

    Example:
        >>> AssetCheckSpec("no_nulls", asset="orders").key.to_user_string()
        'orders:no_nulls'
    """

    __slots__ = (
        "additional_deps",
        "asset_key",
        "automation_condition",
        "blocking",
        "description",
        "metadata",
        "name",
        "partitions_def",
    )
    name: str
    asset_key: AssetKey
    description: str | None
    additional_deps: Sequence[AssetDep]
    blocking: bool
    metadata: Mapping[str, Any]
    automation_condition: AutomationCondition | None
    partitions_def: Any

    _argument_names = {"asset_key": "asset"}

    def __init__(
        self,
        name: str,
        *,
        asset: Any,
        description: str | None = None,
        additional_deps: Any = None,
        blocking: bool = False,
        metadata: Mapping[str, Any] | None = None,
        automation_condition: AutomationCondition | None = None,
        partitions_def: Any = None,
    ) -> None:
        if not isinstance(blocking, bool):
            raise wrong_type("blocking", "a bool", blocking, "AssetCheckSpec")
        if description is not None and not isinstance(description, str):
            raise wrong_type("description", "text", description, "AssetCheckSpec")
        if automation_condition is not None and not isinstance(automation_condition, AutomationCondition):
            raise wrong_type(
                "automation_condition", "an AutomationCondition", automation_condition, "AssetCheckSpec"
            )
        asset_key = AssetKey.from_coercible_or_definition(asset)
        deps = deps_of(additional_deps, "AssetCheckSpec")
        if any(not dep.is_late and dep.asset_key == asset_key for dep in deps):
            raise InvalidDefinitionError(
                f"check `{name}` names its own asset, {asset_key.to_user_string()}, in `additional_deps`",
                hint="leave it out there",
            )
        set_field(self, "name", check_key(name, "name"))
        set_field(self, "asset_key", asset_key)
        set_field(self, "description", description)
        set_field(self, "additional_deps", deps)
        set_field(self, "blocking", blocking)
        set_field(self, "metadata", definition_metadata(metadata))
        set_field(self, "automation_condition", automation_condition)
        set_field(self, "partitions_def", partitions_def)

    @property
    def key(self) -> AssetCheckKey:
        """The check's key."""
        return AssetCheckKey(self.asset_key, self.name)

    def get_python_identifier(self) -> str:
        """A name for it within a step: the asset's identifier and the check's name."""
        return f"{self.asset_key.to_python_identifier()}_{self.name}"

    def replace_key(self, key: AssetCheckKey) -> "AssetCheckSpec":
        """The same check under another key."""
        return self._replace(asset_key=key.asset_key, name=key.name)

    def with_metadata(self, metadata: Mapping[str, Any]) -> "AssetCheckSpec":
        """The same check with other metadata."""
        return self._replace(metadata=metadata)


def map_asset_specs(func: Callable[[AssetSpec], AssetSpec], iterable: Iterable[Any]) -> Iterable[Any]:
    """Change specs by a function; a definition's specs are changed within it.

    Args:
        func: gives the changed spec.
        iterable: specs, and definitions that have `map_asset_specs`.

    Example:
        >>> [spec.group_name for spec in map_asset_specs(
        ...     lambda spec: spec.replace_attributes(group_name="raw"), [AssetSpec("a"), AssetSpec("b")])]
        ['raw', 'raw']
    """
    changed: list[Any] = []
    for item in iterable:
        if isinstance(item, AssetSpec):
            changed.append(func(item))
        elif hasattr(item, "map_asset_specs"):
            changed.append(item.map_asset_specs(func))
        else:
            raise wrong_type("iterable", "specs or assets", item, "map_asset_specs")
    return changed
