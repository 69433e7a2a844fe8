"""What the store may refuse or fail with.

StoreError                     the place where state is kept cannot be used
├── StoreUnavailableError      it stayed busy or out of reach for longer than the wait allows
AlreadyTerminalError           a run or backfill that is over was asked to change
StaleLeaseError                a write bearing a token that is no longer the run's
Conflict                       what was to be stored is there already, or another has its place
"""

from treadle.core.errors import TreadleError


class StoreError(TreadleError):
    """The place where state is kept cannot be used: not writable, full, foreign, damaged, too new."""

    default_code = "store-error"


class StoreUnavailableError(StoreError):
    """The store stayed locked by others or out of reach for longer than the wait allows."""

    default_code = "store-busy"


class AlreadyTerminalError(TreadleError):
    """A run or backfill that is over was asked to change."""

    default_code = "already-terminal"


class StaleLeaseError(TreadleError):
    """A write bearing a token that is no longer the run's: another attempt took over, or the run is over."""

    default_code = "stale-lease"


class Conflict(TreadleError):
    """A unique index refused a row: it, or another in its place, is stored already."""

    default_code = "conflict"
