"""What the command line lists of components: their types, and the defs folder."""

from pathlib import Path

from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.output import print_json, print_table
from treadle.components.component_types import registered_types
from treadle.components.project import find_project
from treadle.components.tree import ComponentTree
from treadle.core.errors import TreadleError


def tree_of_project() -> ComponentTree:
    """The components of the project that the current folder lies in."""
    enter_project()
    try:
        return ComponentTree.for_project(Path.cwd())
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)


def list_components(as_json: bool) -> None:
    """Print the types that YAML may name, the project\'s and our own."""
    enter_project()
    try:
        project = find_project(Path.cwd())
        project.make_importable()
        modules = (f"{project.root_module}.components.*", *project.registry_modules)
    except TreadleError:
        modules = ()
    found = [
        (name, (cls.get_description() or "").strip().partition("\n")[0])
        for name, cls in registered_types(modules)
    ]
    if as_json:
        print_json([{"type": name, "description": description} for name, description in found])
        return
    print_table(("component", "description"), found)
