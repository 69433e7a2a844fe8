"""Asset sensors called like functions, as tests of users do."""

from collections.abc import Iterator
from typing import Any

import pytest

import treadle as dg

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


@dg.asset
def orders() -> int:
    return 1


@dg.asset_sensor("orders", job_name="report")
def new_orders(context: Any, asset_event: Any) -> Any:
    return dg.RunRequest(run_key=asset_event.dagster_event.asset_key.to_user_string())


@pytest.fixture
def instance() -> Iterator[Any]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def test_an_asset_sensor_looks_up_what_was_materialized(instance: Any) -> None:
    context = dg.build_sensor_context(instance=instance)
    assert [type(each) for each in new_orders(context)] == [dg.SkipReason]
    dg.materialize([orders], instance=instance)
    assert [each.run_key for each in new_orders(context)] == ["orders"]
    assert [type(each) for each in new_orders(context)] == [dg.SkipReason]


def test_an_asset_sensor_that_is_handed_an_event_returns_what_its_function_returns(instance: Any) -> None:
    dg.materialize([orders], instance=instance)
    event = instance.fetch_materializations(dg.AssetKey("orders"), 1).records[0].event_log_entry
    assert new_orders(dg.build_sensor_context(instance=instance), event).run_key == "orders"


def _returns(context: Any) -> Any:
    context.advance_all_cursors()
    return dg.RunRequest()


def _yields(context: Any) -> Any:
    context.advance_all_cursors()
    yield dg.RunRequest()


@pytest.mark.parametrize("body", [_returns, _yields])
def test_the_cursor_of_a_multi_asset_sensor_tells_after_the_call_what_was_read(
    body: Any, instance: Any
) -> None:
    dg.materialize([orders], instance=instance)
    watched = [dg.AssetKey("orders")]
    sensor = dg.multi_asset_sensor(monitored_assets=watched, job_name="report")(body)
    context = dg.build_multi_asset_sensor_context(monitored_assets=watched, instance=instance)
    given = sensor(context)
    assert len([given] if isinstance(given, dg.RunRequest) else list(given)) == 1
    assert context.cursor is not None
    assert context.latest_materialization_records_by_key()[watched[0]] is None
