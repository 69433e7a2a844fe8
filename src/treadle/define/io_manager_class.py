"""IO managers as configurable classes. Imports pydantic; the plain interface is in `io_manager`."""

import typing
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from treadle.define.io_manager import IOManager
from treadle.define.resources.configurable import ConfigurableResourceFactory
from treadle.define.resources.context import InitResourceContext

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", bound=IOManager, default=Any)
else:
    T = typing.TypeVar("T", bound=IOManager)


class ConfigurableIOManagerFactory(ConfigurableResourceFactory[T], Generic[T]):
    """Base of classes with typed fields whose `create_io_manager` makes an IO manager."""

    makes_io_manager: ClassVar[bool] = True

    @classmethod
    def input_config_schema(cls) -> Any:
        """What run config may say of each input that it loads: a `Config` class or a schema; None: nothing."""
        return None

    @classmethod
    def output_config_schema(cls) -> Any:
        """What run config may say of each output that it stores: a `Config` class or a schema; None: nothing."""
        return None

    def create_io_manager(self, context: InitResourceContext) -> T:
        """The IO manager."""
        raise NotImplementedError(f"{type(self).__name__} must define `create_io_manager`")

    def create_resource(self, context: InitResourceContext) -> Any:
        return self.create_io_manager(context)


class ConfigurableIOManager(ConfigurableIOManagerFactory[Any], IOManager):
    """Base of IO managers with typed fields.

    Example:
        >>> class Files(ConfigurableIOManager):
        ...     folder: str
        ...     def handle_output(self, context, obj):
        ...         Path(self.folder, context.asset_key.path[-1]).write_text(obj)
        ...     def load_input(self, context):
        ...         return Path(self.folder, context.asset_key.path[-1]).read_text()
    """

    def create_io_manager(self, context: InitResourceContext) -> Any:
        return self
