"""`treadle scaffold`: write a new component, a Python file of definitions, or a component type."""

import json
import re
from pathlib import Path
from typing import Any

import click

from treadle.cli.component_listing import project_modules
from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.new_project import refuse_package_name, refuse_path_taken, write_files
from treadle.cli.output import json_option, print_json
from treadle.components.component_types import component_class, registered_types
from treadle.components.project import Project, find_project
from treadle.components.scaffolding import RESOURCES_FILE
from treadle.components.scaffolding import scaffold as scaffold_files
from treadle.core.errors import TreadleError, did_you_mean

_FILES: dict[str, str] = {
    "asset": "@dg.asset\ndef {name}(context: dg.AssetExecutionContext) -> dg.MaterializeResult:\n"
    "    return dg.MaterializeResult(metadata={{}})\n",
    "asset_check": "@dg.asset_check(asset={asset})\ndef {name}() -> dg.AssetCheckResult:\n"
    "    return dg.AssetCheckResult(passed=True)\n",
    "job": '{name} = dg.define_asset_job("{name}", selection="*")\n',
    "multi_asset": "@dg.multi_asset(specs=[{specs}])\ndef {name}(context: dg.AssetExecutionContext):\n{results}",
    "resources": RESOURCES_FILE,
    "schedule": '@dg.schedule(cron_schedule="@daily", target="*")\n'
    "def {name}(context: dg.ScheduleEvaluationContext):\n    return dg.RunRequest()\n",
    "sensor": '@dg.sensor(target="*")\ndef {name}(context: dg.SensorEvaluationContext):\n'
    '    return dg.SkipReason("nothing new")\n',
}

_INLINE = """\
import {package} as dg
{imports}

class {name}({bases}):
    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        return dg.Definitions()
"""

_COMPONENT = '''\
import {package} as dg


class {name}({bases}):
    """What it makes, in a line."""

{attributes}
    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of these attributes."""
        return dg.Definitions()
'''


_OF_MODEL = "    # attributes that YAML gives, with their types\n"
_OF_INIT = """\
    def __init__(self) -> None:
        # parameters with their types are what YAML gives
        pass
"""


@click.group()
def scaffold() -> None:
    """Write a new component, a Python file of definitions, or a component type.

    For example: treadle scaffold defs asset orders
    """


@scaffold.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("type_name", metavar="TYPE")
@click.argument("path", metavar="PATH")
@click.argument("others", nargs=-1, type=click.UNPROCESSED, metavar="[--PARAMETER VALUE]...")
@click.option(
    "--format",
    "written",
    type=click.Choice(["yaml", "python"]),
    default="yaml",
    show_default=True,
    help="How the component is written.",
)
@click.option("--json-params", metavar="JSON", help="What the type's scaffolder asks for, as JSON.")
@json_option
def defs(
    type_name: str,
    path: str,
    others: tuple[str, ...],
    written: Any,
    json_params: str | None,
    as_json: bool,
) -> None:
    """Write a component of TYPE into the folder PATH of the defs folder: its whole name, or that of the class alone. Or a
    Python file, where TYPE is one of asset, asset_check, job, multi_asset, resources, schedule and sensor. Or a component
    with a type of its own beside it: inline-component, with --typename NAME and, if it builds on another, --superclass TYPE.

    For example: treadle scaffold defs asset raw/orders.py
    """
    project = _project()
    folder = _defs_folder(project)
    short = type_name.removeprefix("dagster.").removeprefix("treadle.")
    target = folder / path
    if short in _FILES:
        _tell(_write_file(target, short, _parameters(others, json_params)), folder, as_json)
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        fail(f"{target} exists; nothing was changed.", hint="name another path")
    if type_name == "inline-component":
        _write_inline(target, project, _parameters(others, json_params))
        _tell(target, folder, as_json)
        return
    try:
        type_name = _whole_name(type_name)
        cls = component_class(type_name)
        scaffold_files(cls, type_name, target, project.root, _parameters(others, json_params), written)
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)
    _tell(target, folder, as_json)


@scaffold.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--model/--no-model",
    "is_model",
    default=True,
    help="Whether attributes are fields of the class or parameters of its __init__.",
)
@json_option
def component(name: str, is_model: bool, as_json: bool) -> None:
    """Write the component type NAME into the package's `components`, or into the module that NAME says before a dot.

    For example: treadle scaffold component SalesTable
    """
    said, _, cls = name.rpartition(".")
    if not all(part.isidentifier() for part in name.split(".")):
        fail(f"`{cls}` can not be the name of a class.", hint="use letters, digits and underscores")
    project = _project()
    package = f"{project.root_module}.components"
    module = said or f"{package}.{snake_case(cls)}"
    if module.partition(".")[0] != project.root_module.partition(".")[0]:
        fail(f"`{module}` is not in the package `{project.root_module}`.")
    file = _base_folder(project).joinpath(*module.split(".")).with_suffix(".py")
    if file.exists():
        fail(f"{file} exists; nothing was changed.", hint="choose another name")
    _make_package(file.parent)
    bases = "dg.Component, dg.Model, dg.Resolvable" if is_model else "dg.Component, dg.Resolvable"
    attributes = _OF_MODEL if is_model else _OF_INIT
    file.write_text(
        _COMPONENT.format(name=cls, package=_package(), bases=bases, attributes=attributes), encoding="utf-8"
    )
    if not module.startswith(f"{package}."):
        _register(project, module)
    if as_json:
        print_json({"made": str(file), "type": f"{module}.{cls}"})
    else:
        click.echo(f"Made {file}. In YAML its type is {module}.{cls}")


