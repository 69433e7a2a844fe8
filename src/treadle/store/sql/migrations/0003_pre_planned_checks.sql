-- A check that its run set out to evaluate and did not is found by its asset.

CREATE INDEX events_of_planned_checks ON events (asset, id) WHERE type = 'ASSET_CHECK_EVALUATION_PLANNED';
