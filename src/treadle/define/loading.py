"""`load_assets_from_…`, `load_asset_checks_from_…`, `load_definitions_from_…`: definitions found in modules."""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, signature
from types import ModuleType
from typing import Any, Final, TypedDict, TypeVar, Unpack

from treadle.core.deprecation import preview
from treadle.core.errors import InvalidDefinitionError
from treadle.core.keys import AssetKey
from treadle.core.names import check_key_prefix
from treadle.core.specs import AssetSpec
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.decorators.legacy import take_legacy
from treadle.define.definitions import Definitions
from treadle.define.loaded_assets import LoadedAssets
from treadle.define.module_contents import Contents, contents_of, modules_of_package
from treadle.define.source_asset import SourceAsset

_LEGACY: Final = frozenset({"auto_materialize_policy", "legacy_freshness_policy"})


class LoadOptions(TypedDict, total=False):
    """What may be said of all assets that are loaded, by keyword; `load_assets_from_modules` tells what each means."""

    automation_condition: Any
    backfill_policy: Any
    source_key_prefix: str | Sequence[str] | None
    include_specs: bool
    auto_materialize_policy: Any
    legacy_freshness_policy: Any


_Load = TypeVar("_Load", bound=Callable[..., Any])


def _with_options_of(model: Callable[..., Any]) -> Callable[[_Load], _Load]:
    """Shows the options of `model` in the signature of a function that hands them on."""
    shown = [each for each in signature(model).parameters.values() if each.kind in _BY_KEYWORD]

    def decorate(function: _Load) -> _Load:
        own = signature(function)
        kept = [each for each in own.parameters.values() if each.kind not in _BY_KEYWORD]
        function.__signature__ = own.replace(parameters=[*kept, *shown])  # type: ignore[attr-defined]
        return function

    return decorate


_BY_KEYWORD: Final = (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD)


def load_assets_from_modules(
    modules: Iterable[ModuleType],
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    *,
    automation_condition: Any = None,
    backfill_policy: Any = None,
    source_key_prefix: str | Sequence[str] | None = None,
    include_specs: bool = False,
    **kwargs: Any,
) -> list[Any]:
    """The assets that stand at the top level of modules.

    A key that two of them define is refused, with everything else that is wrong, by the `Definitions` that get the list.

    Args:
        group_name: given to all of them.
        key_prefix: put before the keys of all of them, and of dependencies on each other.
        automation_condition: given to those that have none.
        backfill_policy: given to those that have none.
        source_key_prefix: put before the keys of external assets.
        include_specs: also AssetSpecs that stand by themselves.

    Raises:
        InvalidDefinitionError: an asset has another group.
    """
    if kwargs:
        legacy = take_legacy(load_assets_from_modules, kwargs, _LEGACY)
        policy = legacy.get("auto_materialize_policy")
        if automation_condition is None and policy is not None:
            automation_condition = policy.to_automation_condition()
    found = contents_of(modules)
    assets: list[Any] = [*found.assets, *(found.specs if include_specs else ())]
    changes = _Changes(
        group_name,
        check_key_prefix(key_prefix),
        check_key_prefix(source_key_prefix),
        automation_condition,
        backfill_policy,
    )
    return LoadedAssets(changes.applied(assets))


@_with_options_of(load_assets_from_modules)
def load_assets_from_package_module(
    package_module: ModuleType,
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    **options: Unpack[LoadOptions],
) -> list[Any]:
    """The assets of a package and all modules in it; arguments as of `load_assets_from_modules`."""
    return load_assets_from_modules(modules_of_package(package_module), group_name, key_prefix, **options)


@_with_options_of(load_assets_from_modules)
def load_assets_from_package_name(
    package_name: str,
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    **options: Unpack[LoadOptions],
) -> list[Any]:
    """The assets of a package by name; arguments as of `load_assets_from_modules`."""
    package = importlib.import_module(package_name)
    return load_assets_from_modules(modules_of_package(package), group_name, key_prefix, **options)


@_with_options_of(load_assets_from_modules)
def load_assets_from_current_module(
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    **options: Unpack[LoadOptions],
) -> list[Any]:
    """The assets of the module that calls this; arguments as of `load_assets_from_modules`."""
    return load_assets_from_modules([_calling_module()], group_name, key_prefix, **options)


def load_asset_checks_from_modules(
    modules: Iterable[ModuleType], asset_key_prefix: str | Sequence[str] | None = None
) -> list[Any]:
    """The checks that stand at the top level of modules.

    Args:
        asset_key_prefix: put before the keys of the assets they are about.
    """
    checks = contents_of(modules).checks
    prefix = check_key_prefix(asset_key_prefix, "asset_key_prefix")
    if not prefix:
        return list(checks)
    keys = {spec.asset_key for check in checks for spec in check.check_specs}
    renamed = {key: key.with_prefix(list(prefix)) for key in keys}
    return [check.with_specs({}, renamed) for check in checks]


def load_asset_checks_from_current_module(asset_key_prefix: str | Sequence[str] | None = None) -> list[Any]:
    """The checks of the module that calls this."""
    return load_asset_checks_from_modules([_calling_module()], asset_key_prefix)


def load_asset_checks_from_package_module(
    package_module: ModuleType, asset_key_prefix: str | Sequence[str] | None = None
) -> list[Any]:
    """The checks of a package and all modules in it."""
    return load_asset_checks_from_modules(modules_of_package(package_module), asset_key_prefix)


def load_asset_checks_from_package_name(
    package_name: str, asset_key_prefix: str | Sequence[str] | None = None
) -> list[Any]:
    """The checks of a package by name."""
    return load_asset_checks_from_package_module(importlib.import_module(package_name), asset_key_prefix)


