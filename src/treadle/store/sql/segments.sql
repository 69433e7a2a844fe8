-- name: lock_asset
UPDATE assets SET
    generation = generation + 1,
    seen = 1,
    last_materialization = COALESCE(CAST(:materialization AS BIGINT), last_materialization),
    last_observation = COALESCE(CAST(:observation AS BIGINT), last_observation)
WHERE asset = :asset RETURNING generation;

-- name: overlapping_segments
SELECT lo, hi, event, run, data_version, code_version, generation FROM segments
WHERE asset = :asset AND layer = :layer AND slice = :slice AND lo < :hi AND hi > :lo
    AND lo >= COALESCE(
        (SELECT MAX(lo) FROM segments WHERE asset = :asset AND layer = :layer AND slice = :slice AND lo <= :lo), :lo);

-- name: delete_segment
DELETE FROM segments WHERE asset = :asset AND layer = :layer AND slice = :slice AND lo = :lo;

-- name: delete_covered_segments
DELETE FROM segments WHERE asset = :asset AND layer = :layer AND slice = :slice AND lo >= :lo AND lo < :hi AND hi <= :end;

-- name: put_segment
INSERT INTO segments (asset, layer, slice, lo, hi, event, run, data_version, code_version, generation)
VALUES (:asset, :layer, :slice, :lo, :hi, :event, :run, :data_version, :code_version, :generation)
ON CONFLICT (asset, layer, slice, lo) DO UPDATE SET hi = excluded.hi, event = excluded.event, run = excluded.run,
    data_version = excluded.data_version, code_version = excluded.code_version, generation = excluded.generation;

-- name: replace_whole_segment
UPDATE segments SET event = :event, run = :run, data_version = :data_version, code_version = :code_version,
    generation = :generation
WHERE asset = :asset AND layer = :layer AND slice = '' AND lo = 0 AND hi = 1;

-- name: list_segments
SELECT s.slice, s.lo, s.hi, s.event, r.run_id, s.data_version, s.code_version, s.generation
FROM segments s LEFT JOIN runs r ON r.id = s.run
WHERE s.asset = :asset AND s.layer = :layer ORDER BY s.slice, s.lo;

-- name: layers_of
SELECT DISTINCT layer FROM segments WHERE asset = :asset;

-- name: latest_event_of_layer
SELECT MAX(event) FROM segments WHERE asset = :asset AND layer = :layer;

-- name: segments_since
SELECT slice, lo, hi FROM segments WHERE asset = :asset AND layer = 0 AND layer < 1 AND generation > :generation ORDER BY slice, lo;

-- name: attempts_of
SELECT s.slice, s.lo, s.hi, s.generation, r.status, r.run_id FROM segments s JOIN runs r ON r.id = s.run
WHERE s.asset = :asset AND s.layer = 1 ORDER BY s.slice, s.lo;

-- name: get_status_cache
SELECT generation, materialized FROM status_cache WHERE asset = :asset;

-- name: put_status_cache
INSERT INTO status_cache (asset, generation, materialized) VALUES (:asset, :generation, :materialized)
ON CONFLICT (asset) DO UPDATE SET generation = excluded.generation, materialized = excluded.materialized
WHERE status_cache.generation < excluded.generation;

-- name: put_unplaced
INSERT INTO unplaced (asset, partition_key, event, run, data_version, code_version)
VALUES (:asset, :partition_key, :event, :run, :data_version, :code_version)
ON CONFLICT (asset, partition_key) DO UPDATE SET event = excluded.event, run = excluded.run,
    data_version = excluded.data_version, code_version = excluded.code_version;

-- name: list_unplaced
SELECT partition_key, event, run, data_version, code_version FROM unplaced WHERE asset = :asset ORDER BY event LIMIT :limit;

-- name: delete_unplaced
DELETE FROM unplaced WHERE asset = :asset AND partition_key = :partition_key AND event = :event;

-- name: delete_unplaced_of
DELETE FROM unplaced WHERE asset = :asset;
