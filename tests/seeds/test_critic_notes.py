"""What the critic's notes ask of definitions; the notes have no code blocks."""

import os

import pytest

import treadle as dg
from treadle.core.errors import UnknownPartitionError


def test_one_job_over_days_months_and_plain_assets():
    """S2-D10: each asset takes the partition that the job's key means to it."""

    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))
    def day() -> int:
        return 1

    @dg.asset(partitions_def=dg.MonthlyPartitionsDefinition("2024-01-01"))
    def month() -> int:
        return 1

    @dg.asset
    def plain() -> int:
        return 1

    defs = dg.Definitions(assets=[day, month, plain], jobs=[dg.define_asset_job("mixed", selection="*")])
    assert defs.problems() == []
    result = defs.resolve_job_def("mixed").execute_in_process(partition_key="2024-01-15")
    made = {
        event.asset_key.to_user_string(): event.partition
        for event in result.get_asset_materialization_events()
    }
    assert made == {"day": "2024-01-15", "month": "2024-01-01", "plain": None}


def test_a_job_says_which_asset_its_key_means_nothing_to():
    """S2-D10"""
    days = dg.asset(name="day", partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))(lambda: 1)
    sizes = dg.asset(name="size", partitions_def=dg.StaticPartitionsDefinition(["s", "l"]))(lambda: 1)
    job = dg.define_asset_job("mixed", selection="*")
    resolved = dg.Definitions(assets=[days, sizes], jobs=[job]).resolve_job_def("mixed")
    with dg.Instance.ephemeral() as instance:
        with pytest.raises(UnknownPartitionError, match=r"`size`.*2024-01-15") as raised:
            resolved.execute_in_process(partition_key="2024-01-15", instance=instance)
        assert 'partition_key={"day": "2024-01-15", "size":' in raised.value.hint
        assert instance.get_run_records() == []


@dg.asset
def left() -> int:
    return os.getpid()


@dg.asset
def right() -> int:
    return os.getpid()


alone = dg.define_asset_job(
    "alone", selection=[left], executor_def=dg.in_process_executor, tags={"size": "small"}
)
both = dg.define_asset_job("both", selection="*", executor_def=dg.multiprocess_executor)
defs = dg.Definitions(assets=[left, right], jobs=[alone, both])


def test_jobs_over_one_graph_have_their_own_executors_and_tags():
    """S1-58, S2-13: one in this process, the other in a process a step."""
    with dg.instance_for_test() as instance:
        result = dg.execute_job(defs.resolve_job_def("alone"), instance)
        assert result.output_for_node("left") == os.getpid()
        (run,) = instance.get_run_records()
        assert run.dagster_run.tags["size"] == "small"
        result = dg.execute_job(defs.resolve_job_def("both"), instance)
        assert len({os.getpid(), result.output_for_node("left"), result.output_for_node("right")}) == 3
        assert "size" not in instance.get_run_by_id(result.run_id).tags


def test_code_reads_its_partition_its_job_and_what_earlier_runs_told():
    """S2-15, S2-16"""
    months = dg.MonthlyPartitionsDefinition("2023-01-01", end_date="2023-04-01")

    @dg.asset(partitions_def=months)
    def taxi_trips_file(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        earlier = context.instance.get_latest_materialization_event(context.asset_key)
        metadata = earlier.asset_materialization.metadata if earlier else {"count": dg.MetadataValue.int(0)}
        told = {"count": metadata["count"].value + 1, "month": context.partition_key, "job": context.job_name}
        return dg.MaterializeResult(metadata=told)

    job = dg.define_asset_job("trips", selection=[taxi_trips_file])
    resolved = dg.Definitions(assets=[taxi_trips_file], jobs=[job]).resolve_job_def("trips")
    with dg.Instance.ephemeral() as instance:
        for number, month in enumerate(months.get_partition_keys(), 1):
            result = resolved.execute_in_process(partition_key=month, instance=instance)
            (event,) = result.get_asset_materialization_events()
            told = {name: value.value for name, value in event.materialization.metadata.items()}
            assert told == {"count": number, "month": month, "job": "trips"}
        assert len(instance.get_materialized_partitions(taxi_trips_file.key)) == 3
