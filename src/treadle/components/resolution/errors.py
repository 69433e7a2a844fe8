"""What can be wrong while attributes of a component are read: all of it, each with its place."""

from collections.abc import Iterable
from typing import Any, get_args

import pydantic
from pydantic_core import ErrorDetails

from treadle.components.resolution.positions import SourcePosition, SourcePositionTree
from treadle.core.errors import did_you_mean
from treadle.core.problem import Problem
from treadle.define.validation.errors import ErrorOfProblems


class ResolutionError(ErrorOfProblems):
    """Attributes that can not become an object. `problems` has each reason, with its place."""

    default_code = "invalid-attribute"

    @classmethod
    def one(
        cls, message: str, *, code: str = "invalid-attribute", where: Any = None, hint: str | None = None
    ) -> "ResolutionError":
        """The error for one problem."""
        place = None if where is None else str(where)
        return cls.of([Problem(code, message, where=place, suggestion=hint, severity="error")])


def problems_of(
    error: pydantic.ValidationError,
    model: type[pydantic.BaseModel] | None,
    positions: SourcePositionTree | None,
    prefix: Iterable[str | int] = (),
) -> list[Problem]:
    """The reasons of a pydantic error, with their places in a file.

    Args:
        error: what validating raised.
        model: the class that validated; for names that were probably meant.
        positions: where values stand.
        prefix: the path of the validated value in the file.
    """
    base = list(prefix)
    details = error.errors(include_url=False)
    if any(detail["type"] != "none_required" for detail in details):  # the other half of `X | None`
        details = [detail for detail in details if detail["type"] != "none_required"]
    return [_problem(detail, model, positions, base) for detail in details]


def _problem(
    detail: ErrorDetails,
    model: type[pydantic.BaseModel] | None,
    positions: SourcePositionTree | None,
    prefix: list[str | int],
) -> Problem:
    path = _known_part(positions, prefix, list(detail["loc"]), missing=detail["type"] == "missing")
    name = ".".join(str(part) for part in path)
    hint = None
    if detail["type"] == "extra_forbidden":
        message = f"`{name}` is not an attribute here"
        hint = did_you_mean(str(path[-1]), _names_at(model, path[:-1])) if path else None
    elif detail["type"] == "missing":
        message = f"`{name}` is required"
    else:
        message = f"`{name}`: {detail['msg'][:1].lower()}{detail['msg'][1:]}" + _got(detail)
    is_of_key = detail["type"] in ("extra_forbidden", "missing")
    where = None if positions is None else str(_place(positions, [*prefix, *path], of_key=is_of_key))
    return Problem("invalid-attribute", message, where=where, suggestion=hint, severity="error")


def _place(positions: SourcePositionTree, path: list[str | int], *, of_key: bool) -> SourcePosition:
    return positions.at(path) if of_key else positions.value_at(path)


def _got(detail: ErrorDetails) -> str:
    text = repr(detail["input"])
    return f", got {text if len(text) <= 60 else text[:59] + '…'}"


def _known_part(
    positions: SourcePositionTree | None, prefix: list[str | int], path: list[Any], *, missing: bool
) -> list[str | int]:
    """A path without parts that the file does not have; what is missing stays at the end.

    pydantic puts the names of a union's members into the path (`list[str]`, `function-wrap[…]`); the file has only keys and
    indexes.
    """
    if positions is None:
        return [part for part in path if isinstance(part, int) or str(part).isidentifier()]
    tree = positions
    for part in prefix:
        tree = tree.children.get(part, tree)
    found: list[str | int] = []
    for at, part in enumerate(path):
        if part in tree.children:
            tree = tree.children[part]
            found.append(part)
        elif missing and at == len(path) - 1:
            found.append(part)
    return found


def _names_at(model: type[pydantic.BaseModel] | None, path: list[str | int]) -> list[str]:
    """The attributes that a model takes at a path."""
    models = [model] if model is not None else []
    for part in path:
        if isinstance(part, str):
            models = [
                inner
                for each in models
                if part in each.model_fields
                for inner in _models_in(each.model_fields[part].annotation)
            ]
    return [name for each in models for name in each.model_fields]


def _models_in(annotation: Any) -> list[type[pydantic.BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
