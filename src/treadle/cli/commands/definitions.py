"""`treadle check` and `treadle definitions validate`: every mistake, before anything runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from treadle.cli import exit_codes
from treadle.cli.failing import problem_as_json
from treadle.cli.locations import Location, TargetOptions, enter_project, find_locations, target_options
from treadle.cli.output import counted, harmless, json_option, print_json
from treadle.core.problem import Problem

_IS_CHECK = "DAGSTER_IS_DEFS_VALIDATION_CLI"


@click.group()
def definitions() -> None:
    """Check the definitions.

    For example: treadle definitions validate
    """


@definitions.command()
@target_options
@click.option("--strict", is_flag=True, help="Warnings fail the check, too.")
@click.option("--advice", is_flag=True, help="Also tell what could be better; advice never fails the check.")
@json_option
def validate(target: TargetOptions, strict: bool, advice: bool, as_json: bool) -> int:
    """Load the definitions and tell every problem at once, with file and line. Nothing runs.

    Exit code 0: no errors; 1: errors (under --strict warnings, too); 3: the code can not be imported.

    For example: treadle definitions validate -f shop.py --strict
    """
    settings = enter_project()
    with _code_is_told():
        locations = find_locations(target, settings)
        found = [(location, location.problems(advice=advice)) for location in locations]
    severities = {problem.severity for _, problems in found for problem in problems}
    failed = "error" in severities or (strict and "warning" in severities)
    if as_json:
        print_json(
            [
                {"location": location.name, **problem_as_json(problem)}
                for location, problems in found
                for problem in problems
            ]
        )
        return exit_codes.FAILED if failed else exit_codes.OK
    for location, problems in found:
        for problem in problems:
            click.echo(harmless(str(problem)))
        click.echo(_summary(location, problems))
    told = [problem for _, problems in found for problem in problems if problem.severity != "info"]
    if told:
        click.echo(f"`treadle explain {told[0].code}` says more.", err=True)
    return exit_codes.FAILED if failed else exit_codes.OK


@contextmanager
def _code_is_told() -> Iterator[None]:
    """Code that leaves things out while it is only checked looks for this variable."""
    before = os.environ.get(_IS_CHECK)
    os.environ[_IS_CHECK] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_IS_CHECK]
        else:
            os.environ[_IS_CHECK] = before


def _summary(location: Location, problems: list[Problem]) -> str:
    counts = {
        severity: sum(problem.severity == severity for problem in problems)
        for severity in ("error", "warning", "info")
    }
    told = ", ".join(counted(number, name) for name, number in counts.items() if number)
    if counts["error"]:
        return f"{location.name}: {told}"
    catalog = location.code().catalog
    sizes = (("asset", catalog.assets), ("check", catalog.checks), ("job", catalog.jobs))
    made = ", ".join(counted(len(found), noun) for noun, found in sizes)
    instigators = (("schedule", catalog.schedules), ("sensor", catalog.sensors))
    made += "".join(f", {counted(len(found), noun)}" for noun, found in instigators if found)
    return f"{location.name}: {made}: {told or 'no problems'}"
