-- Where some assets of a chunk were made and others not, those that were need not be made again, and are counted.

ALTER TABLE backfill_chunks ADD COLUMN made {blob};
ALTER TABLE backfill_chunks ADD COLUMN made_partitions BIGINT NOT NULL DEFAULT 0;
UPDATE backfill_chunks SET made_partitions = partitions WHERE state = 'materialized';