def snake_case(name: str) -> str:
    """The file's name for a class; a run of capitals is one word.

    Example:
        >>> snake_case("HTTPSConnection"), snake_case("SalesTable"), snake_case("ABC")
        ('https_connection', 'sales_table', 'abc')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _register(project: Project, module: str) -> None:
    """Add a module to those in which types of components are looked for."""
    if module in project.registry_modules:
        return
    file = project.root / "dg.toml"
    file = file if file.is_file() else project.root / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    listed = re.search(r"^registry_modules *= *\[", text, re.MULTILINE)
    if listed is not None:
        text = f'{text[: listed.end()]}\n    "{module}",{text[listed.end() :]}'
    else:
        section = "[project]" if file.name == "dg.toml" else "[tool.dg.project]"
        text = text.replace(section, f'{section}\nregistry_modules = ["{module}"]', 1)
    file.write_text(text, encoding="utf-8")


def _whole_name(type_name: str) -> str:
    """The dotted name of a type of which only the class is named."""
    if "." in type_name:
        return type_name
    known = [name for name, _ in registered_types(project_modules())]
    found = [name for name in known if name.rpartition(".")[2] == type_name]
    if len(found) == 1:
        return found[0].replace("treadle.", f"{_package()}.", 1)
    alike = found or [name for name in known if type_name.lower() in name.rpartition(".")[2].lower()]
    if alike:
        fail(
            f"`{type_name}` may mean {', '.join(f'`{name}`' for name in alike)}.", hint="write the whole name"
        )
    return fail(
        f"There is no `{type_name}`.", hint=did_you_mean(type_name, _FILES) or "`treadle list components`"
    )


def _write_inline(target: Path, project: Project, parameters: dict[str, Any]) -> None:
    name, above = parameters.pop("typename", None), parameters.pop("superclass", None)
    if parameters:
        fail(f"`{next(iter(parameters))}` is no parameter of inline-component.")
    if not name:
        fail("Say the name of the component's type.", hint="--typename NAME")
    if not str(name).isidentifier():
        fail(f"`{name}` can not be the name of a class.", hint="use letters, digits and underscores")
    module, _, base = str(above or "").rpartition(".")
    if above and not module:
        fail(f"`{above}` names no module.", hint="--superclass package.module.Class")
    target.mkdir(parents=True, exist_ok=True)
    file = target / f"{snake_case(name)}.py"
    imports = f"from {module} import {base}\n" if above else ""
    bases = base or "dg.Component, dg.Model, dg.Resolvable"
    file.write_text(
        _INLINE.format(package=_package(), imports=imports, name=name, bases=bases), encoding="utf-8"
    )
    inner = file.relative_to(_base_folder(project)).with_suffix("").parts
    (target / "defs.yaml").write_text(
        f"type: {'.'.join(inner)}.{name}\n\nattributes: {{}}\n", encoding="utf-8"
    )


_PROJECT: dict[str, str] = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["treadle[components]"]

[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "{name}"

[tool.hatch.build.targets.wheel]
packages = ["src/{name}"]

[tool.pytest.ini_options]
pythonpath = ["src"]
""",
    "src/{name}/__init__.py": "",
    "src/{name}/components/__init__.py": "",
    "src/{name}/defs/__init__.py": "",
    "src/{name}/definitions.py": """\
from pathlib import Path

import treadle as dg


@dg.definitions
def defs() -> dg.Definitions:
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
""",
    "tests/test_definitions.py": """\
import treadle as dg

from {name}.definitions import defs


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs())
""",
    ".gitignore": ".treadle/\n.local_defs_state/\n.venv/\n__pycache__/\n",
}


@scaffold.command("project")
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def new_project(path: Path, as_json: bool) -> None:
    """Write a project with a defs folder into the new folder PATH; its name is the package's.

    For example: treadle scaffold project shop
    """
    name = path.name.replace("-", "_")
    refuse_package_name(name)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        refuse_path_taken(path)
    write_files(path, _PROJECT, name)
    if as_json:
        print_json(
            {"name": name, "folder": str(path), "files": [each.format(name=name) for each in _PROJECT]}
        )
        return
    click.echo(f"Made {path}. Next:\n  cd {path}\n  treadle scaffold defs asset orders.py\n  treadle check")


