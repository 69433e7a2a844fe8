"""Ops and graphs with some of their config given."""

from typing import Any

import pytest

import treadle as dg


@dg.op(config_schema={"a": int, "b": str})
def base(context: Any) -> Any:
    return context.op_config


def run_of(node: Any, run_config: Any = None, name: str | None = None) -> Any:
    @dg.job
    def only() -> None:
        node()

    return only.execute_in_process(run_config=run_config).output_for_node(name or node.name)


def test_a_configured_op_takes_no_config_any_more() -> None:
    given = base.configured({"a": 1, "b": "x"}, name="given")
    assert run_of(given) == {"a": 1, "b": "x"}
    assert given(dg.build_op_context()) == {"a": 1, "b": "x"}
    assert base.name == "base"


def test_a_function_makes_the_config_of_an_op_from_new_config() -> None:
    by_function = base.configured(lambda c: {"a": c["z"], "b": "q"}, name="made", config_schema={"z": int})
    assert run_of(by_function, {"ops": {"made": {"config": {"z": 4}}}}) == {"a": 4, "b": "q"}


def test_configured_as_decorator_names_the_op_after_the_function() -> None:
    @dg.configured(base, config_schema=int)
    def with_number(number: int) -> Any:
        return {"a": number, "b": "q"}

    assert run_of(with_number, {"ops": {"with_number": {"config": 5}}}) == {"a": 5, "b": "q"}
    assert run_of(dg.configured(base, name="c3")({"a": 1, "b": "x"})) == {"a": 1, "b": "x"}


def test_config_that_does_not_fit_is_refused_with_its_path() -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match=r"root:ops:bad:config:a: expected an integer"):
        run_of(base.configured({"a": "n", "b": "x"}, name="bad"))


def test_a_configured_op_needs_a_name_of_its_own() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="needs a name of its own"):
        base.configured({"a": 1, "b": "x"})


def test_an_op_with_a_config_class_can_be_configured() -> None:
    class Settings(dg.Config):
        a: int

    class Outer(dg.Config):
        d: int

    @dg.op
    def typed(config: Settings) -> int:
        return config.a

    @dg.configured(typed)
    def from_outer(config: Outer) -> Any:
        return {"a": config.d}

    assert run_of(typed.configured({"a": 9}, name="nine")) == 9
    assert run_of(from_outer, {"ops": {"from_outer": {"config": {"d": 6}}}}) == 6


def test_a_graph_with_a_config_mapping_can_be_configured_and_one_without_cannot() -> None:
    @dg.graph(config=dg.ConfigMapping(lambda c: {"base": {"config": {"a": c, "b": "m"}}}, config_schema=int))
    def mapped() -> None:
        base()

    @dg.graph
    def plain() -> None:
        base()

    seven = mapped.configured(7, name="seven")
    assert run_of(seven, name="seven.base") == {"a": 7, "b": "m"}
    assert seven.to_job().execute_in_process().output_for_node("base") == {"a": 7, "b": "m"}
    by_function = mapped.configured(lambda c: c["n"], config_schema={"n": int}, name="made")
    assert run_of(by_function, {"ops": {"made": {"config": {"n": 3}}}}, "made.base") == {"a": 3, "b": "m"}
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="no config mapping"):
        plain.configured({}, name="other")


def test_an_input_that_is_no_parameter_is_refused_with_place_and_nearest_name() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:

        @dg.op(ins={"orderz": dg.In()})
        def clean(orders: Any) -> None: ...

    said = str(caught.value)
    assert "`clean` has an input `orderz`" in said and "`orders`" in said
    assert "test_configured_ops.py:" in said
