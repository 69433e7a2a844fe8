"""Values of inputs in run config: read at every level as the type says; what can not fit is refused before the run."""

from typing import Any

import pytest

import treadle as dg


@dg.op
def shapes(
    numbers: list[int],
    by_name: dict[str, int],
    maybe: int | None,
    some: set[int],
    pair: tuple[int, str],
    share: float,
) -> Any:
    return numbers, by_name, maybe, some, pair, share


@dg.job
def shaped() -> None:
    shapes()


PLAIN: dict[str, Any] = {
    "numbers": [1, 2],
    "by_name": {"a": 1},
    "maybe": None,
    "some": [1],
    "pair": [1, "x"],
    "share": 1,
}


def _run(**inputs: Any) -> Any:
    result = shaped.execute_in_process(run_config={"ops": {"shapes": {"inputs": {**PLAIN, **inputs}}}})
    return result.output_for_node("shapes")


def test_values_are_written_plainly_or_each_under_its_own_value() -> None:
    expected = ([1, 2], {"a": 1}, None, {1}, (1, "x"), 1.0)
    assert _run() == expected
    assert isinstance(_run()[5], float)
    nested = _run(
        numbers=[{"value": 1}, 2],
        by_name={"a": {"value": 1}},
        maybe={"value": 3},
        some=[{"value": 1}],
        pair=[{"value": 1}, "x"],
        share={"value": 1},
    )
    assert nested == ([1, 2], {"a": 1}, 3, {1}, (1, "x"), 1.0)
    assert _run(numbers={"value": [1]}, by_name={"value": {"b": 2}})[:2] == ([1], {"b": 2})


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"numbers": [1, "x"]}, "root:ops:shapes:inputs:numbers[1]"),
        ({"numbers": "x"}, "root:ops:shapes:inputs:numbers"),
        ({"numbers": [{"value": "x"}]}, "root:ops:shapes:inputs:numbers[0]:value"),
        ({"by_name": {"a": "x"}}, "root:ops:shapes:inputs:by_name:'a':value"),
        ({"by_name": 3}, "root:ops:shapes:inputs:by_name"),
        ({"maybe": "x"}, "root:ops:shapes:inputs:maybe"),
        ({"share": True}, "root:ops:shapes:inputs:share"),
    ],
)
def test_what_can_not_be_of_the_type_is_refused_with_its_path(inputs: dict[str, Any], path: str) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError) as caught:
        _run(**inputs)
    assert f"\n  {path}: expected" in str(caught.value)


def test_all_wrong_inputs_are_told_at_once() -> None:
    with pytest.raises(dg.DagsterInvalidConfigError) as caught:
        _run(numbers=["a", "b"], share="x")
    assert len(caught.value.errors) == 3


def test_loaders_make_the_items_of_lists_and_dictionaries() -> None:
    @dg.dagster_type_loader(config_schema={"low": int})
    def load(_context: Any, config: Any) -> "Range":
        return Range(config["low"])

    @dg.usable_as_dagster_type(loader=load)
    class Range:
        def __init__(self, low: int) -> None:
            self.low = low

    @dg.op
    def lows(ranges: list[Range], named: dict[str, Range]) -> Any:
        return [each.low for each in ranges], {name: each.low for name, each in named.items()}

    @dg.job
    def loading() -> None:
        lows()

    config = {"ranges": [{"low": 1}, {"low": 2}], "named": {"a": {"low": 3}}}
    result = loading.execute_in_process(run_config={"ops": {"lows": {"inputs": config}}})
    assert result.output_for_node("lows") == ([1, 2], {"a": 3})


def test_settings_of_the_console_logger_are_checked_where_no_loggers_are_named() -> None:
    @dg.op
    def quiet() -> None: ...

    @dg.job
    def silent() -> None:
        quiet()

    with pytest.raises(dg.DagsterInvalidConfigError, match="root:loggers:console:config:log_level"):
        silent.execute_in_process(run_config={"loggers": {"console": {"config": {"log_level": 3}}}})
    loud = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    assert silent.execute_in_process(run_config=loud).success


def test_a_path_of_config_is_written_in_the_peers_words() -> None:
    @dg.op(config_schema={"n": int, "nested": {"b": [str]}, "m": dg.Map(str, int)})
    def inner() -> None: ...

    @dg.graph
    def outer() -> None:
        inner()

    wrong = {"n": "x", "nested": {"b": ["a", 1]}, "m": {"k": "v"}, "more": 1}

    @dg.job
    def whole() -> None:
        outer()

    with pytest.raises(dg.DagsterInvalidConfigError) as caught:
        whole.execute_in_process(
            run_config={"ops": {"outer": {"ops": {"inner": {"config": wrong}}}}, "opz": {}}
        )
    at = "root:ops:outer:ops:inner:config"
    paths = [
        line.strip().rpartition(": ")[0].partition(": ")[0] for line in str(caught.value).splitlines()[1:]
    ]
    assert paths == ["root", at, f"{at}:m:'k':value", f"{at}:n", f"{at}:nested:b[1]"]
