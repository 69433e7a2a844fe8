"""What could be better in definitions that work: severity `info`, told only to those who ask (S4-34)."""

from collections.abc import Iterator
from typing import Any, Final

from treadle.core.catalog import AssetNode, Catalog, OutputNode
from treadle.core.problem import Problem
from treadle.define.code import Code
from treadle.define.function_names import globals_read, returns_a_value, with_inner
from treadle.define.op import OpDefinition
from treadle.define.where import code_of

LARGE_ROWS: Final = 1_000_000
LARGE_BYTES: Final = 1_000_000_000
_ROW_KEYS: Final = ("dagster/row_count", "row_count", "rows", "num_rows")
_BYTE_KEYS: Final = ("size_bytes", "bytes", "dagster/size_bytes")
_TELLS: Final = frozenset(
    {
        "MaterializeResult",
        "ObserveResult",
        "Output",
        "AssetMaterialization",
        "add_output_metadata",
        "add_asset_metadata",
        "log_event",
    }
)
"""Names by which a function gives metadata."""


def advice(code: Code) -> Iterator[Problem]:
    """Everything that could be better: assets without IO manager, partitions, metadata or description."""
    catalog = code.catalog
    stores_by_default = "io_manager" not in catalog.resources
    for node in catalog.assets.values():
        if node.kind != "materializable" or node.computation is None:
            continue
        computation, op = catalog.computations[node.computation], code.ops.get(node.computation)
        if op is None or computation.kind == "graph":
            continue
        output = next(each for each in computation.outputs if each.name == node.output)
        if stores_by_default and output.io_manager_key == "io_manager" and _gives_value(output, op):
            yield _no_io_manager(node)
        yield from _large_unpartitioned(catalog, node)
        if not node.spec.metadata and not _tells_metadata(op):
            yield _no_metadata(node)
        if not node.spec.description:
            yield _no_description(node)


def _gives_value(output: OutputNode, op: OpDefinition) -> bool:
    code = code_of(op.compute_fn)
    if not output.stores_value or output.none_is_no_value or code is None:
        return False
    return returns_a_value(code) and "MaterializeResult" not in globals_read(code) | _attributes_of(code)


def _tells_metadata(op: OpDefinition) -> bool:
    code = code_of(op.compute_fn)
    return code is None or bool(_TELLS & (globals_read(code) | _attributes_of(code)))


def _attributes_of(code: Any) -> frozenset[str]:
    return frozenset(name for inner in with_inner(code) for name in inner.co_names)


def _problem(code: str, node: AssetNode, message: str, suggestion: str) -> Problem:
    return Problem(
        code=code,
        message=f"asset `{node.spec.key.to_user_string()}` {message}",
        asset_key=node.spec.key,
        where=node.where,
        suggestion=suggestion,
        severity="info",
    )


def _no_io_manager(node: AssetNode) -> Problem:
    return _problem(
        "no-io-manager",
        node,
        "returns a value, and no IO manager is chosen: it becomes a pickle in the home folder of this machine.",
        "give the definitions a resource `io_manager`, or the asset an `io_manager_key`",
    )


def _no_metadata(node: AssetNode) -> Problem:
    return _problem(
        "no-metadata",
        node,
        "tells nothing of what it made.",
        "return `MaterializeResult(metadata={...})`, or call `context.add_output_metadata`: rows, a sample, a plot",
    )


def _no_description(node: AssetNode) -> Problem:
    return _problem("no-description", node, "has no description.", "write a docstring")


def _large_unpartitioned(catalog: Catalog, node: AssetNode) -> Iterator[Problem]:
    key = node.spec.key
    if catalog.partitions_def_of(key) is not None:
        return
    told = _size_told(node.spec.metadata)
    if told is not None:
        yield _problem(
            "large-unpartitioned",
            node,
            f"is large ({told}) and made as a whole each time.",
            "give it a `partitions_def`, so that a run makes only what is new",
        )


def _size_told(metadata: Any) -> str | None:
    for keys, limit, unit in ((_ROW_KEYS, LARGE_ROWS, "rows"), (_BYTE_KEYS, LARGE_BYTES, "bytes")):
        for key in keys:
            value = metadata.get(key) if metadata else None
            number = getattr(value, "value", value)
            if isinstance(number, int | float) and number >= limit:
                return f"{number:,.0f} {unit}"
    return None
