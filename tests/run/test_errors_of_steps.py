"""Whatever user code raises, its step fails with that error and the run ends (T06, T20)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import IOManager, Output, asset, resource
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


def failure_of(result: Any, step: str) -> Any:
    return next(
        event.data.error
        for event in result.events
        if event.type is EventType.STEP_FAILURE and event.step_key == step
    )


class TwoArgumentsError(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")


class OnlyHere:
    """Its pickled form does not load."""

    def __reduce__(self) -> Any:
        return (int, ("not a number",))


class CarriesError(Exception):
    def __init__(self) -> None:
        super().__init__("carries", OnlyHere())


@asset
def raises_two_arguments():
    raise TwoArgumentsError(7, "the text")


@asset
def raises_what_it_carries():
    raise CarriesError


@asset
def other():
    return 1


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_an_error_that_does_not_load_again_fails_only_its_step(how: str, instance: Instance) -> None:
    result = run([raises_two_arguments, raises_what_it_carries, other], instance, how)
    assert result.status is RunStatus.FAILURE
    assert result.get_failed_step_keys() == {"raises_two_arguments", "raises_what_it_carries"}
    assert "7: the text" in failure_of(result, "raises_two_arguments").cause.message
    assert failure_of(result, "raises_what_it_carries").cause.class_name == "CarriesError"
    assert result.asset_value("other") == 1


class ForgetsValues(IOManager):
    def handle_output(self, context: Any, obj: Any) -> None: ...

    def load_input(self, context: Any) -> Any: ...


@asset(io_manager_key="forgets")
def gives_what_does_not_load():
    return OnlyHere()


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_value_that_does_not_load_is_left_out_of_the_result(how: str, instance: Instance) -> None:
    result = run([gives_what_does_not_load, other], instance, how, resources={"forgets": ForgetsValues()})
    assert result.success
    assert result.asset_value("other") == 1


class BeyondException(BaseException):
    """Not an Exception."""


ERRORS = {
    "BeyondException": BeyondException("mine"),
    "SystemExit": SystemExit(0),
    "CancelledError": asyncio.CancelledError("mine"),
    "GeneratorExit": GeneratorExit("mine"),
}


def raising(name: str, kind: str) -> Any:
    def plain():
        raise ERRORS[name]

    def generator():
        yield Output(1)
        raise ERRORS[name]

    async def coroutine():
        await asyncio.sleep(0)
        raise ERRORS[name]

    async def async_generator():
        yield Output(1)
        raise ERRORS[name]

    code = {
        "plain": plain,
        "generator": generator,
        "coroutine": coroutine,
        "async_generator": async_generator,
    }
    return asset(name="raises")(code[kind])


@pytest.mark.parametrize("how", ["in_process", "threads", "asyncio", "fork"])
@pytest.mark.parametrize("kind", ["plain", "generator", "coroutine", "async_generator"])
@pytest.mark.parametrize("name", ERRORS)
def test_what_is_not_an_exception_fails_its_step_too(
    name: str, kind: str, how: str, instance: Instance
) -> None:
    result = run([raising(name, kind), other], instance, how)
    assert result.status is RunStatus.FAILURE
    assert result.get_failed_step_keys() == {"raises"}
    assert failure_of(result, "raises").cause.class_name == name
    assert result.asset_value("other") == 1
    assert [record.status for record in instance.get_runs()] == [RunStatus.FAILURE]


class ExitsIOManager(IOManager):
    def handle_output(self, context: Any, obj: Any) -> None:
        raise BeyondException("while storing")

    def load_input(self, context: Any) -> Any: ...


@asset(io_manager_key="exits")
def stored_badly():
    return 1


@resource
def exits_at_once() -> Any:
    raise SystemExit(0)


@asset(required_resource_keys={"exits"})
def wants_a_resource():
    return 1


@pytest.mark.parametrize("how", ["in_process", "fork"])
@pytest.mark.parametrize(
    ("wanted", "exits"), [(stored_badly, ExitsIOManager()), (wants_a_resource, exits_at_once)]
)
def test_so_does_what_an_io_manager_or_a_resource_raises(
    wanted: Any, exits: Any, how: str, instance: Instance
) -> None:
    result = run([wanted], instance, how, resources={"exits": exits})
    assert result.status is RunStatus.FAILURE
    assert [record.status for record in instance.get_runs()] == [RunStatus.FAILURE]
