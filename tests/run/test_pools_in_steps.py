"""Steps see the pools that they hold, in every process, however the pool was named."""

from typing import Any

import pytest

import treadle as dg


@dg.op(tags={"dagster/concurrency_key": "api"})
def calls(context) -> Any:
    found = context.instance.event_log_storage.get_concurrency_info("api")
    return found.active_slot_count, {run == context.run.run_id for run in found.active_run_ids}


@dg.op
def is_tagged_where_it_is_used(context) -> int:
    return context.instance.event_log_storage.get_concurrency_info("api").active_slot_count


@dg.asset(op_tags={"dagster/concurrency_key": "api"})
def fetched(context) -> int:
    return context.instance.event_log_storage.get_concurrency_info("api").active_slot_count


@dg.graph
def calling() -> None:
    calls.alias("first")()
    calls.alias("second")()
    is_tagged_where_it_is_used.tag({"dagster/concurrency_key": "api"})()


@dg.op
def asks_for_settings(context) -> list[Any]:
    instance = context.instance
    return [
        instance.run_retries_enabled,
        instance.run_retries_max_retries,
        instance.run_storage.get_runs_count(),
    ]


@dg.job
def asking() -> None:
    asks_for_settings()


def in_this_process() -> dg.JobDefinition:
    return calling.to_job(name="here", executor_def=dg.in_process_executor)


def in_processes() -> dg.JobDefinition:
    return calling.to_job(name="apart", executor_def=dg.multiprocess_executor)


@pytest.mark.parametrize("make", [in_this_process, in_processes])
def test_the_peers_old_tag_names_a_pool(make: Any) -> None:
    with dg.instance_for_test() as instance:
        instance.event_log_storage.set_concurrency_slots("api", 1)
        with dg.execute_job(dg.reconstructable(make), instance) as result:
            assert result.success
            assert result.output_for_node("first") == (1, {True})
            assert result.output_for_node("second") == (1, {True})
            assert result.output_for_node("is_tagged_where_it_is_used") == 1
        assert dg.materialize([fetched], instance=instance).asset_value("fetched") == 1
        assert fetched.op.pool is None


def asking_in_processes() -> dg.JobDefinition:
    return asking


def test_a_step_in_another_process_reads_settings_and_views_of_the_instance() -> None:
    settings = {"run_retries": {"enabled": True, "max_retries": 4}}
    with dg.instance_for_test(overrides=settings) as instance:
        config = {"execution": {"config": {"multiprocess": {}}}}
        job = dg.reconstructable(asking_in_processes)
        with dg.execute_job(job, instance, run_config=config) as result:
            assert result.output_for_node("asks_for_settings") == [True, 4, 1]
