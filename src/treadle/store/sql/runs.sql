-- name: add_run
INSERT INTO runs (run_id, job, status, plan_id, parent_run_id, root_run_id, retry_number, created_at, updated_at, deadline, body)
VALUES (:run_id, :job, :status, :plan_id, :parent_run_id, :root_run_id, :retry_number, :now, :now, :deadline, :body)
ON CONFLICT (run_id) DO NOTHING
RETURNING id;

-- name: put_run_tag
INSERT INTO run_tags (run, key, value) VALUES (:run, :key, :value)
ON CONFLICT (run, key) DO UPDATE SET value = excluded.value;

-- name: find_run_row
SELECT id, status, live_token FROM runs WHERE run_id = :run_id;

-- name: lock_run
UPDATE runs SET last_sequence = last_sequence + :count WHERE run_id = :run_id
RETURNING id, last_sequence, status, live_token, attempt;

-- name: transition_run
UPDATE runs SET
    status = :to_status,
    updated_at = :now,
    started_at = COALESCE(started_at, CAST(:started_at AS DOUBLE PRECISION)),
    ended_at = CAST(:ended_at AS DOUBLE PRECISION),
    end_reason = COALESCE(CAST(:end_reason AS TEXT), end_reason),
    error = COALESCE(CAST(:error AS {blob}), error),
    deadline = CASE WHEN :over = 1 THEN NULL ELSE deadline END,
    waiting_for = NULL,
    live_token = CASE WHEN :over = 1 THEN 0 ELSE live_token END
WHERE id = :run
    AND status IN (:from_statuses[])
    AND (live_token = :token OR :any_token = 1);

-- name: set_run_waiting
UPDATE runs SET waiting_for = CAST(:waiting_for AS TEXT), deadline = CAST(:deadline AS DOUBLE PRECISION), updated_at = :now
WHERE run_id = :run_id AND ended_at IS NULL;

-- name: get_run
SELECT r.id, r.run_id, j.name, r.status, r.plan_id, r.parent_run_id, r.root_run_id, r.retry_number, r.created_at, r.updated_at,
    r.started_at, r.ended_at, r.end_reason, r.error, r.body, r.deadline, r.waiting_for
FROM runs r JOIN names j ON j.id = r.job WHERE r.run_id = :run_id;

-- name: get_run_tags
SELECT key, value FROM run_tags WHERE run = :run ORDER BY key;

-- name: get_tags_of_runs
SELECT run, key, value FROM run_tags WHERE run IN (:runs[]) ORDER BY run, key;

-- name: list_run_tag_keys
SELECT DISTINCT key FROM run_tags ORDER BY key;

-- name: list_run_tag_values
SELECT DISTINCT key, value FROM run_tags WHERE key IN (:keys[]) ORDER BY key, value;

-- name: delete_run
DELETE FROM runs WHERE run_id = :run_id;

-- name: touch_run
UPDATE runs SET updated_at = :now WHERE id = :run;
