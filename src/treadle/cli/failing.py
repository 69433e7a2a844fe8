"""How a command fails: what people read on standard error and, under `--json`, what machines read on standard output."""

from collections.abc import Sequence
from typing import IO, Any, NoReturn

import click

from treadle.cli import exit_codes
from treadle.cli.documents import document_stream
from treadle.cli.output import harmless, json_text
from treadle.core.errors import CODES, TreadleError
from treadle.core.problem import Problem
from treadle.define.config.secrets import redact


class CommandError(click.ClickException):
    """A command stops: why, where, and what to do about it.

    Args:
        message: for a person; may have several lines.
        code: of `core.error_codes`.
        hint: what to do; a line each where there are several hints.
        where: `file:line` of the user's text.
        problems: of the definitions, where they do not load.
        exit_code: of the process.
        traceback: of the user's code; follows the message.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid-option",
        hint: str | None = None,
        where: str | None = None,
        problems: Sequence[Problem] = (),
        exit_code: int = exit_codes.USAGE,
        traceback: str | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click reads it of the instance
        self.error = TreadleError(message, code=code, hint=hint, where=where)
        self.problems = tuple(problems)
        self.traceback = traceback

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it for a person, on standard error."""
        if self.problems:
            text = "\n".join(["The definitions do not load.", *map(str, self.problems)])
        elif self.exit_code == exit_codes.NOT_LOADED:
            text = f"The definitions do not load: error[{self.error.code}] {self.error}"
        else:
            text = str(self.error)
        text += f"\n\n{self.traceback}" if self.traceback else ""
        click.echo(f"Error: {redact(harmless(text))}", file=file, err=file is None)


def fail(
    message: str, *, code: str = "invalid-option", hint: str | None = None, exit_code: int = exit_codes.USAGE
) -> NoReturn:
    """Stop the command: why, and what to do about it."""
    raise CommandError(message, code=code, hint=hint, exit_code=exit_code)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, also one that is wrong otherwise."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def writes_lines(arguments: Sequence[str]) -> bool:
    """Whether a command line that asks for JSON gets an object a line, rather than one document."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return options[:1] == ["logs"] or "--follow" in options


def error_as_json(error: BaseException) -> dict[str, Any]:
    """What machines read of a command that failed."""
    match error:
        case CommandError():
            found = _told(error.error)
            found["problems"] = [problem_as_json(problem) for problem in error.problems]
            if error.traceback:
                found["traceback"] = error.traceback
        case TreadleError():
            found = _told(error)
        case click.ClickException():
            found = _told(TreadleError(error.format_message(), code="invalid-option"))
        case KeyboardInterrupt() | click.Abort():
            found = _told(TreadleError("Interrupted.", code="interrupted"))
        case _:
            found = _told(TreadleError(f"{type(error).__name__}: {error}", code="error"))
    return {"error": found}


def print_error_json(error: BaseException, *, in_a_line: bool = False) -> None:
    """The JSON document of a command that failed, on standard output; `in_a_line` where others came before it."""
    indent = None if in_a_line else 2
    click.echo(redact(json_text(error_as_json(error), indent)), file=document_stream())


def problem_as_json(problem: Problem) -> dict[str, str | None]:
    """What machines read of a problem in the definitions."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "asset": problem.asset_key.to_user_string() if problem.asset_key is not None else None,
        "where": problem.where,
        "suggestion": problem.suggestion,
    }


def _told(error: TreadleError) -> dict[str, Any]:
    general = CODES[error.code].hint if error.code in CODES else ""
    hint = error.hint or (general if general and "{" not in general else None)
    return {"code": error.code, "message": error.message, "hint": hint, "where": error.where, "problems": []}
