"""Types while a run goes on: what their loaders read, and what a failed check tells."""

import pytest

import treadle as dg


@dg.dagster_type_loader({"path": str, "times": dg.Field(int, default_value=2)})
def load_lines(context, config):
    return [config["path"]] * config["times"]


Lines = dg.DagsterType(lambda _, value: isinstance(value, list), name="Lines", loader=load_lines)


@dg.op(ins={"lines": dg.In(Lines)})
def count(lines) -> int:
    return len(lines)


@dg.job
def counts() -> None:
    count()


def config(lines):
    return {"ops": {"count": {"inputs": {"lines": lines}}}}


def test_a_loader_gets_its_config_checked_and_completed():
    assert counts.execute_in_process(config({"path": "x"})).output_for_node("count") == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"path": 3}, "root:ops:count:inputs:lines:path: expected text"),
        ({"pth": "x"}, "unknown field `pth`"),
        (3, "root:ops:count:inputs:lines: expected a dict"),
    ],
)
def test_config_that_a_loader_does_not_read_is_refused_before_the_run(given, told):
    with pytest.raises(dg.InvalidConfigError, match=told):
        counts.execute_in_process(config(given))


def test_items_of_a_list_form_are_read_one_by_one():
    @dg.op(ins={"numbers": dg.In(dg.List[int])})
    def add(numbers) -> int:
        return sum(numbers)

    @dg.job
    def sums() -> None:
        add()

    def given(value):
        return {"ops": {"add": {"inputs": {"numbers": value}}}}

    assert sums.execute_in_process(given([{"value": 1}, 2])).output_for_node("add") == 3
    with pytest.raises(dg.InvalidConfigError, match=r"numbers\[1\]: expected an integer"):
        sums.execute_in_process(given([1, "x"]))


@pytest.mark.parametrize("place", ["in", "out"])
def test_a_failed_check_hands_on_what_it_said(place):
    picky = dg.DagsterType(
        lambda _, value: dg.TypeCheck(False, "odd", metadata={"seen": value}), name="Picky"
    )

    @dg.op(out=dg.Out(picky if place == "out" else int))
    def give():
        return 3

    @dg.op(ins={"n": dg.In(picky if place == "in" else int)})
    def take(n): ...

    @dg.job
    def passes() -> None:
        take(give())

    with pytest.raises(dg.TypeCheckDidNotPass) as caught:
        passes.execute_in_process()
    assert caught.value.metadata["seen"].value == 3
    result = passes.execute_in_process(raise_on_error=False)
    [failure] = [each for each in result.all_events if each.event_type_value == "STEP_FAILURE"]
    assert failure.event_specific_data.error.cls_name == "DagsterTypeCheckDidNotPass"
