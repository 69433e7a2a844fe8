"""`context.resource_config` of a resource class is plain config, as IO managers of other packages read it."""

import enum
from typing import Any, Literal

from pydantic import Field, SecretStr

import treadle as dg


class Local(dg.Config):
    provider: Literal["local"] = "local"
    threads: int = 1


class Bucket(dg.Config):
    provider: Literal["s3"] = "s3"
    name: str | None = None


class Mode(enum.Enum):
    FAST = "fast"


class Inner(dg.Config):
    place: Local | Bucket = Field(discriminator="provider")


class Store(dg.ConfigurableIOManagerFactory):
    root: str
    place: Local | Bucket = Field(discriminator="provider")
    inner: Inner
    many: list[Local]
    mode: Mode = Mode.FAST
    schema_: str | None = Field(default=None, alias="schema")
    password: SecretStr = SecretStr("hush")

    def create_io_manager(self, context: dg.InitResourceContext) -> dg.IOManager:
        told: list[Any] = [context.resource_config]

        class Manager(dg.IOManager):
            def handle_output(self, context: dg.OutputContext, obj: object) -> None:
                told.append(context.resource_config)

            def load_input(self, context: dg.InputContext) -> object:
                assert context.upstream_output is not None
                return [*told, context.resource_config, context.upstream_output.resource_config]

        return Manager()


def test_objects_in_fields_are_told_as_the_config_that_they_stand_for() -> None:
    seen = []

    @dg.asset
    def first() -> int:
        return 1

    @dg.asset
    def second(first: Any) -> None:
        seen.extend(first)

    store = Store(root="r", place=Local(threads=5), inner=Inner(place=Bucket(name="b")), many=[Local()])
    dg.materialize([first, second], resources={"io_manager": store})
    assert len(seen) == 4
    for told in seen:
        assert told == {
            "root": "r",
            "place": {"local": {"threads": 5}},
            "inner": {"place": {"s3": {"name": "b"}}},
            "many": [{"provider": "local", "threads": 1}],
            "mode": "fast",
            "schema": None,
            "password": "hush",
        }


def test_a_resource_gets_its_objects_all_the_same() -> None:
    class Reader(dg.ConfigurableResource):
        place: Local | Bucket = Field(discriminator="provider")

        def setup_for_execution(self, context: dg.InitResourceContext) -> None:
            assert context.resource_config == {"place": {"s3": {"name": "b"}}}

    @dg.asset
    def read(reader: Reader) -> None:
        assert reader.place == Bucket(name="b")

    assert dg.materialize([read], resources={"reader": Reader(place=Bucket(name="b"))}).success
