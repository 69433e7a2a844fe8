"""`FilesystemIOManager`, the configurable class; apart, because it needs pydantic."""

from treadle.define.context.output_context import OutputContext  # noqa: F401 - part of the module's face
from treadle.define.io_manager_class import ConfigurableIOManagerFactory
from treadle.define.resources.context import InitResourceContext
from treadle.run.io_managers.filesystem import PickledObjectFilesystemIOManager


class FilesystemIOManager(ConfigurableIOManagerFactory[PickledObjectFilesystemIOManager]):
    """Pickles each value to a file under `base_dir`: a folder or an fsspec URL; by default the instance's storage.

    Example:
        >>> from treadle import Definitions, FilesystemIOManager
        >>> defs = Definitions(resources={"io_manager": FilesystemIOManager(base_dir="data")})
    """

    base_dir: str | None = None

    def create_io_manager(self, context: InitResourceContext) -> PickledObjectFilesystemIOManager:
        """The manager that a run uses."""
        instance = context.instance
        return PickledObjectFilesystemIOManager(self.base_dir or instance.storage_directory())
