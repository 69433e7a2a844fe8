"""What `@op` reads off a function besides its parameters' roles: outputs from its return annotation, and what can not be."""

from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin

from msgspec.structs import replace

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, wrong_type
from treadle.core.names import check_name
from treadle.define.op_ports import In, Out
from treadle.define.output_types import (
    carries_result,
    is_lone_dynamic,
    is_nothing,
    item_annotation,
    type_name_of,
)
from treadle.define.parameters import NO_ANNOTATION, NO_DEFAULT, InputParameter, Parameters
from treadle.define.types import resolve_type
from treadle.define.where import code_of

_STARRED: Final = 0x04
_GENERATOR: Final = 0x20 | 0x200


def yields(function: Any) -> bool:
    """True for generators, also asynchronous ones."""
    code = code_of(function)
    return code is not None and bool(code.co_flags & _GENERATOR)


def refuse_lone_dynamic(name: str, returns: Any, where: str | None) -> None:
    """Refuse `-> DynamicOutput`.

    Raises:
        InvariantViolationError: says what to write.
    """
    if is_lone_dynamic(returns):
        raise InvariantViolationError(
            f"op `{name}` is annotated to return one DynamicOutput; what it returns is a list of them.",
            code="output-mismatch",
            hint="write `-> list[DynamicOutput[...]]`; for one value, return an Output",
            where=where,
        )


def refuse_parameters(
    name: str, function: Any, parameters: Parameters, ins: Mapping[str, In], where: str | None
) -> None:
    """Refuse parameters that no input can be: `*args`, and those that would carry nothing.

    Raises:
        InvalidDefinitionError: says which.
    """
    for one, taken in ins.items():
        if is_nothing(taken.dagster_type) and taken.has_default_value:
            raise InvalidDefinitionError(
                f"input `{one}` of op `{name}` is of type Nothing, so it has no default value.", where=where
            )
    starred = _starred_of(function)
    if starred is not None:
        raise InvalidDefinitionError(
            f"op `{name}` has a parameter `*{starred}`; inputs are passed by name.",
            hint="name each input, or take them all with `**inputs` and declare them in `ins=`",
            where=where,
        )
    for parameter in parameters.inputs:
        _refuse_default(name, parameter, ins.get(parameter.name), where)
        declared = ins.get(parameter.name)
        given = parameter.annotation if declared is None else declared.dagster_type
        if is_nothing(given):
            raise InvalidDefinitionError(
                f"parameter `{parameter.name}` of op `{name}` is annotated with Nothing, so no value can be passed to it.",
                hint=f"declare it with `ins={{'{parameter.name}': In(Nothing)}}` and leave the parameter out",
                where=where,
            )


def _refuse_default(name: str, parameter: InputParameter, declared: In | None, where: str | None) -> None:
    default = (
        parameter.default if declared is None or not declared.has_default_value else declared.default_value
    )
    annotation = parameter.annotation
    if declared is not None and declared.dagster_type is not NO_ANNOTATION:
        annotation = declared.dagster_type
    if default is NO_DEFAULT or annotation is NO_ANNOTATION:
        return
    wanted = resolve_type(annotation)
    if not wanted.is_builtin or wanted.check(default, None).success:
        return
    raise InvalidDefinitionError(
        f"the default value of input `{parameter.name}` of op `{name}` is no {wanted.display_name}: {default!r}.",
        hint="annotate what it may be, too: `int | None`",
        where=where,
    )


def _starred_of(function: Any) -> str | None:
    code = code_of(function)
    if code is None or not code.co_flags & _STARRED:
        return None
    return str(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])


def outs_of(
    out: Out | Mapping[str, Out] | None, parameters: Parameters, where: str | None, *, is_generator: bool
) -> Mapping[str, Out] | None:
    """The outputs that `@op(out=...)` declares, their types filled in from the return annotation."""
    if out is None:
        return None
    returns = parameters.returns
    if isinstance(out, Out):
        return {"result": _typed(out, returns)}
    if not isinstance(out, Mapping):
        raise wrong_type("out", "an Out, or a mapping of names to Outs", out)
    parts = _parts_of(returns, len(out), where) if not is_generator else (NO_ANNOTATION,) * len(out)
    found: dict[str, Out] = {}
    for (name, one), part in zip(out.items(), parts, strict=True):
        check_name(name, "output")
        if not isinstance(one, Out):
            raise wrong_type("out", "an Out, or a mapping of names to Outs", one)
        found[name] = _typed(one, part)
    return found


def _typed(out: Out, part: Any) -> Out:
    if out.dagster_type is not NO_ANNOTATION:
        return out
    annotation = item_annotation(part, is_dynamic=out.is_dynamic)
    return out if annotation is NO_ANNOTATION else replace(out, dagster_type=annotation)


def _parts_of(returns: Any, count: int, where: str | None) -> tuple[Any, ...]:
    """The parts of a return annotation that stand for each of several outputs.

    Raises:
        InvariantViolationError: it is no tuple of as many parts.
    """
    if count == 1:
        return (returns,)
    if returns is NO_ANNOTATION or type(returns) is str or carries_result(returns):
        return (NO_ANNOTATION,) * count
    parts = get_args(returns) if get_origin(returns) is tuple else ()
    if len(parts) != count:
        said = f"a tuple of {len(parts)}" if parts else f"`{type_name_of(returns)}`"
        raise InvariantViolationError(
            f"the return annotation must be a tuple of {count} types, one for each output; it is {said}.",
            code="output-mismatch",
            hint="write `-> tuple[first, second]`, or leave the annotation out",
            where=where,
        )
    return parts
