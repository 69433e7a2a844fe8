"""Everything remembered: runs, leases, slots, events, assets, partitions, backfills, changes.

One schema (`sql/schema.sql`, grown by `sql/migrations/`) and one set of named queries (`sql/*.sql`) for memory, SQLite
and PostgreSQL; a class per table family takes an open transaction, `Store` is the façade whose methods are one
transaction each. `Instance` is the query API that user code sees.
Not here: decisions (plan), loops (control), clocks (an argument), SQL outside `sql/` and `filter.py`.
May be imported by `run` and above; imports `plan`, `define`, `core`. Tests: tests/store.
"""

from treadle.store.changes import Change, Position
from treadle.store.events import Appended, EventWrite
from treadle.store.opening import open_store
from treadle.store.store import Store

__all__ = ["Appended", "Change", "EventWrite", "Position", "Store", "open_store"]
