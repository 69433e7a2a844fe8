"""`treadle completion`: the script that makes a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from treadle.cli.failing import fail


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL: bash, zsh or fish.

    For example: treadle completion zsh > ~/.zfunc/_treadle
    """
    root = click.get_current_context().find_root().command
    completer = get_completion_class(shell)
    if completer is None:
        fail(f"There is no completion for {shell}.")
    click.echo(completer(root, {}, "treadle", "_TREADLE_COMPLETE").source())
