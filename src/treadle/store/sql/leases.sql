-- name: take_run
UPDATE runs SET token = token + 1, live_token = token + 1, attempt = attempt + 1, updated_at = :now
WHERE run_id = :run_id AND live_token = 0 AND ended_at IS NULL
RETURNING id, attempt, token;

-- name: add_lease
INSERT INTO leases (run, attempt, token, host, boot_id, pid_namespace, pid, process_started, acquired_at)
VALUES (:run, :attempt, :token, :host, :boot_id, :pid_namespace, :pid, :process_started, :now);

-- name: find_lease
SELECT r.run_id, l.attempt, l.token, l.host, l.boot_id, l.pid_namespace, l.pid, l.process_started, l.counter
FROM leases l JOIN runs r ON r.id = l.run WHERE r.run_id = :run_id;

-- name: list_leases
SELECT r.run_id, l.attempt, l.token, l.host, l.boot_id, l.pid_namespace, l.pid, l.process_started, l.counter
FROM leases l JOIN runs r ON r.id = l.run ORDER BY l.run;

-- name: extend_lease
UPDATE leases SET counter = :counter
WHERE run = (SELECT id FROM runs WHERE run_id = :run_id) AND token = :token AND counter <= :counter;

-- name: release_run
UPDATE runs SET live_token = 0 WHERE id = :run AND live_token = :token;

-- name: delete_lease
DELETE FROM leases WHERE run = :run AND token = :token;

-- name: delete_still_lease
DELETE FROM leases WHERE run = :run AND token = :token AND counter = :counter;
