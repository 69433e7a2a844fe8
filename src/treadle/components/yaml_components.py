"""A component of one YAML document: its class, attributes, template variables and post-processing."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import pydantic

from treadle.components.component import Component, template_vars_of
from treadle.components.component_types import component_class
from treadle.components.declarations import YamlDocument
from treadle.components.load_context import ComponentLoadContext
from treadle.components.post_processing import PostProcessing, post_processed, with_changed_specs
from treadle.components.resolution.errors import ResolutionError, problems_of
from treadle.components.resolution.resolvable import Model
from treadle.core.code_references import LocalFileCodeReference, UrlCodeReference
from treadle.core.metadata import CodeReferencesMetadataValue
from treadle.core.specs import AssetSpec
from treadle.define.definitions import Definitions

_REFERENCES = "dagster/code_references"


class Requirements(Model):
    """What a document needs of its environment."""

    env: Sequence[str] | None = None


class DocumentModel(Model):
    """The keys at the top of a document."""

    type: str
    attributes: Mapping[str, Any] | None = None
    template_vars_module: str | None = None
    requirements: Requirements | None = None
    post_processing: Mapping[str, Any] | None = None


def validated_document(declaration: YamlDocument) -> DocumentModel:
    """The keys at the top of a document, checked.

    Raises:
        ResolutionError: with all that is wrong.
    """
    document = declaration.document
    if not isinstance(document.value, Mapping):
        raise ResolutionError.one(
            "a component is written as keys: `type`, `attributes`, …",
            code="invalid-component",
            where=document.positions.position,
        )
    try:
        return DocumentModel.model_validate(document.value)
    except pydantic.ValidationError as error:
        raise ResolutionError.of(problems_of(error, DocumentModel, document.positions)) from error


def declared_class(declaration: YamlDocument, context: ComponentLoadContext) -> type[Component]:
    """The class of a document's component; nothing is made of it.

    Raises:
        ResolutionError: with what is wrong with its keys or type.
    """
    return _class_of(validated_document(declaration), declaration, context)


def _class_of(
    model: DocumentModel, declaration: YamlDocument, context: ComponentLoadContext
) -> type[Component]:
    return component_class(
        context.normalize_component_type_str(model.type), declaration.document.at(["type"])
    )


def load_yaml_component(declaration: YamlDocument, context: ComponentLoadContext) -> Component:
    """The component of a document.

    Raises:
        ResolutionError: with all that is wrong with its keys, type, attributes and templates.
    """
    model = validated_document(declaration)
    cls = _class_of(model, declaration, context)
    ready = _prepared(declaration, model, cls, context)
    return cls.load(attributes_of(declaration, model, cls), _inside(ready, "attributes"))


def build_yaml_component(
    declaration: YamlDocument, component: Component, context: ComponentLoadContext
) -> Definitions:
    """The definitions of a document's component, post-processed, with references to its file."""
    model = validated_document(declaration)
    ready = _prepared(declaration, model, type(component), context)
    made = component.build_defs(_inside(ready, "attributes"))
    if not isinstance(made, Definitions):
        raise ResolutionError.one(
            f"`build_defs` of {type(component).__name__} must return Definitions, got {type(made).__name__}",
            code="invalid-component",
            where=declaration.document.at(["type"]),
        )
    references = type(component).get_code_references_for_yaml(
        declaration.file, declaration.document.positions.position, ready
    )
    if declaration.folder is None:
        made = _with_references(made, references)
    if model.post_processing is None:
        return made
    try:
        processing = PostProcessing.model_validate(model.post_processing)
    except pydantic.ValidationError as error:
        problems = problems_of(error, PostProcessing, declaration.document.positions, ["post_processing"])
        raise ResolutionError.of(problems) from error
    return post_processed(made, processing, _inside(ready, "post_processing").resolution_context)


def attributes_of(
    declaration: YamlDocument, model: DocumentModel, cls: type[Component]
) -> pydantic.BaseModel | None:
    """The attributes of a document, checked against the component's model."""
    wanted = cls.get_model_cls()
    if wanted is None:
        return None
    try:
        return wanted.model_validate(model.attributes or {})
    except pydantic.ValidationError as error:
        problems = problems_of(error, wanted, declaration.document.positions, ["attributes"])
        raise ResolutionError.of(problems) from error


def _prepared(
    declaration: YamlDocument, model: DocumentModel, cls: type[Component], context: ComponentLoadContext
) -> ComponentLoadContext:
    """The context with all names that templates of the document may use."""
    if declaration.context is None:
        declaration.context = _with_names(declaration, model, cls, context)
    ready: ComponentLoadContext = declaration.context
    return ready


def _with_names(
    declaration: YamlDocument, model: DocumentModel, cls: type[Component], context: ComponentLoadContext
) -> ComponentLoadContext:
    ready = context.with_source_position_tree(declaration.document.positions)
    names: dict[str, Any] = {
        **cls.get_additional_scope(),
        "context": ready,
        "project_root": str(ready.project_root),
        "load_component_at_path": ready.load_component,
        "build_defs_at_path": ready.build_defs,
        **template_vars_of(cls, ready),
    }
    if model.template_vars_module is not None:
        names.update(_variables(declaration, model.template_vars_module, ready))
    return ready.with_rendering_scope(names)


def _variables(declaration: YamlDocument, name: str, context: ComponentLoadContext) -> dict[str, Any]:
    where = declaration.document.at(["template_vars_module"])
    package = context.defs_relative_module_name(context.path)
    try:
        module = importlib.import_module(name, package)
    except ModuleNotFoundError as error:
        full = importlib.util.resolve_name(name, package)
        if error.name is None or not f"{full}.".startswith(f"{error.name}."):
            raise
        raise ResolutionError.one(
            f"there is no module `{full}` with template variables",
            code="template-failed",
            where=where,
            hint="a name that begins with a dot is looked for beside the YAML file"
            if name[:1] != "."
            else None,
        ) from error
    found = template_vars_of(module, context)
    if not found:
        raise ResolutionError.one(
            f"`{module.__name__}` has no template variables",
            code="template-failed",
            where=where,
            hint="mark its functions with @template_var",
        )
    return found


def _inside(context: ComponentLoadContext, part: str) -> ComponentLoadContext:
    return attrs.evolve(
        context, resolution_context=context.resolution_context.at_path(part)
    ).with_itself_stashed()


def _with_references(
    defs: Definitions, references: Sequence[LocalFileCodeReference | UrlCodeReference]
) -> Definitions:
    def change(spec: AssetSpec) -> AssetSpec:
        known = spec.metadata.get(_REFERENCES)
        others = list(getattr(known, "code_references", ()))
        added = [each for each in references if each not in others]
        if not added:
            return spec
        value = CodeReferencesMetadataValue(code_references=[*others, *added])
        return spec.merge_attributes(metadata={_REFERENCES: value})

    return with_changed_specs(defs, change)
