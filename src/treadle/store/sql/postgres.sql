-- Where PostgreSQL differs.

-- name: has_migrations
SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'migrations';

-- name: reserve_asset_event_ids
SELECT nextval(pg_get_serial_sequence('asset_events', 'id')) FROM generate_series(1, CAST(:count AS BIGINT));
