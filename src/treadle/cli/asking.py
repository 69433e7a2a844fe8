"""Asks before something is forgotten for good."""

import sys

import click

from treadle.cli.failing import fail


def is_confirmed(question: str, *, as_json: bool) -> bool:
    """Ask a yes-or-no question; says so where the answer is no. Ends the command where nobody can answer.

    Args:
        as_json: standard output is for machines, so the question goes to standard error.
    """
    try:
        if sys.stdin is None or sys.stdin.closed:
            raise EOFError
        answer = click.confirm(question, err=as_json)
    except (EOFError, click.Abort) as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        fail(
            "The question could not be answered: standard input is at its end. Nothing was changed.",
            hint="give --yes to go on without being asked",
        )
    if not answer:
        click.echo("Nothing was changed.", err=as_json)
    return answer