def _project() -> Project:
    enter_project()
    try:
        project = find_project(Path.cwd())
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)
    project.make_importable()
    return project


def _defs_folder(project: Project) -> Path:
    folder = _base_folder(project).joinpath(*project.defs_module.split("."))
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    return folder


def _base_folder(project: Project) -> Path:
    """The folder in which the project's package lies."""
    top = project.defs_module.partition(".")[0]
    base = project.root / "src" if (project.root / "src" / top).is_dir() else project.root
    if not (base / top).is_dir():
        fail(f"There is no package `{top}` in {project.root}.")
    return base


def _make_package(folder: Path) -> None:
    """Make a folder, and each new one above it, a package."""
    if not folder.is_dir():
        _make_package(folder.parent)
        folder.mkdir()
    (folder / "__init__.py").touch()


_LOADING = re.compile(r"\b(load_from_defs_folder|load_defs|load_definitions_from_package|ComponentTree)")


def _tell(made: Path, folder: Path, as_json: bool) -> None:
    """Say what was written into the defs folder, and what to add where the package does not load that folder."""
    missing = _what_to_add(folder)
    if as_json:
        print_json({"made": str(made), "is_loaded": missing is None})
        return
    click.echo(f"Made {made}.")
    if missing is not None:
        click.echo(missing)


def _what_to_add(folder: Path) -> str | None:
    """What the package's `definitions.py` lacks to load its defs folder; None where it does."""
    file = folder.parent / "definitions.py"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None  # such a file is not needed: then the whole package is loaded; a broken one is told first
    if _LOADING.search(text):
        return None
    return (
        f"It is not loaded yet: {file} does not load the folder {folder.name}. Add to it:\n"
        "  from pathlib import Path\n"
        "  defs = dg.Definitions.merge(\n"
        "      ...,  # the Definitions that are there\n"
        "      dg.load_from_defs_folder(path_within_project=Path(__file__).parent),\n"
        "  )"
    )


def _parameters(others: tuple[str, ...], json_params: str | None) -> dict[str, Any]:
    """`--key value` pairs, or one JSON object."""
    if json_params is not None:
        if others:
            fail(f"Give --json-params or {others[0].partition('=')[0]}, not both.")
        try:
            found = json.loads(json_params)
        except ValueError as error:
            fail(f"--json-params is no JSON: {error}.")
        if not isinstance(found, dict):
            fail("--json-params must be a JSON object.")
        return found
    given: dict[str, Any] = {}
    rest = list(others)
    while rest:
        option, mark, value = rest.pop(0).partition("=")
        if not option.startswith("--"):
            fail(f"`{option}` is not understood.", hint="parameters are written --name value")
        if not mark and not rest:
            fail(f"`{option}` has no value.")
        name, value = option[2:].replace("-", "_"), value if mark else rest.pop(0)
        known = given.get(name)
        given[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return given


def _write_file(target: Path, kind: str, parameters: dict[str, Any]) -> Path:
    file = target if target.suffix == ".py" else target.with_suffix(".py")
    if file.exists():
        fail(f"{file} exists; nothing was changed.", hint="name another path")
    if not file.stem.isidentifier():
        fail(f"`{file.stem}` can not be a name in Python.", hint="use letters, digits and underscores")
    told = parameters.pop("asset_key", None) or parameters.pop("asset", None)
    keys = told if isinstance(told, list) else [told] if told else []
    if parameters:
        fail(f"`{next(iter(parameters))}` is no parameter of {kind}.")
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = keys or ([f"{file.stem}_one", f"{file.stem}_two"] if kind == "multi_asset" else ["the_asset"])
    text = f"import {_package()} as dg\n\n\n" + _FILES[kind].format(
        name=file.stem,
        asset=_key_text(keys[0]),
        specs=", ".join(f"dg.AssetSpec({_key_text(key)})" for key in keys),
        results="".join(f"    yield dg.MaterializeResult(asset_key={_key_text(key)})\n" for key in keys),
    )
    file.write_text(text.replace("\n\n\n" + file.stem + " =", "\n\n" + file.stem + " ="), encoding="utf-8")
    return file


def _key_text(key: str) -> str:
    """A key as Python writes it."""
    parts = str(key).split("/")
    quoted = ", ".join(json.dumps(part) for part in parts)
    return quoted if len(parts) == 1 else f"dg.AssetKey([{quoted}])"


def _package() -> str:
    """What new code imports: the peer's name where the project names it as what it needs, else ours."""
    text = (find_project(Path.cwd()).root / "pyproject.toml").read_text(encoding="utf-8")
    return "dagster" if re.search(r"""["']dagster\b""", text) else "treadle"
