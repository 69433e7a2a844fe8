"""`treadle utils`: what else is known about a project's components."""

import importlib

import click

from treadle.cli.output import json_option


@click.group()
def utils() -> None:
    """Look into components, and have them fetch what they keep.

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


@utils.command("refresh-defs-state")
@click.option("--defs-state-key", "keys", multiple=True, metavar="KEY", help="Only this state; repeatable.")
@click.option(
    "--management-type",
    "kinds",
    multiple=True,
    type=click.Choice(["LOCAL_FILESYSTEM", "VERSIONED_STATE_STORAGE", "LEGACY_CODE_SERVER_SNAPSHOTS"]),
    help="Only states that are kept so; by default those in the project and in the home folder.",
)
@json_option
def refresh_defs_state(keys: tuple[str, ...], kinds: tuple[str, ...], as_json: bool) -> int:
    """Have components that build on another system's state fetch it anew.

    Exit code 0: all did; 1: some could not.

    For example: treadle utils refresh-defs-state --defs-state-key warehouse
    """
    refreshing = importlib.import_module("treadle.cli.state_refreshing")
    code: int = refreshing.refresh_states(keys, kinds, as_json)
    return code
