"""What a function may return for its outputs, by what it declares and annotates: the same in a run and in a direct call."""

from collections.abc import AsyncIterator, Collection, Generator, Iterator
from typing import Any, Final, get_args, get_origin

from treadle.core.asset_events import (
    AssetCheckEvaluation,
    AssetCheckResult,
    AssetMaterialization,
    AssetObservation,
    MaterializeResult,
    ObserveResult,
)
from treadle.core.errors import InvariantViolationError, TypeCheckDidNotPass, did_you_mean
from treadle.core.outputs import DynamicOutput, ExpectationResult, Output, TypeCheck
from treadle.define.op import OpDefinition, Out
from treadle.define.output_types import is_nothing
from treadle.define.parameters import NO_ANNOTATION
from treadle.define.type_definition import TypeDefinition
from treadle.define.types import ANY, resolve_type

MISMATCH: Final = "output-mismatch"
OUTCOMES: Final = (Output, DynamicOutput, MaterializeResult, ObserveResult, AssetCheckResult)
REPORTS: Final = (AssetMaterialization, AssetObservation, AssetCheckEvaluation, ExpectationResult)
ITEMS: Final = (*OUTCOMES, *REPORTS)


def refuse_misfit(op: OpDefinition, value: Any) -> None:
    """Raise where a returned value contradicts the function's own outputs and return annotation.

    Raises:
        InvariantViolationError: an `Output` where the annotation says a plain value, or the other way; an output
            under the name of another; anything but a list of `DynamicOutput` for a dynamic output.
    """
    for name, out, annotation, item in _placed(op, value):
        if out.is_dynamic:
            _refuse_bad_list(op, name, item)
        elif isinstance(item, DynamicOutput):
            refuse_other_kind(op, name, item, is_dynamic=False)
        elif isinstance(item, Output):
            _refuse_other_name(op, name, item.output_name)
            if (
                annotation is not NO_ANNOTATION
                and type(annotation) is not str
                and not _says_output(annotation)
            ):
                raise mismatch(
                    op,
                    f"returned an Output for `{name}`, and its annotation says `{annotation!r}`",
                    "annotate `Output[...]`, or return the plain value",
                )
        elif _says_output(annotation):
            raise mismatch(
                op, f"says that `{name}` is an Output, and returned {a(item)}", "wrap it: `Output(value)`"
            )


def _placed(op: OpDefinition, value: Any) -> Iterator[tuple[str, Out, Any, Any]]:
    """Each output with its part of the annotation and of the value, where it is clear which is which."""
    outs, returns = op.outs, op.parameters.returns
    if len(outs) == 1:
        ((name, out),) = outs.items()
        yield name, out, returns, value
    elif isinstance(value, tuple) and len(value) == len(outs):
        parts = get_args(returns) if get_origin(returns) is tuple else ()
        if len(parts) != len(outs):
            parts = (NO_ANNOTATION,) * len(outs)
        for (name, out), part, item in zip(outs.items(), parts, value, strict=True):
            yield name, out, part, item


def _refuse_bad_list(op: OpDefinition, name: str, items: Any) -> None:
    if not isinstance(items, list | tuple):
        raise mismatch(
            op, f"must return a list of DynamicOutputs for its dynamic output `{name}`, not {a(items)}"
        )
    for index, item in enumerate(items):
        if not isinstance(item, DynamicOutput):
            raise mismatch(
                op, f"must return DynamicOutputs for its dynamic output `{name}`; item {index} is {a(item)}"
            )
        _refuse_other_name(op, name, item.output_name)


def _refuse_other_name(op: OpDefinition, name: str, given: str) -> None:
    if given not in ("result", name):
        raise mismatch(op, f"returned output `{given}` in the place of output `{name}`")


def refuse_other_kind(op: OpDefinition, name: str, item: Any, *, is_dynamic: bool) -> None:
    """Raise where an `Output` is given for a dynamic output, or a `DynamicOutput` for one that is not.

    Raises:
        InvariantViolationError: says how to declare it.
    """
    if isinstance(item, DynamicOutput) is not is_dynamic:
        what, hint = (
            ("an Output for its dynamic", "yield a `DynamicOutput` for each value")
            if is_dynamic
            else ("a DynamicOutput for its plain", "declare it as `DynamicOut()`")
        )
        raise mismatch(op, f"gave {what} output `{name}`", hint)


def _says_output(annotation: Any) -> bool:
    return annotation is Output or get_origin(annotation) is Output


# Direct calls


def check_direct_input(op: OpDefinition, name: str, value: Any, context: Any) -> None:
    """Raise where a value given to a direct call is not of its input's type.

    Raises:
        TypeCheckDidNotPass: says what was expected.
    """
    _check(op, f"Input `{name}`", op.ins[name].dagster_type, value, context)


def check_direct_result(op: OpDefinition, value: Any, context: Any, *, is_plain_op: bool) -> None:
    """Raise where what a directly called function returned would fail as the result of a step.

    Args:
        is_plain_op: True where a required output that is left out is an error.

    Raises:
        InvariantViolationError: it does not fit the outputs.
        TypeCheckDidNotPass: a value is not of its output's type.
    """
    refuse_misfit(op, value)
    if len(op.outs) > 1 and not isinstance(value, ITEMS):
        _refuse_wrong_number(op, value)
    if is_plain_op:
        _refuse_left_out(op, value)
    for name, out, _annotation, item in _placed(op, value):
        if out.is_dynamic:
            for each in item:
                _check(op, f"Output `{name}`", out.dagster_type, each.value, context)
        elif not isinstance(item, ITEMS):
            _check(op, f"Output `{name}`", out.dagster_type, item, context)
        elif isinstance(item, Output):
            _check(op, f"Output `{name}`", out.dagster_type, item.value, context)


