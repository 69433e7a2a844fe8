"""Versions of inputs that one partitioned function makes and reads itself."""

import pytest

import treadle as dg

LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-03")
MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01", end_date="2024-02-01")


def y_and_z(y_partitions, z_partitions, *, y_reads=(), z_reads="y", **given):
    """A function that makes `y`, and `z` of it."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("y", partitions_def=y_partitions, code_version="1", deps=list(y_reads)),
            dg.AssetSpec("z", partitions_def=z_partitions, code_version="1", deps=[z_reads]),
        ],
        **given,
    )
    def both(context):
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(key)

    return both


def made_again(asset, instance, **run) -> int:
    result = dg.materialize([asset], instance=instance, skip_unchanged=True, **run)
    assert result.success
    return len(result.get_asset_materialization_events())


@pytest.mark.parametrize("can_subset", [False, True])
def test_nothing_is_made_again_that_did_not_change(can_subset: bool) -> None:
    both = y_and_z(LETTERS, LETTERS, can_subset=can_subset)
    with dg.DagsterInstance.ephemeral() as instance:
        for key in ("a", "b"):
            dg.materialize([both], partition_key=key, instance=instance)
        assert [made_again(both, instance, partition_key=key) for key in ("a", "b")] == [0, 0]


def test_the_partition_that_was_read_counts_not_the_newest_one() -> None:
    versions = {"a": "v1", "b": "v2"}

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("y", partitions_def=LETTERS),
            dg.AssetSpec("z", partitions_def=LETTERS, deps=["y"]),
        ],
        can_subset=True,
    )
    def both(context):
        for key in sorted(context.selected_asset_keys):
            version = dg.DataVersion(versions[context.partition_key]) if key.path == ["y"] else None
            yield dg.MaterializeResult(key, data_version=version)

    with dg.DagsterInstance.ephemeral() as instance:
        for selection, key in ((["y"], "a"), (["y"], "b"), (["z"], "a")):
            dg.materialize([both], selection=selection, partition_key=key, instance=instance)
        assert made_again(both, instance, selection=["z"], partition_key="a") == 0
        versions["a"] = "v2"
        dg.materialize([both], selection=["y"], partition_key="a", instance=instance)
        assert made_again(both, instance, selection=["z"], partition_key="a") == 1


def test_a_range_has_one_version_of_what_it_made_and_read() -> None:
    both = y_and_z(DAYS, DAYS, backfill_policy=dg.BackfillPolicy.single_run())
    span = {
        "dagster/asset_partition_range_start": "2024-01-01",
        "dagster/asset_partition_range_end": "2024-01-02",
    }
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([both], tags=span, instance=instance)
        assert made_again(both, instance, tags=span) == 0
        dg.materialize([both], partition_key="2024-01-01", instance=instance)
        assert made_again(both, instance, partition_key="2024-01-02") == 0


@pytest.mark.parametrize("below", [None, MONTHS])
def test_assets_of_one_function_with_other_partitions(below) -> None:
    both = y_and_z(DAYS, below, can_subset=True)
    of_z = {"partition_key": "2024-01-01"} if below is not None else {}
    with dg.DagsterInstance.ephemeral() as instance:
        for key in DAYS.get_partition_keys():
            dg.materialize([both], selection=["y"], partition_key=key, instance=instance)
        dg.materialize([both], selection=["z"], instance=instance, **of_z)
        assert made_again(both, instance, selection=["z"], **of_z) == 0


def test_what_reads_itself_too_is_made_once() -> None:
    earlier = dg.TimeWindowPartitionMapping(
        start_offset=-1, end_offset=-1, allow_nonexistent_upstream_partitions=True
    )

    both = y_and_z(
        DAYS,
        DAYS,
        y_reads=[dg.AssetDep("y", partition_mapping=earlier)],
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    span = {
        "dagster/asset_partition_range_start": "2024-01-01",
        "dagster/asset_partition_range_end": "2024-01-02",
    }
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([both], tags=span, instance=instance)
        assert made_again(both, instance, tags=span) == 0


def test_the_mapping_between_assets_of_one_function_counts() -> None:
    every = dg.AssetDep("y", partition_mapping=dg.AllPartitionMapping())
    both = y_and_z(LETTERS, LETTERS, z_reads=every, can_subset=True)
    with dg.DagsterInstance.ephemeral() as instance:
        for key in ("a", "b"):
            dg.materialize([both], partition_key=key, instance=instance)
        assert made_again(both, instance, selection=["z"], partition_key="b") == 0
        assert made_again(both, instance, selection=["z"], partition_key="a") == 1, "y[b] came later"
