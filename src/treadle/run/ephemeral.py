"""The short road of a script or a test: an in-memory instance that costs nothing until someone looks into it."""

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence

from treadle.core.catalog import Catalog
from treadle.core.events import Event
from treadle.core.run_states import RunStatus
from treadle.core.runs import Lease, Run
from treadle.plan.plan import Plan
from treadle.run.run_log import StoreRunLog
from treadle.store.deferred import DeferredWrites
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
        self._waiting = DeferredWrites()
        self._opening = threading.Lock()

    @property
    def store(self) -> Store:  # type: ignore[override]
        """The store."""
        opened = self._opened
        if opened is None:
            with self._opening:  # threads may look while a run tells
                opened = self._opened = self._opened or open_store("memory:", deferred=self._waiting)
        return opened

    @property
    def is_untouched(self) -> bool:
        """True while nobody has looked into the store."""
        return self._opened is None

    @property
    def is_waiting(self) -> bool:
        """True where a run waits to be written, and nobody has looked yet."""
        return self._opened is None and bool(self._waiting)

    def defer(self, action: Callable[[], None], events: int) -> bool:
        """Let a write wait until somebody looks into the store."""
        with self._opening:
            if self._opened is None:
                self._waiting.add(action, events)
                return True
        return self._opened.database.defer(action, events)

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
    """A new run in a store in memory: written when someone looks, else never.

    Args:
        instance: whose store.
        catalog: tells how the assets of events are partitioned.
        on_lost: is called when the run was ended by someone else.
    """

    def __init__(
        self, instance: Instance, catalog: Catalog, on_lost: Callable[[str], None] | None = None
    ) -> None:
        self._instance = instance
        self._log = StoreRunLog(instance, catalog, on_lost)
        self._is_written = False

    @property
    def lease(self) -> Lease | None:
        """The run's lease, once it is written."""
        return self._log.lease

    def require_lease(self) -> Lease:
        """The run's lease; writes the run."""
        self._instance.store.list_leases()
        return self._log.require_lease()

    def begin(self, run: Run, plan: Plan, events: Sequence[Event]) -> None:
        """The run begins."""

        def begin() -> None:
            self._is_written = True
            self._log.begin(run, plan, events)

        self._defer(begin, len(events))

    def append(self, events: Sequence[Event]) -> None:
        """A batch of events, in order."""
        self._defer(lambda: self._log.append(events), len(events))

    def finish(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """The run's last events."""
        self._defer(lambda: self._log.finish(status, events, tags), len(events))

    def finish_later(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """See `StoreRunLog.finish_later`."""
        self._log.finish_later(status, events, tags)

    def put_aside(self, events: Sequence[Event]) -> bool:
        """False: it dies with its process."""
        return False

    @property
    def helpers(self) -> frozenset[int]:
        """No processes."""
        return frozenset()

    def close(self) -> None:
        """Nothing to give up."""

    def is_canceling(self) -> bool:
        """False: nobody else can reach it."""
        return False

    def _defer(self, action: Callable[[], None], events: int) -> None:
        if not self._instance.defer(action, events):
            action()
        elif self._is_written:
            # Somebody looked while it runs, and may look again, or end it. What waits is written in its order, also
            # where another thread is at it.
            self._instance.store.database.settle()


def run_log_of(
    instance: Instance, catalog: Catalog, is_new: bool, on_lost: Callable[[str], None]
) -> StoreRunLog | DeferredRunLog:
    """How a run reaches an instance's store.

    Args:
        catalog: tells how the assets of events are partitioned.
        is_new: whether nobody can have stored the run before.
        on_lost: is called when another process holds the run now, or somebody ended it.
    """
    if isinstance(instance, EphemeralInstance):
        if instance.is_untouched and instance.is_waiting:
            _ = instance.store  # a run within a run: what either made is no longer all that there is
        elif instance.is_untouched:
            return DeferredRunLog(instance, catalog, on_lost)
    if is_new and instance.is_ephemeral:
        return DeferredRunLog(instance, catalog, on_lost)
    return StoreRunLog(instance, catalog, on_lost)
