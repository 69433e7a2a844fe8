"""A hook without its decorator is refused where it is named, wherever hooks can be named."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError


def notify(context: Any) -> None: ...


@dg.success_hook
def tell(context: Any) -> None: ...


@dg.op
def one() -> int:
    return 1


@dg.graph
def ones() -> None:
    one()


@dg.job
def steps() -> None:
    one()


@dg.asset
def plain() -> None: ...


def by_asset(hooks: Any) -> None:
    @dg.asset(hooks=hooks)
    def a() -> None: ...


def by_multi_asset(hooks: Any) -> None:
    @dg.multi_asset(outs={"x": dg.AssetOut()}, hooks=hooks)
    def m() -> None: ...


def by_graph_asset(hooks: Any) -> None:
    @dg.graph_asset(hooks=hooks)
    def g() -> Any:
        return one()


def by_graph_multi_asset(hooks: Any) -> None:
    @dg.graph_multi_asset(outs={"x": dg.AssetOut()}, hooks=hooks)
    def g() -> Any:
        return {"x": one()}


def by_job(hooks: Any) -> None:
    @dg.job(hooks=hooks)
    def j() -> None:
        one()


def by_call_in_a_job(hooks: Any) -> None:
    @dg.job
    def j() -> None:
        one.with_hooks(hooks)()


def by_invocation(hooks: Any) -> None:
    dg.GraphDefinition(
        "g", node_defs=[one], dependencies={dg.NodeInvocation("one", "again", hook_defs=hooks): {}}
    )


WAYS: list[Callable[[Any], Any]] = [
    by_asset,
    by_multi_asset,
    by_graph_asset,
    by_graph_multi_asset,
    by_job,
    by_call_in_a_job,
    by_invocation,
    lambda hooks: dg.define_asset_job("j", hooks=hooks),
    lambda hooks: ones.to_job(hooks=hooks),
    lambda hooks: ones.alias("again").to_job(hooks=hooks),
    lambda hooks: ones.with_hooks(hooks),
    lambda hooks: steps.with_hooks(hooks),
    lambda hooks: plain.with_hooks(hooks),
    lambda hooks: plain.with_attributes(hook_defs=hooks),
    lambda hooks: dg.AssetsDefinition.from_op(one, hook_defs=hooks),
    lambda hooks: dg.AssetsDefinition.from_graph(_of_one(), hook_defs=hooks),
]


def _of_one() -> dg.GraphDefinition:
    @dg.graph
    def g() -> Any:
        return one()

    return g


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", [{notify}, [notify], [5], [[]], 5, "notify", {"notify": 5}])
def test_what_is_no_hook_is_refused_by_name(way: Callable[[Any], Any], wrong: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"argument `hook(s|_defs)` must be a set of hooks"):
        way(wrong)


@pytest.mark.parametrize("way", WAYS)
def test_hooks_may_be_a_set_or_a_list(way: Callable[[Any], Any]) -> None:
    way({tell})
    way([tell])


def test_the_error_says_which_decorator_is_missing_and_where() -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        by_asset({notify})
    assert raised.value.hint == "decorate `notify` with `@success_hook` or `@failure_hook`"
    assert "test_hooks_that_are_none.py" in (raised.value.where or "")
    assert raised.value.argument == "hooks"


def test_in_the_function_of_a_job_the_call_is_the_place() -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        by_call_in_a_job({notify})
    line = by_call_in_a_job.__code__.co_firstlineno + 3
    assert (raised.value.where or "").endswith(f"test_hooks_that_are_none.py:{line}")


def test_a_hook_that_stands_alone_is_to_be_put_in_a_set() -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        by_job(tell)
    assert raised.value.hint == "put it in a set: `hooks={tell}`"


def _positional(context, /): ...


def _with_default(context, limit=5):
    assert limit == 5


def _with_events(context, event_list=None):
    assert event_list is None


def _for_partial(context, who):
    assert who == "me"


@pytest.mark.parametrize(
    "function",
    [_positional, _with_default, _with_events, functools.partial(_for_partial, who="me")],
    ids=["positional only", "a default", "a default of another name", "partial"],
)
def test_a_hook_keeps_its_defaults_and_gets_its_context(function: Callable[..., Any]) -> None:
    @dg.op
    def work() -> None: ...

    @dg.job(hooks={dg.success_hook(name="tell")(function)})
    def daily() -> None:
        work()

    told = [event.event_type_value for event in daily.execute_in_process().all_events]
    assert [kind for kind in told if "HOOK" in kind] == ["HOOK_COMPLETED"]


def test_a_hook_without_a_name_must_be_given_one() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="has no name"):
        dg.success_hook(functools.partial(_for_partial, who="me"))
