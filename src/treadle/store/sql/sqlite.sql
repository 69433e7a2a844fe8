-- Where SQLite differs.

-- name: has_migrations
SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations';

-- name: reserve_asset_event_ids
SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'asset_events'), 0) + value.n
FROM (WITH RECURSIVE value (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM value WHERE n < :count) SELECT n FROM value) AS value;
