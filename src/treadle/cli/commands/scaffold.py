"""`treadle scaffold`: write a new component, a Python file of definitions, or a component type."""

import json
import re
from pathlib import Path
from typing import Any

import click

from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.new_project import refuse_package_name, refuse_path_taken, write_files
from treadle.cli.output import json_option, print_json
from treadle.components.component_types import component_class
from treadle.components.project import Project, find_project
from treadle.components.scaffolding import RESOURCES_FILE
from treadle.components.scaffolding import scaffold as scaffold_files
from treadle.core.errors import TreadleError, did_you_mean

_FILES: dict[str, str] = {
    "asset": "@dg.asset\ndef {name}(context: dg.AssetExecutionContext) -> dg.MaterializeResult:\n"
    "    return dg.MaterializeResult(metadata={{}})\n",
    "asset_check": '@dg.asset_check(asset="{asset}")\ndef {name}() -> dg.AssetCheckResult:\n'
    "    return dg.AssetCheckResult(passed=True)\n",
    "job": '{name} = dg.define_asset_job("{name}", selection="*")\n',
    "multi_asset": '@dg.multi_asset(specs=[dg.AssetSpec("{name}_one"), dg.AssetSpec("{name}_two")])\n'
    "def {name}(context: dg.AssetExecutionContext):\n"
    '    yield dg.MaterializeResult(asset_key="{name}_one")\n    yield dg.MaterializeResult(asset_key="{name}_two")\n',
    "resources": RESOURCES_FILE,
    "schedule": '@dg.schedule(cron_schedule="@daily", target="*")\n'
    "def {name}(context: dg.ScheduleEvaluationContext):\n    return dg.RunRequest()\n",
    "sensor": '@dg.sensor(target="*")\ndef {name}(context: dg.SensorEvaluationContext):\n'
    '    return dg.SkipReason("nothing new")\n',
}

_COMPONENT = '''\
import {package} as dg


class {name}(dg.Component, dg.Model, dg.Resolvable):
    """What it makes, in a line."""

    # attributes that YAML gives, with their types

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of these attributes."""
        return dg.Definitions()
'''


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
    """Write a component of TYPE into the folder PATH of the defs folder; or a Python file, where TYPE is one of
    asset, asset_check, job, multi_asset, resources, schedule and sensor.

    For example: treadle scaffold defs asset raw/orders.py
    """
    project = _project()
    folder = _defs_folder(project)
    short = type_name.removeprefix("dagster.").removeprefix("treadle.")
    target = folder / path
    if short in _FILES:
        _tell(_write_file(target, short, _parameters(others, json_params)), folder, as_json)
        return
    if "." not in type_name:
        fail(
            f"There is no `{type_name}`.", hint=did_you_mean(type_name, _FILES) or "`treadle list components`"
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        fail(f"{target} exists; nothing was changed.", hint="name another path")
    try:
        cls = component_class(type_name)
        scaffold_files(cls, type_name, target, project.root, _parameters(others, json_params), written)
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)
    _tell(target, folder, as_json)


@scaffold.command()
@click.argument("name", metavar="NAME")
@json_option
def component(name: str, as_json: bool) -> None:
    """Write the component type NAME into the package's `components`.

    For example: treadle scaffold component SalesTable
    """
    if not name.isidentifier():
        fail(f"`{name}` can not be the name of a class.", hint="use letters, digits and underscores")
    project = _project()
    folder = _defs_folder(project).parent / "components"
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    file = folder / f"{snake}.py"
    if file.exists():
        fail(f"{file} exists; nothing was changed.", hint="choose another name")
    file.write_text(_COMPONENT.format(name=name, package=_package()), encoding="utf-8")
    type_name = f"{project.root_module}.components.{snake}.{name}"
    if as_json:
        print_json({"made": str(file), "type": type_name})
    else:
        click.echo(f"Made {file}. In YAML its type is {type_name}")


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
    parts = project.defs_module.split(".")
    base = project.root / "src" if (project.root / "src" / parts[0]).is_dir() else project.root
    if not (base / parts[0]).is_dir():
        fail(f"There is no package `{parts[0]}` in {project.root}.")
    folder = base.joinpath(*parts)
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    return folder


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
        return (
            None  # without such a file the whole package is loaded, and with a broken one that is said first
        )
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
        given[option[2:].replace("-", "_")] = value if mark else rest.pop(0)
    return given


def _write_file(target: Path, kind: str, parameters: dict[str, Any]) -> Path:
    file = target if target.suffix == ".py" else target.with_suffix(".py")
    if file.exists():
        fail(f"{file} exists; nothing was changed.", hint="name another path")
    if not file.stem.isidentifier():
        fail(f"`{file.stem}` can not be a name in Python.", hint="use letters, digits and underscores")
    asset = parameters.pop("asset_key", None) or parameters.pop("asset", None) or "the_asset"
    if parameters:
        fail(f"`{next(iter(parameters))}` is no parameter of {kind}.")
    file.parent.mkdir(parents=True, exist_ok=True)
    text = f"import {_package()} as dg\n\n\n" + _FILES[kind].format(name=file.stem, asset=asset)
    file.write_text(text.replace("\n\n\n" + file.stem + " =", "\n\n" + file.stem + " ="), encoding="utf-8")
    return file


def _package() -> str:
    """What new code imports: the peer's name where the project names it as what it needs, else ours."""
    text = (find_project(Path.cwd()).root / "pyproject.toml").read_text(encoding="utf-8")
    return "dagster" if re.search(r"""["']dagster\b""", text) else "treadle"
