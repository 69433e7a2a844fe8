"""Checks what `Definitions` is given, argument by argument: whatever is wrong is told at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from treadle.core.errors import InvalidArgumentError, TreadleError, wrong_type
from treadle.core.metadata_entries import event_metadata
from treadle.core.problem import Problem
from treadle.define.arguments import check_mapping, check_sequence
from treadle.define.doors import open_door

LISTS: Final[Mapping[str, str]] = {
    "assets": "a list of assets",
    "schedules": "a list of schedules",
    "sensors": "a list of sensors",
    "jobs": "a list of jobs",
    "asset_checks": "a list of checks",
}
"""The arguments that are lists -> what they must be."""


def check_arguments(given: Mapping[str, Any], where: str | None) -> None:
    """Refuse arguments of the wrong shape.

    Args:
        given: by argument.
        where: `file:line` of the `Definitions`.

    Raises:
        InvalidArgumentError: one is wrong.
        InvalidMetadataError: only the metadata is, and can not be stored.
        WrongArgumentsError: several are.
    """
    wrong = list(_wrong_arguments(given))
    if not wrong:
        return
    problems = [*(Problem.of(error, where) for error in wrong), *_wrong_items(given, where)]
    if len(problems) == 1:
        raise wrong[0]
    raise open_door("wrong_arguments_error")(problems)


def _wrong_items(given: Mapping[str, Any], where: str | None) -> Iterable[Problem]:
    """What does not belong in the lists that are some: it is found by examining them, as it is where nothing else is wrong."""
    lists = {name: given[name] for name in LISTS if not any(_wrong_list(name, given))}
    found = open_door("examine")(**lists, where=where).catalog.problems
    return [each for each in found if each.code == InvalidArgumentError.default_code]


def _wrong_arguments(given: Mapping[str, Any]) -> Iterator[TreadleError]:
    for argument in LISTS:
        yield from _wrong_list(argument, given)
    yield from _wrong_names(given["resources"])
    yield from _wrong_executor(given["executor"])
    yield from _wrong_loggers(given["loggers"])
    yield from _told(check_mapping, "metadata", given["metadata"], "a mapping")
    if isinstance(given["metadata"], Mapping):
        yield from _told(event_metadata, given["metadata"])


def _wrong_list(argument: str, given: Mapping[str, Any]) -> Iterator[TreadleError]:
    return _told(check_sequence, argument, given[argument], LISTS[argument])


def _told(check: Callable[..., Any], *arguments: Any) -> Iterator[TreadleError]:
    try:
        check(*arguments)
    except TreadleError as error:
        yield error


def _wrong_names(resources: Any) -> Iterable[TreadleError]:
    if resources is not None and not isinstance(resources, Mapping):
        return [wrong_type("resources", "a mapping", resources)]
    expected = "a mapping of names to resources"
    return [wrong_type("resources", expected, name) for name in resources or () if not isinstance(name, str)]


def _wrong_executor(executor: Any) -> Iterable[TreadleError]:
    known = executor is None or hasattr(executor, "executor_creation_fn") or hasattr(executor, "execute")
    return [] if known else [wrong_type("executor", "an executor", executor)]


def _wrong_loggers(loggers: Any) -> Iterable[TreadleError]:
    if loggers is not None and not isinstance(loggers, Mapping):
        return [wrong_type("loggers", "a mapping", loggers)]
    return [
        wrong_type("loggers", "a mapping of names to loggers", given if isinstance(name, str) else name)
        for name, given in (loggers or {}).items()
        if not isinstance(name, str) or not hasattr(given, "logger_fn")
    ]
