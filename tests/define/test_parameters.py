"""Which parameter is what (S2-D08, issue 3 §2): told apart by annotation, then by name, in any order."""

from functools import partial, wraps
from typing import Any

import pytest

import treadle as dg
from treadle.define.parameters import NO_DEFAULT, read_parameters, split_by_position


class Database(dg.ConfigurableResource):
    url: str = "x"


class Settings(dg.Config):
    limit: int = 1


def roles(function):
    found = read_parameters(function)
    return {
        "context": found.context,
        "config": found.config,
        "resources": set(found.resources),
        "inputs": found.input_names,
    }


ALL = {"context": "context", "config": "settings", "resources": {"db"}, "inputs": ("orders", "items")}


def in_the_usual_order(context, settings: Settings, db: Database, orders, items): ...
def context_last(orders, settings: Settings, items, db: Database, context): ...
def by_annotation_only(
    db: Database, orders, items, context: dg.AssetExecutionContext, settings: Settings
): ...
def as_text(
    orders: "int", items, db: "Database", settings: "Settings", context: "dg.AssetExecutionContext"
): ...


@pytest.mark.parametrize("function", [in_the_usual_order, context_last, by_annotation_only, as_text])
def test_roles_do_not_depend_on_the_order(function):
    assert roles(function) == ALL


def test_a_context_with_an_underscore_behind_its_name_stands_first():
    def first(context_, orders): ...
    def later(orders, context_): ...

    assert roles(first)["context"] == "context_" and roles(first)["inputs"] == ("orders",)
    assert roles(later)["context"] is None and roles(later)["inputs"] == ("orders", "context_")


@pytest.mark.parametrize("name", ["context", "_context", "_", "__"])
def test_a_context_is_known_by_its_name(name):
    scope = {}
    exec(f"def f(orders, {name}): ...", scope)
    assert roles(scope["f"])["context"] == name
    assert roles(scope["f"])["inputs"] == ("orders",)


def test_a_context_of_any_name_is_known_by_its_annotation():
    def f(a, ctx: dg.OpExecutionContext): ...

    assert roles(f)["context"] == "ctx"


def test_a_context_annotation_that_does_not_resolve_is_known_by_its_word():
    def f(ctx: "nowhere.AssetExecutionContext", a: "NotImported"): ...  # noqa: F821

    found = read_parameters(f)
    assert (found.context, found.input_names) == ("ctx", ("a",))


def test_config_is_known_by_its_name_too():
    def f(config: dict): ...

    assert roles(f)["config"] == "config"


def test_resources_may_be_optional_or_marked():
    def f(a: dg.ResourceParam[int], b: Database | None, c: Database = Database()): ...

    found = read_parameters(f)
    assert set(found.resources) == {"a", "b", "c"}
    assert found.resources["c"].has_default and not found.resources["b"].has_default


def test_defaults_keywords_and_return_annotations_are_read():
    def f(a, b: int = 2, *, c=3, **rest) -> str: ...

    found = read_parameters(f)
    assert [(p.name, p.default) for p in found.inputs] == [("a", NO_DEFAULT), ("b", 2), ("c", 3)]
    assert found.var_keyword and found.returns is str


def test_partials_wrapped_functions_and_callable_objects_are_read_too():
    def f(context, a, b): ...

    @wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)

    class Callable:
        def __call__(self, context, a): ...

    assert roles(partial(f, b=1))["inputs"] == ("a", "b")
    assert roles(wrapper)["inputs"] == ("a", "b")
    assert roles(Callable())["inputs"] == ("a",)


def test_sensors_and_hooks_bind_the_rest_by_position():
    def f(anything, db: Database, event): ...

    context, resources, rest = split_by_position(f)
    assert (context, set(resources), rest) == ("anything", {"db"}, ("event",))


def test_a_context_further_back_is_still_found():
    def f(db: Database, event, context: dg.HookContext): ...

    assert split_by_position(f)[0] == "context"


def test_an_annotation_that_cannot_be_meant_is_refused_when_the_step_is_defined():
    def plain_context(context: int): ...

    def definition(client: dg.ResourceDefinition): ...

    for made in (dg.op, dg.asset, dg.asset_check(asset="orders")):
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="AssetExecutionContext"):
            made(plain_context)
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="ResourceParam"):
            made(definition)

    def placeholder(_: int): ...

    assert dg.op(placeholder).name == "placeholder"


def test_a_type_loader_takes_a_context_and_config():
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="two arguments"):
        dg.dagster_type_loader(str)(lambda config: config)
    assert dg.dagster_type_loader(str)(lambda *arguments: arguments).schema_type is not None


def test_an_underscore_of_another_type_is_a_value_that_nobody_looks_at():
    @dg.op
    def first(_) -> int:
        return 1

    @dg.op
    def second(db: Database, _: Any) -> str:
        return db.url

    @dg.job(resource_defs={"db": Database(url="y")})
    def both() -> None:
        second(first())

    assert both.execute_in_process().output_for_node("second") == "y"
