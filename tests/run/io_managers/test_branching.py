"""A branch that reads from production what it has not made itself."""

from typing import Any

import pytest

import treadle as dg

PARTS = dg.StaticPartitionsDefinition(["a", "b"])


class Kept(dg.IOManager):
    def __init__(self, **values: Any) -> None:
        self.values: dict[Any, Any] = values

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        keys = context.asset_partition_keys if context.has_asset_partitions else [None]
        self.values.update(dict.fromkeys(keys, obj))

    def load_input(self, context: dg.InputContext) -> Any:
        keys = context.asset_partition_keys if context.has_asset_partitions else [None]
        return [self.values[key] for key in keys]


@dg.asset
def orders() -> str:
    return "of the branch"


@dg.asset
def report(orders: Any) -> Any:
    return orders


@dg.asset(partitions_def=PARTS)
def daily() -> str:
    return "of the branch"


@dg.asset
def total(daily: Any) -> Any:
    return daily


def branching(parent: dg.IOManager, **settings: str) -> dict[str, Any]:
    manager = dg.BranchingIOManager(parent_io_manager=parent, branch_io_manager=Kept(), **settings)
    return {"io_manager": manager}


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def test_a_branch_reads_its_own_value_once_it_has_made_one(instance):
    parent = Kept()
    parent.values[None] = "of production"
    resources = branching(parent)
    both = [orders, report]
    result = dg.materialize(both, selection=[report], resources=resources, instance=instance)
    assert result.success
    defs = dg.Definitions(both, resources=resources)
    assert defs.load_asset_value("orders", instance=instance) == ["of production"]
    dg.materialize([orders], resources=resources, instance=instance)
    assert defs.load_asset_value("orders", instance=instance) == ["of the branch"]
    assert parent.values == {None: "of production"}


def test_a_materialization_tells_its_branch_under_the_label_asked_for(instance):
    resources = branching(Kept(), branch_name="mine", branch_metadata_key="made_on")
    result = dg.materialize([orders], resources=resources, instance=instance)
    (event,) = result.asset_materializations_for_node("orders")
    assert event.metadata["made_on"] == dg.MetadataValue.text("mine")


def test_what_was_made_on_another_branch_is_the_parents(instance):
    other = branching(Kept(), branch_name="theirs")
    dg.materialize([orders], resources=other, instance=instance)
    parent = Kept()
    parent.values[None] = "of production"
    defs = dg.Definitions([orders], resources=branching(parent))
    assert defs.load_asset_value("orders", instance=instance) == ["of production"]


def test_partitions_are_the_branchs_when_it_has_made_all_of_them(instance):
    parent = Kept(a="of production", b="of production")
    resources = branching(parent)
    defs = dg.Definitions([daily], resources=resources)
    dg.materialize([daily], partition_key="a", resources=resources, instance=instance)
    assert defs.load_asset_value("daily", partition_key="a", instance=instance) == ["of the branch"]
    assert defs.load_asset_value("daily", partition_key="b", instance=instance) == ["of production"]
    assert defs.load_asset_value("daily", instance=instance) == ["of production"] * 2
    dg.materialize([daily], partition_key="b", resources=resources, instance=instance)
    assert defs.load_asset_value("daily", instance=instance) == ["of the branch"] * 2
