-- name: runs_to_prune
SELECT id FROM runs WHERE ended_at < :before AND pruned_at IS NULL ORDER BY ended_at LIMIT :limit;

-- name: prune_events
DELETE FROM events WHERE id IN (SELECT id FROM events WHERE run = :run ORDER BY sequence LIMIT :limit);

-- name: note_pruned
UPDATE runs SET pruned_at = :now WHERE id = :run;

-- name: prune_changes
DELETE FROM changes WHERE position IN (
    SELECT position FROM changes
    WHERE (tx < :tx OR (tx = :tx AND position <= :position)) AND at < :before ORDER BY tx, position LIMIT :limit);

-- name: prune_ticks
DELETE FROM ticks WHERE id IN (SELECT id FROM ticks WHERE ended_at < :before ORDER BY id LIMIT :limit);

-- name: prune_plans
DELETE FROM plans WHERE plan_id IN (
    SELECT p.plan_id FROM plans p
    WHERE p.created_at < :before AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.plan_id = p.plan_id) LIMIT :limit);
