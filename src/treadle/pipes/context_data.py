"""What a child is told about the step that starts it."""

from collections.abc import Mapping
from typing import Any

from treadle.core.data_versions import DataProvenance
from treadle.core.errors import InvariantViolationError
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.context.step_state import PartitionView
from treadle.pipes.wire import PipesContextData


def context_data(context: OpExecutionContext, extras: Mapping[str, Any] | None = None) -> PipesContextData:
    """What the child's `PipesContext` will show.

    Args:
        context: of the op, asset or check that starts the child.
        extras: anything that JSON can hold, for `get_extra`.
    """
    state = context.step_state
    checked = [
        check.asset_key for check in state.selected_checks if check.asset_key not in state.selected_assets
    ]
    own = state.assets_def.keys if state.assets_def is not None else state.selected_assets
    keys = [*(key for key in own if key in state.selected_assets), *sorted(set(checked))]
    names = [key.to_user_string() for key in keys]
    specs = state.assets_def.specs_by_key if state.assets_def is not None else {}
    told: PipesContextData = PipesContextData(
        asset_keys=names or None,
        code_version_by_asset_key={
            name: specs[key].code_version if key in specs else None
            for name, key in zip(names, keys, strict=True)
        }
        or None,
        provenance_by_asset_key={
            name: _provenance(context.get_asset_provenance(key))
            for name, key in zip(names, keys, strict=True)
        }
        or None,
        run_id=context.run_id,
        job_name=context.step_state.job_name,
        retry_number=context.retry_number,
        extras=dict(extras or {}),
        **_partitions(state.told_partitions),  # type: ignore[typeddict-item]
    )
    return told


def _provenance(found: DataProvenance | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    return {
        "code_version": found.code_version,
        "input_data_versions": {
            key.to_user_string(): version.value for key, version in found.input_data_versions.items()
        },
        "is_user_provided": found.is_user_provided,
    }


def _partitions(view: PartitionView | None) -> dict[str, Any]:
    if view is None or not len(view.keys):
        return {"partition_key": None, "partition_key_range": None, "partition_time_window": None}
    keys = view.key_range("the step")
    return {
        "partition_key": str(view.single_key("the step")) if len(view.keys) == 1 else None,
        "partition_key_range": {"start": str(keys.start), "end": str(keys.end)},
        "partition_time_window": _window(view),
    }


def _window(view: PartitionView) -> Mapping[str, str | None] | None:
    definition = view.definition
    has_time = isinstance(definition, TimeWindowPartitionsDefinition) or (
        isinstance(definition, MultiPartitionsDefinition) and definition.has_time_window_dimension
    )
    if not has_time:
        return None
    try:
        window = view.time_window("the step")
    except InvariantViolationError:
        return None
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat() if window.end is not None else None,
    }
