"""What graphs and jobs tell of their parts, as code that inspects projects reads it."""

import pytest

import treadle as dg


@dg.op(pool="database")
def one() -> int:
    """The first number."""
    return 1


@dg.op
def double(number: int) -> int:
    return 2 * number


@dg.graph(ins={"start": dg.GraphIn("where it begins")}, out={"end": dg.GraphOut("where it ends")})
def fourfold(start):
    """Four times as much."""
    return double(double(start))


@dg.job
def numbers():
    """A job of numbers."""
    fourfold(one())
    double.alias("twice").tag({"team": "sales"})(one())


def test_a_graph_lists_its_nodes() -> None:
    graph = numbers.graph

    assert [node.name for node in graph.nodes] == ["one", "fourfold", "one_2", "twice"]
    assert [node.name for node in graph.nodes_in_topological_order][:2] == ["one", "one_2"]
    twice = graph.node_named("twice")
    assert (twice.definition, twice.tags, twice.graph_definition) == (double, {"team": "sales"}, graph)
    assert list(twice.input_dict) == ["number"] and twice.has_output("result")
    assert sorted(one.name for one in graph.iterate_op_defs()) == ["double", "double", "one"]
    assert graph.pools == {"database"}


def test_a_graph_tells_its_inputs_and_outputs_with_the_types_inside() -> None:
    (start,), (end,) = fourfold.input_defs, fourfold.output_defs

    assert (start.name, start.dagster_type.display_name, start.description) == (
        "start",
        "Int",
        "where it begins",
    )
    assert (end.name, end.dagster_type.display_name, end.description) == ("end", "Int", "where it ends")
    assert fourfold.input_mappings[0].maps_to == ("double", "number", None)
    assert fourfold.get_output_mapping("end").maps_from == ("double_2", "result")
    with pytest.raises(dg.InvariantViolationError, match="no input `strat`"):
        fourfold.input_def_named("strat")


def test_inputs_of_a_graph_are_mapped_in_the_order_of_its_parameters() -> None:
    @dg.op
    def take(left, right): ...

    @dg.graph
    def swapped(second, first):
        take(first, second)

    assert [mapping.graph_input_name for mapping in swapped.input_mappings] == ["second", "first"]


def test_a_job_tells_the_ops_at_every_level() -> None:
    assert {one.name for one in numbers.top_level_node_defs} == {"one", "double", "fourfold"}
    assert numbers.has_node("double") and not numbers.has_node("twice")
    assert numbers.has_node_named("twice") and not numbers.has_node_named("double_2")
    assert numbers.node_def_named("double") is double
    with pytest.raises(dg.InvariantViolationError, match="no op or graph `duble`"):
        numbers.node_def_named("duble")


def test_a_job_of_assets_has_a_graph_of_their_functions() -> None:
    @dg.asset
    def orders(): ...

    @dg.asset
    def report(orders): ...

    @dg.graph_asset
    def doubled(report):
        return double(report)

    defs = dg.Definitions(
        [orders, report, doubled], jobs=[dg.define_asset_job("some", ["report", "doubled"])]
    )
    job = defs.resolve_implicit_global_asset_job_def()

    assert sorted(node.name for node in job.graph.nodes) == ["doubled", "orders", "report"]
    assert [node.name for node in job.nodes_in_topological_order] == ["orders", "report", "doubled"]
    assert job.graph.node_named("doubled").is_graph and job.has_node("double")
    edges = {node.node_name: dict(found) for node, found in job.dependencies.items()}
    assert edges["report"]["orders"].node == "orders"
    assert sorted(node.name for node in defs.resolve_job_def("some").nodes) == ["doubled", "report"]


def test_the_graph_of_a_job_of_assets_shows_what_only_waits_and_what_runs_in_parts() -> None:
    @dg.multi_asset(
        outs={name: dg.AssetOut(is_required=False) for name in ("first", "last")},
        internal_asset_deps={"first": set(), "last": {dg.AssetKey(["mid", "way"])}},
        deps=[["mid", "way"]],
        can_subset=True,
    )
    def ends(context):
        for name in context.selected_output_names:
            yield dg.Output(name, name)

    @dg.asset(key=["mid", "way"], deps=["first"])
    def between(): ...

    job = dg.Definitions([ends, between]).resolve_implicit_global_asset_job_def()

    assert [node.name for node in job.nodes_in_topological_order] == ["ends", "mid__way", "ends_2"]
    edges = {
        node.node_name: {name: dep.node for name, dep in d.items()} for node, d in job.dependencies.items()
    }
    assert edges == {"ends": {}, "mid__way": {"first": "ends"}, "ends_2": {"mid_way": "mid__way"}}
    assert job.get_node_named("ends_2").definition is job.get_node_named("ends").definition


def test_what_a_decorator_made_is_called_and_documented_like_its_function() -> None:
    assert (one.__name__, one.__doc__) == ("one", "The first number.")
    assert (fourfold.__name__, fourfold.__doc__) == ("fourfold", "Four times as much.")
    assert (numbers.__name__, numbers.__doc__) == ("numbers", "A job of numbers.")
    assert (double.__doc__, dg.OpDefinition.__name__) == (None, "OpDefinition")
    assert "A function as a step" in (dg.OpDefinition.__doc__ or "")


def test_a_job_that_names_no_logger_has_that_of_the_console() -> None:
    assert list(numbers.loggers) == ["console"] and not numbers.has_specified_loggers

    named = numbers.with_logger_defs({"lines": dg.json_console_logger})

    assert list(named.loggers) == ["lines"] and named.has_specified_loggers
    assert list(numbers.loggers) == ["console"]


def test_copies_of_a_job_differ_in_one_thing() -> None:
    assert numbers.with_executor_def(dg.in_process_executor).executor_def is dg.in_process_executor
    assert numbers.with_metadata({"owner": "me"}).metadata == {"owner": "me"}
    assert numbers.describe_target() == "job 'numbers'"
    assert not numbers.has_separately_defined_run_tags


def test_tags_of_a_graph_stand_under_those_of_its_job() -> None:
    @dg.graph(tags={"team": "sales", "kind": "daily"})
    def tagged():
        one()

    assert tagged.to_job(tags={"team": "finance"}).tags == {"team": "finance", "kind": "daily"}


def test_a_plain_function_among_the_nodes_of_a_graph_is_refused() -> None:
    def plain(): ...

    with pytest.raises(dg.InvalidDefinitionError, match="plain, which is no op"):
        dg.GraphDefinition("wrong", node_defs=[plain])


def test_a_pool_that_contradicts_the_old_tag_for_it_is_refused() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match="concurrency_key"):

        @dg.op(pool="database", tags={"dagster/concurrency_key": "warehouse"})
        def contradicts(): ...

    with pytest.raises(dg.InvalidDefinitionError, match="holds a space"):

        @dg.op(pool="data base")
        def spaced(): ...
