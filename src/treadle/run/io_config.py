"""What run config says of inputs and outputs, checked before the run begins."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from treadle.core.catalog import Computation
from treadle.define.code import Code
from treadle.define.config.problems import ConfigProblems, Path, report_missing_fields
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.config.schema import Field
from treadle.plan.plan import Step
from treadle.run.environment import InConfig, config_of_output
from treadle.run.inputs import refuse_wrong_inputs


def refuse_wrong_io(
    code: Code,
    steps: Iterable[Step],
    definitions: Mapping[str, Any],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
) -> None:
    """Refuse to begin where an input has no value, or where config of inputs and outputs does not fit.

    Args:
        definitions: resource definitions by key; schemas are those of the IO managers among them.
        inputs: `path:input` -> the value given, or what run config says of it.
        outputs: computation -> what run config says of its outputs.

    Raises:
        InvalidConfigError: with everything that is wrong of the one or the other.
        InvalidInvocationError: config could not give an input's value.
    """
    refuse_wrong_inputs(code, steps, inputs)
    taking = {key: schemas for key, one in definitions.items() if any(schemas := _schemas(one))}
    if not taking:
        return
    problems = ConfigProblems()
    for step in steps:
        computation = code.catalog.computations[step.computation]
        for schema, given, path in _io_of(step, computation, taking, inputs, outputs):
            if given is not None:
                schema.resolve(given, path, problems)
            elif schema.resolve_missing(path, problems) is NOT_GIVEN and schema.is_required:
                report_missing_fields([str(path[-1])], path[:-1], problems)
    problems.raise_any("run config")


def _schemas(definition: Any) -> tuple[Field | None, Field | None]:
    """Of a definition that is an IO manager's: what each input, and each output, is configured with."""
    return (
        getattr(definition, "input_config_schema", None),
        getattr(definition, "output_config_schema", None),
    )


def _io_of(
    step: Step,
    computation: Computation,
    taking: Mapping[str, tuple[Field | None, Field | None]],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
) -> Iterator[tuple[Field, Any, Path]]:
    place = tuple(part for name in step.computation.split(".") for part in ("ops", name))
    loaded = {item.name for item in step.inputs}
    for node in computation.inputs:
        schema, _ = taking.get(node.io_manager_key or "", (None, None))
        if schema is not None and node.name in loaded:
            found = inputs.get(f"{step.computation}:{node.name}")
            given = found.config if isinstance(found, InConfig) else None
            yield schema, given, (*place, "inputs", node.name)
    for output in computation.outputs:
        _, schema = taking.get(output.io_manager_key, (None, None))
        if schema is not None and output.stores_value and output.name in step.outputs:
            given = config_of_output(outputs.get(step.computation), output.name)
            yield schema, given, (*place, "outputs", output.name)
