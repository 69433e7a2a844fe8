"""Ends of this process's runs that the store did not take, e.g. on a full disk: they are tried again.

Nobody else can end these runs as long as this process lives, and they hold slots that others wait for.
"""

import atexit
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from treadle.core.errors import TreadleError
from treadle.core.run_states import RunStatus
from treadle.core.runs import Lease
from treadle.store.errors import StoreUnavailableError
from treadle.store.events import EventWrite

if TYPE_CHECKING:
    from treadle.store.store import Store


@attrs.frozen(eq=False, kw_only=True)
class UnfinishedEnd:
    """How a run ended that goes on as far as its store knows."""

    store: "Store"
    lease: Lease
    status: RunStatus
    tags: Mapping[str, str]
    writes: Sequence[EventWrite]
    """What was not written yet; the last one tells the end."""
    when_done: Callable[[], None]
    pid: int = attrs.field(factory=os.getpid)


_ends: Final[list[UnfinishedEnd]] = []


def remember_end(end: UnfinishedEnd) -> None:
    """Try it again when the next run begins, while one waits for a slot, and when the store is opened or closed."""
    _ends.append(end)
    end.store.at_close(partial(_end_before_closing, end.store))


def _end_before_closing(store: "Store") -> None:
    end_unfinished(store)


def end_unfinished(store: "Store") -> bool:
    """End the runs of this process that could not be ended in this store; True where one could now."""
    if not _ends:
        return False
    is_one_done = False
    for end in [each for each in _ends if _is_same(each.store, store)]:
        if end not in _ends:
            continue  # another thread took it
        _ends.remove(end)
        try:
            is_done = end.pid != os.getpid() or _try_again(store, end)
        except StoreUnavailableError:
            _ends.append(end)
            break  # each further one would wait as long
        if is_done:
            is_one_done = True
        else:
            _ends.append(end)
    return is_one_done


def _try_again(store: "Store", end: UnfinishedEnd) -> bool:
    """With all that happened; where the store can not keep that, with the end alone; or as one whose process is gone.

    Raises:
        StoreUnavailableError: the store is out of reach.
    """
    path = store.database.path
    if path is not None and not path.exists():
        return True  # writing would make an empty one
    now = time.time()
    ways: tuple[Callable[[], object], ...] = (
        lambda: store.finish_run(end.lease, end.status, end.writes, now),
        lambda: store.finish_run(end.lease, end.status, end.writes[-1:], now),
        lambda: _reap(store, end.lease, now),
    )
    for way in ways:
        try:
            way()
        except StoreUnavailableError:
            raise
        except Exception:  # noqa: BLE001 - it was told when the run ended; the next way, or the next time
            continue
        with suppress(TreadleError):
            store.add_run_tags(end.lease.run_id, end.tags, now)
        end.when_done()
        return True
    return False


def _reap(store: "Store", lease: Lease, now: float) -> None:
    for live in store.list_leases():
        if (live.run_id, live.token) == (lease.run_id, lease.token):
            store.reap_lease(live, now, "store-error", "could not store how it ended")


def _is_same(one: "Store", other: "Store") -> bool:
    is_memory = one.database.path is None and not one.is_shared
    return one is other or (not is_memory and one.database.address == other.database.address)


@atexit.register
def _end_all() -> None:
    for store in {id(end.store): end.store for end in _ends}.values():
        end_unfinished(store)
        store.database.close()
