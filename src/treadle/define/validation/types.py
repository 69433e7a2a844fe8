"""Problems of types: a value that can not become what the parameter downstream says, where both IO managers are ours."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_origin

from treadle.core.problem import Problem
from treadle.define.code import Code
from treadle.define.output_types import shown_type
from treadle.define.parameters import NO_ANNOTATION
from treadle.define.resources.catalog import class_of_resource
from treadle.define.validation.resources import DEFAULT_IO_MANAGER, first_asset, subject_of

_KEEPS_TYPE: Final = frozenset(
    {
        *("FilesystemIOManager", "InMemoryIOManager", "PickledObjectFilesystemIOManager"),
        *("_new_filesystem", "_new_memory"),  # make `fs_io_manager` and `mem_io_manager`
    }
)
"""IO managers of ours that give back what was stored, of the class that it had: classes, or functions that make one."""


def unfit_types(code: Code) -> Iterator[Problem]:
    """A warning for each value that our own IO manager stores and that can not be what a parameter asks for."""
    returned = _returned_classes(code)
    if not returned:
        return
    catalog = code.catalog
    for name, computation in catalog.computations.items():
        ins = code.ops[name].ins
        if not ins:
            continue
        for node in computation.inputs:
            given = returned.get(node.asset_key) if node.asset_key is not None else None
            one = ins.get(node.name)
            if given is None or one is None or not node.loads_value or node.asset_key is None:
                continue
            wanted = one.dagster_type
            if not _can_never_be(given, wanted):
                continue
            kept = handled_types(code, node.io_manager_key, node.asset_key)
            if kept and issubclass(wanted, kept) and issubclass(given, kept):
                continue
            if not kept and not keeps_type(code, node.io_manager_key, node.asset_key):
                continue
            if catalog.partitions_def_of(node.asset_key) is not None and wanted is dict and not kept:
                continue
            upstream = node.asset_key.to_user_string()
            yield Problem(
                code="incompatible-types",
                message=f"{subject_of(computation)} takes `{upstream}` as {shown_type(wanted)} (parameter `{node.name}`), "
                f"but `{upstream}` is {shown_type(given)} and its IO manager "
                + (f"keeps only {' or '.join(map(shown_type, kept))}." if kept else "does not convert."),
                asset_key=first_asset(computation),
                where=computation.where,
                suggestion=f"annotate the parameter {shown_type(given)}, or store the asset by an IO manager that converts",
                severity="warning",
            )


def _returned_classes(code: Code) -> Mapping[Any, type]:
    """Asset -> the class that its function says it returns, where it says a plain class."""
    found: dict[Any, type] = {}
    for name, definition in code.assets_defs.items():
        outs = code.ops[name].outs
        for output in definition.outputs:
            if output.type_name is None or output.asset_key is None or not output.stores_value:
                continue
            annotation = outs[output.name].dagster_type
            if annotation is not NO_ANNOTATION and _is_plain_class(annotation):
                found[output.asset_key] = annotation
    return found


def _can_never_be(given: type, wanted: Any) -> bool:
    if wanted is NO_ANNOTATION or not _is_plain_class(wanted) or get_origin(wanted) is not None:
        return False
    if getattr(wanted, "_is_protocol", False) or _may_be(given, wanted):
        return False
    # A number of a narrower kind is good for a wider one (PEP 484, "The numeric tower").
    return given not in _NARROWER.get(wanted, ())


_NARROWER: Final[Mapping[type, tuple[type, ...]]] = {float: (int,), complex: (int, float)}


def _is_plain_class(annotation: Any) -> bool:
    # `Any` is a class since Python 3.11.
    return isinstance(annotation, type) and annotation is not object and annotation is not Any


def _may_be(given: type, wanted: type) -> bool:
    try:
        return issubclass(given, wanted) or issubclass(wanted, given)
    except TypeError:  # a TypedDict, or a protocol, can not be asked
        return True


def keeps_type(code: Code, input_manager_key: str | None, asset_key: Any) -> bool:
    """Whether an asset is stored by an IO manager of ours in files of its own, and comes back as what it was."""
    key = input_manager_key or code.catalog.assets[asset_key].io_manager_key
    definition = code.resources.get(key)
    if definition is None:
        return key == DEFAULT_IO_MANAGER
    makes: Any = class_of_resource(definition) or getattr(definition, "resource_fn", None)
    return is_ours(makes) and makes.__name__ in _KEEPS_TYPE


def is_ours(found: Any) -> bool:
    """Whether a class or a function is part of this package."""
    return str(getattr(found, "__module__", "")).startswith("treadle.")


def handled_types(code: Code, input_manager_key: str | None, asset_key: Any) -> tuple[type, ...]:
    """What an IO manager of ours that has handlers by type can store and load; nothing for others."""
    definition = code.resources.get(input_manager_key or code.catalog.assets[asset_key].io_manager_key)
    source = getattr(definition, "source", None)
    kind = getattr(source, "resource_class", None) or type(source)
    makes = getattr(kind, "create_io_manager", None) or getattr(source, "resource_fn", None)
    if not is_ours(makes):
        return ()
    # Either a class that makes managers (its subclasses choose the handlers), or a function that carries them.
    handlers = getattr(kind, "type_handlers", None) or getattr(makes, "type_handlers", None)
    try:
        found = handlers() if handlers is not None else ()
        return tuple(each for handler in found for each in handler.supported_types)
    except Exception:  # noqa: BLE001 - code of others; what it can not tell now, a run will
        return ()
