"""The contexts of assets and of asset checks: an op's context under their own names."""

from typing import TYPE_CHECKING, Any, ClassVar, Final

from treadle.core.deprecation import deprecated
from treadle.core.errors import InvariantViolationError
from treadle.define.context.op_context import OpExecutionContext

if TYPE_CHECKING:
    from treadle.core.specs import AssetCheckSpec
    from treadle.define.context.step_state import StepState


class _OfAnAsset(OpExecutionContext):
    __slots__ = ()

    def __init__(self, op_execution_context: "OpExecutionContext | StepState") -> None:
        given = op_execution_context
        super().__init__(given._state if isinstance(given, OpExecutionContext) else given)


class AssetExecutionContext(_OfAnAsset):
    """What an asset's function receives as `context`.

    Args:
        op_execution_context: the step, as an op sees it. Runs make contexts by themselves.

    Example:
        >>> from treadle import build_asset_context
        >>> build_asset_context(partition_key="2024-01-01").partition_key
        '2024-01-01'
    """

    __slots__ = ()
    _kind: ClassVar[str] = "asset"

    @deprecated("use `context.op_execution_context`", "context.get_op_execution_context")
    def get_op_execution_context(self) -> OpExecutionContext:
        """The same step as an op sees it."""
        return self.op_execution_context


_SUCCESSORS: Final = {
    "dagster_run": "context.run",
    "run_id": "context.run.run_id",
    "run_config": "context.run.run_config",
    "run_tags": "context.run.tags",
    "has_tag": "key in context.run.tags",
    "get_tag": "context.run.tags.get(key)",
    "op": "context.op_execution_context.op",
    "op_config": "context.op_execution_context.op_config",
    "op_handle": "context.op_execution_context.op_handle",
    "node_handle": "context.op_execution_context.node_handle",
    "get_mapping_key": "context.op_execution_context.get_mapping_key()",
    "selected_output_names": "context.op_execution_context.selected_output_names",
    "asset_partitions_def_for_output": "context.assets_def.partitions_def",
}
"""What a context of an op has and that of an asset only until it goes away -> what is written now."""


def _going_away(name: str, instead: str) -> Any:
    known = getattr(OpExecutionContext, name)
    mark = deprecated(f"use `{instead}`", f"context.{name}")
    reader: Any = known.fget if isinstance(known, property) else known
    return property(mark(reader)) if isinstance(known, property) else mark(reader)


for _name, _instead in _SUCCESSORS.items():
    setattr(AssetExecutionContext, _name, _going_away(_name, _instead))


class AssetCheckExecutionContext(_OfAnAsset):
    """What an asset check's function receives as `context`.

    Args:
        op_execution_context: the step, as an op sees it. Runs make contexts by themselves; a test that calls a check
            of one partition makes one from `build_op_context(partition_key=…)`.

    Example:
        >>> from treadle import build_op_context
        >>> AssetCheckExecutionContext(build_op_context(partition_key="2024-01-01")).partition_key
        '2024-01-01'
    """

    __slots__ = ()
    _kind: ClassVar[str] = "asset check"

    @property
    def check_specs(self) -> "list[AssetCheckSpec]":
        """The specs of the checks that this step evaluates."""
        return list(self.assets_def.check_specs)

    @property
    def check_spec(self) -> "AssetCheckSpec":
        """The spec of the check that this step evaluates.

        Raises:
            InvariantViolationError: the step evaluates several.
        """
        specs = self.check_specs
        if len(specs) != 1:
            raise InvariantViolationError(f"This step evaluates {len(specs)} checks; use `check_specs`.")
        return specs[0]


def context_for(annotation: Any, kind: str, state: Any) -> OpExecutionContext:
    """The context that a function's `context` parameter asks for: by its annotation, else by what it decorates."""
    if isinstance(annotation, type) and issubclass(annotation, OpExecutionContext):
        return annotation(state)
    if kind == "check":
        return AssetCheckExecutionContext(state)
    return OpExecutionContext(state) if kind == "op" else AssetExecutionContext(state)
