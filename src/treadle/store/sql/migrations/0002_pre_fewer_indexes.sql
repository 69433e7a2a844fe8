-- Fewer and narrower indexes, as each of them costs every event that is written. Where a database has no transaction
-- numbers (SQLite), what is ordered by them is ordered by id, and two indexes are one.

DROP INDEX asset_events_of_run;
CREATE INDEX asset_events_of_run ON asset_events (run, sequence) WHERE run > 0;

DROP INDEX segments_by_generation;
CREATE INDEX segments_by_generation ON segments (asset, generation) WHERE layer < 1;

{only_sqlite}DROP INDEX asset_events_in_order;

{only_sqlite}DROP INDEX asset_events_by_type;
{only_sqlite}CREATE INDEX asset_events_by_type ON asset_events (type, id);

{only_sqlite}DROP INDEX changes_in_order;

{only_sqlite}DROP INDEX events_of_status;
{only_sqlite}CREATE INDEX events_of_status ON events (type, id) WHERE status_change = 1;
