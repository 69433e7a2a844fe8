-- Where SQLite differs.

-- name: has_migrations
SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations';

-- name: reserve_asset_event_ids
SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'asset_events'), 0) + value.n
FROM (WITH RECURSIVE value (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM value WHERE n < :count) SELECT n FROM value) AS value;

-- name: changes_after
SELECT c.tx, c.position, c.kind, c.subject, r.run_id, c.reference, c.at
FROM changes c LEFT JOIN runs r ON r.id = c.run
WHERE c.position > CASE WHEN :tx > 0 THEN 9223372036854775807 ELSE :position END ORDER BY c.position LIMIT :limit;

-- name: last_change
SELECT tx, position FROM changes WHERE position = (SELECT MAX(position) FROM changes);

-- name: first_change
SELECT tx, position FROM changes WHERE position = (SELECT MIN(position) FROM changes);

-- name: prune_changes
DELETE FROM changes WHERE position IN (
    SELECT position FROM changes
    WHERE position <= CASE WHEN :tx > 0 THEN 9223372036854775807 ELSE :position END AND at < :before
    ORDER BY position LIMIT :limit);
