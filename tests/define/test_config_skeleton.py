"""The first run config of a job names what it takes, and is taken."""

from enum import Enum as PythonEnum

import pytest

import treadle as dg
from treadle.define.config.skeleton import config_skeleton


class Colour(PythonEnum):
    RED = 1
    BLUE = 2


class Inner(dg.Config):
    deep: bool


class Settings(dg.Config):
    name: str
    size: int = 7
    colour: Colour = Colour.BLUE
    inner: Inner
    maybe: float | None = None
    where: str = dg.EnvVar("SOMEWHERE")


@dg.op
def first(config: Settings) -> int:
    return config.size


@dg.op(
    config_schema={
        "names": [str],
        "by": dg.Map(str, int),
        "one": dg.Selector({"a": str, "b": int}),
        "kind": dg.Enum("Kind", [dg.EnumValue("big"), dg.EnumValue("small")]),
        "limit": dg.Field(int, default_value=3),
        "left_out": dg.Field(str, is_required=False),
        "url": dg.StringSource,
    }
)
def second() -> None: ...


@dg.op
def plain() -> None: ...


@dg.graph
def nested() -> None:
    second()


@dg.resource(config_schema={"url": str})
def warehouse(_: object) -> int:
    return 1


@dg.op(required_resource_keys={"warehouse"})
def reading() -> None: ...


@dg.job(resource_defs={"warehouse": warehouse})
def whole() -> None:
    first()
    nested()
    plain()
    reading()


@dg.asset
def orders(config: Settings) -> None: ...


def test_it_names_every_field_with_its_default_or_an_empty_value() -> None:
    assert config_skeleton(whole) == {
        "ops": {
            "first": {
                "config": {
                    "name": "",
                    "size": 7,
                    "colour": "BLUE",
                    "inner": {"deep": False},
                    "maybe": None,
                    "where": {"env": "SOMEWHERE"},
                }
            },
            "nested": {
                "ops": {
                    "second": {
                        "config": {
                            "names": [],
                            "by": {},
                            "one": {"a": ""},
                            "kind": "big",
                            "limit": 3,
                            "left_out": "",
                            "url": "",
                        }
                    }
                }
            },
        },
        "resources": {"warehouse": {"config": {"url": ""}}},
    }


def test_what_need_not_be_given_can_be_left_out() -> None:
    found = config_skeleton(whole, required_only=True)
    assert found["ops"]["first"]["config"] == {"name": "", "inner": {"deep": False}}
    assert set(found["ops"]["nested"]["ops"]["second"]["config"]) == {"names", "by", "one", "kind", "url"}


@pytest.mark.parametrize("required_only", [True, False])
def test_a_job_takes_it(required_only: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEWHERE", "here")
    dg.validate_run_config(whole, config_skeleton(whole, required_only=required_only))
    job = dg.Definitions([orders], jobs=[dg.define_asset_job("all")]).get_job_def("all")
    dg.validate_run_config(job, config_skeleton(job, required_only=required_only))


def test_a_job_with_a_config_mapping_is_asked_for_what_that_takes() -> None:
    @dg.config_mapping(config_schema={"n": int})
    def simple(value: dict[str, int]) -> dict[str, object]:
        return {"ops": {"first": {"config": {"name": "x", "inner": {"deep": True}}}}}

    @dg.job(config=simple)
    def mapped() -> None:
        first()

    assert config_skeleton(mapped) == {"n": 0}


def test_a_job_that_takes_no_config_has_an_empty_one() -> None:
    @dg.job
    def silent() -> None:
        plain()

    assert config_skeleton(silent) == {}
