-- name: list_migrations
SELECT number, name, made_by FROM migrations ORDER BY number;

-- name: note_migration
INSERT INTO migrations (number, name, applied_at, made_by) VALUES (:number, :name, :applied_at, :made_by);

-- name: find_names
SELECT id, name FROM names WHERE kind = :kind AND name IN (:names[]);

-- name: find_name_by_id
SELECT kind, name FROM names WHERE id = :id;

-- name: add_name
INSERT INTO names (kind, name) VALUES (:kind, :name) ON CONFLICT (kind, name) DO NOTHING;

-- name: rename
UPDATE names SET name = :new_name WHERE kind = :kind AND name = :name;

-- name: add_asset
INSERT INTO assets (asset, created_at, seen) VALUES (:asset, :now, 0) ON CONFLICT (asset) DO NOTHING;

-- name: add_plan
INSERT INTO plans (plan_id, body, created_at) VALUES (:plan_id, :body, :now) ON CONFLICT (plan_id) DO NOTHING;

-- name: find_plan
SELECT body FROM plans WHERE plan_id = :plan_id;
