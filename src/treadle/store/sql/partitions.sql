-- name: lock_scope
INSERT INTO partition_scopes (scope, next_id, next_position) VALUES (:scope, :first_id + :ids, :positions)
ON CONFLICT (scope) DO UPDATE SET
    next_id = partition_scopes.next_id + :ids,
    next_position = partition_scopes.next_position + excluded.next_position
RETURNING next_id, next_position;

-- name: find_partition_names
SELECT key, id, deleted_at FROM partition_names WHERE scope = :scope AND key IN (:keys[]);

-- name: add_partition_name
INSERT INTO partition_names (scope, id, key, position, created_at) VALUES (:scope, :id, :key, :position, :now);

-- name: revive_partition_name
UPDATE partition_names SET deleted_at = NULL, position = :position WHERE scope = :scope AND key = :key;

-- name: bury_partition_name
UPDATE partition_names SET deleted_at = :now WHERE scope = :scope AND key = :key AND deleted_at IS NULL;

-- name: list_partition_names
SELECT id, key, deleted_at FROM partition_names WHERE scope = :scope ORDER BY id;

-- name: live_partition_names
SELECT key FROM partition_names WHERE scope = :scope AND deleted_at IS NULL ORDER BY position;
