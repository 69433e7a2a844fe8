"""Checking YAML files of components without building anything."""

from collections.abc import Sequence
from pathlib import Path

import pydantic

from treadle.components.component_types import component_class
from treadle.components.declarations import Declaration, Folder, YamlDocument, YamlFile
from treadle.components.post_processing import PostProcessing
from treadle.components.resolution.errors import ResolutionError, problems_of
from treadle.components.tree import ComponentTree
from treadle.components.yaml_components import attributes_of, validated_document
from treadle.core.errors import TreadleError
from treadle.core.problem import Problem


def problems_of_yaml(tree: ComponentTree, paths: Sequence[Path] = ()) -> tuple[int, list[Problem]]:
    """How many components YAML files describe, and all that is wrong with them.

    Args:
        tree: of the project.
        paths: only files below these.
    """
    counted, problems = 0, list[Problem]()
    for document in _documents(tree.root_declaration(), problems):
        if paths and not any(document.file.is_relative_to(path) for path in paths):
            continue
        counted += 1
        problems.extend(_problems_of(document, tree))
    return counted, problems


def documents_of_yaml(tree: ComponentTree) -> list[YamlDocument]:
    """Every component that YAML files of a project describe; files that can not be read are left out."""
    return _documents(tree.root_declaration(), [])


def _documents(declaration: Declaration, problems: list[Problem]) -> list[YamlDocument]:
    if isinstance(declaration, YamlFile):
        try:
            found = declaration.documents
        except TreadleError as error:
            problems.append(Problem(error.code, error.message, where=error.where, severity="error"))
            return []
        return [inner for document in found for inner in (document, *_inside(document, problems))]
    if isinstance(declaration, Folder):
        return [inner for child in declaration.children for inner in _documents(child, problems)]
    return []


def _inside(document: YamlDocument, problems: list[Problem]) -> list[YamlDocument]:
    return [] if document.folder is None else _documents(document.folder, problems)


def _problems_of(document: YamlDocument, tree: ComponentTree) -> list[Problem]:
    try:
        model = validated_document(document)
        found: list[Problem] = []
        if model.post_processing is not None:
            found = _post_processing_problems(document, model.post_processing)
        name = tree.context_at(document.place).normalize_component_type_str(model.type)
        cls = component_class(name, document.document.at(["type"]))
    except ResolutionError as error:
        return list(error.problems)
    except Exception as error:  # noqa: BLE001 - the module of a type is the user's code
        return tree.problems_of(error, document)
    try:
        attributes_of(document, model, cls)
    except ResolutionError as error:
        found = [*error.problems, *found]
    return found


def _post_processing_problems(document: YamlDocument, given: object) -> list[Problem]:
    try:
        PostProcessing.model_validate(given)
    except pydantic.ValidationError as error:
        return problems_of(error, PostProcessing, document.document.positions, ["post_processing"])
    return []
