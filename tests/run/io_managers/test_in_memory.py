"""Values in memory: what was made of several partitions at once is one value."""

import pytest

import treadle as dg

LETTERS = dg.StaticPartitionsDefinition(["a", "b", "c"])
AT_ONCE = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "b"}


@dg.asset(partitions_def=LETTERS, backfill_policy=dg.BackfillPolicy.single_run())
def doubled(context: dg.AssetExecutionContext) -> dict[str, str]:
    return {key: key * 2 for key in context.partition_keys}


@dg.asset(partitions_def=LETTERS, backfill_policy=dg.BackfillPolicy.single_run())
def shown(doubled: dict[str, str]) -> str:
    return ", ".join(doubled.values())


def test_a_range_made_at_once_is_loaded_as_it_was_stored():
    resources = {"io_manager": dg.InMemoryIOManager()}
    result = dg.materialize([doubled, shown], tags=AT_ONCE, resources=resources)
    assert result.output_for_node("shown") == "aa, bb"


def test_a_partition_of_a_range_made_at_once_is_not_there_by_itself():
    resources = {"io_manager": dg.InMemoryIOManager()}
    dg.materialize([doubled], tags=AT_ONCE, resources=resources)
    with pytest.raises(dg.DagsterInvariantViolationError, match="Nothing is in memory"):
        dg.materialize([doubled, shown], selection=[shown], partition_key="a", resources=resources)


def test_partitions_made_one_by_one_are_loaded_together():
    @dg.asset(partitions_def=LETTERS)
    def upper(context: dg.AssetExecutionContext) -> str:
        return context.partition_key.upper()

    @dg.asset(partitions_def=LETTERS, backfill_policy=dg.BackfillPolicy.single_run())
    def joined(upper: dict[str, str]) -> str:
        return ", ".join(upper.values())

    resources = {"io_manager": dg.InMemoryIOManager()}
    for key in "ab":
        dg.materialize([upper], partition_key=key, resources=resources)
    result = dg.materialize([upper, joined], selection=[joined], tags=AT_ONCE, resources=resources)
    assert result.output_for_node("joined") == "A, B"
