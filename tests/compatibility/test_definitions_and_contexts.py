"""What definitions and contexts answer, in the spellings that projects use."""

from datetime import timedelta
from typing import Any

import pytest

import treadle as dg


def test_assets_without_a_group_are_in_the_group_default() -> None:
    defs = dg.Definitions(assets=[dg.AssetSpec("a"), dg.AssetSpec("b", group_name="marts")])
    groups = {spec.key.to_user_string(): spec.group_name for spec in defs.resolve_all_asset_specs()}
    assert groups == {"a": "default", "b": "marts"}


@pytest.mark.filterwarnings("ignore:.context.dagster_run. is deprecated:DeprecationWarning")
def test_a_context_gives_the_run_under_its_older_name() -> None:
    @dg.asset
    def orders(context: dg.AssetExecutionContext) -> Any:
        return context.dagster_run.run_id == context.run.run_id

    assert dg.materialize([orders]).output_for_node("orders")


def test_a_context_knows_the_job_also_where_assets_were_materialized_alone() -> None:
    seen: list[Any] = []

    @dg.asset
    def orders(context: dg.AssetExecutionContext) -> None:
        seen.append((context.job_def.name, [node.name for node in context.job_def.nodes]))

    result = dg.materialize([orders])
    assert seen == [(result.run.job_name, ["orders"])]
    assert result.job_def.name == result.run.job_name


def test_definitions_give_their_jobs_and_repository() -> None:
    @dg.asset
    def orders() -> int:
        return 1

    defs = dg.Definitions(assets=[orders], jobs=[dg.define_asset_job("nightly")])
    assert [job.name for job in defs.resolve_all_job_defs()] == ["__ASSET_JOB", "nightly"]
    repository = defs.get_repository_def()
    assert isinstance(repository, dg.RepositoryDefinition)
    assert repository.name == "__repository__"
    assert repository.get_job("nightly").execute_in_process().success


def test_a_step_asks_the_repository_that_its_job_is_of() -> None:
    """Monitoring assets look other assets of the project up while they run."""
    told: dict[str, Any] = {}

    @dg.asset(freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=1)))
    def watched() -> None: ...

    @dg.asset
    def watcher(context: dg.AssetExecutionContext) -> None:
        repository = context.repository_def
        graph = repository.asset_graph
        told["policy"] = graph.get(watched.key).freshness_policy
        told["has"] = graph.has(watched.key), graph.has(dg.AssetKey("other"))
        told["jobs"] = repository.has_job("watch"), repository.get_job("watch").name
        told["schedules"] = [schedule.name for schedule in repository.schedule_defs]
        told["sensors"] = repository.has_sensor_def("looker")
        told["assets"] = set(repository.assets_defs_by_key)

    @dg.sensor(job_name="watch")
    def looker() -> None: ...

    watch = dg.define_asset_job("watch", selection=[watcher])
    hourly = dg.ScheduleDefinition(name="hourly", job=watch, cron_schedule="@hourly")
    defs = dg.Definitions(assets=[watched, watcher], jobs=[watch], schedules=[hourly], sensors=[looker])
    assert defs.resolve_job_def("watch").execute_in_process().success
    assert told["policy"].fail_window == timedelta(hours=1)
    assert told["has"] == (True, False)
    assert told["jobs"] == (True, "watch")
    assert told["schedules"] == ["hourly"]
    assert told["sensors"] is True
    assert told["assets"] == {watched.key, watcher.key}
