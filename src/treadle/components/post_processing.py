"""`post_processing` of a YAML file: attributes put on the assets that a selection names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pydantic

from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.definition_models import SharedAssetAttributes, shared_attributes
from treadle.components.resolution.errors import ResolutionError
from treadle.components.resolution.fields import TemplateOr
from treadle.components.resolution.resolvable import Model
from treadle.components.resolution.templates import is_template
from treadle.core.errors import TreadleError
from treadle.core.keys import AssetKey
from treadle.core.problem import Problem
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.graph import AssetsAndChecks, SelectableAsset
from treadle.core.specs import AssetSpec
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.definitions import Definitions


class AssetPostProcessor(Model):
    """Attributes for the assets that a selection names."""

    model_config = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    target: str = "*"
    operation: Literal["merge", "replace"] = "merge"
    attributes: Annotated[SharedAssetAttributes.model(), TemplateOr()]  # type: ignore[valid-type]


class PostProcessing(Model):
    """What `post_processing` of a YAML file may hold."""

    assets: Sequence[AssetPostProcessor] = ()


def post_processed(defs: Definitions, processing: PostProcessing, context: ResolutionContext) -> Definitions:
    """Definitions with attributes put on the assets that selections name, one after the other.

    Args:
        defs: what a component made.
        processing: the YAML.
        context: at the path of `post_processing`.

    Raises:
        ResolutionError: a selection that names what is not there, or a template that fails.
    """
    problems: list[Problem] = []
    for index, processor in enumerate(processing.assets):
        at = context.at_path("assets").at_path(index)
        try:
            defs = _processed(defs, processor, at)
        except ResolutionError as error:
            problems.extend(error.problems)
    if problems:
        raise ResolutionError.of(list(dict.fromkeys(problems)))
    return defs


def _processed(defs: Definitions, processor: AssetPostProcessor, context: ResolutionContext) -> Definitions:
    graph = _graph(defs)
    try:
        chosen = AssetSelection.from_coercible(context.resolve_value(processor.target)).resolve(graph)
    except TreadleError as error:
        where = context.at_path("target").where
        raise ResolutionError.one(
            f"post-processing: {error.message}", code=error.code, where=where, hint=error.hint
        ) from error
    inner = context.at_path("attributes")

    def change(spec: AssetSpec) -> AssetSpec:
        if spec.key not in chosen:
            return spec
        attributes = _attributes(processor, inner.with_scope(asset=spec))
        try:
            return changed(spec, attributes, processor.operation)
        except TreadleError as error:
            raise ResolutionError.one(
                error.message, code=error.code, where=inner.where, hint=error.hint
            ) from error

    return with_changed_specs(defs, change, chosen)


def _graph(defs: Definitions) -> AssetsAndChecks:
    """All assets that are declared, external ones too: `*` means every one of them."""
    specs: list[AssetSpec] = []

    def note(spec: AssetSpec) -> AssetSpec:
        specs.append(spec)
        return spec

    with_changed_specs(defs, note)
    return AssetsAndChecks(
        SelectableAsset(
            key=spec.key,
            parents=[dep.asset_key for dep in spec.deps],
            group=spec.group_name or "default",
            tags=spec.tags,
            kinds=spec.kinds,
            owners=tuple(spec.owners),
        )
        for spec in specs
    )


def _attributes(processor: AssetPostProcessor, context: ResolutionContext) -> Mapping[str, Any]:
    if is_template(processor.attributes):
        return context.resolve_value(processor.attributes, as_type=Mapping)  # type: ignore[no-any-return]
    return shared_attributes(context, processor.attributes)


def changed(spec: AssetSpec, attributes: Mapping[str, Any], operation: str) -> AssetSpec:
    """A spec with further attributes: metadata and tags are joined under `merge`, everything else is replaced."""
    given = dict(attributes)
    if operation == "merge":
        if "metadata" in given:
            given["metadata"] = {**spec.metadata, **given["metadata"]}
        if "tags" in given:
            plain = {name: value for name, value in spec.tags.items() if not name.startswith("dagster/kind/")}
            given["tags"] = {**plain, **given["tags"]}
    return spec.replace_attributes(**given)


def with_changed_specs(
    defs: Definitions, change: Any, chosen: Iterable[AssetKey] | None = None
) -> Definitions:
    """Definitions in which a function has changed the specs of assets; checks and jobs stay as they are."""
    wanted = None if chosen is None else set(chosen)

    def one(asset: Any) -> Any:
        if isinstance(asset, AssetsDefinition):
            if wanted is not None and not wanted & set(asset.keys):
                return asset
            return asset.map_asset_specs(change)
        if isinstance(asset, AssetSpec):
            return change(asset)
        if isinstance(asset, Iterable) and not isinstance(asset, str | Mapping):
            return [one(inner) for inner in asset]
        return asset

    if not defs.assets:
        return defs
    return defs.with_replaced(assets=[one(asset) for asset in defs.assets])
