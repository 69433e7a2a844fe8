"""What a directly called function gives, held to the rules of a run; nothing is stored or recorded."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

import msgspec

from treadle.core.asset_events import AssetCheckResult
from treadle.core.catalog import Computation, OutputNode
from treadle.core.errors import TypeCheckDidNotPass
from treadle.core.keys import AssetKey
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.graphs.flatten import computation_of
from treadle.define.op import OpDefinition
from treadle.define.types import ANY, resolve_type
from treadle.run.step_results import StepResults

_NOTHING_ADDED: Final[Mapping[str, Any]] = {}


class _DirectStep(msgspec.Struct, frozen=True):
    """The one step that a direct call is."""

    key: str
    outputs: tuple[str, ...]


class _NoRun:
    """Stands for what the steps of a run share."""

    captured = None


class _DirectAttempt:
    """What results ask of an attempt of a step, for a call that is part of no run."""

    env = _NoRun()

    def __init__(
        self, op: OpDefinition, assets_def: AssetsDefinition | None, context: OpExecutionContext
    ) -> None:
        self.op = op
        self.state = context.step_state
        self.context = context
        self.computation = (
            computation_of(op, op.name)
            if assets_def is None
            else Computation(
                name=op.name, kind=assets_def.execution_kind, outputs=assets_def.outputs, where=op.where
            )
        )
        self.step = _DirectStep(op.name, tuple(node.name for node in self.computation.outputs))

    def tell(self, *event: Any, **more: Any) -> None:
        """Record nothing."""


class _Nowhere:
    """Stores no value and reports no asset."""

    def store(self, *output: Any) -> Mapping[str, Any]:
        """Store nothing."""
        return _NOTHING_ADDED

    def report(self, event: Any) -> None:
        """Report nothing."""

    def materialized(self, *output: Any) -> None:
        """Report nothing."""

    def observed(self, *output: Any) -> None:
        """Report nothing."""

    def observed_by_partition(self, *output: Any) -> None:
        """Report nothing."""


_NOWHERE: Final = _Nowhere()


class DirectResults(StepResults):
    """Checks what a directly called function returns or yields.

    Args:
        op: the op that is called.
        assets_def: what it makes, where it is no plain op.
        context: the call's.
    """

    def __init__(
        self, op: OpDefinition, assets_def: AssetsDefinition | None, context: OpExecutionContext
    ) -> None:
        attempt: Any = _DirectAttempt(op, assets_def, context)
        nowhere: Any = _NOWHERE
        super().__init__(attempt, store=nowhere, assets=nowhere)

    def returned(self, value: Any) -> None:
        """Take what the function returned.

        Raises:
            InvariantViolationError: outputs are missing, or others than declared.
            TypeCheckDidNotPass: a value is not of the declared type.
        """
        if self._execution.computation.kind == "check" and not isinstance(value, AssetCheckResult):
            return  # a check may be a function that its test asks for True or False
        self.take_returned(value)
        self.finish()

    def finish(self) -> None:
        """Refuse what a run would refuse, but for a check that failed: its result goes to the caller."""
        self.failed_checks.clear()
        super().finish()

    def _take_check(self, item: Any, asset_key: AssetKey | None = None) -> None:
        self._begin(self._node_of_check(item, asset_key), None, None)

    def _gather_metadata(
        self, node: OutputNode, metadata: Mapping[str, Any] | None, mapping_key: str | None
    ) -> Mapping[str, Any]:
        return _NOTHING_ADDED

    def _refuse_missing(self, node: OutputNode) -> NoReturn:
        raise self._mismatch(f"did not give {self._named(node)}, which is required", self._advice(node))


def check_inputs(op: OpDefinition, given: Mapping[str, Any], context: OpExecutionContext) -> None:
    """Check the values that the caller gave against the types of their inputs.

    Args:
        given: parameter -> value.

    Raises:
        TypeCheckDidNotPass: a value is not of the declared type.
    """
    for name, value in given.items():
        declared = op.ins.get(name)
        wanted = resolve_type(declared.dagster_type) if declared is not None else ANY
        if wanted is ANY:
            continue
        check = wanted.check(value, context)
        if not check.success:
            raise TypeCheckDidNotPass(
                f"Input `{name}` of `{op.name}` is not of type `{wanted.display_name}`: "
                f"{check.description or f'it is a {type(value).__name__}'}.",
                description=check.description,
                dagster_type=wanted,
                where=op.where,
            )
