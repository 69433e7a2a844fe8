-- name: add_change
INSERT INTO changes (tx, kind, subject, run, reference, at) VALUES ({tx}, :kind, :subject, :run, :reference, :now);

-- name: changes_after
SELECT c.tx, c.position, c.kind, c.subject, r.run_id, c.reference, c.at
FROM changes c LEFT JOIN runs r ON r.id = c.run
WHERE (c.tx, c.position) > (:tx, :position) AND c.tx < {horizon}
ORDER BY c.tx, c.position LIMIT :limit;

-- name: last_change
SELECT tx, position FROM changes WHERE tx < {horizon} ORDER BY tx DESC, position DESC LIMIT 1;

-- name: put_cursor
INSERT INTO cursors (name, tx, position, value, updated_at) VALUES (:name, :tx, :position, :value, :now)
ON CONFLICT (name) DO UPDATE SET tx = excluded.tx, position = excluded.position, value = excluded.value, updated_at = excluded.updated_at;

-- name: get_cursor
SELECT tx, position, value FROM cursors WHERE name = :name;

-- name: delete_cursor
DELETE FROM cursors WHERE name = :name;

-- name: lowest_cursor
SELECT tx, position FROM cursors ORDER BY tx, position LIMIT 1;
