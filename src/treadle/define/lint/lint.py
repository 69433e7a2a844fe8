"""The one entry to linting."""

from typing import TYPE_CHECKING

from treadle.core.problem import Problem
from treadle.define.lint.advice import advice as advice_on
from treadle.define.lint.deployed import not_deployed

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
        >>> [each.code for each in lint(Definitions(assets=[taxi_trips]), advice=True)]
        ['no-metadata', 'no-description']
    """
    rank = {"error": 0, "warning": 1, "info": 2}
    found = [problem for problem in defs.problems() if problem.severity != "info"]
    if advice:
        code = defs.examined()
        found += [problem for problem in code.catalog.problems if problem.severity == "info"]
        found += [*advice_on(code), *not_deployed(code)]
    return sorted(found, key=lambda problem: rank[problem.severity])
