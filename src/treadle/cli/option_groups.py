"""Options that several commands share: a group of them reaches a command as one argument, and a time is read one way."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, TypeVar

import attrs
import click
from click.core import ParameterSource

from treadle.cli.failing import fail

_Command = TypeVar("_Command", bound=Callable[..., Any])


def with_group(
    command: _Command, parameter: str, group: type[attrs.AttrsInstance], options: Sequence[Callable[..., Any]]
) -> _Command:
    """Adds options, passed on as one argument.

    Args:
        parameter: the argument of `command` that takes the group.
        group: made of the options' values, which are named like its fields.
        options: what `click.option` gives, in the order of the help text.
    """

    def wrapped(**arguments: Any) -> Any:
        given = {field.name: arguments.pop(field.name) for field in attrs.fields(group)}
        return command(**{parameter: group(**given)}, **arguments)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__click_params__ = list(getattr(command, "__click_params__", ()))  # type: ignore[attr-defined]
    return with_options(wrapped, options)  # type: ignore[return-value]


def with_options(command: _Command, options: Sequence[Callable[..., Any]]) -> _Command:
    """Adds options in the order in which help shows them."""
    decorated: Any = command
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def refuse_beside(option: str, names: Sequence[str], why: str) -> None:
    """End the command where options stand beside one that leaves them no meaning.

    Args:
        option: the one.
        names: the others' parameters.
        why: what the one does, as a sentence without its subject.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in names and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            fail(
                f"`{option}` {why}: {parameter.opts[0]} can not be given with it.",
                hint="leave one of the two out",
            )


def read_time(option: str, text: str, zone: tzinfo) -> datetime:
    """The time that an option names; without an offset it is in `zone`. Ends the command where it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option}: {text!r} is no time.", hint="write e.g. 2026-01-31T04:00 or 2026-01-31T04:00Z")
    return when.replace(tzinfo=zone) if when.tzinfo is None else when.astimezone(zone)
