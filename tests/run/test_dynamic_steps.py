"""Steps that run once for each value of a dynamic output: order, skipping, failures, all executors, taking up again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import executor
from treadle import (
    DynamicOut,
    DynamicOutput,
    In,
    Nothing,
    Out,
    Output,
    ReexecutionOptions,
    RetryRequested,
    execute_job,
    graph,
    job,
    op,
)
from treadle.core.errors import InvalidDefinitionError
from treadle.store.instance import Instance

EXECUTORS = ["in_process", "threads", "fork", "asyncio"]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with Instance.ephemeral(tempdir=str(tmp_path)) as made:
        yield made


@op(out=DynamicOut(int))
def src():
    for n in range(3):
        yield DynamicOutput(n, mapping_key=f"k{n}")


@op
def dbl(x):
    return x * 2


@op
def trip(x):
    return x * 3


@op
def add(x, y):
    return x + y


@op
def one():
    return 1


@op
def total(xs):
    return sum(xs)


@op
def listed(xs):
    return list(xs)


def steps(result: Any, kind: str = "STEP_START") -> list[str]:
    return [event.step_key for event in result.all_events if event.event_type_value == kind]


@pytest.mark.parametrize("how", [*EXECUTORS, "spawn"])
def test_every_executor_maps_and_collects(how: str, instance: Instance) -> None:
    @job
    def numbers():
        total(src().map(dbl).map(trip).collect())

    result = execute_job(numbers, instance, executor=executor(how))
    assert result.success
    assert result.output_for_node("total") == 18
    assert result.output_for_node("dbl") == {"k0": 0, "k1": 2, "k2": 4}
    assert sorted(steps(result)) == sorted(
        ["src", *(f"{name}[k{n}]" for name in ("dbl", "trip") for n in range(3)), "total"]
    )


def test_one_output_is_mapped_several_times_and_collected_as_it_is() -> None:
    @job
    def numbers():
        values = src()
        values.map(dbl)
        values.map(trip)
        total(values.collect())

    assert steps(numbers.execute_in_process()) == [
        "src",
        *(f"dbl[k{n}]" for n in range(3)),
        "total",
        *(f"trip[k{n}]" for n in range(3)),
    ]


def test_a_graph_is_mapped_and_other_inputs_are_shared() -> None:
    @graph
    def inner(x, y):
        return add(dbl(x), y)

    @job
    def numbers():
        shared = one()
        collected = total(src().collect())
        listed(
            src.alias("again")().map(lambda x: inner(x, shared)).map(lambda x: add(x, collected)).collect()
        )

    result = numbers.execute_in_process()
    assert result.output_for_node("listed") == [4, 6, 8]
    assert result.output_for_node("inner") == {"k0": 1, "k1": 3, "k2": 5}


def test_a_dynamic_output_leaves_its_graph() -> None:
    @graph
    def inner():
        return src().map(dbl)

    @job
    def numbers():
        total(inner().map(trip).collect())

    assert numbers.execute_in_process().output_for_node("total") == 18


def test_without_values_a_required_output_is_an_empty_list_and_an_optional_one_skips() -> None:
    @op(out=DynamicOut())
    def none():
        return
        yield

    @op(out=DynamicOut(is_required=False))
    def perhaps():
        return
        yield

    @job
    def numbers():
        total(none().map(dbl).collect())
        total.alias("later")(perhaps().map(dbl).collect())

    result = numbers.execute_in_process()
    assert result.output_for_node("total") == 0
    assert steps(result, "STEP_SKIPPED") == ["later"]


def test_branches_that_skip_are_left_out_of_what_is_collected() -> None:
    @op(out=Out(is_required=False))
    def even(x):
        if x % 2 == 0:
            yield Output(x)

    @job
    def numbers():
        listed(src().map(even).map(dbl).collect())

    result = numbers.execute_in_process()
    assert result.output_for_node("listed") == [0, 4]
    assert steps(result, "STEP_SKIPPED") == ["dbl[k1]"]


def test_what_only_orders_waits_for_all_of_them() -> None:
    @op(ins={"start": In(Nothing)})
    def later():
        return 1

    @job
    def numbers():
        later(src().map(dbl).collect())

    assert steps(numbers.execute_in_process())[-1] == "later"


def test_a_source_that_fails_or_is_skipped_ends_what_is_mapped_over_it() -> None:
    @op(out=DynamicOut())
    def fails():
        yield DynamicOutput(1, "a")
        raise ValueError("no more")

    @op(out=Out(is_required=False))
    def nothing():
        return
        yield

    @op(out=DynamicOut())
    def spread(x):
        yield DynamicOutput(x, "a")

    @job
    def failing():
        total(fails().map(dbl).collect())

    @job
    def skipping():
        total(spread(nothing()).map(dbl).collect())

    assert steps(failing.execute_in_process(raise_on_error=False)) == ["fails"]
    assert steps(skipping.execute_in_process(), "STEP_SKIPPED") == ["spread", "total"]


@pytest.mark.parametrize("how", EXECUTORS)
def test_one_value_is_tried_again_alone_and_knows_its_key(how: str, instance: Instance) -> None:
    @op
    def picky(context, x):
        if x == 1 and context.retry_number == 0:
            raise RetryRequested(max_retries=1)
        return context.get_mapping_key()

    @job
    def numbers():
        listed(src().map(picky).collect())

    result = execute_job(numbers, instance, executor=executor(how))
    assert result.output_for_node("listed") == ["k0", "k1", "k2"]
    assert steps(result, "STEP_RESTARTED") == ["picky[k1]"]


def failing_job(flag: Path) -> Any:
    @op
    def picky(x):
        if flag.exists() and x == 1:
            raise ValueError("not now")
        return x * 10

    @job
    def numbers():
        total(src().map(picky).collect())

    return numbers


@pytest.mark.parametrize("how", EXECUTORS)
def test_a_failed_run_is_taken_up_at_the_values_that_failed(
    how: str, instance: Instance, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    numbers = failing_job(flag)
    flag.touch()
    first = execute_job(numbers, instance, executor=executor(how))
    assert sorted(first.get_failed_step_keys()) == ["picky[k1]"]
    flag.unlink()
    again = execute_job(
        numbers,
        instance,
        executor=executor(how),
        reexecution_options=ReexecutionOptions.from_failure(first.run_id, instance),
    )
    assert sorted(steps(again)) == ["picky[k1]", "total"]
    assert again.output_for_node("total") == 30


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (["picky[k0]*"], ["picky[k0]", "total"]),
        (["src*"], ["picky[k0]", "picky[k1]", "picky[k2]", "src", "total"]),
        ([], ["picky[k0]", "picky[k1]", "picky[k2]", "src", "total"]),
        (["total"], ["total"]),
    ],
)
def test_steps_of_an_earlier_run_are_named_with_their_keys(
    selection: list[str], expected: list[str], instance: Instance, tmp_path: Path
) -> None:
    numbers = failing_job(tmp_path / "flag")
    first = execute_job(numbers, instance, executor=executor("in_process"))
    again = execute_job(
        numbers,
        instance,
        executor=executor("in_process"),
        reexecution_options=ReexecutionOptions(first.run_id, step_selection=selection),
    )
    assert sorted(steps(again)) == expected
    assert again.output_for_node("total") == 30


def test_an_empty_output_stays_empty_when_a_run_is_taken_up(instance: Instance, tmp_path: Path) -> None:
    flag = tmp_path / "flag"

    @op(out=DynamicOut())
    def none():
        return
        yield

    @op
    def size(xs):
        if flag.exists():
            raise ValueError("not now")
        return len(xs)

    @job
    def numbers():
        size(none().map(dbl).collect())

    flag.touch()
    first = execute_job(numbers, instance, executor=executor("in_process"))
    flag.unlink()
    again = execute_job(
        numbers,
        instance,
        executor=executor("in_process"),
        reexecution_options=ReexecutionOptions.from_failure(first.run_id, instance),
    )
    assert steps(again) == ["size"]
    assert again.output_for_node("size") == 0


def test_a_key_given_twice_fails_the_step() -> None:
    @op(out=DynamicOut())
    def twice():
        yield DynamicOutput(1, "k")
        yield DynamicOutput(2, "k")

    @job
    def numbers():
        twice().map(dbl)

    result = numbers.execute_in_process(raise_on_error=False)
    assert result.get_failed_step_keys() == {"twice"}


def test_pools_and_time_limits_hold_for_each_value(instance: Instance) -> None:
    import time

    @op(pool="narrow", timeout=1.0)
    def slow(x):
        if x == 1:
            time.sleep(30)
        return x

    @job
    def numbers():
        total(src().map(slow).collect())

    result = execute_job(numbers, instance, executor=executor("fork"))
    assert result.get_failed_step_keys() == {"slow[k1]"}
    assert set(steps(result, "STEP_SUCCESS")) == {"src", "slow[k0]", "slow[k2]"}


@op(out=DynamicOut(int))
def split(x):
    for n in range(2):
        yield DynamicOutput(x * 10 + n, mapping_key=f"part{n}")


def test_a_mapped_op_may_give_dynamic_outputs_that_nobody_reads() -> None:
    @job
    def splits():
        src().map(split)

    result = splits.execute_in_process()
    assert result.success
    assert result.output_for_node("split") == {"k0": 1, "k1": 11, "k2": 21}, "the last value of each"
    outputs = [event for event in result.all_node_events if event.event_type_value == "STEP_OUTPUT"]
    assert len([event for event in outputs if event.step_key == "split[k1]"]) == 2


def test_what_reads_a_dynamic_output_of_a_mapped_op_is_refused() -> None:
    def nested():
        src().map(lambda one: split(one).map(dbl))

    def collected():
        dbl(src().map(split).collect())

    for wrong in (nested, collected):
        with pytest.raises(InvalidDefinitionError, match="more than one dynamic output"):
            job(wrong)


def test_a_mapped_op_may_also_read_all_values_of_a_collected_output() -> None:
    @job
    def beside_all():
        values = src()
        values.map(lambda one: pair(one, values.map(dbl).collect()))

    everything = [0, 2, 4]
    assert beside_all.execute_in_process().output_for_node("pair") == {
        f"k{n}": (n, everything) for n in range(3)
    }


@op
def pair(x, y):
    return x, y
