-- The whole schema as it stands today. `migrations/` replayed from nothing must give exactly this (a test proves it).
-- Words in braces differ between databases: see `queries.DIALECTS`.

CREATE TABLE migrations (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at DOUBLE PRECISION NOT NULL,
    made_by TEXT NOT NULL
);

-- Assets, jobs, instigators and locations by integer, so that a rename or a wipe loses nothing.
CREATE TABLE names (
    id {id},
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
);

CREATE TABLE plans (
    plan_id TEXT PRIMARY KEY,
    body {blob} NOT NULL,
    created_at DOUBLE PRECISION NOT NULL
);

-- `live_token` is 0 where no lease is live; the row is the lock under which a run's log and state change.
CREATE TABLE runs (
    id {id},
    run_id TEXT NOT NULL UNIQUE,
    job BIGINT NOT NULL REFERENCES names (id),
    status TEXT NOT NULL,
    plan_id TEXT REFERENCES plans (plan_id),
    parent_run_id TEXT,
    root_run_id TEXT,
    retry_number BIGINT NOT NULL DEFAULT 0,
    created_at DOUBLE PRECISION NOT NULL,
    updated_at DOUBLE PRECISION NOT NULL,
    started_at DOUBLE PRECISION,
    ended_at DOUBLE PRECISION,
    end_reason TEXT,
    deadline DOUBLE PRECISION,
    waiting_for TEXT,
    attempt BIGINT NOT NULL DEFAULT 0,
    token BIGINT NOT NULL DEFAULT 0,
    live_token BIGINT NOT NULL DEFAULT 0,
    last_sequence BIGINT NOT NULL DEFAULT 0,
    pruned_at DOUBLE PRECISION,
    error {blob},
    body {blob} NOT NULL
);
CREATE INDEX runs_by_status ON runs (status, id);
CREATE INDEX runs_by_job ON runs (job, id);
CREATE INDEX runs_by_update ON runs (updated_at, id);
CREATE INDEX runs_by_creation ON runs (created_at, id);
CREATE INDEX runs_to_prune ON runs (ended_at) WHERE ended_at IS NOT NULL AND pruned_at IS NULL;
CREATE UNIQUE INDEX runs_one_retry ON runs (parent_run_id, retry_number) WHERE retry_number > 0;
CREATE INDEX runs_by_plan ON runs (plan_id);

CREATE TABLE run_tags (
    run BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) {without_rowid};
CREATE INDEX run_tags_by_value ON run_tags (key, value, run);

-- One row is one live attempt; an ended lease is no row.
CREATE TABLE leases (
    run BIGINT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    token BIGINT NOT NULL,
    host TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    pid_namespace TEXT NOT NULL,
    pid BIGINT NOT NULL,
    process_started DOUBLE PRECISION NOT NULL,
    counter BIGINT NOT NULL DEFAULT 0,
    acquired_at DOUBLE PRECISION NOT NULL,
    UNIQUE (run, token)
);

CREATE TABLE pools (
    pool TEXT PRIMARY KEY,
    slot_limit BIGINT
);

CREATE TABLE slots (
    run BIGINT NOT NULL,
    token BIGINT NOT NULL,
    step_key TEXT NOT NULL,
    step_attempt BIGINT NOT NULL,
    pool TEXT NOT NULL REFERENCES pools (pool),
    amount BIGINT NOT NULL DEFAULT 1,
    granted_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (run, token, step_key, step_attempt, pool),
    FOREIGN KEY (run, token) REFERENCES leases (run, token) ON DELETE CASCADE
) {without_rowid};
CREATE INDEX slots_by_pool ON slots (pool);

-- Step, engine, log and run events: history that retention prunes. Asset events have a table of their own.
CREATE TABLE events (
    id {id},
    tx BIGINT NOT NULL,
    run BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    producer TEXT NOT NULL,
    n BIGINT NOT NULL,
    type TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    step_key TEXT,
    asset BIGINT,
    status_change BIGINT NOT NULL DEFAULT 0,
    stale BIGINT NOT NULL DEFAULT 0,
    body {blob} NOT NULL,
    UNIQUE (run, sequence),
    UNIQUE (run, attempt, producer, n)
);
CREATE INDEX events_of_status ON events (type, {in_order}) WHERE status_change = 1;
CREATE INDEX events_of_planned_checks ON events (asset, id) WHERE type = 'ASSET_CHECK_EVALUATION_PLANNED';

-- Materializations, observations, check results: kept. `run` 0 is an event reported without a run.
CREATE TABLE asset_events (
    id {id},
    tx BIGINT NOT NULL,
    asset BIGINT NOT NULL REFERENCES names (id),
    type TEXT NOT NULL,
    run BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    producer TEXT NOT NULL,
    n BIGINT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    step_key TEXT,
    check_name TEXT,
    partition_key TEXT,
    partition_set {blob},
    body {blob} NOT NULL,
    UNIQUE (run, attempt, producer, n)
);
CREATE INDEX asset_events_of_run ON asset_events (run, sequence) WHERE run > 0;
{only_postgres}CREATE INDEX asset_events_in_order ON asset_events (asset, type, tx, id);
CREATE INDEX asset_events_latest ON asset_events (asset, type, id);
CREATE INDEX asset_events_by_partition ON asset_events (asset, type, partition_key, id) WHERE partition_key IS NOT NULL;
CREATE INDEX asset_events_of_sets ON asset_events (asset, type, id) WHERE partition_set IS NOT NULL;
CREATE INDEX asset_events_of_checks ON asset_events (asset, check_name, id) WHERE check_name IS NOT NULL;
CREATE INDEX asset_events_by_type ON asset_events (type, {in_order});

