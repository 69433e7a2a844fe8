"""`{{ … }}` in YAML: one expression gives its object, text around it gives text."""

import ast
import importlib
import re
import traceback
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from treadle.components.resolution.errors import ResolutionError
from treadle.core.errors import did_you_mean

_ONE_EXPRESSION: Final = re.compile(r"\s*\{\{(?P<expression>.*)\}\}\s*", re.DOTALL)


_LACKING = re.compile(r"'(?P<cls>[\w.]+) object' has no attribute '(?P<name>\w+)'")


def is_template(text: Any) -> bool:
    """Whether a value is text with something to fill in."""
    return isinstance(text, str) and ("{{" in text or "{%" in text)


def render(text: str, scope: Mapping[str, Any], where: Any = None) -> Any:
    """What a template gives.

    Args:
        text: the template.
        scope: the names it may use.
        where: its place, for errors.

    Raises:
        ResolutionError: a name that is not in scope, a syntax error, or what an expression raised.

    Example:
        >>> render("{{ [1, 2] }}", {}), render("t_{{ n }}", {"n": 3})
        ([1, 2], 't_3')
    """
    jinja2 = _jinja2()
    try:
        is_expression, compiled = _compiled(text)
        if not is_expression:
            return compiled.render(dict(scope))
        value = compiled(**scope)
        if isinstance(value, jinja2.Undefined):
            str(value)  # a strict undefined raises when it is used
        return value
    except jinja2.UndefinedError as error:
        raise _undefined(str(error.message), scope, where) from error
    except jinja2.TemplateError as error:
        raise ResolutionError.one(
            f"the template `{text.strip()}` does not parse: {error}", code="template-failed", where=where
        ) from error
    except ResolutionError as error:
        if error.where is not None:
            raise
        raise ResolutionError.one(error.message, code=error.code, where=where, hint=error.hint) from error
    except Exception as error:  # an expression calls the user's functions
        told = "".join(traceback.format_exception_only(error)).strip()
        raise ResolutionError.one(
            f"the template `{text.strip()}` raised {told}{_last_frame(error)}",
            code="template-failed",
            where=where,
        ) from error


def as_literal(text: str) -> Any:
    """The Python literal that a text spells, else the text: `"5"` is 5."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _single_expression(text: str, environment: Any, jinja2: Any) -> str | None:
    """The expression where a template is nothing else."""
    found = _ONE_EXPRESSION.fullmatch(text)
    if found is None:
        return None
    body = environment.parse(text.strip()).body
    nodes = body[0].nodes if len(body) == 1 and isinstance(body[0], jinja2.nodes.Output) else []
    if len(nodes) != 1 or isinstance(nodes[0], jinja2.nodes.TemplateData):
        return None
    return found["expression"].strip().removeprefix("-").removesuffix("-").strip()


def _undefined(message: str, scope: Mapping[str, Any], where: Any) -> ResolutionError:
    name = message.partition("'")[2].partition("'")[0]
    hint = None
    lacking = _LACKING.fullmatch(message)
    if lacking is not None:
        # Jinja2 names the class of what was asked; people wrote the name that it has in the scope.
        for known, value in scope.items():
            if lacking["cls"].rpartition(".")[2] == type(value).__name__:
                message = f"`{known}` has no `{lacking['name']}`"
                hint = did_you_mean(lacking["name"], [each for each in dir(value) if each[0] != "_"])
    if message.endswith("is undefined"):
        known = ", ".join(f"`{each}`" for each in scope)
        hint = did_you_mean(name, scope) or f"a template here may use {known}"
    return ResolutionError.one(f"in a template: {message}", code="template-failed", where=where, hint=hint)


def _last_frame(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or frames[-1].filename.startswith("<"):
        return ""
    return f" (at {frames[-1].filename}:{frames[-1].lineno})"


def _jinja2() -> Any:
    try:
        return importlib.import_module("jinja2")
    except ModuleNotFoundError as error:
        raise ResolutionError.one(
            "templates (`{{ … }}`) in YAML need Jinja2, which is not installed",
            code="missing-extra",
            hint='pip install "treadle[components]"',
        ) from error


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[bool, Any]:
    """Whether a template is one expression, and the template ready to be filled in."""
    environment = _environment()
    expression = _single_expression(text, environment, _jinja2())
    if expression is None:
        return False, environment.from_string(text)
    return True, environment.compile_expression(expression, undefined_to_none=False)


@cache
def _environment() -> Any:
    jinja2 = _jinja2()
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # it is no HTML
