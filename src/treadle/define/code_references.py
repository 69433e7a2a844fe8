"""`with_source_code_references`: each asset's metadata says where its function stands."""

from collections.abc import Sequence
from typing import Any

from treadle.core.code_references import LocalFileCodeReference
from treadle.core.metadata import CodeReferencesMetadataValue
from treadle.core.specs import AssetSpec
from treadle.define.asset_definition import AssetsDefinition

_KEY = "dagster/code_references"


def with_source_code_references(assets_defs: Sequence[Any]) -> list[Any]:
    """The same assets, with a code reference to the function of each in its metadata.

    Args:
        assets_defs: assets; what has no function stays as it is.
    """
    return [_with_reference(one) if isinstance(one, AssetsDefinition) else one for one in assets_defs]


def _with_reference(definition: AssetsDefinition) -> AssetsDefinition:
    path, _, line = (definition.op.where or "").rpartition(":")
    if not path:
        return definition
    label = definition.op.compute_fn.__name__ if hasattr(definition.op.compute_fn, "__name__") else None
    reference = LocalFileCodeReference(file_path=path, line_number=int(line), label=label)

    def change(spec: AssetSpec) -> AssetSpec:
        known = spec.metadata.get(_KEY)
        others = list(getattr(known, "code_references", ()))
        if reference in others:
            return spec
        return spec.merge_attributes(
            metadata={_KEY: CodeReferencesMetadataValue(code_references=[*others, reference])}
        )

    return definition.map_asset_specs(change)