-- What is true of an asset now. `generation` orders all changes of its segments; a rebuild generation marks removals.
CREATE TABLE assets (
    asset BIGINT PRIMARY KEY REFERENCES names (id),
    created_at DOUBLE PRECISION NOT NULL,
    generation BIGINT NOT NULL DEFAULT 0,
    removed_generation BIGINT NOT NULL DEFAULT 0,
    last_materialization BIGINT,
    last_observation BIGINT,
    wiped_event BIGINT NOT NULL DEFAULT 0,
    wiped_at DOUBLE PRECISION,
    seen BIGINT NOT NULL DEFAULT 1
);

-- Layer 0: what is materialized, by which event. Layer 1: the last attempt that no materialization followed.
CREATE TABLE segments (
    asset BIGINT NOT NULL,
    layer BIGINT NOT NULL,
    slice TEXT NOT NULL,
    lo BIGINT NOT NULL,
    hi BIGINT NOT NULL,
    event BIGINT NOT NULL,
    run BIGINT NOT NULL,
    data_version TEXT,
    code_version TEXT,
    generation BIGINT NOT NULL,
    PRIMARY KEY (asset, layer, slice, lo)
) {without_rowid};
CREATE INDEX segments_by_generation ON segments (asset, generation) WHERE layer < 1;

-- Materializations by key alone, until someone who has the definition says where the key lies.
CREATE TABLE unplaced (
    asset BIGINT NOT NULL,
    partition_key TEXT NOT NULL,
    event BIGINT NOT NULL,
    run BIGINT NOT NULL,
    data_version TEXT,
    code_version TEXT,
    PRIMARY KEY (asset, partition_key)
) {without_rowid};

CREATE TABLE status_cache (
    asset BIGINT PRIMARY KEY,
    generation BIGINT NOT NULL,
    materialized {blob} NOT NULL
);

-- Ids of static keys (a scope an asset) and dynamic keys (a scope a definition's name): never reused, tombstoned.
CREATE TABLE partition_scopes (
    scope TEXT PRIMARY KEY,
    next_id BIGINT NOT NULL,
    next_position BIGINT NOT NULL
);

CREATE TABLE partition_names (
    scope TEXT NOT NULL,
    id BIGINT NOT NULL,
    key TEXT NOT NULL,
    position BIGINT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    deleted_at DOUBLE PRECISION,
    PRIMARY KEY (scope, id),
    UNIQUE (scope, key)
) {without_rowid};
CREATE INDEX partition_names_in_order ON partition_names (scope, position) WHERE deleted_at IS NULL;

CREATE TABLE changes (
    position {id},
    tx BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    run BIGINT NOT NULL DEFAULT 0,
    reference BIGINT NOT NULL DEFAULT 0,
    at DOUBLE PRECISION NOT NULL
);
{only_postgres}CREATE INDEX changes_in_order ON changes (tx, position);

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    tx BIGINT NOT NULL,
    position BIGINT NOT NULL,
    value TEXT,
    updated_at DOUBLE PRECISION NOT NULL
);

-- `version` grows with every decision about the backfill and guards claims.
CREATE TABLE backfills (
    backfill_id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    created_at DOUBLE PRECISION NOT NULL,
    updated_at DOUBLE PRECISION NOT NULL,
    ended_at DOUBLE PRECISION,
    target {blob} NOT NULL,
    body {blob} NOT NULL
);
CREATE INDEX backfills_by_status ON backfills (status, created_at);

-- `made`: the assets of the target that need not be made again, of a chunk that is not done. `made_partitions` of `partitions` are made.
CREATE TABLE backfill_chunks (
    backfill_id TEXT NOT NULL REFERENCES backfills (backfill_id) ON DELETE CASCADE,
    chunk BIGINT NOT NULL,
    state TEXT NOT NULL,
    partitions BIGINT NOT NULL,
    run_id TEXT,
    claim TEXT,
    holder {blob},
    updated_at DOUBLE PRECISION NOT NULL,
    target {blob} NOT NULL,
    reason TEXT,
    made {blob},
    made_partitions BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (backfill_id, chunk)
) {without_rowid};
CREATE INDEX backfill_chunks_by_state ON backfill_chunks (backfill_id, state, chunk);
CREATE UNIQUE INDEX backfill_chunks_of_run ON backfill_chunks (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE instigators (
    instigator BIGINT PRIMARY KEY REFERENCES names (id),
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    cursor TEXT,
    token BIGINT NOT NULL DEFAULT 0,
    updated_at DOUBLE PRECISION NOT NULL,
    body {blob}
);

CREATE TABLE ticks (
    id {id},
    instigator BIGINT NOT NULL REFERENCES instigators (instigator),
    scheduled_for TEXT NOT NULL,
    status TEXT NOT NULL,
    token BIGINT NOT NULL,
    started_at DOUBLE PRECISION NOT NULL,
    ended_at DOUBLE PRECISION,
    body {blob},
    UNIQUE (instigator, scheduled_for)
);
CREATE INDEX ticks_by_time ON ticks (instigator, started_at);

CREATE TABLE run_keys (
    instigator BIGINT NOT NULL REFERENCES instigators (instigator),
    run_key TEXT NOT NULL,
    run_id TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    UNIQUE (instigator, run_key)
);
