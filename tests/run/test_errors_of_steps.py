"""Whatever user code raises, its step fails with that error and the run ends (T06, T20)."""

from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import IOManager, asset
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
