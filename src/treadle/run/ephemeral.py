"""The short road of a script or a test: an in-memory instance that costs nothing until someone looks into it."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence

from treadle.core.catalog import Catalog
from treadle.core.events import Event
from treadle.core.run_states import RunStatus
from treadle.core.runs import Lease, Run
from treadle.plan.plan import Plan
from treadle.run.run_log import StoreRunLog
from treadle.store.instance import Instance
from treadle.store.opening import open_store
from treadle.store.store import Store


class EphemeralInstance(Instance):
    """An in-memory instance whose store is made when it is first used; what a run has told by then is written first."""

    def __init__(self) -> None:
        self._opened: Store | None = None
        self._root = None
        self._temporary = None
        self._folder: str | None = None
        self._remove: Callable[[], object] | None = None
        self.on_open: Callable[[], None] | None = None

    @property
    def store(self) -> Store:  # type: ignore[override]
        """The store."""
        if self._opened is None:
            self._opened = open_store("memory:")
            if self.on_open is not None:
                self.on_open()
        return self._opened

    @property
    def is_untouched(self) -> bool:
        """True while nobody has looked into the store."""
        return self._opened is None

    @property
    def is_ephemeral(self) -> bool:
        """True: it is gone with this process."""
        return True

    @property
    def root_directory(self) -> str:
        """A temporary folder, gone with this object."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="treadle-")
            self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def storage_directory(self) -> str:
        """Where IO managers put outputs: the temporary folder itself."""
        return self.root_directory

    def dispose(self) -> None:
        """Give up the store and the temporary folder."""
        if self._opened is not None:
            self._opened.close()
        if self._remove is not None:
            self._remove()
            self._folder = self._remove = None


class DeferredRunLog:
    """A run in an `EphemeralInstance`: written when someone looks, else never.

    Args:
        instance: whose store.
        catalog: tells how the assets of events are partitioned.
    """

    def __init__(self, instance: EphemeralInstance, catalog: Catalog) -> None:
        self._instance = instance
        self._log = StoreRunLog(instance, catalog)
        self._begun: tuple[Run, Plan] | None = None
        self._ended: tuple[RunStatus, Mapping[str, str]] | None = None
        self._pending: list[Event] = []
        self._is_open = False

    @property
    def lease(self) -> Lease | None:
        """The run's lease, once it is written."""
        return self._log.lease

    def require_lease(self) -> Lease:
        """The run's lease; writes the run."""
        _ = self._instance.store
        return self._log.require_lease()

    def begin(self, run: Run, plan: Plan, events: Sequence[Event]) -> None:
        """The run begins."""
        self._begun = (run, plan)
        self._pending.extend(events)
        self._instance.on_open = self._open

    def append(self, events: Sequence[Event]) -> None:
        """A batch of events, in order."""
        if self._is_open:
            self._log.append(events)
        else:
            self._pending.extend(events)

    def finish(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """The run's last events."""
        if self._is_open:
            self._log.finish(status, events, tags)
        else:
            self._pending.extend(events)
            self._ended = (status, tags)

    @property
    def helpers(self) -> frozenset[int]:
        """No processes."""
        return frozenset()

    def close(self) -> None:
        """Nothing to give up."""

    def is_canceling(self) -> bool:
        """False: nobody else can reach it."""
        return False

    def _open(self) -> None:
        if self._begun is None:
            return
        self._is_open = True
        events, self._pending = self._pending, []
        self._log.begin(*self._begun, events if self._ended is None else events[:1])
        if self._ended is not None:
            self._log.finish(self._ended[0], events[1:], self._ended[1])
