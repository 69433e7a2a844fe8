"""Problems of where things are stored: two assets in one table, or one at the place of another's partition."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import StaticPartitionsDefinition
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.problem import Problem
from treadle.define.code import Code
from treadle.define.resources.catalog import class_of_resource
from treadle.define.validation.types import is_ours, keeps_type

TableTeller = Callable[[Mapping[str, Any], Sequence[str], Mapping[str, Any]], Sequence[str | None]]
"""What a class of IO managers, or the function that makes one, has as `told_table`: from what is known of its config, an
asset's key and metadata to the database (None: not known) and the names of the table, equal where it is the same one."""


def path_clashes(code: Code) -> Iterator[Problem]:
    """A warning for each asset that is stored where another one is, or a partition of another."""
    yield from _at_a_partition(code)
    yield from _in_one_table(code)


def _at_a_partition(code: Code) -> Iterator[Problem]:
    """Assets whose file is that of a partition of another: `a` with a partition `b`, and `a/b`."""
    catalog = code.catalog
    candidates = [
        (key, above, key.parts_tuple[cut:])
        for key in catalog.assets
        if len(key.parts_tuple) > 1 and catalog.partitions_def_of(key) is None
        for cut in range(1, len(key.parts_tuple))
        if (above := AssetKey(key.parts_tuple[:cut])) in catalog.assets
        and _may_be_partition(catalog.partitions_def_of(above), key.parts_tuple[cut:])
    ]
    stored = _managers_of_stored(code) if candidates else {}
    for key, above, below in candidates:
        manager = stored.get(key)
        if manager is None or stored.get(above) != manager or not _keeps_files(code, manager, above):
            continue
        partition = "|".join(below)
        known = all(map(_is_known, _dimensions(catalog.partitions_def_of(above))))
        yield _clash(
            code,
            key,
            f"`{key.to_user_string()}` is stored where partition `{partition}` of `{above.to_user_string()}` "
            + ("is: each overwrites the other." if known else "would be: one would overwrite the other."),
            "rename one of them, or give one an IO manager with another folder",
        )


def _in_one_table(code: Code) -> Iterator[Problem]:
    """Assets that have a table together, such as `a/t` and `b/t` where the IO manager has one schema for all."""
    tellers = {name: _table_teller(definition) for name, definition in code.resources.items()}
    if not any(tellers.values()):
        return
    stored = _managers_of_stored(code)
    taken: dict[Sequence[str], AssetKey] = {}
    for key, node in code.catalog.assets.items():
        manager = stored.get(key, "")
        tells = tellers.get(manager)
        if tells is None:
            continue
        config = code.resources[manager].shown_config()
        database, *names = tells(config, key.parts_tuple, node.spec.metadata)
        table = [str(name) for name in names]
        other = taken.setdefault((database or f"resource {manager}", *table), key)
        if other is key:
            continue
        yield _clash(
            code,
            key,
            f"`{key.to_user_string()}` is stored in the table of `{other.to_user_string()}` (`{'.'.join(table)}`): each "
            "overwrites the other.",
            'rename one of them, or give one a schema of its own: `metadata={"schema": "…"}`',
        )


def _clash(code: Code, key: AssetKey, message: str, suggestion: str) -> Problem:
    name = code.catalog.assets[key].computation
    return Problem(
        code="path-clash",
        message=message,
        asset_key=key,
        where=code.catalog.computations[name].where if name is not None else None,
        suggestion=suggestion,
        severity="warning",
    )


def _managers_of_stored(code: Code) -> Mapping[AssetKey, str]:
    """The key of the IO manager of each asset whose value goes to one."""
    return {
        output.asset_key: output.io_manager_key
        for computation in code.catalog.computations.values()
        for output in computation.outputs
        if output.asset_key is not None and output.stores_value and not output.none_is_no_value
    }


_FACTORIES_OF_FILES: Final = ("FilesystemIOManager", "ParquetIOManager")
_NAMES_OF_PATHS: Final = (
    *("get_asset_relative_path", "get_path_for_partition", "_get_path", "_whole_path"),
    *("_get_paths_for_partitions", "_partition_components", "handle_output"),
)
"""The methods of a `UPathIOManager` that say where a value is."""


def _keeps_files(code: Code, manager: str, key: AssetKey) -> bool:
    """Whether an asset's place is its key and its partitions lie below: in a manager of ours, or one that extends it."""
    if keeps_type(code, manager, key):
        return True
    found: Any = class_of_resource(code.resources[manager]) if manager in code.resources else None
    if hasattr(found, "dump_to_path"):
        return all(is_ours(getattr(found, name, None)) for name in _NAMES_OF_PATHS)
    bases = [base.__name__ for base in getattr(found, "__mro__", ()) if is_ours(base)]
    return not set(bases).isdisjoint(_FACTORIES_OF_FILES) and is_ours(found.create_io_manager)


def _table_teller(definition: Any) -> TableTeller | None:
    found = class_of_resource(definition)
    makes = getattr(found, "create_io_manager", None) or getattr(definition, "resource_fn", None)
    tells: TableTeller | None = getattr(found, "told_table", None) or getattr(makes, "told_table", None)
    return tells if is_ours(makes) else None


def _dimensions(definition: Any) -> Sequence[Any]:
    if isinstance(definition, MultiPartitionsDefinition):
        return [each.partitions_def for each in definition.partitions_defs]
    return [definition]


def _may_be_partition(definition: Any, parts: Sequence[str]) -> bool:
    """Whether these names below an asset's folder are, or can become, a partition: one a dimension, in their order."""
    if definition is None:
        return False
    dimensions = _dimensions(definition)
    return len(dimensions) == len(parts) and all(map(_may_have_key, dimensions, parts))


def _is_known(definition: Any) -> bool:
    """Whether it can be told without a store which keys there are."""
    return isinstance(definition, StaticPartitionsDefinition | TimeWindowPartitionsDefinition)


def _may_have_key(definition: Any, key: str) -> bool:
    if isinstance(definition, StaticPartitionsDefinition):
        return definition.has_partition_key(key)
    return not isinstance(definition, TimeWindowPartitionsDefinition) or definition.ever_has_key(key)
