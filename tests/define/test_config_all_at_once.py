"""All that is wrong with a config class's fields is told at once, and nothing that only follows from it."""

from typing import Any, Literal

import pydantic
import pytest

import treadle as dg


class Limits(dg.Config):
    most: int = pydantic.Field(gt=0)
    word: str


class Settings(dg.Config):
    n: int = pydantic.Field(1, gt=0)
    s: str = "x"
    m: str = pydantic.Field("abc", max_length=3)
    even: int = 0
    twice: int = 2
    limits: Limits = Limits(most=1, word="a")

    @pydantic.field_validator("even")
    @classmethod
    def _is_even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("must be even")
        return value

    @pydantic.field_validator("twice")
    @classmethod
    def _is_twice(cls, value: int, info: pydantic.ValidationInfo) -> int:
        if value != 2 * info.data.get("n", 0):
            raise ValueError("must be twice n")
        return value

    @pydantic.model_validator(mode="after")
    def _fits(self) -> "Settings":
        raise ValueError("never fits")


class Brittle(dg.Config):
    n: int
    m: int = pydantic.Field(gt=0)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _compare(cls, values: Any) -> Any:
        assert values["n"] != values["m"]
        return values


def told(config_class: type[dg.Config], config: dict[str, Any]) -> set[str]:
    @dg.op
    def work(config: config_class) -> None: ...  # type: ignore[valid-type]

    @dg.job
    def nightly() -> None:
        work()

    with pytest.raises(dg.DagsterInvalidConfigError) as caught:
        nightly.execute_in_process(run_config={"ops": {"work": {"config": config}}})
    start = "root:ops:work:config"
    return {str(each).removeprefix(start).split(" ")[0].rstrip(":") for each in caught.value.errors}


def test_fields_of_the_wrong_type_hide_no_others() -> None:
    assert told(Settings, {"n": -1, "s": 3, "m": "abcd", "even": 3}) == {":n", ":s", ":m", ":even"}


def test_an_unknown_field_hides_no_others() -> None:
    assert told(Settings, {"n": -1, "wrong": 3}) == {":n", ""}


def test_missing_and_nested_fields_hide_no_others() -> None:
    assert told(Limits, {"most": 0}) == {":most", ""}
    assert told(Settings, {"m": "abcd", "limits": {"most": 0, "word": 3}}) == {
        ":m",
        ":limits:most",
        ":limits:word",
    }


def test_what_follows_from_a_wrong_field_is_not_told() -> None:
    assert told(Settings, {"n": "one", "twice": 4}) == {":n"}


def test_a_validator_that_counts_on_a_wrong_field_does_not_stop_the_report() -> None:
    assert told(Brittle, {"n": "one", "m": 0}) == {":n"}


class Server(dg.ConfigurableResource[Any]):
    port: int = pydantic.Field(gt=0)
    host: str


def test_fields_of_a_resource_hide_no_others() -> None:
    @dg.asset
    def page(server: Server) -> None: ...

    defs = dg.Definitions(assets=[page], resources={"server": Server.configure_at_launch()})
    job = defs.resolve_implicit_global_asset_job_def()
    with pytest.raises(dg.DagsterInvalidConfigError) as caught:
        job.execute_in_process(run_config={"resources": {"server": {"config": {"port": -1, "host": 3}}}})
    places = {str(each).split(" ")[0] for each in caught.value.errors}
    assert places == {"root:resources:server:config:port:", "root:resources:server:config:host:"}


class Cat(dg.Config):
    kind: Literal["cat"] = "cat"
    lives: int = pydantic.Field(gt=0)
    name: str


class Dog(dg.Config):
    kind: Literal["dog"] = "dog"


class Home(dg.Config):
    pet: Cat | Dog = pydantic.Field(discriminator="kind")


def test_fields_of_one_of_several_classes_hide_no_others() -> None:
    assert told(Home, {"pet": {"cat": {"lives": 0, "name": 3}}}) == {":pet:cat:lives", ":pet:cat:name"}
