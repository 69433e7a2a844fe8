"""Components whose definitions come from a state that was fetched before and is kept in a file."""

import inspect
import os
import re
import tempfile
import uuid
from abc import abstractmethod
from collections.abc import Awaitable
from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import attrs

from treadle.components.component import Component
from treadle.components.load_context import ComponentLoadContext
from treadle.components.resolution.resolvable import Model, Resolvable
from treadle.components.resolution.resolver import Resolver
from treadle.define.definitions import Definitions
from treadle.run.event_loops import run_to_end
from treadle.store.settings import load_settings


class DefsStateManagementType(Enum):
    """Where a component's state is kept."""

    VERSIONED_STATE_STORAGE = "VERSIONED_STATE_STORAGE"
    LOCAL_FILESYSTEM = "LOCAL_FILESYSTEM"
    LEGACY_CODE_SERVER_SNAPSHOTS = "LEGACY_CODE_SERVER_SNAPSHOTS"


class DefsStateConfigArgs(Model, Resolvable):
    """Where a component's state is kept, as YAML says it.

    Args:
        key: the state's name; the component's own by default.
        management_type: where.
        refresh_if_dev: True: fetched again whenever a development server loads the definitions.
    """

    key: str | None = None
    management_type: DefsStateManagementType
    refresh_if_dev: bool = True

    @classmethod
    def local_filesystem(cls) -> "DefsStateConfigArgs":
        """In the project's folder `.local_defs_state`."""
        return cls(management_type=DefsStateManagementType.LOCAL_FILESYSTEM)

    @classmethod
    def versioned_state_storage(cls) -> "DefsStateConfigArgs":
        """In the home folder, shared by all processes that use it."""
        return cls(management_type=DefsStateManagementType.VERSIONED_STATE_STORAGE)

    @classmethod
    def legacy_code_server_snapshots(cls) -> "DefsStateConfigArgs":
        """Nowhere: fetched whenever the definitions are loaded."""
        return cls(management_type=DefsStateManagementType.LEGACY_CODE_SERVER_SNAPSHOTS)


@attrs.frozen
class DefsStateConfig:
    """Where a component's state is kept."""

    key: str
    management_type: DefsStateManagementType
    refresh_if_dev: bool

    @classmethod
    def from_args(cls, args: DefsStateConfigArgs, default_key: str) -> "DefsStateConfig":
        """The same as YAML says it, with a key."""
        return cls(args.key or default_key, args.management_type, args.refresh_if_dev)


ResolvedDefsStateConfig = Annotated[
    DefsStateConfigArgs,
    Resolver.default(description="Where the component's state is kept."),
]

_FOLDER: Final = ".local_defs_state"
_DEVELOPMENT: Final = ("TREADLE_IS_DEV", "DAGSTER_IS_DEV_CLI")


class StateBackedComponent(Component):
    """A component that asks another system what there is, keeps the answer, and builds definitions of it."""

    @property
    @abstractmethod
    def defs_state_config(self) -> DefsStateConfig:
        """Where the state is kept."""

    @abstractmethod
    def write_state_to_path(self, state_path: Path) -> Awaitable[None] | None:
        """Fetch the state and write it to a file or folder; may be `async`."""

    @abstractmethod
    def build_defs_from_state(self, context: ComponentLoadContext, state_path: Path | None) -> Definitions:
        """The definitions of a state; None where it was never fetched."""

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        """The definitions of the kept state, fetched first where that is due."""
        config = self.defs_state_config
        if config.management_type is DefsStateManagementType.LEGACY_CODE_SERVER_SNAPSHOTS:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "state"
                run_to_end(self._write(path))
                return self.build_defs_from_state(context, path)
        path = state_path(config, context.project_root)
        if config.refresh_if_dev and any(os.environ.get(name) for name in _DEVELOPMENT):
            run_to_end(self._write(path))
        return self.build_defs_from_state(context, path if path.exists() else None)

    async def refresh_state(self, project_root: Path) -> str:
        """Fetch the state and keep it; gives a new version's name."""
        await self._write(state_path(self.defs_state_config, project_root))
        return uuid.uuid4().hex

    async def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fetched = self.write_state_to_path(path)
        if inspect.isawaitable(fetched):
            await fetched


def state_path(config: DefsStateConfig, project_root: Path) -> Path:
    """Where a state lies."""
    key = re.sub(r"[^A-Za-z0-9_.-]+", "__", config.key)
    if config.management_type is DefsStateManagementType.LOCAL_FILESYSTEM:
        return project_root / _FOLDER / key / "state"
    return load_settings(project_root, os.environ).home / "defs_state" / key / "state"