def _refuse_wrong_number(op: OpDefinition, value: Any) -> None:
    if value is None:
        fits = all(is_nothing(out.dagster_type) for out in op.outs.values())
    elif isinstance(value, tuple | list):
        fits = len(value) == len(op.outs) or any(isinstance(item, ITEMS) for item in value)
    else:
        fits = False
    if not fits:
        raise wrong_number(op, list(op.outs), value)


def _refuse_left_out(op: OpDefinition, value: Any) -> None:
    """Where outputs are returned by name: each that is required must be there."""
    by_place = isinstance(value, list | tuple) and len(value) == len(op.outs)
    items = value if isinstance(value, list | tuple) else [value]
    if by_place or not any(isinstance(item, ITEMS) for item in items):
        return
    _refuse_without(op, {item.output_name for item in items if isinstance(item, Output | DynamicOutput)})


def _refuse_without(op: OpDefinition, given: Collection[str]) -> None:
    for name, out in op.outs.items():
        needed = out.is_required and not out.is_dynamic and not is_nothing(out.dagster_type)
        if needed and name not in given and len(op.outs) > 1:
            raise mismatch(op, f"ended without output `{name}`, which is required")


class DirectYields:
    """What a directly called generator has yielded so far.

    Args:
        op: the step's op.
        is_plain_op: True where a required output that is left out is an error at the end.
    """

    def __init__(self, op: OpDefinition, context: Any, *, is_plain_op: bool) -> None:
        self._op = op
        self._context = context
        self._is_plain_op = is_plain_op
        self._given: set[str] = set()

    def take(self, item: Any) -> None:
        """Refuse what a run would refuse."""
        op = self._op
        if not isinstance(item, ITEMS):
            raise not_an_item(op, item)
        if not isinstance(item, Output | DynamicOutput):
            return
        only = next(iter(op.outs)) if len(op.outs) == 1 and item.output_name == "result" else None
        name = only or item.output_name
        out = op.outs.get(name)
        if out is None:
            raise mismatch(
                op, f"gave output `{name}`, which it does not declare", did_you_mean(name, op.outs)
            )
        refuse_other_kind(op, name, item, is_dynamic=out.is_dynamic)
        if name in self._given and not isinstance(item, DynamicOutput):
            raise mismatch(op, f"gave output `{name}` twice")
        self._given.add(name)
        mapping_key = item.mapping_key if isinstance(item, DynamicOutput) else None
        self._context.step_state.given_outputs.add((name, mapping_key))
        _check(op, f"Output `{name}`", out.dagster_type, item.value, self._context)

    def end(self) -> None:
        """Refuse to end without a required output."""
        if self._is_plain_op:
            _refuse_without(self._op, self._given)


def checked_yields(generator: Generator[Any, Any, Any], yields: DirectYields) -> Generator[Any, Any, Any]:
    """The items of a generator, each looked at before it is passed on."""
    for item in generator:
        yields.take(item)
        yield item
    yields.end()


async def checked_async_yields(generator: AsyncIterator[Any], yields: DirectYields) -> AsyncIterator[Any]:
    """`checked_yields` of an asynchronous generator."""
    async for item in generator:
        yields.take(item)
        yield item
    yields.end()


def _check(op: OpDefinition, what: str, annotation: Any, value: Any, context: Any) -> None:
    wanted = resolve_type(annotation)
    if wanted is ANY:
        return
    check = wanted.check(value, context)
    if not check.success:
        raise wrong_value(f"{what} of `{op.name}`", wanted, check, value, op.where)


# Words


def mismatch(op: OpDefinition, what: str, hint: str | None = None) -> InvariantViolationError:
    """The error of a result that does not fit."""
    return InvariantViolationError(f"`{op.name}` {what}.", code=MISMATCH, hint=hint, where=op.where)


def not_an_item(op: OpDefinition, item: Any) -> InvariantViolationError:
    """The error of something yielded that is no output and no event."""
    return mismatch(
        op,
        f"yielded {a(item)}; a step yields outputs, results and asset events",
        "wrap values: `yield Output(value, output_name=...)`",
    )


def wrong_number(op: OpDefinition, names: list[str], value: Any) -> InvariantViolationError:
    """The error of a value that is not one for each of several outputs."""
    got = f"{len(value)} values" if isinstance(value, tuple | list) else a(value)
    return mismatch(
        op,
        f"has {len(names)} outputs ({', '.join(names)}), so it must return a tuple of as many values or "
        f"yield each of them; it returned {got}",
    )


def wrong_value(
    what: str, wanted: TypeDefinition, check: TypeCheck, value: Any, where: str | None
) -> TypeCheckDidNotPass:
    """The error of a value that is not of the type of its input or output, which `what` names."""
    return TypeCheckDidNotPass(
        f"{what} is not of type `{wanted.display_name}`: {check.description or f'it is {a(value)}'}.",
        description=check.description,
        metadata=check.metadata,
        dagster_type=wanted,
        where=where,
    )


def a(value: Any) -> str:
    """What a value is, in words."""
    return "None" if value is None else f"a value of type {type(value).__name__}"
