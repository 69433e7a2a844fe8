"""`AssetsDefinition(...)` by its constructor: external assets, and the outputs of an op or graph."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, UnknownArgumentError

A, B = dg.AssetKey("a"), dg.AssetKey("b")


def external() -> dg.AssetsDefinition:
    return dg.AssetsDefinition(
        specs=[dg.AssetSpec("a", group_name="g"), dg.AssetSpec("b", deps=["a", "upstream"])]
    )


def test_specs_alone_are_assets_that_nothing_here_makes() -> None:
    made = external()
    assert made.keys == {A, B}
    assert (made.is_external, made.is_executable, made.is_materializable, made.is_observable) == (
        True,
        False,
        False,
        False,
    )
    assert made.group_names_by_key == {A: "g", B: "default"}
    assert set(made.dependency_keys) == {A, dg.AssetKey("upstream")}
    assert made.required_resource_keys == set() and made.check_keys == set()
    assert made.get_asset_spec("b").key == B
    assert repr(made) == "AssetsDefinition(a, b)"
    for asked in (lambda: made.op, lambda: made.node_def, lambda: made()):
        with pytest.raises(InvariantViolationError, match="external"):
            asked()
    with pytest.raises(InvalidDefinitionError, match="no single key"):
        _ = made.key
    with pytest.raises(AttributeError, match="keyz"):
        _ = made.keyz


def test_external_assets_stand_in_definitions_as_their_specs_do() -> None:
    @dg.asset(deps=["b"])
    def reads():
        return 1

    defs = dg.Definitions(assets=[external(), reads])
    assert {spec.key for spec in defs.resolve_all_asset_specs()} == {A, B, dg.AssetKey("upstream"), reads.key}
    assert dg.AssetSelection.all().resolve([external(), reads]) == {reads.key}
    assert dg.materialize([external(), reads]).success
    changed = defs.map_asset_specs(func=lambda spec: spec.replace_attributes(group_name="z"))
    assert {spec.group_name for spec in changed.resolve_all_asset_specs() if spec.key in (A, B)} == {"z"}


def test_external_assets_are_changed_like_others() -> None:
    changed = external().with_attributes(
        group_names_by_key={A: "h"}, asset_key_replacements={B: dg.AssetKey(["p", "b"])}
    )
    assert changed.is_external
    assert changed.group_names_by_key == {A: "h", dg.AssetKey(["p", "b"]): "default"}


def test_definitions_give_a_definition_of_an_external_asset() -> None:
    letters = dg.StaticPartitionsDefinition(["q"])
    defs = dg.Definitions(assets=[dg.AssetSpec("a", group_name="g", partitions_def=letters)])
    for asked in (defs.get_assets_def, defs.resolve_assets_def, defs.get_asset_def):
        made = asked("a")
        assert isinstance(made, dg.AssetsDefinition) and made.is_external
        assert made.key == A and made.partitions_def == letters
        assert made.get_asset_spec().group_name == "g"
    with pytest.raises(InvariantViolationError, match="there is no asset"):
        defs.get_assets_def("nothing")


def test_outputs_of_an_op_become_assets_under_the_keys_given() -> None:
    @dg.op(out={"x": dg.Out(), "y": dg.Out()})
    def two(raw):
        return raw, raw + 1

    made = dg.AssetsDefinition(
        node_def=two,
        keys_by_input_name={"raw": dg.AssetKey("source")},
        keys_by_output_name={"x": A, "y": B},
        asset_deps={A: {dg.AssetKey("source")}, B: {A}},
        group_names_by_key={B: "g"},
        owners_by_key={A: ["team:data"]},
    )
    assert made.asset_deps == {A: {dg.AssetKey("source")}, B: {A}}
    assert made.group_names_by_key == {A: "default", B: "g"}
    assert made.owners_by_key[A] == ["team:data"]

    @dg.asset
    def source():
        return 4

    result = dg.materialize_to_memory([source, made])
    assert (result.asset_value("a"), result.asset_value("b")) == (4, 5)


def test_the_outputs_of_a_graph_become_assets_of_the_specs_given() -> None:
    @dg.op
    def one():
        return 1

    @dg.graph
    def drawn():
        return one()

    made = dg.AssetsDefinition(node_def=drawn, specs=[dg.AssetSpec("a", group_name="g", metadata={"m": 1})])
    assert made.key == A and made.metadata_by_key == {A: {"m": 1}}
    assert dg.materialize_to_memory([made]).asset_value("a") == 1


def test_arguments_that_say_nothing_are_refused() -> None:
    @dg.op
    def one():
        return 1

    with pytest.raises(InvalidDefinitionError, match="node_def"):
        dg.AssetsDefinition()
    with pytest.raises(InvalidDefinitionError, match="no input"):
        dg.AssetsDefinition(node_def=one, partition_mappings={A: dg.IdentityPartitionMapping()})
    with pytest.raises(TypeError):
        dg.AssetsDefinition(node_def=one, colour="red")
    with pytest.raises(UnknownArgumentError, match="colour"):
        dg.AssetsDefinition(op=one, colour="red")


@pytest.mark.filterwarnings("ignore:.SourceAsset")
def test_source_assets_that_say_the_same_are_equal() -> None:
    @dg.asset(metadata={"a": "b"}, io_manager_key="lake", description="d")
    def made(): ...

    same = dg.SourceAsset("made", metadata={"a": "b"}, io_manager_key="lake", description="d")
    assert made.to_source_asset() == same and len({same, made.to_source_asset()}) == 1
    assert same != dg.SourceAsset("made")


@pytest.mark.filterwarnings("ignore:.SourceAsset")
def test_the_io_manager_of_a_source_asset_is_not_among_its_metadata() -> None:
    @dg.multi_asset(outs={"a": dg.AssetOut(metadata={"c": "d"}, io_manager_key="lake")})
    def made(): ...

    source = made.to_source_asset("a")
    assert (source.metadata, source.io_manager_key) == ({"c": "d"}, "lake")


def test_a_direct_call_of_assets_of_specs_may_return_nothing() -> None:
    @dg.multi_asset(specs=[dg.AssetSpec("a"), dg.AssetSpec("b")])
    def both(): ...

    @dg.multi_asset(outs={"a": dg.AssetOut(), "b": dg.AssetOut()})
    def with_values(): ...

    assert both() is None
    with pytest.raises(InvariantViolationError, match="2 outputs"):
        with_values()
