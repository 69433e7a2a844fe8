"""Whatever stands in an argument of a definition, it is taken or refused by an error of ours: never a raw one of Python."""

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError, TreadleError


class Odd: ...


def function(context: Any) -> None: ...


VALUES: list[Any] = [
    5,
    0,
    -1.5,
    True,
    "x y",
    "",
    b"x",
    function,
    Odd(),
    [5],
    [[]],
    [function],
    {function},
    {"k": 5},
    {5: 5},
    {"result": 5},
]


@dg.op
def one() -> int:
    return 1


@dg.graph
def ones() -> Any:
    return one()


def of_asset(**given: Any) -> dg.Definitions:
    @dg.asset(**given)
    def a() -> int:
        return 1

    return dg.Definitions(assets=[a])


def of_multi_asset_specs(**given: Any) -> dg.Definitions:
    @dg.multi_asset(**{"specs": [dg.AssetSpec("a")], **given})
    def a() -> None: ...

    return dg.Definitions(assets=[a])


def of_multi_asset_outs(**given: Any) -> dg.Definitions:
    @dg.multi_asset(**{"outs": {"a": dg.AssetOut()}, **given})
    def a() -> None: ...

    return dg.Definitions(assets=[a])


def of_asset_out(**given: Any) -> dg.Definitions:
    return of_multi_asset_outs(outs={"a": dg.AssetOut(**given)})


def of_asset_in(**given: Any) -> dg.Definitions:
    @dg.asset(ins={"b": dg.AssetIn(**{"key": "b", **given})})
    def a(b: int) -> None: ...

    return dg.Definitions(assets=[a, dg.AssetSpec("b")])


def of_observation(**given: Any) -> dg.Definitions:
    @dg.observable_source_asset(**given)
    def a() -> None: ...

    return dg.Definitions(assets=[a])


def of_observations(**given: Any) -> dg.Definitions:
    @dg.multi_observable_source_asset(**{"specs": [dg.AssetSpec("a")], **given})
    def a() -> None: ...

    return dg.Definitions(assets=[a])


def of_graph_asset(**given: Any) -> dg.Definitions:
    @dg.graph_asset(**given)
    def a() -> Any:
        return one()

    return dg.Definitions(assets=[a])


def of_graph_multi_asset(**given: Any) -> dg.Definitions:
    @dg.graph_multi_asset(**{"outs": {"a": dg.AssetOut()}, **given})
    def g() -> Any:
        return {"a": one()}

    return dg.Definitions(assets=[g])


def of_check(**given: Any) -> dg.Definitions:
    @dg.asset_check(**{"asset": "a", **given})
    def c() -> Any: ...

    return dg.Definitions(assets=[dg.AssetSpec("a")], asset_checks=[c])


def of_checks(**given: Any) -> dg.Definitions:
    @dg.multi_asset_check(**{"specs": [dg.AssetCheckSpec("c", asset="a")], **given})
    def c() -> Any: ...

    return dg.Definitions(assets=[dg.AssetSpec("a")], asset_checks=[c])


def of_asset_job(**given: Any) -> dg.Definitions:
    @dg.asset
    def a() -> None: ...

    return dg.Definitions(assets=[a], jobs=[dg.define_asset_job(**{"name": "j", **given})])


def of_job(**given: Any) -> dg.Definitions:
    @dg.job(**given)
    def j() -> None:
        one()

    return dg.Definitions(jobs=[j])


def of_to_job(**given: Any) -> dg.Definitions:
    return dg.Definitions(jobs=[ones.to_job(**given)])


def of_graph(**given: Any) -> dg.Definitions:
    @dg.graph(**given)
    def g() -> None:
        one()

    return dg.Definitions(jobs=[g.to_job()])


def of_op(**given: Any) -> dg.Definitions:
    @dg.op(**given)
    def o() -> int:
        return 1

    @dg.job
    def j() -> None:
        o()

    return dg.Definitions(jobs=[j])


def of_schedule(**given: Any) -> dg.Definitions:
    schedule = dg.ScheduleDefinition(**{"name": "s", "cron_schedule": "0 0 * * *", "target": "a", **given})
    return dg.Definitions(assets=[dg.AssetSpec("a")], schedules=[schedule])


def of_partitioned_schedule(**given: Any) -> dg.Definitions:
    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01"))
    def a() -> None: ...

    job = dg.define_asset_job("j", selection="a")
    return dg.Definitions(
        assets=[a], jobs=[job], schedules=[dg.build_schedule_from_partitioned_job(**{"job": job, **given})]
    )


def of_sensor(**given: Any) -> dg.Definitions:
    @dg.sensor(**{"target": "*", **given})
    def s(context: Any) -> None: ...

    return dg.Definitions(assets=[dg.AssetSpec("a")], sensors=[s])


def of_run_status_sensor(**given: Any) -> dg.Definitions:
    @dg.run_status_sensor(**{"run_status": dg.DagsterRunStatus.SUCCESS, **given})
    def s(context: Any) -> None: ...

    return dg.Definitions(sensors=[s])


def of_source_asset(**given: Any) -> dg.Definitions:
    return dg.Definitions(assets=[dg.SourceAsset(**{"key": "a", **given})])


def of_op_as_assets(**given: Any) -> dg.Definitions:
    return dg.Definitions(assets=[dg.AssetsDefinition.from_op(one, **given)])


def of_graph_as_assets(**given: Any) -> dg.Definitions:
    return dg.Definitions(assets=[dg.AssetsDefinition.from_graph(ones, **given)])


def of_changed_asset(**given: Any) -> dg.Definitions:
    @dg.asset
    def a() -> None: ...

    return dg.Definitions(assets=[a.with_attributes(**given)])


