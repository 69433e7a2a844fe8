"""`RunRequest(stale_assets_only=True)`: a tick asks for what is stale of the selection, or skips."""

from typing import Any

import pytest

import treadle as dg


def definitions(code_version: str) -> tuple[dg.Definitions, list[Any]]:
    @dg.asset(code_version="1")
    def raw() -> None: ...

    @dg.asset(deps=[raw], code_version=code_version)
    def clean() -> None: ...

    @dg.asset(deps=[clean], code_version="1")
    def report() -> None: ...

    assets = [raw, clean, report]
    job = dg.define_asset_job("all_of_it", selection="*")

    @dg.sensor(job=job)
    def of_a_job():
        return dg.RunRequest(stale_assets_only=True)

    @dg.schedule(job=job, cron_schedule="@daily")
    def daily():
        return dg.RunRequest(stale_assets_only=True)

    return (
        dg.Definitions(assets=assets, jobs=[job], sensors=[of_a_job], schedules=[daily]),
        assets,
    )


def tick(found: dg.Definitions, instance: dg.Instance, kind: str) -> Any:
    if kind == "sensor":
        context = dg.build_sensor_context(instance=instance, definitions=found)
        return found.get_sensor_def("of_a_job").evaluate_tick(context)
    context = dg.build_schedule_context(instance=instance, repository_def=found.get_repository_def())
    return found.get_schedule_def("daily").evaluate_tick(context)


@pytest.mark.parametrize("kind", ["sensor", "schedule"])
def test_only_what_is_stale_is_asked_for_and_else_the_tick_skips(kind: str) -> None:
    with dg.instance_for_test() as instance:
        found, assets = definitions("1")
        (request,) = tick(found, instance, kind).run_requests
        assert len(request.asset_selection) == 3
        assert dg.materialize(assets, instance=instance).success
        fresh = tick(found, instance, kind)
        assert list(fresh.run_requests or ()) == []
        assert fresh.skip_message == "Nothing is stale of what was asked for: raw, clean, report"
        newer, _ = definitions("2")
        (request,) = tick(newer, instance, kind).run_requests
        assert [key.to_user_string() for key in request.asset_selection] == ["clean", "report"]


def test_without_an_instance_or_definitions_the_request_stays_as_it_is() -> None:
    found, _ = definitions("1")
    context = dg.build_sensor_context()
    (request,) = found.get_sensor_def("of_a_job").evaluate_tick(context).run_requests
    assert request.stale_assets_only
    assert request.asset_selection is None
