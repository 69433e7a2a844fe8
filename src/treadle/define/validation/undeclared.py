"""Resources that a function takes from its module without declaring them: nobody can see or replace them (S2-D07a)."""

from collections.abc import Iterator, Mapping
from typing import Any

from treadle.core.catalog import Computation
from treadle.core.problem import Problem
from treadle.define.function_names import globals_read
from treadle.define.op import OpDefinition
from treadle.define.resources.annotations import TreatAsResourceParam
from treadle.define.resources.definition import ResourceDefinition
from treadle.define.validation.resources import first_asset, subject_of
from treadle.define.where import code_of, innermost


def undeclared_resources(
    computations: Mapping[str, Computation], ops: Mapping[str, OpDefinition]
) -> Iterator[Problem]:
    """A warning for each resource of its module that a function reads in its body."""
    by_module: dict[int, Mapping[str, Any]] = {}
    for name, op in ops.items():
        variables = getattr(innermost(op.compute_fn), "__globals__", None)
        if variables is None:
            continue
        resources = by_module.get(id(variables))
        if resources is None:
            resources = by_module[id(variables)] = _resources_in(variables)
        if not resources:
            continue
        for variable in sorted(globals_read(code_of(op.compute_fn)).intersection(resources)):
            yield _problem(variable, resources[variable], computations[name], op)


def _resources_in(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: value
        for name, value in variables.items()
        if not isinstance(value, type) and isinstance(value, TreatAsResourceParam | ResourceDefinition)
    }


def _problem(variable: str, resource: Any, computation: Computation, op: OpDefinition) -> Problem:
    kind = type(resource).__name__
    return Problem(
        code="undeclared-resource",
        message=f"{subject_of(computation)} uses the resource `{variable}` ({kind}) without declaring it: nothing shows "
        "that it does, no test can replace it, and nothing sets it up or tears it down.",
        asset_key=first_asset(computation),
        where=op.where,
        suggestion=f"make it a parameter: `{variable}: {kind}`, or `{variable}: {kind} = {variable}` to keep this object",
    )