def of_days(**given: Any) -> dg.Definitions:
    return of_asset(partitions_def=dg.DailyPartitionsDefinition(**{"start_date": "2026-01-01", **given}))


def of_resource(**given: Any) -> dg.Definitions:
    return dg.Definitions(resources={"r": dg.resource(**given)(function)})


def of_output(**given: Any) -> dg.Definitions:
    return of_op(out=dg.Out(**given))


WAYS: list[tuple[Callable[..., dg.Definitions], Callable[..., Any]]] = [
    (of_asset, dg.asset),
    (of_multi_asset_specs, dg.multi_asset),
    (of_multi_asset_outs, dg.multi_asset),
    (of_asset_out, dg.AssetOut),
    (of_asset_in, dg.AssetIn),
    (of_observation, dg.observable_source_asset),
    (of_observations, dg.multi_observable_source_asset),
    (of_graph_asset, dg.graph_asset),
    (of_graph_multi_asset, dg.graph_multi_asset),
    (of_check, dg.asset_check),
    (of_checks, dg.multi_asset_check),
    (of_asset_job, dg.define_asset_job),
    (of_job, dg.job),
    (of_to_job, dg.GraphDefinition.to_job),
    (of_graph, dg.graph),
    (of_op, dg.op),
    (of_schedule, dg.ScheduleDefinition),
    (of_partitioned_schedule, dg.build_schedule_from_partitioned_job),
    (of_sensor, dg.sensor),
    (of_run_status_sensor, dg.run_status_sensor),
    (of_source_asset, dg.SourceAsset),
    (of_op_as_assets, dg.AssetsDefinition.from_op),
    (of_graph_as_assets, dg.AssetsDefinition.from_graph),
    (of_changed_asset, dg.AssetsDefinition.with_attributes),
    (of_days, dg.DailyPartitionsDefinition),
    (of_resource, dg.resource),
    (of_output, dg.Out),
]
FIRST = {"self", "op_def", "graph_def", "compute_fn", "compose_fn", "observe_fn"}
"""What is decorated or changed: no argument of these ways."""


@pytest.fixture(autouse=True)
def _old_arguments_are_named_too() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize(("way", "api"), WAYS, ids=lambda one: getattr(one, "__name__", ""))
def test_no_error_of_python_itself_comes_out(way: Callable[..., Any], api: Callable[..., Any]) -> None:
    way()  # is whole without the argument
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(api).parameters.values()
    names = [one.name for one in parameters if one.kind in kinds and one.name not in FIRST]
    assert names
    raw = []
    for name in names:
        for value in VALUES:
            try:
                way(**{name: value}).problems()
            except TreadleError:
                continue
            except Exception as error:
                raw.append((name, value, repr(error)))
    assert raw == []


NAMED: list[tuple[Callable[..., Any], str, Any]] = [
    (of_multi_asset_specs, "resource_defs", 5),
    (of_check, "resource_defs", [5]),
    (of_observation, "resource_defs", "x"),
    (of_graph_asset, "resource_defs", "x"),
    (of_source_asset, "resource_defs", "x"),
    (of_job, "resource_defs", [5]),
    (of_check, "additional_ins", ["b"]),
    (of_graph_asset, "ins", ["b"]),
    (of_multi_asset_outs, "internal_asset_deps", ["a"]),
    (of_multi_asset_outs, "internal_asset_deps", {"a": "b"}),
    (of_multi_asset_outs, "internal_asset_deps", {"a": {"b"}}),
    (of_op_as_assets, "internal_asset_deps", {"result": {"b"}}),
    (of_asset_job, "metadata", "x"),
    (of_job, "metadata", [("a", 1)]),
    (of_job, "logger_defs", [5]),
    (of_job, "input_values", [5]),
    (of_schedule, "execution_timezone", 5),
    (of_schedule, "environment_vars", ["A"]),
    (of_asset_out, "io_manager_key", 5),
    (of_output, "io_manager_key", 5),
    (of_observation, "io_manager_key", 5),
    (of_source_asset, "io_manager_key", 5),
    (of_to_job, "op_selection", "one"),
    (of_checks, "specs", ["c"]),
    (of_observations, "specs", ["a"]),
    (of_run_status_sensor, "monitored_jobs", 5),
    (of_days, "timezone", 5),
    (of_days, "exclusions", "0 0 * * *"),
]


@pytest.mark.parametrize(("way", "name", "value"), NAMED)
def test_the_error_names_the_argument(way: Callable[..., Any], name: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        way(**{name: value})
    assert raised.value.argument == name
    assert f"`{name}`" in raised.value.message


@pytest.mark.parametrize(
    "decorator",
    [dg.asset, dg.op, dg.job, dg.graph, dg.graph_asset, dg.observable_source_asset, dg.success_hook],
)
def test_a_name_given_by_position_is_told_to_go_by_name(decorator: Callable[..., Any]) -> None:
    with pytest.raises(InvalidArgumentError, match="must be the function, got 'orders'") as raised:
        decorator("orders")
    assert "`name=...`" in (raised.value.hint or "")
    assert "test_wrong_arguments.py" in (raised.value.where or "")


def test_a_late_job_that_wants_arguments_is_none() -> None:
    with pytest.raises(InvalidArgumentError, match="a function without arguments") as raised:
        dg.ScheduleDefinition("s", cron_schedule="0 0 * * *", job=function).job_name
    assert (raised.value.where or "").endswith(f":{function.__code__.co_firstlineno}")


def test_an_input_refuses_a_manager_key_that_is_no_text() -> None:
    with pytest.raises(InvalidArgumentError, match="`input_manager_key` must be text"):
        dg.In(input_manager_key=5)
