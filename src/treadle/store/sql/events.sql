-- name: add_event
INSERT INTO events (tx, run, sequence, attempt, producer, n, type, at, step_key, asset, status_change, stale, body)
VALUES ({tx}, :run, :sequence, :attempt, :producer, :n, :type, :at, :step_key, :asset, :status_change, :stale, :body);

-- name: add_asset_event
INSERT INTO asset_events (id, tx, asset, type, run, sequence, attempt, producer, n, at, step_key, check_name, partition_key, partition_set, body)
VALUES (:id, {tx}, :asset, :type, :run, :sequence, :attempt, :producer, :n, :at, :step_key, :check_name, :partition_key, :partition_set, :body);

-- name: find_duplicates
SELECT producer, n, stale FROM events WHERE run = :run AND attempt = :attempt AND producer = :producer AND n BETWEEN :low AND :high
UNION ALL
SELECT producer, n, 0 FROM asset_events WHERE run = :run AND attempt = :attempt AND producer = :producer AND n BETWEEN :low AND :high;

-- name: find_runless_event
SELECT id FROM asset_events WHERE run = 0 AND attempt = :attempt AND producer = :producer AND n = :n;

-- name: read_events
SELECT sequence, attempt, producer, n, type, at, step_key, asset, stale, body, id
FROM events WHERE run = :run AND sequence > :after
UNION ALL
SELECT sequence, attempt, producer, n, type, at, step_key, asset, 0, body, id
FROM asset_events WHERE run = :run AND run > 0 AND sequence > :after
ORDER BY 1 LIMIT :limit;

-- name: last_event_time
SELECT at FROM events WHERE run = :run ORDER BY sequence DESC LIMIT 1;
