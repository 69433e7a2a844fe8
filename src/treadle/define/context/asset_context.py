"""The contexts of assets and of asset checks: an op's context under their own names."""

from typing import TYPE_CHECKING, Any, ClassVar

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

    @property
    def op_execution_context(self) -> OpExecutionContext:
        """The same step as an op sees it."""
        return OpExecutionContext(self._state)


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
