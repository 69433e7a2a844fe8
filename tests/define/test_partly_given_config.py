"""Nested config that run config gives in part: the rest is the default object's, or that of the value in code."""

from typing import Any

import pydantic
import pytest

import treadle as dg


class Inner(dg.Config):
    a: int = 5
    b: str = "b"


class Needy(dg.Config):
    a: int
    b: str | None = None


class Outer(dg.Config):
    plain: Inner = Inner(a=1)
    field: Inner = pydantic.Field(default=Inner(a=3, b="q"))
    aliased: Inner = pydantic.Field(default=Inner(a=4), alias="other")
    optional: Inner | None = Inner(a=6)
    needy: Needy = Needy(a=7)
    made: Inner = pydantic.Field(default_factory=lambda: Inner(a=8))


class Deep(dg.Config):
    outer: Outer = Outer(plain=Inner(a=70), needy=Needy(a=71))


def completed(config_class: type[dg.Config], given: Any) -> Any:
    """What an op gets."""
    values: list[Any] = []

    @dg.op
    def take(config: config_class):  # type: ignore[valid-type]
        values.append(config)

    job = dg.GraphDefinition("g", node_defs=[take]).to_job()
    run_config = {"ops": {"take": {"config": given}}}
    job.execute_in_process(run_config=run_config)
    dg.validate_run_config(job, run_config)
    return values[0]


@pytest.mark.parametrize(
    ("field", "given", "values"),
    [
        ("plain", {}, (1, "b")),
        ("plain", {"b": "z"}, (1, "z")),
        ("plain", {"a": 5}, (5, "b")),
        ("field", {"a": 9}, (9, "q")),
        ("field", {"a": 5, "b": "b"}, (5, "b")),
        ("other", {"b": "z"}, (4, "z")),
        ("optional", {"b": "z"}, (6, "z")),
        ("needy", {}, (7, None)),
        ("needy", {"b": "z"}, (7, "z")),
    ],
    ids=str,
)
def test_a_part_is_completed_by_the_default_object(field: str, given: Any, values: Any) -> None:
    found = getattr(completed(Outer, {field: given}), "aliased" if field == "other" else field)
    assert (found.a, found.b) == values


def test_parts_are_completed_at_any_depth() -> None:
    assert completed(Deep, {}) == completed(Deep, {"outer": {}}) == Deep()
    found = completed(Deep, {"outer": {"plain": {"b": "z"}, "needy": {}, "field": {"b": "y"}}}).outer
    assert found.plain == Inner(a=70, b="z")
    assert found.needy == Needy(a=71)
    assert found.field == Inner(a=3, b="y")


def test_none_may_stand_for_an_optional_default_object() -> None:
    assert completed(Outer, {"optional": None}).optional is None


def test_a_factory_makes_what_is_missing_as_a_whole() -> None:
    assert completed(Outer, {}).made == Inner(a=8)
    assert completed(Outer, {"made": {"b": "z"}}).made == Inner(a=5, b="z")


def test_the_default_of_a_parameter_completes_too() -> None:
    @dg.op
    def take(config: Outer = Outer(plain=Inner(a=33), optional=None)):
        return config

    job = dg.GraphDefinition("g", node_defs=[take]).to_job()

    def given(config: Any) -> Any:
        return job.execute_in_process(run_config={"ops": {"take": {"config": config}}}).output_for_node(
            "take"
        )

    assert given({}).plain == Inner(a=33)
    assert given({}).optional is None
    assert given({"plain": {"b": "z"}}).plain == Inner(a=33, b="z")


def test_an_object_in_run_config_is_told_so_that_no_default_object_completes_it() -> None:
    class Settings(dg.Config):
        limit: int | None = None
        password: pydantic.SecretStr = pydantic.SecretStr("x")

    class Holder(dg.Config):
        settings: Settings = Settings(limit=5, password=pydantic.SecretStr("y"))

    given = Holder(settings=Settings())
    assert completed(Holder, given.to_config_value()) == given
    assert completed(Holder, Holder().to_config_value()) == Holder()


def test_validators_see_a_part_once_and_defaults_as_they_are() -> None:
    class Doubling(dg.Config):
        a: int = 1
        b: str = "b"

        @pydantic.field_validator("b")
        @classmethod
        def doubled(cls, value: str) -> str:
            return value * 2

    class Holder(dg.Config):
        inner: Doubling = Doubling(a=3)

    assert completed(Holder, {"inner": {}}) == Holder()
    assert completed(Holder, {"inner": {"a": 4}}).inner.b == "b"
    assert completed(Holder, {"inner": {"b": "z"}}).inner.b == "zz"


@pytest.mark.parametrize("field", ["inner", "maybe"])
def test_a_resource_completes_a_part_by_its_value_in_code_or_its_default(field: str) -> None:
    class Server(dg.ConfigurableResource):
        inner: Needy = Needy(a=1)
        maybe: Needy | None = Needy(a=1)

    @dg.asset
    def seen(server: Server) -> Any:
        found = getattr(server, field)
        return found.a, found.b

    def value(server: Any, config: Any) -> Any:
        run_config = {"resources": {"server": {"config": config}}}
        return dg.materialize([seen], resources={"server": server}, run_config=run_config).output_for_node(
            "seen"
        )

    late, in_code = Server.configure_at_launch(), Server(**{field: Needy(a=8)})
    for given, b in (({}, None), ({field: {}}, None), ({field: {"b": "z"}}, "z")):
        assert value(late, given) == (1, b)
        assert value(in_code, given) == (8, b)
    assert value(in_code, {field: {"a": 2}}) == (2, None)
    assert value(Server.configure_at_launch(**{field: Needy(a=9)}), {field: {"b": "z"}}) == (9, "z")


def test_what_is_valid_for_a_job_is_valid_beside_the_config_of_its_own():
    """`validate_run_config` completes what is given as a run does."""

    @dg.op(config_schema={"n": int})
    def one(context): ...

    @dg.op(config_schema={"m": int})
    def two(context): ...

    @dg.job(config={"ops": {"one": {"config": {"n": 1}}, "two": {"config": {"m": 2}}}})
    def both():
        one()
        two()

    given = {"ops": {"one": {"config": {"n": 5}}}}
    for part in (None, {}, {"ops": {}}, given):
        assert both.execute_in_process(run_config=part).success
        told = dg.validate_run_config(both, part)
        assert told["ops"]["two"]["config"] == {"m": 2}
        assert told["ops"]["one"]["config"] == {"n": 5 if part is given else 1}
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(both, {"ops": {"one": {"config": {"n": "five"}}}})


def test_a_default_object_of_a_subclass_may_have_more_fields():
    class Base(dg.Config):
        x: int = 1

    class More(Base):
        y: str = "q"

    class Outer(dg.Config):
        inner: Base = More(x=3, y="z")

    seen = []

    @dg.asset
    def reads(config: Outer):
        seen.append(config.inner.x)

    assert dg.materialize([reads]).success
    given = dg.RunConfig(ops={"reads": Outer(inner=Base(x=5))})
    assert dg.materialize([reads], run_config=given).success
    assert seen == [3, 5]
