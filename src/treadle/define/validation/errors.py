"""Errors that carry every problem that was found, not the first."""

from collections.abc import Sequence
from typing import ClassVar, Self

from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, TreadleError
from treadle.core.problem import Problem


class ErrorOfProblems(TreadleError):
    """A base for errors that carry problems. `problems` has all that is wrong."""

    problems: tuple[Problem, ...]
    counted: ClassVar[str] = "problems"
    """What the problems are called after their number."""

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Self:
        """The error for these problems; one alone is told as its own."""
        if len(problems) == 1:
            only = problems[0]
            return cls(
                only.message, code=only.code, hint=only.suggestion, where=only.where, problems=tuple(problems)
            )
        lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
        return cls(f"{len(problems)} {cls.counted}:\n{lines}", problems=tuple(problems))


class DefinitionsError(ErrorOfProblems, InvalidDefinitionError):
    """Definitions that can never run. `problems` has all that is wrong."""

    counted = "problems in the definitions"
    found: tuple[Problem, ...] = ()
    """All that was found, what is only doubtful too; nothing where only `problems` are known."""


class WrongArgumentsError(DefinitionsError, InvalidArgumentError):
    """Several arguments of one `Definitions` of the wrong shape. `problems` has each."""

    counted = "wrong arguments of Definitions"
