"""Takes what a step's code returns or yields: checks it, stores it, and records what became of it."""

from collections.abc import Mapping
from typing import Any, Final

from treadle.core.asset_events import AssetCheckResult, AssetCheckSeverity, MaterializeResult, ObserveResult
from treadle.core.catalog import OutputNode
from treadle.core.data_versions import DataVersion, DataVersionsByPartition
from treadle.core.errors import (
    AssetCheckFailedError,
    InvariantViolationError,
    StepOutputNotFoundError,
    did_you_mean,
)
from treadle.core.events import CheckData, EventType, OutputData
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import event_metadata, metadata_to_wire
from treadle.core.outputs import DynamicOutput, Output
from treadle.core.values import NOT_GIVEN
from treadle.define.types import ANY, resolve_type
from treadle.run.asset_reports import AssetReporter
from treadle.run.attempt import StepAttempt
from treadle.run.environment import NoValue
from treadle.run.outputs import OutputStore
from treadle.run.returned_values import (
    ITEMS,
    MISMATCH,
    OUTCOMES,
    REPORTS,
    a,
    not_an_item,
    refuse_misfit,
    refuse_other_kind,
    wrong_number,
    wrong_value,
)

_MISSING_CHECK: Final = (
    "yield an AssetCheckResult for it, or return it in `check_results=` of the asset's result"
)
_MISSING_OUTPUT: Final = "declare it with `is_required=False` (or `skippable=True`) if it may be left out"


def _is_of_results(value: Any) -> bool:
    """Whether a function returned a result object, or nothing but such."""
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, ITEMS) for item in value)
    return isinstance(value, ITEMS)


