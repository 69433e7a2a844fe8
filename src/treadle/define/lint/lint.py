"""The one entry to linting."""

from typing import TYPE_CHECKING

from treadle.core.errors import Problem

if TYPE_CHECKING:
    from treadle.define.definitions import Definitions


def lint(defs: "Definitions", advice: bool = False) -> list[Problem]:
    """Errors and warnings of definitions, in that order; clean ones give an empty list.

    Args:
        defs: the definitions.
        advice: True: also what could be better (severity `info`).

    Example:
        >>> from treadle import Definitions, asset, lint
        >>> @asset(deps=["taxi_trip"])
        ... def report(): ...
        >>> @asset
        ... def taxi_trips(): ...
        >>> problem, = lint(Definitions(assets=[report, taxi_trips]))
        >>> problem.code, problem.suggestion
        ('unknown-dep', 'did you mean `taxi_trips`?')
    """
    rank = {"error": 0, "warning": 1, "info": 2}
    found = [problem for problem in defs.problems() if advice or problem.severity != "info"]
    return sorted(found, key=lambda problem: rank[problem.severity])
