"""`BranchingIOManager`: a branch stores apart, and reads what it has not made itself from its parent."""

from collections.abc import Iterator
from typing import Any

from treadle.core.metadata import TextMetadataValue
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import IOManager
from treadle.define.io_manager_class import ConfigurableIOManager
from treadle.define.resources.configurable import ResourceDependency
from treadle.store.records import AssetRecordsFilter


class BranchingIOManager(ConfigurableIOManager):
    """Stores with the branch's manager, and loads with it what was made on the branch; all else with the parent's.

    Whether an asset was made on the branch is told by its latest materialization in the instance, of which the branch's
    name is metadata. Of several partitions all must have been made on the branch.

    Args:
        parent_io_manager: loads what the branch has not made, e.g. that of production.
        branch_io_manager: stores what the branch makes.
        branch_name: of the branch.
        branch_metadata_key: the label under which materializations tell the branch's name.

    Example:
        >>> from treadle import Definitions, FilesystemIOManager
        >>> defs = Definitions(
        ...     resources={
        ...         "io_manager": BranchingIOManager(
        ...             parent_io_manager=FilesystemIOManager(base_dir="production"),
        ...             branch_io_manager=FilesystemIOManager(base_dir="mine"),
        ...         )
        ...     }
        ... )
    """

    parent_io_manager: ResourceDependency[IOManager]
    branch_io_manager: ResourceDependency[IOManager]
    branch_name: str = "dev"
    branch_metadata_key: str = "io_manager_branch"

    def handle_output(self, context: OutputContext, obj: Any) -> Any:
        """Store `obj` on the branch."""
        answer = self.branch_io_manager.handle_output(context, obj)
        context.add_output_metadata({self.branch_metadata_key: self.branch_name})
        return answer

    def load_input(self, context: InputContext) -> Any:
        """What the branch made; what it has not made, from the parent. Values that are no assets are the branch's."""
        made_here = not context.has_asset_key or all(
            branch == self.branch_name for branch in self._branches_of(context)
        )
        manager = self.branch_io_manager if made_here else self.parent_io_manager
        return manager.load_input(context)

    def _branches_of(self, context: InputContext) -> Iterator[str | None]:
        """For each partition the branch that made it last; None where none did."""
        keys = context.asset_partition_keys if context.has_asset_partitions else [None]
        for key in keys:
            wanted = AssetRecordsFilter(context.asset_key, asset_partitions=None if key is None else [key])
            page = context.instance.fetch_materializations(wanted, limit=1)
            events = [record.asset_materialization for record in page.records]
            told = events[0].metadata.get(self.branch_metadata_key) if events and events[0] else None
            yield told.text if isinstance(told, TextMetadataValue) else None
