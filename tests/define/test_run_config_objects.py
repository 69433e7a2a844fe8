"""What a `RunConfig` of `Config` and resource objects says: defaults too, as the peer's does."""

import datetime
import enum
from typing import Literal, Union

import pydantic
import pytest

import treadle as dg


class Colour(enum.Enum):
    RED = "r"


class Inner(dg.Config):
    p: int = 3
    q: str | None = None


class Tree(dg.Config):
    kind: Literal["tree"] = "tree"
    depth: int = 3


class Bush(dg.Config):
    kind: Literal["bush"] = "bush"


class Load(dg.Config):
    a: int
    b: str = "d"
    d: list[int] = []
    none: int | None = None
    gone: int | None = 5
    made: list[str] = pydantic.Field(default_factory=lambda: ["x"])
    colour: Colour = Colour.RED
    inner: Inner = Inner()
    several: dict[str, Inner] = {"k": Inner()}
    named: int = pydantic.Field(default=4, alias="alias")
    url: str = dg.EnvVar("URL")
    plant: Union[Tree, Bush] = pydantic.Field(discriminator="kind", default=Tree())  # noqa: UP007


FULL = {
    "a": 1,
    "b": "d",
    "d": [],
    "gone": 5,
    "made": ["x"],
    "colour": "RED",
    "inner": {"p": 3},
    "several": {"k": {"p": 3}},
    "alias": 4,
    "url": {"env": "URL"},
    "plant": {"tree": {"depth": 3}},
}


def test_run_config_of_an_object_says_its_defaults_but_a_none_that_is_one():
    request = dg.RunRequest(run_config=dg.RunConfig(ops={"x": Load(a=1)}))
    assert request.run_config["ops"]["x"]["config"] == FULL


def test_a_none_that_is_not_the_default_is_said():
    said = dg.RunConfig(ops={"x": Load(a=1, gone=None, plant=Bush())}).to_config_dict()["ops"]["x"]["config"]
    assert said == {**FULL, "gone": None, "plant": {"bush": {}}}


def test_extra_fields_stand_beside_the_defaults():
    class More(dg.PermissiveConfig):
        n: int = 1

    assert dg.RunConfig(ops={"x": More(z=2)}).to_config_dict()["ops"]["x"] == {"config": {"n": 1, "z": 2}}


def test_objects_of_ops_within_a_graph_are_told_too():
    told = dg.RunConfig(ops={"g": {"ops": {"x": Inner()}}}).to_config_dict()
    assert told["ops"] == {"g": {"ops": {"x": {"config": {"p": 3}}}}}


def test_resources_say_their_defaults():
    class Host(dg.ConfigurableResource):
        name: str = "s"

    class Database(dg.ConfigurableResource):
        host: Host
        port: int = 1

    told = dg.RunConfig(resources={"db": Database(host=Host())}).to_config_dict()
    assert told["resources"] == {"db": {"config": {"host": {"name": "s"}, "port": 1}}}


def test_defaults_that_are_secret_or_no_yaml_are_left_to_the_class():
    class Quiet(dg.Config):
        password: pydantic.SecretStr = pydantic.SecretStr("hush")
        marked: str = pydantic.Field(default="hush", json_schema_extra={"dagster__is_secret": True})
        since: datetime.date = datetime.date(2024, 1, 1)
        tags: set[str] = {"a"}

    assert Quiet().to_config_value() == {"tags": ["a"]}


def test_jobs_and_runs_hold_the_defaults_and_the_step_gets_the_object(monkeypatch):
    monkeypatch.setenv("URL", "there")
    seen = []

    @dg.asset
    def x(config: Load):
        seen.append(config)

    config = dg.RunConfig(ops={"x": Load(a=1)})
    definitions = dg.Definitions(assets=[x], jobs=[dg.define_asset_job("nightly", config=config)])
    job = definitions.get_job_def("nightly")
    assert job.run_config["ops"]["x"]["config"] == FULL

    result = dg.materialize([x], run_config=config)
    assert result.dagster_run.run_config["ops"]["x"]["config"] == FULL
    assert (seen[0].a, seen[0].url, seen[0].plant, seen[0].inner) == (1, "there", Tree(), Inner())


@pytest.mark.parametrize("given", [False, True])
def test_a_default_that_is_an_environment_variable_is_read_for_the_step(monkeypatch, given):
    class Outer(dg.Config):
        url: str = dg.EnvVar("URL")
        load: Load = Load(a=1)

    monkeypatch.setenv("URL", "there")
    seen = []

    @dg.asset
    def x(config: Outer):
        seen.append((config.url, config.load.url))

    dg.materialize([x], run_config=dg.RunConfig(ops={"x": Outer()}) if given else {})
    assert seen == [("there", "there")]
