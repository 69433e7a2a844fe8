"""A direct call refuses what a run would refuse: wrong types, wrong outputs, resources and config that are missing or doubled."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import (
    InvalidConfigError,
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
    TypeCheckDidNotPass,
)
from treadle.define.context.not_known import NotKnownHereError


@pytest.mark.parametrize("decorate", [dg.op, dg.asset])
def test_values_are_of_the_types_that_are_declared(decorate: Any) -> None:
    @decorate
    def count(raw: int) -> str:
        return "many" if raw > 1 else raw  # type: ignore[return-value]

    assert count(2) == "many"
    with pytest.raises(TypeCheckDidNotPass, match=r"Input `raw` of `count`.*expected int, got str"):
        count("two")
    with pytest.raises(TypeCheckDidNotPass, match=r"Output `result` of `count`.*expected str, got int"):
        count(1)


def test_what_a_coroutine_gives_is_checked_when_it_has_given_it() -> None:
    @dg.op
    async def late() -> int:
        return "soon"  # type: ignore[return-value]

    coroutine = late()
    with pytest.raises(TypeCheckDidNotPass, match="Output `result` of `late`"):
        asyncio.run(coroutine)


def two_outputs(body: Callable[[], Any]) -> Any:
    return dg.op(name="two", out={"a": dg.Out(int), "b": dg.Out(int)})(body)


def each_once() -> Any:
    yield dg.Output(1, "a")
    yield dg.Output(2, "b")


def only_one() -> Any:
    yield dg.Output(1, "a")


def one_twice() -> Any:
    yield dg.Output(1, "a")
    yield dg.Output(1, "a")


def another() -> Any:
    yield dg.Output(1, "c")


def no_output() -> Any:
    yield 5


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (only_one, "ended without output `b`"),
        (one_twice, "gave output `a` twice"),
        (another, "gave output `c`, which it does not declare"),
        (no_output, "yielded a value of type int"),
        (lambda: 1, "returned a value of type int"),
        (lambda: (1, 2, 3), "has 2 outputs"),
    ],
)
def test_outputs_are_those_that_are_declared(body: Callable[[], Any], told: str) -> None:
    assert [each.output_name for each in two_outputs(each_once)()] == ["a", "b"]
    with pytest.raises(InvariantViolationError, match=told):
        list(two_outputs(body)())


def test_a_missing_output_of_an_asynchronous_generator_is_told_at_its_end() -> None:
    @dg.op(out={"a": dg.Out(), "b": dg.Out()})
    async def stream() -> Any:
        yield dg.Output(1, "a")

    async def read() -> list[Any]:
        return [item async for item in stream()]

    with pytest.raises(InvariantViolationError, match="ended without output `b`"):
        asyncio.run(read())


def test_one_context_serves_several_calls() -> None:
    @dg.op
    def tells(context: dg.OpExecutionContext) -> int:
        context.add_output_metadata({"rows": 1})
        return 1

    context = dg.build_op_context()
    assert tells(context) + tells(context) == 2


def test_an_input_that_only_orders_takes_no_value() -> None:
    @dg.op(ins={"start": dg.In(dg.Nothing)})
    def waits() -> int:
        return 1

    assert waits() == 1
    with pytest.raises(InvalidInvocationError, match="only orders"):
        waits(start=None)


def test_inputs_of_keywords_are_given_by_name() -> None:
    @dg.op(ins={"word": dg.In(str)})
    def shout(**words: str) -> str:
        return words["word"].upper()

    assert shout(word="a") == "A"
    with pytest.raises(InvalidInvocationError, match="takes 0 values"):
        shout("a")


def test_tags_of_what_is_called_are_seen() -> None:
    @dg.op(tags={"team": "sales"})
    def tagged(context: dg.OpExecutionContext) -> list[Any]:
        return [context.get_tag("team"), context.get_tag("tier"), context.has_tag("other")]

    assert tagged.tag({"tier": "1"}).alias("other_name")(None) == ["sales", "1", False]


def test_run_config_is_what_the_call_was_given() -> None:
    @dg.op(config_schema={"limit": int}, required_resource_keys={"db"})
    def reads(context: dg.OpExecutionContext) -> Any:
        return context.run_config

    @dg.resource(config_schema=str)
    def db(context: dg.InitResourceContext) -> Any:
        return context.resource_config

    context = dg.build_op_context(
        op_config={"limit": 1}, resources={"db": db}, resources_config={"db": {"config": "x"}}
    )
    told = {"resources": {"db": {"config": "x"}}, "ops": {"reads": {"config": {"limit": 1}}}}
    assert reads(context) == told


@pytest.mark.parametrize("name", ["run", "job_name", "job_def", "op_def", "run_config", "assets_def"])
def test_what_a_built_context_cannot_know_is_refused(name: str) -> None:
    with pytest.raises(NotKnownHereError):
        getattr(dg.build_op_context(), name)


def test_an_op_has_no_assets_definition() -> None:
    @dg.op
    def plain(context: dg.OpExecutionContext) -> Any:
        return context.assets_def

    for expected in (NotKnownHereError, InvalidDefinitionError):
        with pytest.raises(expected, match="`plain` makes no asset"):
            plain(dg.build_op_context())


def test_required_config_and_resources_need_a_context() -> None:
    @dg.op(config_schema={"limit": int})
    def limited(context: dg.OpExecutionContext) -> int:
        return int(context.op_config["limit"])

    @dg.op(required_resource_keys={"db"})
    def reads(context: dg.OpExecutionContext) -> Any:
        return context.resources.db

    with pytest.raises(InvalidInvocationError, match="needs config"):
        limited(None)
    with pytest.raises(InvalidConfigError):
        limited(dg.build_op_context())
    for expected in (InvalidInvocationError, InvalidDefinitionError):
        with pytest.raises(expected, match="needs the resource `db`"):
            reads(None)


def test_a_function_without_context_does_not_ask_for_its_resources() -> None:
    @dg.asset(required_resource_keys={"db"})
    def plain() -> int:
        return 1

    assert plain() == 1


class Database(dg.ConfigurableResource[Any]):
    url: str = ""


class Limit(dg.Config):
    rows: int


@pytest.mark.parametrize(
    ("decorate", "build", "config"),
    [(dg.op, dg.build_op_context, "op_config"), (dg.asset, dg.build_asset_context, "asset_config")],
)
def test_config_and_resources_are_given_once(decorate: Any, build: Any, config: str) -> None:
    @decorate
    def reads(context, database: Database, config: Limit) -> int:  # type: ignore[no-untyped-def]
        return config.rows

    with_resource = build(resources={"database": Database()})
    with_config = build(**{config: {"rows": 1}})
    assert reads(with_resource, config=Limit(rows=2)) == 2
    with pytest.raises(InvalidInvocationError, match="resource `database` twice"):
        reads(with_resource, database=Database(), config=Limit(rows=1))
    with pytest.raises(InvalidInvocationError, match="config twice"):
        reads(with_config, database=Database(), config=Limit(rows=1))


def test_resources_that_an_asset_brings_are_opened_for_each_call_of_it() -> None:
    open_now: list[str] = []

    @dg.resource
    def session() -> Any:
        open_now.append("session")
        yield "open"
        open_now.remove("session")

    @dg.asset(resource_defs={"session": session}, required_resource_keys={"session"})
    def brings(context: dg.AssetExecutionContext) -> str:
        return str(context.resources.session)

    @dg.asset
    def plain(context: dg.AssetExecutionContext) -> bool:
        return hasattr(context.resources, "session")

    with dg.build_asset_context() as context:
        assert [brings(context), brings(context), plain(context)] == ["open", "open", False]
    with pytest.raises(InvalidInvocationError, match="resource `session`"):
        brings(dg.build_asset_context(resources={"session": "mine"}))


def test_an_asset_of_a_graph_is_not_called() -> None:
    @dg.op
    def one() -> int:
        return 1

    @dg.graph_asset
    def total() -> Any:
        return one()

    with pytest.raises(InvariantViolationError, match="made by a graph"):
        total()


@dg.op(out={"left": dg.Out(int), "right": dg.Out(int)})
def halves(given):  # type: ignore[no-untyped-def]
    return given


@pytest.mark.parametrize(
    "given", [dg.Output(1, "left"), [dg.Output(1, "left")], dg.AssetMaterialization("elsewhere")]
)
def test_a_required_output_that_is_not_returned_is_refused(given: Any) -> None:
    with pytest.raises(InvariantViolationError, match="without output `"):
        halves(given)
    both = (dg.Output(1, "left"), dg.Output(2, "right"))
    assert halves(both) == both
