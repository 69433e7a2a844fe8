"""What a module or package defines: every asset, check, job, schedule, sensor and resource at its top level."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import attrs

from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.specs import AssetSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.job_definition import JobDefinition
from treadle.define.jobs import UnresolvedAssetJobDefinition
from treadle.define.partitioned_schedules import UnresolvedPartitionedSchedule
from treadle.define.resources.annotations import TreatAsResourceParam
from treadle.define.resources.definition import ResourceDefinition
from treadle.define.schedules import ScheduleDefinition
from treadle.define.sensors import SensorDefinition
from treadle.define.source_asset import SourceAsset


@attrs.define
class Contents:
    """What was found, each object once, in the order of the modules' text."""

    assets: list[Any] = attrs.field(factory=list)
    specs: list[AssetSpec] = attrs.field(factory=list)
    checks: list[AssetChecksDefinition] = attrs.field(factory=list)
    jobs: list[Any] = attrs.field(factory=list)
    schedules: list[Any] = attrs.field(factory=list)
    sensors: list[SensorDefinition] = attrs.field(factory=list)
    resources: dict[str, Any] = attrs.field(factory=dict)
    """Resources under their variable names."""
    _seen: set[int] = attrs.field(factory=set)

    def read(self, module: ModuleType) -> None:
        """Add what a module has at its top level, also in lists.

        Raises:
            InvalidDefinitionError: two modules have different resources under one name.
        """
        for name, value in vars(module).items():
            if name.startswith("__"):
                continue
            if isinstance(value, list | tuple | set):
                for one in value:
                    self._add(one)
            elif is_resource(value):
                self._add_resource(name, value, module)
            else:
                self._add(value)

    def _add(self, value: Any) -> None:
        homes: tuple[tuple[Any, list[Any]], ...] = (
            (AssetChecksDefinition, self.checks),
            ((AssetsDefinition, SourceAsset), self.assets),
            (AssetSpec, self.specs),
            ((UnresolvedAssetJobDefinition, JobDefinition), self.jobs),
            ((ScheduleDefinition, UnresolvedPartitionedSchedule), self.schedules),
            (SensorDefinition, self.sensors),
        )
        for kind, found in homes:
            if isinstance(value, kind):
                if id(value) not in self._seen:
                    self._seen.add(id(value))
                    found.append(value)
                return

    def _add_resource(self, name: str, value: Any, module: ModuleType) -> None:
        known = self.resources.setdefault(name, value)
        if known is not value:
            raise InvalidDefinitionError(
                f"two modules have different resources called `{name}`; one is `{module.__name__}`.",
                code="duplicate-key",
                hint="rename one, or name the resources in a `Definitions`",
            )


def is_resource(value: Any) -> bool:
    """True for objects of resource classes and resource definitions, not for the classes themselves."""
    return not isinstance(value, type) and isinstance(value, TreatAsResourceParam | ResourceDefinition)


def contents_of(modules: Iterable[ModuleType]) -> Contents:
    """What several modules define; an object that stands in two of them once. A key that different objects define is
    left to validation, which tells it with everything else.
    """
    contents = Contents()
    for module in modules:
        if not isinstance(module, ModuleType):
            raise wrong_type("modules", "modules", module)
        contents.read(module)
    return contents


def place_of(definition: Any) -> str | None:
    """`file:line` of an asset definition."""
    where: str | None = definition.where
    return where


def modules_of_package(package: ModuleType) -> Iterator[ModuleType]:
    """A package and every module in it, at any depth, imported, in the order of their names."""
    yield package
    for _, name, _ in sorted(
        pkgutil.walk_packages(getattr(package, "__path__", ()), package.__name__ + ".", onerror=_reraise),
        key=lambda found: found[1],
    ):
        if not name.rpartition(".")[2].startswith("__main__"):
            yield importlib.import_module(name)


def _reraise(name: str) -> None:
    importlib.import_module(name)