class StepResults:
    """The results of one attempt of a step, as they come."""

    def __init__(self, execution: StepAttempt) -> None:
        self._execution = execution
        computation, step = execution.computation, execution.step
        self.declared: tuple[OutputNode, ...] = computation.outputs
        chosen = set(step.outputs)
        self.selected: list[OutputNode] = [node for node in computation.outputs if node.name in chosen]
        self.given: dict[str, None] = {}
        """Names of outputs given, in order."""
        self.values: dict[str, Any] = {}
        self.failed_checks: list[AssetCheckKey] = []
        self._rest_is_implied = False
        self.versions: list[tuple[AssetKey, str | None, str]] = []
        self.mapping_keys: dict[str, tuple[str, ...]] = {}
        self._store = OutputStore(execution)
        self._assets = AssetReporter(execution, self.versions)

    # From the drivers

    def take(self, item: Any) -> None:
        """Take one thing that was yielded, or returned as a result object."""
        if isinstance(item, Output):
            self._take_output(item)
        elif isinstance(item, MaterializeResult):
            self._take_materialize_result(item)
        elif isinstance(item, AssetCheckResult):
            self._take_check(item)
        elif isinstance(item, ObserveResult):
            self._take_observe_result(item)
        elif isinstance(item, DynamicOutput):
            self._take_dynamic(item)
        elif isinstance(item, REPORTS):
            self.take_user_event(item)
        else:
            raise not_an_item(self._execution.op, item)

    def take_user_event(self, event: Any) -> None:
        """Record a materialization, observation or expectation besides the step's own outputs."""
        self._assets.report(event)

    def take_returned(self, value: Any) -> None:
        """Take what a function that does not yield returned."""
        refuse_misfit(self._execution.op, value)
        if self._wanted is not None and not _is_of_results(value):
            if value is not None:
                raise self._mismatch(f"returned {a(value)}, and not its results", self._wanted)
        elif value is None and self._none_means_done():
            self._rest_is_implied = True
        elif isinstance(value, ITEMS):
            self.take(value)
        elif self._is_by_position(value):
            self._take_several(value)
        elif isinstance(value, list | tuple) and value and all(isinstance(item, ITEMS) for item in value):
            for item in value:
                self.take(item)
        elif self._execution.computation.kind == "observe":
            self._take_observed(value)
        elif len(self.declared) == 1:
            self._take_only(self.declared[0], value)
        elif not self.declared:
            if value is not None:
                raise self._mismatch(f"returned a {type(value).__name__}, but it has no outputs")
        else:
            self._take_several(value)

    def _is_by_position(self, value: Any) -> bool:
        """Whether a tuple has one thing for each output, some of them `Output`s: then the place says which is which."""
        return (
            isinstance(value, tuple)
            and len(value) == len(self.declared) > 1
            and any(isinstance(item, Output) for item in value)
        )

    def end_of_yields(self) -> None:
        """A generator has ended: what has no value and was not yielded is made all the same."""
        self._rest_is_implied = self._wanted is None

    @property
    def _wanted(self) -> str | None:
        """Why results must be given as such; None where they need not."""
        return self._execution.state.wants_results

    def _none_means_done(self) -> bool:
        assets = [node for node in self.selected if node.check_key is None]
        if len(self.declared) < 2 or not assets:
            return False
        return all(not node.stores_value or (node.none_is_no_value and node.is_required) for node in assets)

    def finish(self) -> None:
        """Give outputs that carry no value, and refuse to go on without the others.

        Raises:
            StepOutputNotFoundError: a required output is missing.
            AssetCheckFailedError: a blocking check failed.
        """
        for node in self.selected:
            if node.name in self.given:
                continue
            if node.check_key is not None and self._is_due(node.check_key):
                self._refuse_missing(node)
            if not node.is_required:
                continue
            if self._wanted is not None:
                self._refuse_missing(node)
            if node.is_dynamic:  # none of its values: what is downstream gets an empty list
                self.given[node.name] = None
                self.mapping_keys[node.name] = ()
                continue
            implied = not node.stores_value or (node.none_is_no_value and self._rest_is_implied)
            if not implied:
                self._refuse_missing(node)
            self._give(node, None)
        if self.failed_checks:
            names = ", ".join(
                f"`{key.name}` of `{key.asset_key.to_user_string()}`" for key in self.failed_checks
            )
            raise AssetCheckFailedError(f"A blocking check failed: {names}.")

    def _is_due(self, check: AssetCheckKey) -> bool:
        """A check that was asked for needs a result, unless this step left out its asset, or may leave out what it likes
        and the check stops nothing."""
        env, computation = self._execution.env, self._execution.computation
        if computation.can_subset and not env.catalog.checks[check].spec.blocking:
            return False
        made_here = (node for node in self.selected if node.check_key is None)
        return all(
            node.is_required or node.name in self.given
            for node in made_here
            if node.asset_key == check.asset_key
        )

    # Plain values

    def _take_only(self, node: OutputNode, value: Any) -> None:
        if node.check_key is not None:
            raise self._mismatch(
                f"evaluates check `{node.check_key.name}`, so it must return an AssetCheckResult, "
                f"not {a(value)}"
            )
        if node.is_dynamic:
            for item in value:  # checked before; none at all is as good
                self._take_dynamic(item, node)
            return
        self._give(node, value)

    def _take_several(self, value: Any) -> None:
        nodes = self.selected if len(self.selected) != len(self.declared) else list(self.declared)
        if isinstance(value, tuple | list) and len(value) == len(self.declared):
            nodes = list(self.declared)
        elif not isinstance(value, tuple | list) or len(value) != len(nodes):
            raise wrong_number(self._execution.op, [node.name for node in self.declared], value)
        chosen = {node.name for node in self.selected}
        for node, item in zip(nodes, value, strict=True):
            if node.name not in chosen:
                continue
            if isinstance(item, Output):
                self._take_output(item, node)
            elif isinstance(item, OUTCOMES):
                self.take(item)
            elif node.check_key is not None or node.is_dynamic:
                self._take_only(node, item)
            else:
                self._give(node, item)

    def _take_observed(self, value: Any) -> None:
        if isinstance(value, DataVersion):
            self._assets.observed(self.selected[0], value.value)
        elif isinstance(value, DataVersionsByPartition):
            self._assets.observed_by_partition(self.selected[0], value.data_versions_by_partition)
        else:
            raise self._mismatch(
                f"observes an asset, so it must return a DataVersion or ObserveResult, not {a(value)}"
            )
        self._give_without_value(self.selected[0], {}, None)

    # Result objects

    def _take_output(self, item: Any, node: OutputNode | None = None) -> None:
        name = item.output_name
        if node is None:
            if name == "result" and len(self.declared) == 1:
                name = self.declared[0].name
            node = self._node(name)
        elif name not in ("result", node.name):
            raise self._mismatch(f"returned output `{name}` in the place of output `{node.name}`")
        refuse_other_kind(self._execution.op, node.name, item, is_dynamic=node.is_dynamic)
        version = item.data_version.value if item.data_version is not None else None
        self._give(node, item.value, item.metadata, version, item.tags)

    def _take_dynamic(self, item: Any, node: OutputNode | None = None) -> None:
        if node is None and item.output_name == "result" and len(self.declared) == 1:
            node = self.declared[0]
        node = node or self._node(item.output_name)
        refuse_other_kind(self._execution.op, node.name, item, is_dynamic=node.is_dynamic)
        earlier = self.mapping_keys.get(node.name, ())
        if item.mapping_key in earlier:
            raise self._mismatch(
                f"gave the mapping_key `{item.mapping_key}` of output `{node.name}` multiple times"
            )
        self.mapping_keys[node.name] = (*earlier, item.mapping_key)
        self._give(node, item.value, item.metadata, mapping_key=item.mapping_key)

    def _take_materialize_result(self, item: Any) -> None:
        node = self._node_of_asset(item.asset_key)
        version = item.data_version.value if item.data_version is not None else None
        if item.value is not NOT_GIVEN:
            self._give(node, item.value, item.metadata, version, item.tags)
        else:
            self._give_without_value(node, item.metadata, version, item.tags, materialize=True)
        for check in item.check_results or ():
            self._take_check(check, node.asset_key)

    def _take_observe_result(self, item: Any) -> None:
        node = self._node_of_asset(item.asset_key)
        version = item.data_version.value if item.data_version is not None else None
        self._assets.observed(node, version, item.metadata, item.tags)
        self._give_without_value(node, {}, None)
        for check in item.check_results or ():
            self._take_check(check, node.asset_key)

    def _take_check(self, item: Any, asset_key: AssetKey | None = None) -> None:
        node = self._node_of_check(item, asset_key)
        key = node.check_key
        assert key is not None
        self._begin(node, None, None)
        spec = self._execution.env.catalog.checks[key].spec
        self._tell_output(node, {}, None)
        passed = bool(item.passed)
        severity = item.severity
        partition_keys = self._assets.keys_of_check(key)
        target = self._assets.materialization_of(key.asset_key, partition_keys)
        self._execution.tell(
            EventType.ASSET_CHECK_EVALUATION,
            CheckData(
                name=key.name,
                passed=passed,
                severity=severity.value,
                blocking=bool(spec.blocking),
                description=item.description,
                metadata=metadata_to_wire(event_metadata(item.metadata)) if item.metadata else {},
                **target,
            ),
            f"Check {key.name} {'passed' if passed else 'failed'}",
            asset_key=key.asset_key,
            partition_keys=partition_keys,
        )
        if spec.blocking and not passed and severity is AssetCheckSeverity.ERROR:
            self.failed_checks.append(key)

    # Giving one output

    def _give(
        self,
        node: OutputNode,
        value: Any,
        metadata: Mapping[str, Any] | None = None,
        data_version: str | None = None,
        tags: Mapping[str, str] | None = None,
        mapping_key: str | None = None,
    ) -> None:
        self._begin(node, value, mapping_key)
        execution = self._execution
        gathered = self._gather_metadata(node, metadata, mapping_key)
        out = execution.op.outs.get(node.name)
        wanted = resolve_type(out.dagster_type) if out is not None else ANY
        self._check_type(node, wanted, value, gathered, mapping_key)
        if wanted.is_nothing or not node.stores_value or (value is None and node.none_is_no_value):
            if node.asset_key is not None:
                self._assets.materialized(node, gathered, {}, data_version, tags)
            return
        added = self._store.store(node, wanted, value, gathered, mapping_key)
        if node.asset_key is not None:
            self._assets.materialized(node, gathered, added, data_version, tags)
        execution.tell(
            EventType.HANDLED_OUTPUT,
            OutputData(
                name=node.name,
                mapping_key=mapping_key,
                metadata=metadata_to_wire(added) if added else {},
                io_manager_key=node.io_manager_key,
            ),
            f"Stored output {node.name} with {node.io_manager_key}",
        )

    def _give_without_value(
        self,
        node: OutputNode,
        metadata: Mapping[str, Any] | None,
        data_version: str | None,
        tags: Mapping[str, str] | None = None,
        *,
        materialize: bool = False,
    ) -> None:
        self._begin(node, NoValue if materialize else None, None)
        gathered = self._gather_metadata(node, metadata, None)
        self._tell_output(node, gathered, None)
        if materialize:
            self._assets.materialized(node, gathered, {}, data_version, tags)

    def _begin(self, node: OutputNode, value: Any, mapping_key: str | None) -> None:
        if node.name in self.given and mapping_key is None:
            raise self._mismatch(f"gave output `{node.name}`{_asset_of(node)} twice")
        self.given[node.name] = None
        execution = self._execution
        execution.state.given_outputs.add((node.name, mapping_key))
        if mapping_key is None:
            self.values[node.name] = value
        else:
            self.values.setdefault(node.name, {})[mapping_key] = value
        if execution.env.captured is not None:
            execution.env.captured[execution.step.key, node.name, mapping_key] = value

    def _gather_metadata(
        self, node: OutputNode, metadata: Mapping[str, Any] | None, mapping_key: str | None
    ) -> Mapping[str, Any]:
        added = self._execution.state.output_metadata.get((node.name, mapping_key))
        if not added:
            return event_metadata(metadata) if metadata else {}
        return self._execution.state.as_metadata({**(metadata or {}), **added})

    def _tell_output(self, node: OutputNode, metadata: Mapping[str, Any], mapping_key: str | None) -> None:
        data = OutputData(
            name=node.name, mapping_key=mapping_key, metadata=metadata_to_wire(metadata) if metadata else {}
        )
        self._execution.tell(EventType.STEP_OUTPUT, data, f"Gave output {node.name}")

    def _check_type(
        self, node: OutputNode, wanted: Any, value: Any, metadata: Mapping[str, Any], mapping_key: str | None
    ) -> None:
        if wanted is ANY:
            self._tell_output(node, metadata, mapping_key)
            return
        check = wanted.check(value, self._execution.context)
        data = OutputData(
            name=node.name,
            mapping_key=mapping_key,
            type_check_passed=check.success,
            type_name=wanted.display_name,
            type_check_description=check.description,
            type_check_metadata=metadata_to_wire(check.metadata) if check.metadata else {},
            metadata=metadata_to_wire(metadata) if metadata else {},
        )
        self._execution.tell(
            EventType.STEP_OUTPUT, data, f"Gave output {node.name} of type {wanted.display_name}"
        )
        if not check.success:
            what = f"Output `{node.name}` of `{self._execution.step.key}`{_asset_of(node)}"
            raise wrong_value(what, wanted, check, value, self._execution.computation.where)

    # Finding the output that is meant

    def _node(self, name: str) -> OutputNode:
        for node in self.selected:
            if node.name == name:
                return node
        declared = [node.name for node in self.declared]
        if name in declared:
            raise self._mismatch(
                f"gave output `{name}`, which this run did not ask for",
                "yield only what `context.selected_output_names` has",
            )
        raise self._mismatch(f"gave output `{name}`, which it does not declare", did_you_mean(name, declared))

    def _node_of_asset(self, key: AssetKey | None) -> OutputNode:
        assets = [node for node in self.selected if node.asset_key is not None and node.check_key is None]
        if key is None:
            if len(assets) == 1:
                return assets[0]
            raise self._mismatch(
                f"makes {len(assets)} assets, so each result must say which it is", "give `asset_key=`"
            )
        for node in assets:
            if node.asset_key == key:
                return node
        texts = [node.asset_key.to_user_string() for node in assets if node.asset_key is not None]
        raise self._mismatch(
            f"gave a result for asset `{key.to_user_string()}`, which it does not make in this run",
            did_you_mean(key.to_user_string(), texts),
        )

    def _node_of_check(self, item: Any, asset_key: AssetKey | None) -> OutputNode:
        wanted_asset = item.asset_key or asset_key
        found = [
            node
            for node in self.selected
            if node.check_key is not None
            and (item.check_name is None or node.check_key.name == item.check_name)
            and (wanted_asset is None or node.check_key.asset_key == wanted_asset)
        ]
        if len(found) == 1:
            return found[0]
        names = [node.check_key.name for node in self.selected if node.check_key is not None]
        if not found:
            raise self._mismatch(
                f"gave a result for check `{item.check_name or 'without a name'}`, which it does not declare",
                did_you_mean(item.check_name, names) if item.check_name else None,
            )
        raise self._mismatch(
            f"evaluates {len(found)} checks ({', '.join(names)}), so each result must say which it is",
            "give `check_name=`",
        )

    # Refusing

    def _refuse_missing(self, node: OutputNode) -> None:
        what = (
            f"check `{node.check_key.name}`"
            if node.check_key is not None
            else f"output `{node.name}`{_asset_of(node)}"
        )
        if self._wanted is not None:
            raise self._mismatch(f"ended without {what}", self._wanted)
        raise StepOutputNotFoundError(
            f"`{self._execution.step.key}` ended without {what}, which is required.",
            code=MISMATCH,
            hint=_MISSING_CHECK if node.check_key is not None else _MISSING_OUTPUT,
            where=self._execution.computation.where,
            step_key=self._execution.step.key,
            output_name=node.name,
        )

    def _mismatch(self, what: str, hint: str | None = None) -> InvariantViolationError:
        return InvariantViolationError(
            f"`{self._execution.step.key}` {what}.",
            code=MISMATCH,
            hint=hint,
            where=self._execution.computation.where,
        )


def _asset_of(node: OutputNode) -> str:
    return f" (asset `{node.asset_key.to_user_string()}`)" if node.asset_key is not None else ""
