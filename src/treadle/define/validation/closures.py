"""Functions made in a loop that read the loop's variables when they run, not when they are made."""

import ast
import linecache
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Final

from treadle.core.catalog import Computation
from treadle.core.problem import Problem
from treadle.define.function_names import free_names_read, globals_read
from treadle.define.op import OpDefinition
from treadle.define.validation.resources import first_asset, subject_of
from treadle.define.where import code_of, where_of

_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)


def late_bound_closures(
    computations: Mapping[str, Computation], ops: Mapping[str, OpDefinition]
) -> Iterator[Problem]:
    """A warning for each function text that a loop made into several definitions and that reads a variable of that loop."""
    by_code: dict[CodeType, list[str]] = {}
    for name, op in ops.items():
        code = code_of(op.compute_fn)
        if code is not None:
            by_code.setdefault(code, []).append(name)
    for code, names in by_code.items():
        if len(names) < 2:
            continue
        variables = _loop_variables(code.co_filename, code.co_firstlineno, code.co_name)
        late = sorted(variables & (free_names_read(code) | globals_read(code)))
        if late:
            yield _problem(late, [computations[name] for name in names], ops[names[0]])


def _problem(late: list[str], made: list[Computation], op: OpDefinition) -> Problem:
    told = " and ".join(f"`{name}`" for name in late)
    subject = subject_of(made[0])
    others = f" and {len(made) - 1} more made by the same loop"
    arguments = ", ".join(late)
    return Problem(
        code="late-bound-closure",
        message=f"{subject}{others} read {told} when they run: by then the loop is over, and all of them see its last value.",
        asset_key=first_asset(made[0]),
        where=where_of(op.compute_fn),
        suggestion=f"make the asset in a function, and call that in the loop: `def make({arguments}): @asset … return it`",
    )


def _loop_variables(path: str, first_line: int, name: str) -> frozenset[str]:
    """The variables that change with the loops around a function, in the scope in which the function is made."""
    return _loops_of(path).get((first_line, name), frozenset())


@lru_cache(maxsize=256)
def _loops_of(path: str) -> Mapping[tuple[int, str], frozenset[str]]:
    """Functions of a file that stand in a loop, by first line (of their decorators) and name, with the loop's variables."""
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[tuple[int, str], frozenset[str]] = {}
    _read_scope(tree, found)
    return found


def _read_scope(scope: _Scope, found: dict[tuple[int, str], frozenset[str]]) -> None:
    for node in ast.iter_child_nodes(scope):
        _read(node, frozenset(), found)


def _read(node: ast.AST, variables: frozenset[str], found: dict[tuple[int, str], frozenset[str]]) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if variables:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[first, node.name] = variables
        _read_scope(node, found)
        return
    if isinstance(node, ast.ClassDef | ast.Lambda):
        _read_scope(node, found)
        return
    if isinstance(node, _LOOPS):
        variables = variables | _bound_in(node)
    for child in ast.iter_child_nodes(node):
        _read(child, variables, found)


def _bound_in(loop: ast.AST) -> frozenset[str]:
    """Names that the loop's head or body binds in its own scope."""
    return frozenset(
        node.id for node in _own_nodes(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def _own_nodes(node: ast.AST) -> Iterable[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        yield child
        yield from _own_nodes(child)
