"""Private names of the peer by which tests of real projects reach a tick's function."""

from types import SimpleNamespace
from typing import Any

import pytest

import treadle as dg


def one(context: Any) -> Any:
    return dg.RunRequest(run_key="1")


def several(context: Any) -> Any:
    yield dg.RunRequest(run_key="1")
    yield dg.SkipReason("enough")


def nothing(context: Any) -> Any:
    return None


@pytest.mark.parametrize(("function", "count"), [(one, 1), (several, 2), (nothing, 1)])
@pytest.mark.parametrize("context", [dg.build_sensor_context(), SimpleNamespace(cursor=None)])
def test_a_sensor_s_evaluation_fn_gives_a_list_for_any_context(
    function: Any, count: int, context: Any
) -> None:
    sensor = dg.SensorDefinition("files", evaluation_fn=function, job_name="load")
    assert len(sensor._evaluation_fn(context)) == count


def test_a_stand_in_of_the_context_has_the_resources():
    class Files(dg.ConfigurableResource):
        def count(self) -> int:
            return 1

    @dg.sensor(job_name="load")
    def files(context, files: Files):
        return dg.SkipReason(f"{files.count()} files")

    stand_in = SimpleNamespace(resources=SimpleNamespace(files=SimpleNamespace(count=lambda: 3)))
    (told,) = files._evaluation_fn(stand_in)
    assert told.skip_message == "3 files"


def test_the_decorated_function_can_be_had():
    assert dg.sensor(job_name="load")(one)._raw_fn is one
    by_cron = dg.schedule(cron_schedule="@daily", job_name="load")(one)
    assert by_cron._execution_fn.decorated_fn is one
    assert dg.ScheduleDefinition(cron_schedule="@daily", job_name="load")._execution_fn is None


def test_an_asset_sensor_looks_up_its_events_first():
    @dg.asset
    def orders() -> None: ...

    @dg.asset_sensor(asset_key=dg.AssetKey("orders"), job_name="load")
    def made(context, asset_event):
        return dg.SkipReason(asset_event.dagster_event.asset_key.to_user_string())

    with dg.Instance.ephemeral() as instance:
        dg.materialize([orders], instance=instance)
        context = dg.build_sensor_context(instance=instance)
        assert [told.skip_message for told in made._evaluation_fn(context)] == ["orders"]
        again = dg.build_sensor_context(instance=instance)
        assert [told.skip_message for told in made._raw_fn(again)] == ["orders"]
