"""`FilesystemIOManager`, the configurable class; apart, because it needs pydantic."""

from treadle.define.io_manager_class import ConfigurableIOManagerFactory
from treadle.define.resources.context import InitResourceContext
from treadle.run.io_managers.filesystem import PickledObjectFilesystemIOManager, storage_folder


class FilesystemIOManager(ConfigurableIOManagerFactory[PickledObjectFilesystemIOManager]):
    """Pickles each value to a file under `base_dir`: a folder or an fsspec URL; by default the instance's storage.

    Example:
        >>> from treadle import Definitions, FilesystemIOManager
        >>> defs = Definitions(resources={"io_manager": FilesystemIOManager(base_dir="data")})
    """

    base_dir: str | None = None

    def create_io_manager(self, context: InitResourceContext) -> PickledObjectFilesystemIOManager:
        """The manager that a run uses."""
        return PickledObjectFilesystemIOManager(storage_folder(self.base_dir, context.instance))
