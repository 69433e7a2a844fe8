"""The invariants of the store, each as one query that must find nothing; run after every test of this folder.

`SQL` is written so that SQLite and PostgreSQL both take it.
"""

from treadle.store import Store

_ENDS = "('PIPELINE_SUCCESS', 'PIPELINE_FAILURE', 'PIPELINE_CANCELED')"

SQL = {
    "I1 a run is over exactly when it has an end": """
        SELECT run_id, status, ended_at FROM runs
        WHERE (status IN ('SUCCESS', 'FAILURE', 'CANCELED')) <> (ended_at IS NOT NULL)
    """,
    "I1 nothing but stale records follows the end": f"""
        SELECT e.run, e.sequence, e.type FROM events e JOIN events last
            ON last.run = e.run AND last.status_change = 1 AND last.stale = 0 AND last.type IN {_ENDS}
        WHERE e.sequence > last.sequence AND e.stale = 0
        UNION ALL
        SELECT a.run, a.sequence, a.type FROM asset_events a JOIN events last
            ON last.run = a.run AND last.status_change = 1 AND last.stale = 0 AND last.type IN {_ENDS}
        WHERE a.sequence > last.sequence
    """,
    "I1 a run ends once": f"""
        SELECT run, COUNT(*) FROM events WHERE stale = 0 AND type IN {_ENDS} GROUP BY run HAVING COUNT(*) > 1
    """,
    "I2 the live token is the lease's": """
        SELECT r.run_id, r.live_token, l.token FROM runs r LEFT JOIN leases l ON l.run = r.id
        WHERE r.live_token <> COALESCE(l.token, 0)
    """,
    "I2 no lease outlives its run": """
        SELECT r.run_id FROM leases l JOIN runs r ON r.id = l.run WHERE r.ended_at IS NOT NULL OR l.token > r.token
    """,
    "I3 every slot belongs to a live lease": """
        SELECT s.run, s.pool FROM slots s LEFT JOIN leases l ON l.run = s.run AND l.token = s.token
        WHERE l.run IS NULL
    """,
    "I3 no pool is above its limit": """
        SELECT p.pool, p.slot_limit, SUM(s.amount) FROM pools p JOIN slots s ON s.pool = p.pool
        WHERE p.slot_limit IS NOT NULL GROUP BY p.pool, p.slot_limit HAVING SUM(s.amount) > p.slot_limit
    """,
    "I9 the log has no gap and no double": """
        SELECT r.run_id, r.last_sequence, COUNT(x.sequence), COUNT(DISTINCT x.sequence)
        FROM runs r LEFT JOIN (
            SELECT run, sequence FROM events UNION ALL SELECT run, sequence FROM asset_events WHERE run <> 0
        ) x ON x.run = r.id
        WHERE r.pruned_at IS NULL
        GROUP BY r.id, r.run_id, r.last_sequence
        HAVING r.last_sequence <> COUNT(x.sequence) OR COUNT(x.sequence) <> COUNT(DISTINCT x.sequence)
            OR r.last_sequence <> COALESCE(MAX(x.sequence), 0)
    """,
    "I9 the state is the fold of the log": """
        SELECT r.run_id, r.status, e.type FROM runs r JOIN events e ON e.run = r.id
        WHERE e.status_change = 1 AND e.stale = 0 AND r.pruned_at IS NULL
            AND e.sequence = (
                SELECT MAX(x.sequence) FROM events x WHERE x.run = r.id AND x.status_change = 1 AND x.stale = 0)
            AND r.status <> CASE e.type
                WHEN 'PIPELINE_ENQUEUED' THEN 'QUEUED' WHEN 'PIPELINE_STARTING' THEN 'STARTING'
                WHEN 'PIPELINE_START' THEN 'STARTED' WHEN 'PIPELINE_SUCCESS' THEN 'SUCCESS'
                WHEN 'PIPELINE_FAILURE' THEN 'FAILURE' WHEN 'PIPELINE_CANCELING' THEN 'CANCELING'
                WHEN 'PIPELINE_CANCELED' THEN 'CANCELED' WHEN 'RUN_SUSPENDED' THEN 'SUSPENDED' END
    """,
    "segments of a layer never overlap": """
        SELECT a.asset, a.slice, a.lo, b.lo FROM segments a JOIN segments b
            ON a.asset = b.asset AND a.layer = b.layer AND a.slice = b.slice AND a.lo < b.lo
        WHERE b.lo < a.hi
    """,
}


def rows(store: Store, text: str) -> list[tuple]:
    """What a query of the test's own finds; the product's queries all have names."""
    database = store.database
    if database.dialect == "sqlite":
        return database.connection().execute(text).fetchall()
    with database.pool().connection() as connection:
        return connection.execute(text.encode()).fetchall()


def broken(store: Store) -> dict[str, list[tuple]]:
    """Every invariant that does not hold, with the rows that break it."""
    found = {}
    for name, text in SQL.items():
        if name.startswith("segments") and rows(store, "SELECT COUNT(*) FROM segments")[0][0] > 3000:
            continue  # quadratic
        broken_rows = rows(store, text)
        if broken_rows:
            found[name] = broken_rows[:5]
    return found