@preview()
def load_definitions_from_modules(
    modules: Iterable[ModuleType],
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, Any] | None = None,
    executor: Any = None,
) -> Definitions:
    """Everything that stands at the top level of modules, resources under their variable names.

    Args:
        resources: further resources; they win over those found.
        loggers: logger definitions by key.
        executor: how jobs run that name none.
    """
    return definitions_of(contents_of(modules), resources, loggers, executor)


@preview()
def load_definitions_from_module(
    module: ModuleType,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, Any] | None = None,
    executor: Any = None,
) -> Definitions:
    """Everything that stands at the top level of a module."""
    return load_definitions_from_modules([module], resources, loggers, executor)


@preview()
def load_definitions_from_current_module(
    resources: Mapping[str, Any] | None = None, loggers: Mapping[str, Any] | None = None, executor: Any = None
) -> Definitions:
    """Everything that stands at the top level of the module that calls this."""
    return load_definitions_from_modules([_calling_module()], resources, loggers, executor)


@preview()
def load_definitions_from_package_module(
    package_module: ModuleType,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, Any] | None = None,
    executor: Any = None,
) -> Definitions:
    """Everything in a package and all modules in it."""
    return load_definitions_from_modules(modules_of_package(package_module), resources, loggers, executor)


@preview()
def load_definitions_from_package_name(
    package_name: str,
    resources: Mapping[str, Any] | None = None,
    loggers: Mapping[str, Any] | None = None,
    executor: Any = None,
) -> Definitions:
    """Everything in a package by name."""
    return load_definitions_from_package_module(
        importlib.import_module(package_name), resources, loggers, executor
    )


def definitions_of(
    found: Contents, resources: Mapping[str, Any] | None = None, loggers: Any = None, executor: Any = None
) -> Definitions:
    """Definitions of what was found in modules."""
    made = {
        key for one in found.assets for key in (one.keys if isinstance(one, AssetsDefinition) else (one.key,))
    }
    return Definitions(
        assets=[*found.assets, *(spec for spec in found.specs if spec.key not in made)],
        asset_checks=found.checks,
        jobs=found.jobs,
        schedules=found.schedules,
        sensors=found.sensors,
        resources={**found.resources, **(resources or {})},
        loggers=loggers,
        executor=executor,
    )


def _calling_module() -> ModuleType:
    """The module two frames up: the one that called a function of this one."""
    frame = sys._getframe(2)
    name = frame.f_globals.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is None or vars(module) is not frame.f_globals:
        found = ModuleType(str(name))
        found.__dict__.update(frame.f_globals)
        return found
    return module


class _Changes:
    """What a loading function does to every asset it found."""

    def __init__(
        self,
        group_name: str | None,
        key_prefix: tuple[str, ...],
        source_key_prefix: tuple[str, ...],
        automation_condition: Any,
        backfill_policy: Any,
    ) -> None:
        self.group_name = group_name
        self.key_prefix = list(key_prefix)
        self.source_key_prefix = list(source_key_prefix)
        self.automation_condition = automation_condition
        self.backfill_policy = backfill_policy

    def applied(self, assets: Sequence[Any]) -> list[Any]:
        """The assets, changed; dependencies among them follow their keys."""
        renamed = self._renamed(assets)
        return [self._changed(one, renamed) for one in assets]

    def _renamed(self, assets: Iterable[Any]) -> dict[AssetKey, AssetKey]:
        renamed: dict[AssetKey, AssetKey] = {}
        for one in assets:
            if isinstance(one, AssetsDefinition):
                if self.key_prefix:
                    renamed.update({key: key.with_prefix(self.key_prefix) for key in one.keys})
            else:
                prefix = self.source_key_prefix or (self.key_prefix if isinstance(one, AssetSpec) else [])
                if prefix:
                    renamed[one.key] = one.key.with_prefix(prefix)
        return renamed

    def _changed(self, one: Any, renamed: Mapping[AssetKey, AssetKey]) -> Any:
        if isinstance(one, SourceAsset):
            return one.with_attributes(key=renamed.get(one.key), group_name=self.group_name)
        if isinstance(one, AssetSpec):
            return self._spec(one, renamed)
        specs = {spec.key: self._spec(spec, renamed) for spec in one.specs}
        if all(specs[spec.key] is spec for spec in one.specs) and self.backfill_policy is None:
            return one
        changed = one.with_specs(specs, renamed)
        if self.backfill_policy is not None and changed.backfill_policy is None:
            changed = changed.with_replaced(backfill_policy=self.backfill_policy)
        return changed

    def _spec(self, spec: AssetSpec, renamed: Mapping[AssetKey, AssetKey]) -> AssetSpec:
        changes: dict[str, Any] = {}
        if spec.key in renamed:
            changes["key"] = renamed[spec.key]
        if any(dep.asset_key in renamed for dep in spec.deps):
            changes["deps"] = [dep.with_renamed(renamed) for dep in spec.deps]
        if self.group_name is not None and spec.group_name != self.group_name:
            if spec.group_name is not None:
                raise InvalidDefinitionError(
                    f"asset `{spec.key.to_user_string()}` has the group `{spec.group_name}`, and all assets loaded here "
                    f"shall have `{self.group_name}`.",
                    code="invalid-argument",
                    hint="leave one of the two out",
                )
            changes["group_name"] = self.group_name
        if self.automation_condition is not None and spec.automation_condition is None:
            changes["automation_condition"] = self.automation_condition
        return spec.replace_attributes(**changes) if changes else spec
