"""`treadle utils`: what else is known about a project's components."""

import importlib

import click

from treadle.cli.output import json_option


@click.group()
def utils() -> None:
    """Look into components.

    For example: treadle utils inspect-component treadle.DefsFolderComponent
    """


@utils.command("inspect-component")
@click.argument("type_name", metavar="TYPE")
@click.option("--description", "parts", flag_value="description", multiple=True, help="Only what it is for.")
@click.option(
    "--scaffold-params-schema",
    "parts",
    flag_value="scaffold_params_schema",
    multiple=True,
    help="Only the JSON schema of what its scaffolder asks for.",
)
@click.option(
    "--component-schema",
    "parts",
    flag_value="component_schema",
    multiple=True,
    help="Only the JSON schema of its attributes.",
)
@json_option
def inspect_component(type_name: str, parts: tuple[str, ...], as_json: bool) -> None:
    """Print what a TYPE of component is, what its scaffolder asks for, and which attributes it takes, as JSON.

    For example: treadle utils inspect-component treadle.FunctionComponent --component-schema
    """
    # what knows components is imported only by those who ask for it
    importlib.import_module("treadle.cli.component_listing").inspect_component(type_name, parts)
