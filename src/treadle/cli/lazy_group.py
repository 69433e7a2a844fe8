"""A group of commands each of which is imported when it is called."""

import gc
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import click

from treadle._loading import load
from treadle.cli import exit_codes
from treadle.cli.output import give_up_output
from treadle.core import late


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called.

    Args:
        table: name -> ("module:command", one line of help).
    """

    owns_process: ClassVar[bool] = False
    """Whether the process is the command's own. What a command's import makes is then there to stay, and is not looked
    through for garbage again, nor taken apart at the exit: a third of the time of a short command. User code comes later."""

    def __init__(self, *arguments: Any, table: Mapping[str, tuple[str, str]], **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry[0].partition(":")
        command: click.Command = getattr(load(module), attribute)
        if self.owns_process:
            gc.freeze()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.table[name][1]) for name in sorted(self.table)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; one whose reader leaves (`| head`) ends quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            give_up_output(sys.stdout, error)
            raise click.exceptions.Exit(exit_codes.READER_LEFT) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            near = late.difflib.get_close_matches(args[0], self.table, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else " See `treadle --help`."
            ctx.fail(f"There is no command `{args[0]}`.{hint}")
        return super().resolve_command(ctx, args)
