"""Components: definitions made of YAML files and Python classes, and the folder that holds them.

`tree` loads a project's defs folder, `resolution` makes objects of YAML, `lib` has the components that come with
Treadle. Users import from `treadle` or from here; every name is loaded on first use, so neither pydantic nor Jinja2
is imported before a component is. May import `run` and what lies below it; of the rest of the house only the
command line imports it. Tests: tests/components.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treadle.components.component import Component as Component
    from treadle.components.component import component_instance as component_instance
    from treadle.components.component import template_var as template_var
    from treadle.components.folders import DefsFolderComponent as DefsFolderComponent
    from treadle.components.form_config import ComponentFormConfig as ComponentFormConfig
    from treadle.components.form_config import ComponentTypeSpec as ComponentTypeSpec
    from treadle.components.lib.definitions_file import DefinitionsComponent as DefinitionsComponent
    from treadle.components.lib.executable import FunctionComponent as FunctionComponent
    from treadle.components.lib.executable import PythonScriptComponent as PythonScriptComponent
    from treadle.components.lib.executable import UvRunComponent as UvRunComponent
    from treadle.components.lib.sql import SQLClient as SQLClient
    from treadle.components.lib.sql import SqlComponent as SqlComponent
    from treadle.components.lib.sql import SqlFile as SqlFile
    from treadle.components.lib.sql import TemplatedSqlComponent as TemplatedSqlComponent
    from treadle.components.lib.state import DefsStateConfig as DefsStateConfig
    from treadle.components.lib.state import DefsStateConfigArgs as DefsStateConfigArgs
    from treadle.components.lib.state import DefsStateManagementType as DefsStateManagementType
    from treadle.components.lib.state import ResolvedDefsStateConfig as ResolvedDefsStateConfig
    from treadle.components.lib.state import StateBackedComponent as StateBackedComponent
    from treadle.components.load_context import ComponentLoadContext as ComponentLoadContext
    from treadle.components.loading import build_component_defs as build_component_defs
    from treadle.components.loading import build_defs_for_component as build_defs_for_component
    from treadle.components.loading import component_defs as component_defs
    from treadle.components.loading import (
        get_all_components_defs_within_project as get_all_components_defs_within_project,
    )
    from treadle.components.loading import (
        get_component_defs_within_project as get_component_defs_within_project,
    )
    from treadle.components.loading import load_defs as load_defs
    from treadle.components.loading import load_from_defs_folder as load_from_defs_folder
    from treadle.components.places import ComponentPath as ComponentPath
    from treadle.components.resolution.context import ResolutionContext as ResolutionContext
    from treadle.components.resolution.definition_models import AssetAttributesModel as AssetAttributesModel
    from treadle.components.resolution.definition_models import OpSpec as OpSpec
    from treadle.components.resolution.definition_models import (
        ResolvedAssetAttributes as ResolvedAssetAttributes,
    )
    from treadle.components.resolution.definition_models import (
        ResolvedAssetCheckSpec as ResolvedAssetCheckSpec,
    )
    from treadle.components.resolution.definition_models import ResolvedAssetKey as ResolvedAssetKey
    from treadle.components.resolution.definition_models import ResolvedAssetSpec as ResolvedAssetSpec
    from treadle.components.resolution.definition_models import (
        ResolvedBackfillPolicy as ResolvedBackfillPolicy,
    )
    from treadle.components.resolution.definition_models import (
        ResolvedPartitionsDefinition as ResolvedPartitionsDefinition,
    )
    from treadle.components.resolution.errors import ResolutionError as ResolutionError
    from treadle.components.resolution.resolvable import Model as Model
    from treadle.components.resolution.resolvable import Resolvable as Resolvable
    from treadle.components.resolution.resolver import Injected as Injected
    from treadle.components.resolution.resolver import Resolver as Resolver
    from treadle.components.scaffolding import Scaffolder as Scaffolder
    from treadle.components.scaffolding import ScaffoldRequest as ScaffoldRequest
    from treadle.components.scaffolding import scaffold_component as scaffold_component
    from treadle.components.scaffolding import scaffold_with as scaffold_with
    from treadle.components.tree import ComponentTree as ComponentTree
    from treadle.define.definitions import definitions as definitions

_MODULES = {
    "treadle.components.component": "Component component_instance template_var",
    "treadle.components.folders": "DefsFolderComponent",
    "treadle.components.form_config": "ComponentFormConfig ComponentTypeSpec",
    "treadle.components.lib.definitions_file": "DefinitionsComponent",
    "treadle.components.lib.executable": "FunctionComponent PythonScriptComponent UvRunComponent",
    "treadle.components.lib.sql": "SQLClient SqlComponent SqlFile TemplatedSqlComponent",
    "treadle.components.lib.state": (
        "DefsStateConfig DefsStateConfigArgs DefsStateManagementType ResolvedDefsStateConfig StateBackedComponent"
    ),
    "treadle.components.load_context": "ComponentLoadContext",
    "treadle.components.loading": (
        "build_component_defs build_defs_for_component component_defs get_all_components_defs_within_project "
        "get_component_defs_within_project load_defs load_from_defs_folder"
    ),
    "treadle.components.places": "ComponentPath",
    "treadle.components.resolution.context": "ResolutionContext",
    "treadle.components.resolution.definition_models": (
        "AssetAttributesModel OpSpec ResolvedAssetAttributes ResolvedAssetCheckSpec ResolvedAssetKey "
        "ResolvedAssetSpec ResolvedBackfillPolicy ResolvedPartitionsDefinition"
    ),
    "treadle.components.resolution.errors": "ResolutionError",
    "treadle.components.resolution.resolvable": "Model Resolvable",
    "treadle.components.resolution.resolver": "Injected Resolver",
    "treadle.components.scaffolding": "Scaffolder ScaffoldRequest scaffold_component scaffold_with",
    "treadle.components.tree": "ComponentTree",
    "treadle.define.definitions": "definitions",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name == "__all__":
        return list(_HOMES)
    if name not in _HOMES:
        raise AttributeError(f"treadle.components has no public name `{name}`", name=name, obj=None)
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
