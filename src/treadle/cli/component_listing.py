"""What the command line lists of components: their types, and the defs folder."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.output import harmless, print_json, print_table
from treadle.components.checking import documents_of_yaml
from treadle.components.component_types import component_class, registered_types
from treadle.components.project import find_project
from treadle.components.scaffolding import scaffolder_of
from treadle.components.tree import ComponentTree
from treadle.components.yaml_components import Requirements, validated_document
from treadle.core.errors import TreadleError, did_you_mean
from treadle.store.dotenv_file import environment_with_dotenv


def tree_of_project() -> ComponentTree:
    """The components of the project that the current folder lies in."""
    enter_project()
    try:
        return ComponentTree.for_project(Path.cwd())
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)


def list_components(as_json: bool, package: str | None = None) -> None:
    """Print the types that YAML may name, the project's and our own.

    Args:
        as_json: True: as JSON.
        package: only those of this module or below it.
    """
    enter_project()
    found = [
        (name, (cls.get_description() or "").strip().partition("\n")[0])
        for name, cls in registered_types(project_modules())
        if package is None or name.startswith(f"{package}.")
    ]
    if as_json:
        print_json([{"type": name, "description": description} for name, description in found])
        return
    print_table(("component", "description"), found, nothing="There are none.")


def list_registry_modules(as_json: bool) -> None:
    """Print the modules in which types of components are looked for."""
    modules = ["treadle.components", *project_modules()]
    if as_json:
        print_json(modules)
        return
    print_table(("module",), [(name,) for name in modules])


def project_modules() -> list[str]:
    """The modules of the project in which types of components are looked for."""
    try:
        project = find_project(Path.cwd())
    except TreadleError:
        return []
    project.make_importable()
    return list(dict.fromkeys([f"{project.root_module}.components.*", *project.registry_modules]))


def list_envs(as_json: bool) -> None:
    """Print the variables that `.env` sets or that components ask for, and whether they are set; never their values."""
    before = frozenset(os.environ)
    settings = enter_project()
    in_file = environment_with_dotenv(settings.project_root, {})
    needed: dict[str, list[str]] = {}
    try:
        tree = ComponentTree.for_project(Path.cwd())
    except TreadleError:
        documents = []
    else:
        documents = documents_of_yaml(tree)
    for document in documents:
        for name in (validated_document(document).requirements or Requirements()).env or ():
            needed.setdefault(name, []).append(os.path.relpath(document.file))
    rows = [
        (name, "environment" if name in before else ".env" if name in in_file else None, needed.get(name, []))
        for name in sorted({*in_file, *needed})
    ]
    if as_json:
        print_json([{"name": name, "set_by": by, "needed_by": files} for name, by, files in rows])
        return
    print_table(
        ("variable", "set by", "needed by"),
        [(name, by or "not set", ", ".join(files)) for name, by, files in rows],
        nothing="There is no .env with variables, and no component asks for any.",
    )


def inspect_component(type_name: str, parts: Sequence[str]) -> None:
    """Print what a type of component is: all of it as JSON, or the one part that was asked for."""
    enter_project()
    modules = project_modules()
    own_name = type_name.removeprefix("dagster.")
    try:
        cls = component_class(type_name if own_name == type_name else f"treadle.{own_name}")
    except TreadleError as error:
        known = [name for name, _ in registered_types(modules)]
        fail(error.message, code=error.code, hint=error.hint or did_you_mean(type_name, known))
    model = cls.get_model_cls()
    params = scaffolder_of(cls).get_scaffold_params()
    told = {
        "type": type_name,
        "description": cls.get_description(),
        "scaffold_params_schema": params.model_json_schema(),
        "component_schema": model.model_json_schema() if model is not None else None,
    }
    if list(parts) == ["description"]:
        click.echo(harmless(cls.get_description() or ""))
    elif len(parts) == 1:
        print_json(told[parts[0]])
    else:
        print_json({name: told[name] for name in parts} if parts else told)
