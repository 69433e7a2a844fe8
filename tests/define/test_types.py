"""Types of inputs and outputs."""

import pickle
import typing
from typing import Any, Literal, Optional, Protocol, TypedDict, Union

import pandas
import polars
import pytest

import treadle as dg
from treadle.core.errors import TypeCheckError
from treadle.define.types import ANY, NOTHING, resolve_type


class Point:
    pass


class Row(TypedDict):
    n: int


class Duck(Protocol):
    def quack(self) -> None: ...


CASES = [
    (Any, object(), True),
    (int, 1, True),
    (int, "1", False),
    (float, 1.5, True),
    (float, 1, False),
    (str, "x", True),
    (bool, 1, False),
    (Point, Point(), True),
    (Point, object(), False),
    (list, [1, "x"], True),
    (typing.List, [1], True),  # noqa: UP006
    (typing.Dict, [1], False),  # noqa: UP006
    (list[int], [1, 2], True),
    (list[int], [1, "x"], False),
    (list[int], (1,), False),
    (typing.List[int], ["x"], False),  # noqa: UP006
    (dict[str, int], {"a": 1}, True),
    (dict[str, int], {"a": "x"}, False),
    (dict[str, int], {1: 1}, False),
    (dict[str, Any], {"a": object()}, True),
    (set[int], {1}, True),
    (set[int], {"x"}, False),
    (tuple[int, str], (1, "x"), True),
    (tuple[int, str], (1, 2), False),
    (tuple[int, str], (1,), False),
    (tuple[int, ...], (1, 2, 3), True),
    (tuple[int, ...], (1, "x"), False),
    (Optional[int], None, True),  # noqa: UP045
    (Optional[int], "x", False),  # noqa: UP045
    (Union[int, str], "x", True),  # noqa: UP007
    (int | str, 1.5, False),
    (list[int | None], [1, None], True),
    (Literal["a", 1], "a", True),
    (Literal["a", 1], True, False),
    (Row, {"n": 1}, True),
    (Row, [], False),
    (Duck, object(), True),
    (typing.Callable[[int], str], object(), True),
    (typing.Iterator[int], object(), False),
    (typing.Iterator[int], iter([1]), True),
    (typing.TypeVar("T"), 3, True),
    ("Forward", 3, True),
    (typing.Annotated[int, "x"], "y", False),
    (None, None, True),
    (dg.Nothing, 3, False),
    (dg.List[dg.Int], ["x"], False),
    (dg.Optional[dg.List[dg.String]], None, True),
    (dg.Dict[str, int], {"a": "b"}, False),
    (dg.Tuple[int, str], (1, "b"), True),
    (dg.Set[str], {1}, False),
]


@pytest.mark.parametrize(("annotation", "value", "fits"), CASES, ids=range(len(CASES)))
def test_annotations_are_checked_as_deep_as_they_say(annotation, value, fits):
    """S4-02."""
    assert dg.check_dagster_type(annotation, value).success is fits


def test_a_refusal_says_where_and_what():
    assert resolve_type(dict[str, list[int]]).check({"a": [1, "x"]}).description == (
        "value of 'a': item 1: expected int, got str"
    )
    assert (
        resolve_type(int | list[int]).check("x").description
        == "expected int, got str or expected list, got str"
    )


def test_what_takes_anything_is_any_itself():
    for annotation in (Any, object, "Later", Duck, typing.TypeVar("T"), Any | None):
        assert resolve_type(annotation) is ANY
    assert resolve_type(type(None)) is NOTHING
    assert resolve_type(list[int]) is resolve_type(list[int])


def test_data_frames_are_checked_by_class():
    """S4-02."""
    check = resolve_type(pandas.DataFrame).check(polars.DataFrame())
    assert not check.success
    assert "got polars" in str(check.description)
    assert "expected pandas" in str(check.description)


def test_a_type_of_ones_own():
    even = dg.DagsterType(name="Even", type_check_fn=lambda context, value: value % 2 == 0, metadata={"a": 1})
    assert even.type_check(None, 2).success
    assert even.display_name == even.unique_name == "Even"
    assert resolve_type(even) is even
    explained = dg.DagsterType(lambda _, value: dg.TypeCheck(False, "odd", {"v": value}), name="Explained")
    assert explained.check(3).description == "odd"
    with pytest.raises(dg.InvariantViolationError, match="`Bad` answered 'yes'"):
        dg.DagsterType(lambda _, value: "yes", name="Bad").check(1)
    with pytest.raises(TypeCheckError, match="`Bad`"):
        dg.DagsterType(lambda _, value: value.missing, name="Bad").check(1)


def test_python_classes_as_types():
    both = dg.PythonObjectDagsterType((int, str), name="IntOrStr")
    assert both.check(1).success
    assert both.check(1.5).description == "expected int or str, got float"
    with pytest.raises(dg.InvalidDefinitionError):
        dg.PythonObjectDagsterType("int")


def test_a_class_can_be_given_a_type():
    @dg.usable_as_dagster_type(name="Named", description="d")
    class A:
        pass

    class B:
        pass

    assert resolve_type(A).display_name == "Named"
    small = dg.DagsterType(lambda _, value: True, name="Small")
    dg.make_python_type_usable_as_dagster_type(B, small)
    assert resolve_type(B) is small
    assert resolve_type(list[B]).display_name == "[Small]"
    with pytest.raises(dg.InvalidDefinitionError, match="already stands for"):
        dg.make_python_type_usable_as_dagster_type(B, dg.DagsterType(lambda _, value: True, name="Other"))


