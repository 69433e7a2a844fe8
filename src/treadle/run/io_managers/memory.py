"""Values kept in the process, for tests and `materialize_to_memory`."""

from collections.abc import Sequence
from typing import Any

from treadle.core.errors import InvariantViolationError
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import IOManager, IOManagerDefinition
from treadle.run.io_managers.upath import (
    may_miss_partitions,
    refuse_unless_mapping,
    value_of_no_partitions,
)


class InMemoryIOManager(IOManager):
    """Keeps each value in a dictionary, by asset and partition or by run, step and output.

    Example:
        >>> from treadle import asset, materialize
        >>> @asset
        ... def numbers():
        ...     return [1, 2]
        >>> materialize([numbers], resources={"io_manager": InMemoryIOManager()}).asset_value("numbers")
        [1, 2]
    """

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], Any] = {}

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Keep `obj`; what a step made of several partitions at once stays one value, of all of them."""
        several = (
            context.has_asset_key and context.has_asset_partitions and len(context.asset_partition_keys) > 1
        )
        if several:
            self.values[*context.asset_key.path, *context.asset_partition_keys] = obj
        else:
            self.values[tuple(context.get_identifier())] = obj

    def load_input(self, context: InputContext) -> Any:
        """The value kept; for several partitions what was made of just those at once, else a dict by partition key.

        Raises:
            InvariantViolationError: nothing was stored under that name in this process.
        """
        if context.has_asset_partitions and len(keys := context.asset_partition_keys) != 1:
            return self._found_partitions(context, keys) if keys else value_of_no_partitions(context)
        return self._found(tuple(context.get_identifier()))

    def _found_partitions(self, context: InputContext, keys: Sequence[str]) -> Any:
        together = (*context.asset_key.path, *keys)
        if together in self.values:
            return self.values[together]
        refuse_unless_mapping(context)
        identifiers = {key: (*context.asset_key.path, key) for key in keys}
        if may_miss_partitions(context):
            identifiers = {key: found for key, found in identifiers.items() if found in self.values}
        return {key: self._found(found) for key, found in identifiers.items()}

    def _found(self, identifier: tuple[str, ...]) -> Any:
        if identifier not in self.values:
            raise InvariantViolationError(
                f"Nothing is in memory under `{'/'.join(identifier)}`.",
                code="value-not-in-memory",
                hint="An in-memory value lives only in the process and run that made it: materialize its asset "
                "in the same run, or use an IO manager that stores.",
            )
        return self.values[identifier]


def _new_memory(_context: Any) -> InMemoryIOManager:
    return InMemoryIOManager()


mem_io_manager = IOManagerDefinition(_new_memory, description="Keeps values in the process.")
