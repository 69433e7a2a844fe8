-- name: add_pool
INSERT INTO pools (pool, slot_limit) VALUES (:pool, NULL) ON CONFLICT (pool) DO NOTHING;

-- name: limit_pool
INSERT INTO pools (pool, slot_limit) VALUES (:pool, :slot_limit)
ON CONFLICT (pool) DO UPDATE SET slot_limit = excluded.slot_limit;

-- name: lock_pools
SELECT pool, slot_limit FROM pools WHERE pool IN (:pools[]) ORDER BY pool {for_update};

-- name: list_pools
SELECT p.pool, p.slot_limit, COALESCE((SELECT SUM(s.amount) FROM slots s WHERE s.pool = p.pool), 0) FROM pools p ORDER BY p.pool;

-- name: held_slots
SELECT pool, SUM(amount) FROM slots WHERE pool IN (:pools[]) GROUP BY pool;

-- name: own_slots
SELECT pool FROM slots WHERE run = :run AND token = :token AND step_key = :step_key AND step_attempt = :step_attempt;

-- name: add_slot
INSERT INTO slots (run, token, step_key, step_attempt, pool, amount, granted_at)
VALUES (:run, :token, :step_key, :step_attempt, :pool, :amount, :now);

-- name: release_slots
DELETE FROM slots
WHERE run = (SELECT id FROM runs WHERE run_id = :run_id) AND token = :token AND step_key = :step_key AND step_attempt = :step_attempt;

-- name: holders_of_pool
SELECT r.run_id, s.step_key, s.step_attempt, s.amount FROM slots s JOIN runs r ON r.id = s.run WHERE s.pool = :pool ORDER BY s.granted_at;
