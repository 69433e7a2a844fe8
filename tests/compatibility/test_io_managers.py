"""What custom IO managers rely on."""

from typing import Any

import pytest

import treadle as dg
from tests.compatibility.told import kinds


class Remembering(dg.IOManager):
    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], Any] = {}

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        self.values[tuple(context.asset_key.path)] = obj

    def load_input(self, context: dg.InputContext) -> Any:
        context.add_input_metadata({"rows": 2}, description="as it was read")
        return self.values[tuple(context.asset_key.path)]


@dg.asset
def left() -> int:
    return 1


@dg.asset
def right() -> int:
    return 2


@dg.asset
def both(left: int, right: int) -> int:
    return left + right


def test_all_inputs_are_loaded_before_the_first_is_checked() -> None:
    told = kinds(dg.materialize([left, right, both]))
    start = [at for at, kind in enumerate(told) if kind == "STEP_START"][2]
    assert told[start + 1 : start + 5] == ["LOADED_INPUT", "LOADED_INPUT", "STEP_INPUT", "STEP_INPUT"]


def test_what_is_told_of_an_input_is_an_observation_of_its_asset() -> None:
    @dg.asset
    def last(left: int) -> int:
        return left

    result = dg.materialize([left, last], resources={"io_manager": Remembering()})
    (seen,) = result.asset_observations_for_node("last")
    assert (seen.asset_key, seen.description) == (dg.AssetKey("left"), "as it was read")
    assert seen.metadata["rows"].value == 2
    (loaded,) = [event for event in result.all_events if event.is_loaded_input]
    assert loaded.event_specific_data.metadata["rows"].value == 2
    told = kinds(result)
    assert told.index("ASSET_OBSERVATION") < told.index("LOADED_INPUT")


def test_an_object_that_cannot_store_is_no_io_manager() -> None:
    for given in (5, object(), dg.ResourceDefinition.hardcoded_resource("x")):
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="has no `handle_output`"):
            dg.materialize([left], resources={"io_manager": given})


def test_whatever_stores_and_loads_is_an_io_manager() -> None:
    class Plain:
        def handle_output(self, context: Any, obj: Any) -> None:
            self.obj = obj

        def load_input(self, context: Any) -> Any:
            return self.obj

    assert dg.materialize([left], resources={"io_manager": Plain()}).success
