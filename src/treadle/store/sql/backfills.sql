-- name: add_backfill
INSERT INTO backfills (backfill_id, status, created_at, updated_at, target, body)
VALUES (:backfill_id, 'REQUESTED', :now, :now, :target, :body) ON CONFLICT (backfill_id) DO NOTHING;

-- name: add_chunk
INSERT INTO backfill_chunks (backfill_id, chunk, state, partitions, updated_at, target)
VALUES (:backfill_id, :chunk, 'pending', :partitions, :now, :target);

-- name: get_backfill
SELECT backfill_id, status, version, created_at, ended_at, target, body FROM backfills WHERE backfill_id = :backfill_id;

-- name: list_backfills
SELECT backfill_id, status, version, created_at, ended_at, target, body FROM backfills ORDER BY created_at DESC LIMIT :limit;

-- name: lock_backfill
SELECT status, version FROM backfills WHERE backfill_id = :backfill_id {for_update};

-- name: next_chunk
SELECT chunk FROM backfill_chunks WHERE backfill_id = :backfill_id AND state = 'pending' AND chunk < :before
ORDER BY chunk LIMIT 1 {skip_locked};

-- name: first_open_chunk
SELECT MIN(chunk) FROM backfill_chunks WHERE backfill_id = :backfill_id AND state IN ('pending', 'in_flight');

-- name: reopen_chunks
UPDATE backfill_chunks SET state = 'pending', run_id = NULL, claim = NULL, holder = NULL, reason = NULL, updated_at = :now
WHERE backfill_id = :backfill_id AND state IN ('failed', 'skipped', 'canceled');

-- name: reopen_backfill
UPDATE backfills SET status = 'REQUESTED', version = version + 1, updated_at = :now, ended_at = NULL
WHERE backfill_id = :backfill_id;

-- name: claim_chunk
UPDATE backfill_chunks SET state = 'in_flight', run_id = :run_id, claim = :claim, holder = :holder, updated_at = :now
WHERE backfill_id = :backfill_id AND chunk = :chunk AND state = 'pending'
    AND EXISTS (SELECT 1 FROM backfills b WHERE b.backfill_id = :backfill_id AND b.status = 'REQUESTED' AND b.version = :version);

-- name: claimed_chunk
SELECT chunk, run_id, target, made FROM backfill_chunks WHERE backfill_id = :backfill_id AND claim = :claim;

-- name: settle_chunk
UPDATE backfill_chunks SET state = :state, reason = :reason, updated_at = :now
WHERE backfill_id = :backfill_id AND chunk = :chunk AND state = 'in_flight' AND run_id = :run_id;

-- name: chunk_to_settle
SELECT c.target, c.made, c.partitions, c.made_partitions, r.id
FROM backfill_chunks c LEFT JOIN runs r ON r.run_id = c.run_id
WHERE c.backfill_id = :backfill_id AND c.chunk = :chunk AND c.state = 'in_flight' AND c.run_id = :run_id;

-- name: note_made
UPDATE backfill_chunks SET made = :made, made_partitions = :partitions WHERE backfill_id = :backfill_id AND chunk = :chunk;

-- name: outcome_of_run
SELECT e.type, e.step_key, n.name, e.body FROM events e LEFT JOIN names n ON n.id = e.asset
WHERE e.run = :run AND e.stale = 0
    AND e.type IN ('ASSET_MATERIALIZATION_PLANNED', 'ASSET_CHECK_EVALUATION_PLANNED', 'STEP_SUCCESS')
UNION ALL
SELECT e.type, e.step_key, n.name, e.body FROM asset_events e JOIN names n ON n.id = e.asset
WHERE e.run = :run AND e.run > 0 AND e.type IN ('ASSET_CHECK_EVALUATION', 'ASSET_MATERIALIZATION');

-- name: put_chunk_back
UPDATE backfill_chunks SET state = 'pending', run_id = NULL, claim = NULL, holder = NULL, updated_at = :now
WHERE backfill_id = :backfill_id AND chunk = :chunk AND state = 'in_flight' AND claim = :claim;

-- name: cancel_chunks
UPDATE backfill_chunks SET state = 'canceled', updated_at = :now WHERE backfill_id = :backfill_id AND state = 'pending';

-- name: count_chunks
SELECT state, COUNT(*), SUM(partitions), SUM(made_partitions) FROM backfill_chunks WHERE backfill_id = :backfill_id GROUP BY state;

-- name: checks_of_backfill
SELECT e.asset, e.check_name, e.partition_key, p.value, s.value, e.body
FROM run_tags t JOIN asset_events e ON e.run = t.run
LEFT JOIN run_tags p ON p.run = e.run AND p.key = 'dagster/partition'
LEFT JOIN run_tags s ON s.run = e.run AND s.key = 'dagster/asset_partition_range_start'
WHERE t.key = 'dagster/backfill' AND t.value = :backfill_id AND e.type = 'ASSET_CHECK_EVALUATION' ORDER BY e.id;

-- name: chunks_in_flight
SELECT c.chunk, c.run_id, c.claim, c.holder, r.status FROM backfill_chunks c LEFT JOIN runs r ON r.run_id = c.run_id
WHERE c.backfill_id = :backfill_id AND c.state = 'in_flight' ORDER BY c.chunk;

-- name: claims_in_flight
SELECT b.backfill_id, c.holder, r.status FROM backfills b
JOIN backfill_chunks c ON c.backfill_id = b.backfill_id AND c.state = 'in_flight' LEFT JOIN runs r ON r.run_id = c.run_id
WHERE b.status IN ('REQUESTED', 'CANCELING');

-- name: list_chunks
SELECT chunk, state, partitions, run_id, target, made, reason FROM backfill_chunks WHERE backfill_id = :backfill_id ORDER BY chunk;

-- name: move_backfill
UPDATE backfills SET status = :to_status, version = version + 1, updated_at = :now,
    ended_at = CASE WHEN :over = 1 THEN :now ELSE ended_at END
WHERE backfill_id = :backfill_id AND status IN (:from_statuses[]);
