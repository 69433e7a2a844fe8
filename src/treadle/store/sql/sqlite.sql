-- Where SQLite differs.

-- name: has_migrations
SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations';

-- name: reserve_asset_event_ids
-- The first; the others follow it, as nobody else writes meanwhile.
SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'asset_events' AND :count > 0;

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

-- name: lock_assets
INSERT INTO assets (asset, created_at, last_materialization, last_observation)
SELECT json_extract(value, '$[0]'), 0, json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(:rows) WHERE true
ON CONFLICT (asset) DO UPDATE SET generation = assets.generation + 1, seen = 1,
    last_materialization = COALESCE(excluded.last_materialization, assets.last_materialization),
    last_observation = COALESCE(excluded.last_observation, assets.last_observation)
RETURNING asset, generation;

-- name: overlapping_whole
SELECT s.asset, s.lo, s.hi, s.event, s.run, s.data_version, s.code_version, s.generation
FROM json_each(:assets) a CROSS JOIN segments s
WHERE s.asset = a.value AND s.layer = :layer AND s.slice = '' AND s.lo < 1 AND s.hi > 0;
