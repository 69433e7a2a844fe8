"""Config classes of ops with a field that only an object in Python could fill."""

import datetime
import pathlib
from typing import Any

import pydantic
import pytest

import treadle as dg


class Client:
    """Something that pydantic knows nothing of."""


class Model(pydantic.BaseModel):
    n: int


class ByClient(dg.Config):
    client: Client


class Nested(dg.Config):
    inner: ByClient


class WithDefault(dg.Config):
    client: Client = Client()


class Told(dg.Config):
    when: datetime.date
    where: pathlib.Path
    model: Model
    anything: Any
    later: "Later"  # defined below
    inner: WithDefault


class Later(dg.Config):
    n: int


class Loop(dg.Config):
    again: "Loop"


Told.model_rebuild()


@pytest.mark.parametrize("config_class", [ByClient, Nested])
@pytest.mark.parametrize("decorator", [dg.op, dg.asset], ids=["op", "asset"])
def test_they_are_refused_with_the_op_which_has_its_place(decorator: Any, config_class: Any) -> None:
    def load(config): ...

    load.__annotations__["config"] = config_class
    with pytest.raises(
        dg.DagsterInvalidConfigDefinitionError, match=r"`ByClient\.client`: it takes a `Client`"
    ) as caught:
        decorator(load)
    assert caught.value.where is not None and "test_config_no_run_could_give.py" in caught.value.where


@pytest.mark.parametrize("config_class", [Told, WithDefault, Loop])
def test_what_config_can_tell_or_leave_out_is_taken(config_class: Any) -> None:
    def load(config): ...

    load.__annotations__["config"] = config_class
    assert dg.op(load).name == "load"


def test_a_resource_may_be_given_such_objects() -> None:
    class Server(dg.ConfigurableResource):
        client: Client

    @dg.asset
    def served(server: Server) -> bool:
        return isinstance(server.client, Client)

    assert dg.materialize([served], resources={"server": Server(client=Client())}).output_for_node("served")
