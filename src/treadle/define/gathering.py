"""Reading what `Definitions(assets=...)` was given into one flat list, and giving each computation its name."""

from collections.abc import Iterable, Mapping
from typing import Any

from treadle.core.errors import wrong_type
from treadle.core.problem import Problem
from treadle.core.specs import AssetSpec
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.decorators.observable import observable_source_asset
from treadle.define.source_asset import SourceAsset


class Gathered:
    """All asset definitions, each object once, in the order given."""

    def __init__(self) -> None:
        self.computations: dict[str, AssetsDefinition] = {}
        """Name -> definition; a taken name gets a number: two functions of a factory may have the same."""
        self.external: list[tuple[AssetSpec, Any]] = []
        """Specs of assets that something else makes, and the object that gave each."""
        self.problems: list[Problem] = []
        """What was given and defines no asset."""
        self._seen: set[int] = set()

    def add(self, given: Any, argument: str) -> None:
        """Add a definition, a spec, or any nesting of lists of them; what defines no asset goes to `problems`."""
        if isinstance(given, AssetsDefinition):
            if id(given) not in self._seen:
                self._seen.add(id(given))
                if given.is_external:
                    self.external += [(spec, spec) for spec in given.specs]
                else:
                    self._name(given)
        elif isinstance(given, AssetSpec):
            self.external.append((given, given))
        elif isinstance(given, SourceAsset):
            if id(given) not in self._seen:
                self._seen.add(id(given))
                self._add_source(given)
        elif isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
            for one in given:
                self.add(one, argument)
        else:
            error = wrong_type(argument, "assets, checks, AssetSpecs, or lists of them", given)
            self.problems.append(Problem.of(error))

    def add_targets(self, instigators: Iterable[Any]) -> None:
        """Add the assets that schedules and sensors were given as objects, as far as nothing else defines these."""
        brought = [one for each in instigators for one in getattr(each, "target_assets", ())]
        if not brought:
            return
        known = {key for made in self.computations.values() for key in made.keys}
        known.update(spec.key for spec, _ in self.external)
        for definition in brought:
            if known.isdisjoint(definition.keys):
                known.update(definition.keys)
                self.add(definition, "target")

    def _add_source(self, given: SourceAsset) -> None:
        if given.observe_fn is None:
            self.external.append((given.to_spec(), given))
            return
        decorate = observable_source_asset(
            key=given.key,
            metadata=given.raw_metadata,
            io_manager_key=given.io_manager_key,
            description=given.description,
            group_name=given.group_name,
            required_resource_keys=given.required_resource_keys,
            resource_defs=given.resource_defs,
            partitions_def=given.partitions_def,
            automation_condition=given.automation_condition,
            op_tags=given.op_tags,
            tags=given.tags,
        )
        self._name(decorate(given.observe_fn))

    def _name(self, definition: AssetsDefinition) -> None:
        name, number = definition.op.name, 2
        while name in self.computations:
            name, number = f"{definition.op.name}_{number}", number + 1
        self.computations[name] = definition


def gather(*given: tuple[str, Iterable[Any] | None]) -> Gathered:
    """The definitions in several arguments, e.g. `("assets", assets), ("asset_checks", checks)`."""
    gathered = Gathered()
    for argument, definitions in given:
        if definitions is not None:
            gathered.add(definitions, argument)
    return gathered
