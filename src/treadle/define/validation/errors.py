"""The error that carries all problems of a set of definitions."""

from collections.abc import Sequence

from treadle.core.errors import InvalidDefinitionError, Problem


class DefinitionsError(InvalidDefinitionError):
    """Definitions that can never run. `problems` has all that is wrong."""

    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> "DefinitionsError":
        """The error for these problems; one alone is told as its own."""
        if len(problems) == 1:
            only = problems[0]
            return cls(
                only.message, code=only.code, hint=only.suggestion, where=only.where, problems=tuple(problems)
            )
        lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
        return cls(f"{len(problems)} problems in the definitions:\n{lines}", problems=tuple(problems))
