"""Which partitions each step of a plan works on, and which of its upstream assets' it reads, in one run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from treadle.core.catalog import Catalog, Computation, InputNode
from treadle.core.errors import (
    InvalidDefinitionError,
    InvariantViolationError,
    UnknownPartitionError,
    did_you_mean,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.core.partitions.named_keys import keys_by_name
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.plan.plan import Plan, Step

RunPartition = str | PartitionKeyRange | PartitionSet


@attrs.frozen
class PartitionsOf:
    """Partitions of one definition."""

    definition: Any
    keys: PartitionSet
    """Iterating it gives keys in order."""
    is_range: bool = False
    """Whether the run asked for a range, be it of one key."""


@attrs.frozen
class StepPartitions:
    """What one step works on in one run."""

    own: PartitionsOf | None = None
    inputs: Mapping[str, PartitionsOf] = attrs.field(factory=dict)
    """Input name -> the upstream partitions that it reads; inputs from unpartitioned assets are left out."""
    parents: Mapping[AssetKey, PartitionsOf] = attrs.field(factory=dict)
    """The same by upstream asset."""

    def own_of_asset(self, catalog: Catalog, key: AssetKey) -> PartitionsOf | None:
        """What of one of the step's assets is made; None where it has no partitions, though others of the step may."""
        return None if self.own is None or catalog.partitions_def_of(key) is None else self.own

    def own_of_check(self, catalog: Catalog, key: AssetCheckKey) -> PartitionsOf | None:
        """What one of the step's checks looks at; None where neither it nor its asset has partitions."""
        is_partitioned = getattr(catalog.checks[key].spec, "partitions_def", None) is not None
        return self.own if is_partitioned else self.own_of_asset(catalog, key.asset_key)


def bind(
    catalog: Catalog,
    plan: Plan,
    run_partition: RunPartition | None,
    current_time: datetime | None = None,
    dynamic: DynamicPartitionsStore | None = None,
) -> dict[str, StepPartitions]:
    """The partitions of each step that is partitioned, or reads a partitioned asset.

    Args:
        catalog: what the plan was made from.
        plan: the plan.
        run_partition: a key, a range of keys or a set; None for a run without partition.
        current_time: what counts as now; None reads the clock.
        dynamic: where keys of dynamic definitions are kept.

    Raises:
        UnknownPartitionError: a key that a definition lacks.
        InvariantViolationError: an upstream partition that is needed and does not exist (`unknown-partition`).
        InvalidDefinitionError: one step would make assets of different partitions.
    """
    if run_partition is None and not _has_partitions(catalog, plan):
        return {}
    binder = Binder(catalog, current_time, dynamic, run_partition)
    binder.choose_run_set(plan)
    bound: dict[str, StepPartitions] = {}
    for step in plan.steps:
        partitions = binder.partitions_of(step)
        if partitions is not None:
            bound[step.key] = partitions
    return bound


def partitions_of_run(bound: Mapping[str, StepPartitions], asked: str | None) -> PartitionsOf | None:
    """What a run works on, as steps without partitions of their own see it.

    Args:
        bound: the partitions of its steps, in the plan's order.
        asked: the key that the run was asked for, where it is one.
    """
    own = [each.own for each in bound.values() if each.own is not None]
    exact = (each for each in own if asked is not None and asked in each.keys)
    return next(exact, own[0] if own else None)


def _has_partitions(catalog: Catalog, plan: Plan) -> bool:
    """Whether a step is partitioned or reads what is: most plans are not, and need no binding."""
    for step in plan.steps:
        computation = catalog.computations[step.computation]
        if computation.partitions_def is not None:
            return True
        for node in computation.inputs:
            if node.asset_key is not None and catalog.partitions_def_of(node.asset_key) is not None:
                return True
    return False


