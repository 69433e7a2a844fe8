-- name: latest_checks
SELECT asset, check_name, MAX(id) FROM asset_events WHERE check_name IS NOT NULL GROUP BY asset, check_name;

-- name: any_failed_run
SELECT 1 FROM runs WHERE status = 'FAILURE' LIMIT 1;

-- name: planned_checks_of
SELECT e.body, e.at, r.run_id, r.status FROM events e JOIN runs r ON r.id = e.run
WHERE e.asset = :asset AND e.type = 'ASSET_CHECK_EVALUATION_PLANNED' ORDER BY e.id DESC LIMIT :most;

-- name: open_attempts
SELECT s.asset, s.slice, s.lo, s.hi, s.generation, r.status FROM assets a CROSS JOIN segments s JOIN runs r ON r.id = s.run
WHERE s.asset = a.asset AND s.layer = 1 ORDER BY s.asset, s.slice, s.lo;

-- name: planned_of_run
SELECT e.asset, e.type, e.body FROM events e JOIN runs r ON r.id = e.run
WHERE r.run_id = :run_id AND e.type IN ('ASSET_MATERIALIZATION_PLANNED', 'ASSET_CHECK_EVALUATION_PLANNED');

-- name: runs_under_way
SELECT run_id FROM runs WHERE status IN ('QUEUED', 'NOT_STARTED', 'MANAGED', 'STARTING', 'STARTED', 'CANCELING', 'SUSPENDED');

-- name: made_by_run
SELECT e.id FROM asset_events e JOIN runs r ON r.id = e.run
WHERE r.run_id = :run_id AND e.type IN ('ASSET_MATERIALIZATION', 'ASSET_CHECK_EVALUATION', 'ASSET_FAILED_TO_MATERIALIZE')
ORDER BY e.id;

-- name: open_backfills
SELECT b.backfill_id, c.state, c.target FROM backfills b JOIN backfill_chunks c ON c.backfill_id = b.backfill_id
WHERE b.status IN ('REQUESTED', 'CANCELING') AND c.state IN ('pending', 'in_flight');

-- name: first_change
SELECT tx, position FROM changes ORDER BY tx, position LIMIT 1;
