"""Names below `dagster.components` that are in no public list; whoever writes or tests components finds them there."""

from collections.abc import Mapping
from typing import Any

import pydantic

from treadle.components.component import is_template_var as is_template_var
from treadle.components.lib.executable import ExecutableComponent as ExecutableComponent
from treadle.components.lib.executable import FunctionSpec as FunctionSpec
from treadle.components.lib.executable import ScriptSpec as ScriptSpec
from treadle.components.post_processing import AssetPostProcessor as AssetPostProcessor
from treadle.components.resolution import definition_models, resolvable
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.errors import ResolutionError
from treadle.components.scaffolding import has_scaffolder as has_scaffolder
from treadle.components.scaffolding import scaffolder_of
from treadle.components.testing import DefsFolderSandbox as DefsFolderSandbox
from treadle.components.testing import copy_code_to_file as copy_code_to_file
from treadle.components.testing import create_defs_folder_sandbox as create_defs_folder_sandbox
from treadle.core.errors import InvalidArgumentError
from treadle.core.specs import AssetSpec
from treadle.define.validation.errors import ErrorOfProblems

AssetSpecKwargs = definition_models.AssetSpecArguments
SharedAssetKwargs = definition_models.SharedAssetAttributes
ResolutionException = ResolutionError
ComponentTreeException = ErrorOfProblems


def resolve_asset_spec(context: ResolutionContext, model: pydantic.BaseModel) -> AssetSpec:
    """The spec of validated attributes."""
    return definition_models.asset_spec_of(context, model)


def resolve_fields(
    model: pydantic.BaseModel, resolved_cls: type, context: ResolutionContext
) -> Mapping[str, Any]:
    """The arguments for a class, of its validated attributes."""
    return resolvable.resolve_fields(resolved_cls, context, model)


def get_scaffolder(cls: type) -> Any:
    """The scaffolder of a class.

    Raises:
        InvalidArgumentError: it has none.
    """
    if not has_scaffolder(cls):
        raise InvalidArgumentError(
            f"`{cls.__name__}` has no scaffolder", hint="give it one with `@scaffold_with`"
        )
    return scaffolder_of(cls)
