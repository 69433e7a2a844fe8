"""Config classes."""

import enum
from typing import Literal

import pydantic
import pytest

import treadle as dg
from treadle.define.config.config_class import build_config
from treadle.define.config.schema import process_config


class Mode(enum.Enum):
    FAST = "fast_mode"
    SLOW = "slow_mode"


class Cat(dg.Config):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(dg.Config):
    kind: Literal["dog"] = "dog"
    bones: int


class Limits(dg.Config):
    rows: int = 10


class Load(dg.Config):
    table: str
    mode: Mode = Mode.FAST
    limits: Limits = Limits()
    pet: Cat | Dog = pydantic.Field(default=Cat(), discriminator="kind")
    tags: dict[str, int] = {}
    parts: list[Limits] = []
    note: str | None
    renamed: int = pydantic.Field(default=1, alias="other-name")


def from_run_config(config_class, value):
    return build_config(config_class, process_config(config_class, value))


def test_a_class_is_filled_from_run_config():
    value = {
        "table": "t",
        "mode": "SLOW",
        "limits": {"rows": 5},
        "pet": {"dog": {"bones": 2}},
        "tags": {"a": 1},
        "parts": [{"rows": 1}, {}],
        "other-name": 7,
    }
    load = from_run_config(Load, value)
    assert (load.mode, load.limits.rows, load.pet, load.note) == (Mode.SLOW, 5, Dog(bones=2), None)
    assert ([each.rows for each in load.parts], load.renamed) == ([1, 10], 7)


def test_nothing_in_config_means_the_default():
    load = from_run_config(Load, {"table": "t", "mode": None, "limits": None, "tags": None, "pet": None})
    assert (load.mode, load.limits, load.tags, load.pet) == (Mode.FAST, Limits(), {}, Cat())


@pytest.mark.parametrize(
    "load",
    [
        Load(table="t"),
        Load(table="t", mode=Mode.SLOW, pet=Dog(bones=1), note="n", parts=[Limits(rows=2)]),
        Load(table="t", renamed=4),
    ],
)
def test_an_object_survives_the_way_through_run_config(load):
    assert from_run_config(Load, load.to_config_value()) == load


def test_constraints_and_validators_are_checked_with_the_rest():
    class Strict(dg.Config):
        low: int = pydantic.Field(gt=3)
        high: int

        @pydantic.model_validator(mode="after")
        def ordered(self):
            if self.high < self.low:
                raise ValueError("high is below low")
            return self

    class Outer(dg.Config):
        inner: Strict
        n: int

    with pytest.raises(dg.InvalidConfigError) as caught:
        process_config(Outer, {"inner": {"low": 1, "high": 0}, "n": "x"})
    assert [each.path for each in caught.value.errors] == [("inner", "low"), ("n",)]
    with pytest.raises(dg.InvalidConfigError, match="inner: high is below low"):
        process_config(Outer, {"inner": {"low": 5, "high": 4}, "n": 1})


def test_what_a_validator_says_hides_values():
    class Login(dg.Config):
        password: str

        @pydantic.field_validator("password")
        @classmethod
        def long(cls, value):
            if len(value) < 20:
                raise ValueError("too short")
            return value

    with pytest.raises(dg.InvalidConfigError) as caught:
        process_config(Login, {"password": "hunter22"})
    assert str(caught.value).splitlines()[1:] == ["  root:password: too short"]


def test_extra_fields_need_a_permissive_class():
    class More(dg.PermissiveConfig):
        n: int = 1

    assert from_run_config(More, {"anything": [1]}).anything == [1]
    assert More(anything=1).to_config_value() == {"n": 1, "anything": 1}
    with pytest.raises(dg.InvalidConfigError, match="unknown field `anything`"):
        process_config(Limits, {"anything": 1})


def test_config_does_not_change_once_made():
    with pytest.raises(dg.InvalidInvocationError):
        Limits().rows = 3


def test_variables_in_config_are_read_when_it_is_used(monkeypatch):
    monkeypatch.setenv("TABLE", "from_env")
    monkeypatch.setenv("ROWS", "3")
    config = dg.RunConfig(
        ops={"o": Load(table=dg.EnvVar("TABLE"), limits=Limits(rows=dg.EnvVar.int("ROWS")))}
    )
    plain = config.to_config_dict()["ops"]["o"]["config"]
    assert plain["table"] == {"env": "TABLE"}
    load = from_run_config(Load, plain)
    assert (load.table, load.limits.rows) == ("from_env", 3)


def test_a_class_may_hold_itself():
    class Node(dg.Config):
        name: str
        children: list["Node"] = []

    Node.model_rebuild(_types_namespace={"Node": Node})
    node = from_run_config(Node, {"name": "a", "children": [{"name": "b"}]})
    assert node.children[0].name == "b"
    with pytest.raises(dg.InvalidConfigError):
        process_config(Node, {"name": "a", "children": [{"nam": "b"}]})


def test_run_config_as_objects():
    config = dg.RunConfig(
        ops={"a": Limits(rows=3), "b": {"config": {"x": 1}}},
        resources={"r": Limits(rows=4)},
        loggers={"console": {"config": {}}},
        execution={"config": {"max_concurrent": 2}},
    )
    assert config.to_config_dict() == {
        "ops": {"a": {"config": {"rows": 3}}, "b": {"config": {"x": 1}}},
        "resources": {"r": {"config": {"rows": 4}}},
        "loggers": {"console": {"config": {}}},
        "execution": {"config": {"max_concurrent": 2}},
    }
    assert dg.RunConfig() == dg.RunConfig(ops={})


def test_a_resource_object_is_config_too():
    class Api(dg.ConfigurableResource):
        url: str

    assert dg.RunConfig(resources={"api": Api(url="x")}).to_config_dict()["resources"] == {
        "api": {"config": {"url": "x"}}
    }


def test_a_secret_of_the_wrong_type_is_not_shown():
    """B28."""

    class Login(dg.Config):
        first: pydantic.SecretStr
        second: pydantic.SecretStr = pydantic.SecretStr("d")

    with pytest.raises(dg.InvalidConfigError) as caught:
        process_config(Login, {"first": 4815162342, "second": 4815162342})
    assert "4815162342" not in str(caught.value)
    assert len(caught.value.errors) == 2
    assert from_run_config(Login, {"first": "s"}).first.get_secret_value() == "s"


def test_defaults_may_be_made_anew_or_from_other_fields():
    class Made(dg.Config):
        n: int
        anew: list[int] = pydantic.Field(default_factory=list)
        twice: int = pydantic.Field(default_factory=lambda given: given["n"] * 2)

    made = from_run_config(Made, {"n": 2})
    assert (made.anew, made.twice) == ([], 4)
    assert from_run_config(Made, made.to_config_value()) == made
    assert from_run_config(Made, {"n": 2}).anew is not made.anew


def test_validators_see_what_was_given_and_not_the_defaults():
    class Load(dg.Config):
        table: str = "orders"
        mode: str = pydantic.Field(default_factory=lambda: "append")

        @pydantic.field_validator("*")
        @classmethod
        def in_capitals(cls, value: str) -> str:
            return value.upper()

    for given in ({}, {"table": "orders"}, {"mode": "append"}):
        made = from_run_config(Load, given)
        assert (made.table, made.mode) == ("orders", "append")
    assert from_run_config(Load, {"table": "customers"}).table == "CUSTOMERS"


def test_a_field_that_must_be_given_is_given_though_all_within_has_defaults():
    class Within(dg.Config):
        rows: int = 1

    class Load(dg.Config):
        within: Within

    assert from_run_config(Load, {"within": {}}).within.rows == 1
