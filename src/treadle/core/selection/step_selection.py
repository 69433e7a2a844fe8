"""Which ops or steps of a job run: `["load", "*train", "clean++"]`."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from treadle.core.errors import InvalidSubsetError
from treadle.core.selection.clauses import read_clause
from treadle.core.selection.errors import syntax_error, unknown_names_error
from treadle.core.selection.walks import reach


def select_steps(selection: str | Sequence[str], parents: Mapping[str, Collection[str]]) -> list[str]:
    """The steps that a selection means, in the order of `parents`.

    Args:
        selection: clauses, or one text with commas between them. `x` is the step itself, `*x` with all that
            lead to it, `x*` with all that follow; a `+` is one level, `2+x` two; `*` is all.
        parents: every step's key and the keys of the steps that it waits for.

    Raises:
        InvalidSubsetError: a clause does not read, names no step, or there is none.

    Example:
        >>> select_steps(["*train"], {"load": [], "clean": ["load"], "train": ["clean"], "plot": ["clean"]})
        ['load', 'clean', 'train']
    """
    clauses = (
        [part for part in selection.split(",") if part.strip()] if isinstance(selection, str) else selection
    )
    if not clauses:
        raise InvalidSubsetError("the step selection is empty", hint="leave it out to select every step")
    ready_parents = {step: frozenset(above) & parents.keys() for step, above in parents.items()}
    children: dict[str, set[str]] = {step: set() for step in parents}
    for step, above in ready_parents.items():
        for parent in above:
            children[parent].add(step)
    chosen: set[str] = set()
    for text in clauses:
        if text.strip() == "*":
            return list(parents)
        clause = read_clause(text)
        if clause is None:
            raise syntax_error(
                text, 0, "this is no step selection", hint="write `x`, `*x`, `x*`, `x+` or `2+x`"
            )
        if clause.name not in parents:
            raise unknown_names_error("step", [clause.name], parents.keys())
        walk = partial(reach, {clause.name})
        chosen |= walk(ready_parents.__getitem__, clause.above) | walk(children.__getitem__, clause.below)
    return [step for step in parents if step in chosen]