def test_a_type_can_be_loaded_from_config():
    @dg.dagster_type_loader({"n": int})
    def load(_context, config):
        return config["n"]

    loaded = dg.DagsterType(lambda _, value: True, name="Loaded", loader=load)
    assert loaded.loader.construct_from_config_value(None, {"n": 3}) == 3
    assert loaded.loader.required_resource_keys() == frozenset()


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (list, typing.List[Any]),  # noqa: UP006
        (list[int], typing.List[int]),  # noqa: UP006
        (dict[str, list[int]], typing.Dict[str, typing.List[int]]),  # noqa: UP006
        (tuple[int, str], typing.Tuple[int, str]),  # noqa: UP006
        (set[int] | None, typing.Optional[typing.Set[int]]),  # noqa: UP006, UP045
        (dict, dict),
    ],
    ids=str,
)
def test_io_managers_see_annotations_in_the_words_of_typing(annotation, told):
    assert resolve_type(annotation).typing_type == told
    assert resolve_type(annotation) is resolve_type(told)


def test_builtin_types_pickle_to_themselves():
    for annotation in (Any, int, list, list[int], dict[str, list[int]] | None):
        definition = resolve_type(annotation)
        assert pickle.loads(pickle.dumps(definition)) is definition


@pytest.mark.parametrize("wrong", [3, [int], {"a": int}])
def test_what_is_no_type_is_refused(wrong):
    with pytest.raises(dg.InvalidDefinitionError, match="is not a type"):
        resolve_type(wrong)


def test_a_check_may_use_resources_also_inside_a_container() -> None:
    small = dg.DagsterType(
        lambda context, value: value <= context.resources.limit, "Small", required_resource_keys={"limit"}
    )

    @dg.asset(dagster_type=dg.List[small])
    def numbers():
        return [1, 7]

    assert numbers.op.required_resource_keys == {"limit"}
    assert dg.materialize([numbers], resources={"limit": 7}).success
    with pytest.raises(dg.TypeCheckDidNotPass, match="item 1"):
        dg.materialize([numbers], resources={"limit": 6})
    with pytest.raises(dg.DefinitionsError, match="limit"):
        dg.materialize([numbers])


def test_what_a_check_found_is_in_the_events() -> None:
    positive = dg.DagsterType(
        lambda _, value: dg.TypeCheck(value > 0, "its sign", {"value": value}),
        "Positive",
        description="more than nothing",
    )

    @dg.asset(dagster_type=positive)
    def source():
        return 3

    @dg.asset(ins={"source": dg.AssetIn(dagster_type=positive)})
    def reader(source):
        return None

    result = dg.materialize([source, reader])
    found = {
        event.event_type_value: event.event_specific_data.type_check_data
        for event in result.all_events
        if event.event_type_value in ("STEP_INPUT", "STEP_OUTPUT")
        and event.event_specific_data.type_check_data.description
    }
    assert found.keys() == {"STEP_INPUT", "STEP_OUTPUT"}
    for name, label in (("STEP_INPUT", "source"), ("STEP_OUTPUT", "result")):
        assert (found[name].success, found[name].label, found[name].description) == (True, label, "its sign")
        assert found[name].metadata["value"].value == 3
    handle = next(
        e for e in result.all_events if e.event_type_value == "STEP_OUTPUT"
    ).event_specific_data.step_output_handle
    assert handle == ("source", "result", None)


def test_a_check_outside_of_a_run_has_a_logger_and_no_run() -> None:
    def check(context, value):
        context.log.info("looking at %s", value)
        return context.run_id == "EPHEMERAL"

    assert dg.check_dagster_type(dg.DagsterType(check, "Logged"), 1).success


def test_what_a_check_raises_outside_of_a_run_passes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        dg.check_dagster_type(dg.DagsterType(lambda _, value: 1 / value, "Inverse"), 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: dg.DagsterType(1, name="x"),
        lambda: dg.DagsterType(lambda value: True, name="x"),
        lambda: dg.DagsterType(lambda a, b, c: True, name="x"),
        lambda: dg.DagsterType(lambda a, b: True),
        lambda: dg.DagsterType(lambda a, b: True, name="x", loader=3),
        lambda: dg.check_dagster_type(3, 1),
    ],
)
def test_types_that_are_none_are_refused(make) -> None:
    with pytest.raises(dg.InvalidDefinitionError):
        make()


@pytest.mark.parametrize(
    ("form", "fits", "does_not"),
    [(dg.List, [1, "a"], (1,)), (dg.Set, {1}, [1]), (dg.Tuple, (1,), [1]), (dg.Dict, {1: 2}, [1])],
)
def test_container_forms_stand_alone_for_any_content(form, fits, does_not):
    assert dg.check_dagster_type(form, fits).success
    assert not dg.check_dagster_type(form, does_not).success


def test_a_type_of_several_classes_is_named_after_them():
    assert dg.PythonObjectDagsterType((int, float)).unique_name == "Union[int, float]"
