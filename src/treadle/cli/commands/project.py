"""`treadle new` and `treadle project scaffold`: a project in a new folder."""

import os
import shlex
from pathlib import Path

import click

from treadle.cli.failing import fail
from treadle.cli.new_project import refuse_package_name, refuse_path_taken, write_files
from treadle.cli.output import json_option, print_json, print_table

_FILES: dict[str, str] = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["treadle"]

[tool.treadle]
code_locations = [{{ module_name = "{name}.definitions" }}]

[tool.pytest.ini_options]
pythonpath = ["."]
""",
    "{name}/__init__.py": "",
    "{name}/assets.py": '''\
"""The data of this project, each table or file a function."""

import treadle as dg

days = dg.DailyPartitionsDefinition(start_date="2024-01-01")


@dg.asset(partitions_def=days, group_name="orders")
def raw_orders(context: dg.AssetExecutionContext) -> list[dict[str, object]]:
    """The orders of one day, as they come."""
    day = context.partition_key
    return [{{"day": day, "order": number, "amount": 10 * number}} for number in range(1, 4)]


@dg.asset(partitions_def=days, group_name="orders")
def daily_revenue(raw_orders: list[dict[str, object]]) -> dg.Output[int]:
    """What one day's orders brought in."""
    revenue = sum(int(str(order["amount"])) for order in raw_orders)
    return dg.Output(revenue, metadata={{"orders": len(raw_orders), "revenue": revenue}})


@dg.asset_check(asset=daily_revenue)
def revenue_is_positive(daily_revenue: int) -> dg.AssetCheckResult:
    """A day without revenue is a day without data."""
    return dg.AssetCheckResult(passed=daily_revenue > 0, metadata={{"revenue": daily_revenue}})
''',
    "{name}/definitions.py": '''\
"""What this project deploys: what is named here, and all that stands in the folder `defs`."""

from datetime import timedelta
from pathlib import Path

import treadle as dg

from {name} import assets

daily_job = dg.define_asset_job("daily_job", selection=dg.AssetSelection.groups("orders"))


@dg.schedule(job=daily_job, cron_schedule="0 2 * * *")
def daily_job_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Asks each night for the day that is over."""
    day = context.scheduled_execution_time - timedelta(days=1)
    return dg.RunRequest(partition_key=f"{{day:%Y-%m-%d}}")


defs = dg.Definitions.merge(
    dg.Definitions(
        assets=dg.load_assets_from_modules([assets]),
        asset_checks=dg.load_asset_checks_from_modules([assets]),
        jobs=[daily_job],
        schedules=[daily_job_schedule],
    ),
    dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
)
''',
    "{name}/defs/__init__.py": "",
    "tests/__init__.py": "",
    "tests/test_assets.py": """\
import treadle as dg

from {name} import assets
from {name}.definitions import defs


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_a_day_is_materialized_and_checked() -> None:
    result = dg.materialize_to_memory(
        [assets.raw_orders, assets.daily_revenue, assets.revenue_is_positive], partition_key="2024-01-01"
    )
    assert result.success
    assert result.output_for_node("daily_revenue") == 60
""",
    "README.md": """\
# {name}

    treadle check                                             # every mistake, before anything runs
    treadle materialize --select '*' --partition 2024-01-01   # run one day
    treadle backfill --select '*' --from 2024-01-01 --to 2024-01-31
    treadle scaffold defs asset customers                     # a new file in {name}/defs, which is loaded by itself
    treadle list
    pytest
""",
    ".gitignore": ".treadle/\n.venv/\n__pycache__/\n",
}


_EXAMPLES = {
    "quickstart": "20 lines: two assets and a check",
    "flights": "a year of US flights: partitions, DuckDB and Parquet, checks, plots, a job and a schedule",
}


@click.command()
@click.argument("name")
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), help="Where to put it; by default here."
)
@json_option
def new(name: str, directory: Path | None, as_json: bool) -> None:
    """Start the project NAME in a new folder of that name.

    For example: treadle new shop
    """
    _tell(create_project(name, directory or Path.cwd()), as_json)


@click.group()
def project() -> None:
    """Start a project in a new folder.

    For example: treadle project scaffold --name shop
    """


@project.command()
@click.option("--name", required=True, help="The project's name; also that of its Python package.")
@json_option
def scaffold(name: str, as_json: bool) -> None:
    """Start the project NAME in a new folder of that name.

    For example: treadle project scaffold --name shop
    """
    _tell(create_project(name, Path.cwd()), as_json)


@project.command("list-examples")
@json_option
def list_examples(as_json: bool) -> None:
    """Say which examples there are, and where.

    For example: treadle project list-examples
    """
    if as_json:
        print_json([{"name": name, "about": about} for name, about in _EXAMPLES.items()])
        return
    print_table(("example", "about"), _EXAMPLES.items())
    click.echo(
        "They stand in the folder `examples` of Treadle's source; nothing is fetched from the network.\n"
        "`treadle new NAME` writes a small project of your own, with partitions, a check, a job and tests."
    )


@project.command("from-example", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("rest", nargs=-1, type=click.UNPROCESSED)
def from_example(rest: tuple[str, ...]) -> None:
    """Examples are not fetched from the network: copy one of Treadle's source, or begin with a new project.

    In its place, for example: treadle new shop
    """
    fail(
        "Examples are not fetched from the network.",
        code="not-found",
        hint="`treadle project list-examples` says which there are and where; `treadle new NAME` writes a small project",
    )


def create_project(name: str, parent: Path) -> Path:
    """Write a project that loads, validates and tests; an existing folder is left untouched."""
    refuse_package_name(name)
    folder = parent / name
    try:
        folder.mkdir(parents=False)
    except FileExistsError:
        refuse_path_taken(folder)
    except OSError as error:
        fail(f"`{folder}` could not be made: {error.strerror}.")
    write_files(folder, _FILES, name)
    return folder


def _tell(folder: Path, as_json: bool) -> None:
    if as_json:
        files = [path_text.format(name=folder.name) for path_text in _FILES]
        print_json({"name": folder.name, "folder": str(folder), "files": files})
        return
    here = os.path.relpath(folder)
    click.echo(f"Made {folder}. Next:\n  cd {shlex.quote(here)}\n  treadle check\n  treadle list")
