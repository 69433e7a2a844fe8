"""`AssetValueLoader` as its users make it: from definitions by key."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError


@dg.asset
def upstream() -> int:
    return 1


@dg.asset
def downstream(upstream: int) -> int:
    return upstream + 1


def test_a_loader_is_made_of_definitions_by_key():
    with dg.instance_for_test() as instance:
        assert dg.materialize([upstream, downstream], instance=instance).success
        loader = dg.AssetValueLoader({downstream.key: downstream}, instance=instance)
        assert loader.load_asset_value("downstream") == 2
        named = dg.AssetValueLoader(assets_defs_by_key={upstream.key: upstream}, instance=instance)
        assert named.load_asset_value(upstream.key) == 1


def test_a_loader_of_something_else_is_refused():
    with pytest.raises(InvalidArgumentError, match="assets_defs_by_key"):
        dg.AssetValueLoader([downstream])


class Kept(dg.IOManager):
    """Loads how often its resource was opened."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None: ...

    def load_input(self, context: dg.InputContext) -> object:
        upstream_op = context.upstream_output.op_def
        return context.asset_key.to_user_string(), upstream_op.name, context.resources.shared


def test_a_loader_opens_each_resource_once_and_closes_it_at_its_end():
    opened: list[str] = []

    @dg.resource
    def shared():
        opened.append("open")
        yield len(opened)
        opened.append("close")

    @dg.io_manager(required_resource_keys={"shared"})
    def kept() -> Kept:
        return Kept()

    @dg.asset(io_manager_key="one")
    def first() -> int:
        return 1

    @dg.asset(io_manager_key="two")
    def second() -> int:
        return 2

    defs = dg.Definitions([first, second], resources={"one": kept, "two": kept, "shared": shared})
    with dg.instance_for_test() as instance, defs.get_asset_value_loader(instance) as loader:
        assert opened == []
        assert loader.load_asset_value("first") == ("first", "first", 1)
        assert loader.load_asset_value("second") == ("second", "second", 1)
        assert loader.load_asset_value("first") == ("first", "first", 1)
        assert opened == ["open"]
    assert opened == ["open", "close"]


def test_a_source_asset_keeps_the_manager_that_its_definition_brought(tmp_path):
    manager = dg.FilesystemIOManager(base_dir=str(tmp_path))

    @dg.asset(io_manager_def=manager)
    def made() -> int:
        return 3

    @dg.asset(io_manager_def=manager)
    def reader(made: int) -> int:
        return made + 1

    assert dg.materialize([made]).success
    assert dg.materialize([made.to_source_asset(), reader]).output_for_node("reader") == 4


def test_resources_are_bound_to_source_assets_too():
    with pytest.warns(DeprecationWarning, match="AssetSpec"):
        source = dg.SourceAsset("outside", io_manager_key="kept")

    class Five(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: object) -> None: ...

        def load_input(self, context: dg.InputContext) -> int:
            return 5

    bound = dg.with_resources([source], {"kept": Five()})
    assert dg.Definitions(bound).load_asset_value("outside", instance=dg.DagsterInstance.ephemeral()) == 5
