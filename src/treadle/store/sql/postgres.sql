-- Where PostgreSQL differs.

-- name: has_migrations
SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'migrations';

-- name: reserve_asset_event_ids
SELECT nextval(pg_get_serial_sequence('asset_events', 'id')) FROM generate_series(1, CAST(:count AS BIGINT));

-- name: lock_assets
INSERT INTO assets (asset, created_at, last_materialization, last_observation)
SELECT CAST(a.value ->> 0 AS BIGINT), 0, CAST(a.value ->> 1 AS BIGINT), CAST(a.value ->> 2 AS BIGINT)
FROM jsonb_array_elements(CAST(:rows AS JSONB)) WITH ORDINALITY AS a (value, place) ORDER BY a.place
ON CONFLICT (asset) DO UPDATE SET generation = assets.generation + 1, seen = 1,
    last_materialization = COALESCE(excluded.last_materialization, assets.last_materialization),
    last_observation = COALESCE(excluded.last_observation, assets.last_observation)
RETURNING asset, generation;

-- name: overlapping_whole
SELECT s.asset, s.lo, s.hi, s.event, s.run, s.data_version, s.code_version, s.generation
FROM jsonb_array_elements_text(CAST(:assets AS JSONB)) AS a (value)
JOIN segments s ON s.asset = CAST(a.value AS BIGINT) AND s.layer = :layer AND s.slice = '' AND s.lo < 1 AND s.hi > 0;
