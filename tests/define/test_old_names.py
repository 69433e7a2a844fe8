"""Old names of arguments are told at the user's own line, where Python shows them; unknown ones name the nearest."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import treadle as dg

LETTERS = dg.StaticPartitionsDefinition(["a"])
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    EAGER = dg.AutoMaterializePolicy.eager()


def fn(context: Any) -> None: ...


@pytest.mark.parametrize(
    "make",
    [
        lambda: dg.asset(non_argument_deps={"raw"})(fn),
        lambda: dg.multi_asset(outs={"a": dg.AssetOut()}, non_argument_deps={"raw"})(fn),
        lambda: dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS, job_selection=["a"])(fn),
        lambda: dg.run_failure_sensor(job_selection=["a"])(fn),
        lambda: dg.make_email_on_run_failure_sensor("a", "b", ["c"], job_selection=["x"]),
        lambda: dg.static_partitioned_config(["a"], tags_for_partition_fn=lambda key: {}),
        lambda: dg.PartitionedConfig(LETTERS, run_config_for_partition_fn=lambda partition: {}),
        lambda: dg.ScheduleDefinition("a", cron_schedule="@daily", job_name="a", environment_vars={"a": "b"}),
        lambda: dg.schedule("@daily", job_name="a", environment_vars={"a": "b"})(fn),
        lambda: dg.load_assets_from_current_module(auto_materialize_policy=EAGER),
    ],
)
def test_the_warning_of_an_old_name_stands_at_the_users_line(make: Callable[[], Any]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    old = [each for each in caught if each.category is DeprecationWarning]
    assert [each.filename for each in old] == [__file__]
    assert old[0].lineno == make.__code__.co_firstlineno


@pytest.mark.parametrize(
    ("make", "nearest"),
    [
        (lambda: dg.asset(gruop_name="x"), "group_name"),  # type: ignore[call-overload]
        (lambda: dg.multi_asset(spesc=[]), "specs"),
        (lambda: dg.graph_asset(key_prefx="a"), "key_prefix"),
        (lambda: dg.graph_asset(resource_keys={"a"}), "resource_defs"),
        (lambda: dg.DailyPartitionsDefinition("2026-01-01", timezon="UTC"), "timezone"),
        (lambda: dg.GraphDefinition("g", node_def=[]), "node_defs"),
    ],
)
def test_an_unknown_argument_names_the_nearest(make: Callable[[], Any], nearest: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert f"did you mean `{nearest}`" in str(caught.value)
