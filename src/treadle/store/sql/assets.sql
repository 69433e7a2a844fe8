-- name: get_asset
SELECT a.asset, n.name, a.created_at, a.generation, a.removed_generation, a.last_materialization, a.last_observation,
    a.wiped_event, a.wiped_at, a.seen
FROM assets a JOIN names n ON n.id = a.asset WHERE a.asset = :asset;

-- name: list_assets
SELECT a.asset, n.name, a.created_at, a.generation, a.removed_generation, a.last_materialization, a.last_observation,
    a.wiped_event, a.wiped_at, a.seen
FROM assets a JOIN names n ON n.id = a.asset WHERE a.seen = 1 ORDER BY n.name;

-- name: get_asset_events
SELECT e.id, e.asset, e.type, r.run_id, e.sequence, e.attempt, e.producer, e.n, e.at, e.step_key, e.body
FROM asset_events e LEFT JOIN runs r ON r.id = e.run WHERE e.id IN (:ids[]) ORDER BY e.id;

-- name: latest_of_partition
SELECT id FROM asset_events
WHERE asset = :asset AND type = :type AND partition_key = :partition_key AND id > :wiped ORDER BY id DESC LIMIT 1;

-- name: sets_of_asset
SELECT id FROM asset_events
WHERE asset = :asset AND type = :type AND partition_set IS NOT NULL AND id > :after ORDER BY id DESC LIMIT :limit;

-- name: latest_of_check
SELECT id FROM asset_events
WHERE asset = :asset AND check_name = :check_name AND id > :wiped ORDER BY id DESC LIMIT :limit;

-- name: wipe_asset
UPDATE assets SET wiped_event = :event - 1, wiped_at = :now, last_materialization = NULL, last_observation = NULL, seen = 0,
    generation = generation + 1, removed_generation = generation + 1
WHERE asset = :asset;

-- name: note_removal
UPDATE assets SET generation = generation + 1, removed_generation = generation + 1 WHERE asset = :asset;

-- name: delete_segments_of
DELETE FROM segments WHERE asset = :asset;

-- name: delete_status_cache
DELETE FROM status_cache WHERE asset = :asset;

-- name: partition_keys_of
SELECT DISTINCT partition_key FROM asset_events
WHERE asset = :asset AND type = :type AND partition_key IS NOT NULL AND id > :after AND id < :before;

-- name: wiped_keys_of
SELECT partition_key, MAX(id) FROM asset_events
WHERE asset = :asset AND type = 'ASSET_WIPED' AND partition_key IS NOT NULL AND id > :wiped GROUP BY partition_key;

-- name: wiped_sets_of
SELECT id FROM asset_events
WHERE asset = :asset AND type = 'ASSET_WIPED' AND partition_set IS NOT NULL AND id > :wiped ORDER BY id;

-- name: latest_of_asset
SELECT id FROM asset_events
WHERE asset = :asset AND type = :type AND id > :wiped AND id < :before ORDER BY id DESC LIMIT :limit;

-- name: put_latest
UPDATE assets SET last_materialization = :materialization, last_observation = :observation WHERE asset = :asset;