class Binder:
    """Says which partitions each asset works on and reads; resolves each definition once.

    Args:
        catalog: what is declared.
        current_time: what counts as now; None reads the clock.
        dynamic: where keys of dynamic definitions are kept.
        run_partition: the run's, if it has one.
    """

    def __init__(
        self,
        catalog: Catalog,
        current_time: datetime | None,
        dynamic: DynamicPartitionsStore | None,
        run_partition: RunPartition | None = None,
    ) -> None:
        self._catalog = catalog
        self._time = current_time
        self._dynamic = dynamic
        self._run_partition = run_partition
        self._is_range = run_partition is not None and not isinstance(run_partition, str)
        self._spaces: list[tuple[Any, PartitionSpace]] = []
        self._run_set: PartitionSet | None = None
        self._by_name = keys_by_name(run_partition)
        self._named: list[PartitionSet] = []
        """What was asked for of each definition, where keys were given by name."""
        self._steps: Sequence[Step] = ()
        """Of the plan, where there is one: errors name its assets."""

    def choose_run_set(self, plan: Plan) -> None:
        """Finds the definition that the run's partition belongs to: the first step's that has it, or of what is left
        out."""
        self._steps = plan.steps
        left_out = (self._catalog.partitions_def_of(each.asset_key) for each in plan.skipped)
        definitions = (*map(self._definition_of, plan.steps), *left_out)
        if self.choose_among(definitions) or self._run_partition is None:
            return
        if plan.steps:
            raise InvariantViolationError(
                f"The run is for partition {str(self._run_partition)!r}, but nothing in it is partitioned.",
                code="unknown-partition",
                hint="leave the partition out, or give the assets a `partitions_def`",
            )

    def choose_among(self, definitions: Iterable[Any]) -> bool:
        """The same from definitions (None: not partitioned); False where none of them is partitioned.

        Raises:
            UnknownPartitionError: no definition has the run's partition.
        """
        if self._run_partition is None:
            return False
        refused: UnknownPartitionError | None = None
        known = [definition for definition in definitions if definition is not None]
        if self._by_name is not None and known and self._choose_by_name(self._by_name, known):
            return True
        for definition in known:
            try:
                self._run_set = self._resolve(definition)
                return True
            except UnknownPartitionError as error:
                refused = refused or error
        if refused is not None:
            raise refused
        return False

    def _choose_by_name(self, keys: Mapping[str, str], definitions: list[Any]) -> bool:
        """Finds the definition of each name; False where the text is a key of its own after all."""
        text = str(self._run_partition)
        if any(self._space(each).point(text) is not None for each in definitions):
            return False
        for name, key in keys.items():
            definition = self._definition_named(name, definitions)
            wanted = self._space(definition).of_keys([key])
            if any(each.partitions_def == definition and each != wanted for each in self._named):
                raise UnknownPartitionError(
                    f"`{name}` and another name stand for the same partitions ({definition!r}), with different keys.",
                    hint="give one of the two",
                )
            self._named.append(wanted)
        self._run_set = self._named[0]
        return True

    def _definition_named(self, name: str, definitions: list[Any]) -> Any:
        by_asset = self._catalog.partitions_def_of(AssetKey.from_user_string(name))
        found = [each for each in definitions if getattr(each, "name", None) == name]
        definition = by_asset if by_asset is not None else (found[0] if found else None)
        if definition is not None:
            return definition
        known = [text for text, _ in self._examples()] or [
            key.to_user_string() for key, node in self._catalog.assets.items() if node.spec.partitions_def
        ]
        raise UnknownPartitionError(
            f"`{name}` names no partitioned asset and no dynamic partitions of this run.",
            code="unknown-partition",
            hint=did_you_mean(name, known) or "name assets: " + ", ".join(f"`{each}`" for each in known[:5]),
        )

    def partitions_of(self, step: Step) -> StepPartitions | None:
        """The partitions of a step; None where neither it nor what it reads has any."""
        computation = self._catalog.computations[step.computation]
        own = self._own(step)
        inputs: dict[str, PartitionsOf] = {}
        parents: dict[AssetKey, PartitionsOf] = {}
        for node in computation.inputs:
            if node.asset_key is None:
                continue
            upstream = self._catalog.partitions_def_of(node.asset_key)
            if upstream is None:
                continue
            read = self._read(step, computation, node, upstream, own)
            if read is None:
                continue
            parents[node.asset_key] = inputs[node.name] = read
        if own is None and not parents:
            return None
        return StepPartitions(own, inputs, parents)

    def _own(self, step: Step) -> PartitionsOf | None:
        return self.own_of(self._definition_of(step), step.key)

    def own_of(self, definition: Any, name: str) -> PartitionsOf | None:
        """What of a definition the run works on; None where it or the run has no partitions.

        Args:
            name: whose definition it is, for the error.
        """
        if definition is None or self._run_set is None:
            return None
        run_set = self._run_set
        for each in self._named:
            if each.partitions_def == definition:
                return PartitionsOf(definition, each)
        if run_set.partitions_def == definition:
            return PartitionsOf(definition, run_set, self._is_range)
        space = self._space(definition)
        if isinstance(self._run_partition, str):
            found, _ = space.find_keys([self._run_partition])
            if found:
                return PartitionsOf(definition, found)
        for given in self._named or [run_set]:
            mapped = default_mapping(given.partitions_def, definition).downstream_of(given, space)
            if mapped:
                break
        else:
            raise UnknownPartitionError(
                f"`{name}` is partitioned by {definition!r}, which has nothing for {self._run_text()}.",
                hint=self._what_to_give() or "run it by itself, with a partition of its own",
            )
        return PartitionsOf(definition, mapped, is_range=self._is_range or len(mapped) > 1)

    def read_by(self, key: AssetKey, own_keys: Iterable[str] | None, parent: AssetKey) -> PartitionSet | None:
        """What an asset reads of a partitioned parent; None where that cannot be told.

        Args:
            key: the asset that reads.
            own_keys: its partitions; None where it has none.
        """
        definition, upstream = self._catalog.partitions_def_of(key), self._catalog.partitions_def_of(parent)
        if upstream is None or (definition is None) != (own_keys is None):
            return None
        own: PartitionSet | None = None
        if own_keys is not None:
            own, unknown = self._space(definition).find_keys(own_keys)
            if unknown:
                return None
        mapping = self._catalog.partition_mapping_of(key, parent)
        if mapping is None:  # a user's own may be falsy
            mapping = default_mapping(upstream, definition)
        found: PartitionSet = mapping.upstream_of(own, self._space(upstream)).partitions_subset
        return found

    def _read(
        self, step: Step, computation: Computation, node: InputNode, upstream: Any, own: PartitionsOf | None
    ) -> PartitionsOf | None:
        assert node.asset_key is not None
        checks_it = computation.kind == "check" and any(
            key.asset_key == node.asset_key for key in step.check_keys
        )
        if (
            own is None
            and checks_it
            and self._run_set is not None
            and self._run_set.partitions_def == upstream
        ):
            return PartitionsOf(upstream, self._run_set, self._is_range)
        downstream = own.definition if own is not None else None
        if own is None and self._definition_of(step) is not None:
            return None  # a partitioned step in a run without partition: its own code will say what it lacks
        mapping = self._mapping_of(step, computation, node, downstream)
        if mapping is None:  # a user's own may be falsy
            mapping = default_mapping(upstream, downstream)
        result = mapping.upstream_of(own.keys if own is not None else None, self._space(upstream))
        missing = result.required_but_nonexistent_subset
        if missing and node.loads_value:
            self._refuse_missing(step, node.asset_key, own, missing)
        keys = result.partitions_subset
        return PartitionsOf(upstream, keys, is_range=len(keys) != 1)

    def _mapping_of(self, step: Step, computation: Computation, node: InputNode, downstream: Any) -> Any:
        """The mapping that was given for an input; where the function's assets differ in their partitions, by those that
        this step makes and that have the step's."""
        parent = node.asset_key
        if node.partition_mapping is None or computation.partitions_def is not None or not step.asset_keys:
            return node.partition_mapping
        assert parent is not None
        alike = [key for key in step.asset_keys if self._catalog.partitions_def_of(key) == downstream]
        readers = [key for key in alike if parent in self._catalog.parents_of(key)]
        if not readers:
            return node.partition_mapping if downstream is not None else None
        found = (self._catalog.partition_mapping_of(key, parent) for key in readers)
        return next((each for each in found if each is not None), None)

    def _refuse_missing(
        self, step: Step, parent: AssetKey, own: PartitionsOf | None, missing: PartitionSet
    ) -> None:
        names = [str(key) for key, _ in zip(missing, range(3), strict=False)]
        more = len(missing) - len(names)
        listed = ", ".join(f"`{name}`" for name in names) + (f" and {more} more" if more > 0 else "")
        of = f" [{_shown(own.keys)}]" if own is not None else ""
        raise InvariantViolationError(
            f"`{step.key}`{of} reads `{parent.to_user_string()}`, and {listed} of it {'do' if len(missing) > 1 else 'does'} "
            "not exist.",
            hint="widen the upstream's partitions, or let the mapping allow it "
            "(`allow_nonexistent_upstream_partitions=True`)",
            code="unknown-partition",
        )

    def _resolve(self, definition: Any) -> PartitionSet:
        asked = self._run_partition
        space = self._space(definition)
        if isinstance(asked, PartitionSet):
            return space.of_keys(asked) if asked.partitions_def != definition else asked
        if isinstance(asked, PartitionKeyRange):
            found = space.key_range(asked.start, asked.end)
            if not found:
                raise UnknownPartitionError(
                    f"The range `{asked.start}...{asked.end}` holds no partition: `{asked.end}` comes before "
                    f"`{asked.start}`.",
                    hint=f"turn it round: `{asked.end}...{asked.start}`",
                )
            return found
        assert asked is not None
        return space.of_keys([asked])

    def _space(self, definition: Any) -> PartitionSpace:
        for known, space in self._spaces:
            if known is definition or known == definition:
                return space
        space = definition.space(self._time, self._dynamic)
        self._spaces.append((definition, space))
        return space  # type: ignore[no-any-return]

    def _definition_of(self, step: Step) -> Any:
        computation = self._catalog.computations[step.computation]
        if computation.partitions_def is not None:
            return computation.partitions_def
        found: Any = None
        for key in step.asset_keys:
            definition = self._catalog.assets[key].spec.partitions_def
            if found is None:
                found = definition
            elif self._run_partition is not None and definition is not None and definition != found:
                raise InvalidDefinitionError(
                    f"one run of `{step.computation}` cannot make `{key.to_user_string()}` ({definition!r}) beside assets of "
                    f"other partitions ({found!r}).",
                    code="partition-mismatch",
                    hint="select the assets of one partitions definition",
                )
        if found is not None:
            return found
        for check in step.check_keys:
            definition = getattr(self._catalog.checks[check].spec, "partitions_def", None)
            if definition is not None:
                return definition
        return None

    def _what_to_give(self) -> str | None:
        """A key of each definition that no other one's key leads to, spelt as it can be given."""
        examples = self._examples()
        if self._run_set is None or self._is_range or len(examples) < 2:
            return None
        given = {each.partitions_def: str(each.first_key) for each in self._named or [self._run_set]}
        shown: dict[str, str] = {}
        covered: list[PartitionSet] = []
        for name, definition in examples:
            space = self._space(definition)
            if definition not in given and any(
                default_mapping(each.partitions_def, definition).downstream_of(each, space)
                for each in covered
            ):
                continue
            everything = space.all()
            key = given.get(definition) or (str(everything.last_key) if everything else "…")
            shown[name] = key
            if everything:
                covered.append(space.of_keys([key]))
        options = ",".join(f"{name}={key}" for name, key in shown.items())
        return (
            f"no mapping leads from one to the other, so give a key of each: partition_key={json.dumps(shown)}, "
            f"or --partition '{options}'"
        )

    def _examples(self) -> list[tuple[str, Any]]:
        """An asset of each definition of the plan."""
        found: list[tuple[str, Any]] = []
        for step in self._steps:
            definition = self._definition_of(step)
            if definition is not None and all(definition != known for _, known in found):
                names = [key.to_user_string() for key in step.asset_keys] or [step.key]
                found.append((names[0], definition))
        return found

    def _run_text(self) -> str:
        return f"`{self._run_partition}`" if isinstance(self._run_partition, str) else "the range asked for"


def _shown(keys: PartitionSet) -> str:
    first = str(next(iter(keys), ""))
    return first if len(keys) == 1 else f"{first} and {len(keys) - 1} more"
