"""Resources that a definition brings with it (`resource_defs=`), and what an asset tells about its op."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError


class Plain:
    """An object of no class of ours."""


def test_a_function_reaches_the_resources_that_its_decorator_was_given() -> None:
    plain, seen = Plain(), []

    @dg.asset(resource_defs={"plain": plain})
    def one(context):
        seen.append(context.resources.plain)

    @dg.multi_asset(specs=[dg.AssetSpec("two")], resource_defs={"plain": plain})
    def several(context):
        seen.append(context.resources.plain)

    @dg.asset_check(asset="one", resource_defs={"plain": plain})
    def checked(context):
        seen.append(context.resources.plain)
        return dg.AssetCheckResult(passed=True)

    @dg.observable_source_asset(resource_defs={"plain": plain})
    def looked_at(context):
        seen.append(context.resources.plain)
        return dg.DataVersion("1")

    assert dg.materialize([one, several, checked]).success
    assert dg.observe([looked_at]).success
    assert seen == [plain] * 4


def test_a_direct_call_opens_what_the_definition_brings() -> None:
    @dg.asset(resource_defs={"number": dg.ResourceDefinition.hardcoded_resource(5)})
    def one(context, factor):
        return context.resources.number * factor + getattr(context.resources, "more", 0)

    context = dg.build_asset_context(resources={"more": 1})
    assert one(context, 2) == 11
    assert one(context, 3) == 16, "a context serves several calls"


def test_the_io_manager_of_an_asset_is_among_the_keys_it_requires() -> None:
    @dg.asset(io_manager_key="lake", required_resource_keys={"api"})
    def stored(): ...

    @dg.multi_asset(specs=[dg.AssetSpec("a")])
    def stores_nothing(): ...

    assert stored.required_resource_keys == {"lake", "api"}
    assert "api" in stored.op.required_resource_keys and "lake" not in stored.op.required_resource_keys
    assert stores_nothing.required_resource_keys <= {"io_manager"}


def test_the_output_of_an_assets_op_has_its_metadata_and_code_version() -> None:
    @dg.asset(metadata={"table": "t"}, code_version="2")
    def stored(): ...

    output = stored.op.output_def_named("result")
    assert output.metadata == {"table": "t"}
    assert output.code_version == "2"
    assert stored.op.output_defs[0].io_manager_key == "io_manager"


def test_internal_asset_deps_go_with_outs_only() -> None:
    with pytest.raises(InvalidDefinitionError, match="internal_asset_deps"):
        dg.multi_asset(specs=[dg.AssetSpec("a")], internal_asset_deps={"a": set()})(lambda: None)


def test_one_argument_says_the_group_of_what_an_op_or_graph_makes() -> None:
    @dg.op
    def made():
        return 1

    @dg.graph
    def drawn():
        return made()

    for build, definition in ((dg.AssetsDefinition.from_op, made), (dg.AssetsDefinition.from_graph, drawn)):
        with pytest.raises(InvalidDefinitionError, match="group_names_by_output_name"):
            build(definition, group_name="a", group_names_by_output_name={"result": "b"})


def test_what_a_direct_call_opened_closes_with_its_context() -> None:
    closed = []

    @dg.resource
    def opened():
        yield 1
        closed.append("opened")

    @dg.asset(resource_defs={"opened": opened})
    def brings(context):
        return context.resources.opened

    with dg.build_asset_context() as context:
        assert brings(context) == 1
        assert closed == []
    assert closed == ["opened"]


def test_what_one_direct_call_was_given_is_not_there_in_the_next_one_of_the_context() -> None:
    @dg.op
    def takes(context, word: dg.ResourceParam[str]):
        return word

    @dg.asset(resource_defs={"number": dg.ResourceDefinition.hardcoded_resource(5)})
    def brings(context):
        return sorted(context.resources._asdict())

    context = dg.build_op_context()
    assert takes(context, word="w") == "w"
    assert brings(context) == ["number"]
    assert takes(context, word="v") == "v"
