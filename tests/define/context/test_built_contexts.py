"""Contexts built for unit tests, and definitions called directly with them (S4-20)."""

import logging

import pytest

import treadle as dg
from treadle.core.partitions.keys import PartitionKeyRange

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


DAILY = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-10")


def test_a_direct_call_gives_the_plain_value_and_metadata_and_logs_can_be_looked_at(caplog):
    @dg.asset(partitions_def=DAILY)
    def orders(context: dg.AssetExecutionContext, table: list[int]):
        context.add_output_metadata({"rows": len(table)})
        context.log_event(dg.AssetObservation("other"))
        context.log.debug("a detail")
        context.log.info("rows: %d", len(table), extra={"team": "sales"})
        return {context.asset_key.to_user_string(): context.partition_key}

    context = dg.build_asset_context(partition_key="2024-01-05")
    with caplog.at_level(logging.DEBUG):
        assert orders(context, [1, 2]) == {"orders": "2024-01-05"}
    assert context.get_output_metadata("result") == {"rows": 2}
    assert [event.asset_key.path for event in context.get_events()] == [["other"]]
    assert [record.getMessage() for record in caplog.records] == ["a detail", "rows: 2"]
    assert caplog.records[1].team == "sales"


def test_a_logger_without_context_tells_each_line_once(caplog):
    @dg.asset
    def orders():
        dg.get_dagster_logger().info("once")

    orders()
    assert [record.getMessage() for record in caplog.records] == ["once"]


def test_resources_of_every_kind_are_open_inside_with_and_closed_after_it():
    told = []

    @dg.resource(config_schema={"name": str})
    def connection(context):
        told.append("open")
        yield context.resource_config["name"]
        told.append("closed")

    @dg.op(required_resource_keys={"connection", "plain"})
    def use(context):
        return context.resources.connection, context.resources.plain

    with dg.build_op_context(
        resources={"connection": connection, "plain": 5},
        resources_config={"connection": {"config": {"name": "db"}}},
    ) as context:
        assert use(context) == ("db", 5)
        assert told == ["open"]
    assert told == ["open", "closed"]


def test_a_context_that_is_gone_closes_its_resources_too():
    told = []

    @dg.resource
    def connection(context):
        yield 1
        told.append("closed")

    context = dg.build_op_context(resources={"connection": connection})
    assert context.resources.connection == 1
    del context
    assert told == ["closed"]


def test_config_that_does_not_fit_a_resource_is_refused_with_its_path():
    @dg.resource(config_schema={"name": str})
    def connection(context):
        return 1

    with pytest.raises(dg.DagsterInvalidConfigError, match="name"):
        dg.build_op_context(
            resources={"connection": connection}, resources_config={"connection": {"nmae": "x"}}
        )


def test_a_resource_that_is_not_there_is_named():
    @dg.op(required_resource_keys={"missing"})
    def use(context):
        return context.resources.missing

    with pytest.raises(AttributeError, match="missing"):
        use(dg.build_op_context())


def test_config_reaches_op_and_asset():
    class Limits(dg.Config):
        top: int = 3

    @dg.op
    def first(config: Limits):
        return config.top

    @dg.asset(config_schema={"top": int})
    def second(context):
        return context.op_config["top"], context.asset_config["top"]

    assert first(dg.build_op_context(op_config={"top": 9})) == 9
    assert second(dg.build_asset_context(asset_config={"top": 4})) == (4, 4)


def test_a_schemas_defaults_are_filled_in_and_what_does_not_fit_is_refused():
    @dg.op(config_schema={"top": dg.Field(int, default_value=3), "name": str})
    def limited(context):
        return context.op_config

    assert limited(dg.build_op_context(op_config={"name": "x"})) == {"top": 3, "name": "x"}
    with pytest.raises(dg.DagsterInvalidConfigError, match="name"):
        limited(dg.build_op_context(op_config={"top": 1}))
    with pytest.raises(dg.DagsterInvalidConfigError, match="name"):
        limited(dg.build_op_context())


def test_a_range_becomes_all_its_keys_once_the_definition_is_known():
    @dg.asset(partitions_def=DAILY)
    def orders(context):
        assert context.has_partition_key_range and not context.has_partition_key
        with pytest.raises(dg.DagsterInvariantViolationError, match="has 3"):
            _ = context.partition_key
        return list(context.partition_keys), context.partition_time_window.seconds

    context = dg.build_asset_context(partition_key_range=PartitionKeyRange("2024-01-02", "2024-01-04"))
    assert orders(context) == (["2024-01-02", "2024-01-03", "2024-01-04"], 3 * 86400)


def test_a_key_of_several_dimensions_has_them_however_it_was_given():
    multi = dg.MultiPartitionsDefinition(
        {"day": DAILY, "city": dg.StaticPartitionsDefinition(["london", "paris"])}
    )

    @dg.asset(partitions_def=multi)
    def visits(context):
        return context.partition_key.keys_by_dimension, context.multi_partition_key.keys_by_dimension

    wanted = {"city": "paris", "day": "2024-01-02"}
    for key in ("paris|2024-01-02", dg.MultiPartitionKey(wanted)):
        assert visits(dg.build_asset_context(partition_key=key)) == (wanted, wanted)


def test_time_asked_of_a_context_that_knows_no_definition_says_what_is_missing():
    with pytest.raises(dg.DagsterInvariantViolationError, match="which partitions definition"):
        _ = dg.build_asset_context(partition_key="2024-01-01").partition_time_window


def test_an_instance_is_there_when_it_is_asked_for():
    @dg.asset
    def regions(context):
        context.instance.add_dynamic_partitions("region", ["north"])
        return context.instance.get_dynamic_partitions("region")

    context = dg.build_asset_context()
    assert list(regions(context)) == ["north"]
    assert context.instance.is_ephemeral


def test_the_instance_given_is_the_one_used():
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.build_op_context(instance=instance).instance is instance


def test_run_tags_and_the_mapping_key_are_as_given():
    context = dg.build_op_context(run_tags={"team": "sales"}, mapping_key="m")
    assert (context.get_tag("team"), context.has_tag("x"), context.get_mapping_key()) == ("sales", False, "m")
    assert context.run_id == "EPHEMERAL"


def test_one_context_serves_several_calls_and_speaks_of_the_latest():
    @dg.asset
    def a(context):
        return context.asset_key.to_user_string()

    @dg.op
    def b(context):
        return context.step_key, context.has_assets_def

    context = dg.build_asset_context()
    assert (a(context), b(context), a(context)) == ("a", ("b", False), "a")


def test_a_check_is_called_with_a_context_of_its_own_kind():
    @dg.asset_check(asset="orders")
    def positive(context, orders):
        return dg.AssetCheckResult(passed=orders > context.resources.least)

    context = dg.build_asset_check_context(resources={"least": 2})
    assert isinstance(context, dg.AssetCheckExecutionContext)
    assert positive(context, 3).passed and not positive(context, 1).passed


def test_a_hook_is_called_with_what_it_is_told():
    seen = []

    @dg.failure_hook(required_resource_keys={"pager"})
    def page(context):
        seen.append((context.resources.pager, context.step_key, str(context.op_exception), context.run_id))

    @dg.op
    def load(context):
        return 1

    with dg.build_hook_context(
        resources={"pager": "p"}, op=load, run_id="r1", op_exception=ValueError("late")
    ) as context:
        page(context)
    assert seen == [("p", "load", "late", "r1")]


def test_io_contexts_answer_what_they_were_given():
    output = dg.build_output_context(
        step_key="load",
        name="result",
        run_id="r1",
        asset_key=dg.AssetKey(["raw", "orders"]),
        partition_key="2024-01-02",
        asset_partitions_def=DAILY,
        definition_metadata={"schema": "s"},
        resources={"db": 5},
    )
    assert output.get_identifier() == ["raw", "orders", "2024-01-02"]
    assert (output.has_partition_key, output.partition_key, output.asset_partition_key) == (
        True,
        "2024-01-02",
        "2024-01-02",
    )
    assert output.asset_partitions_time_window.seconds == 86400
    assert output.metadata == output.definition_metadata == {"schema": "s"}
    assert output.resources.db == 5
    output.add_output_metadata({"path": "p"})
    assert output.get_logged_metadata() == {"path": dg.MetadataValue.text("p")}
    with pytest.raises(dg.DagsterInvalidMetadata, match="twice"):
        output.add_output_metadata({"path": "p"})
    loading = dg.build_input_context(name="orders", upstream_output=output)
    assert loading.get_identifier() == ["raw", "orders", "2024-01-02"]
    assert loading.has_input_name and not loading.has_asset_key


@pytest.mark.parametrize("storing", [True, False])
def test_added_metadata_of_an_io_context_has_its_kinds(storing):
    if storing:
        context = dg.build_output_context(asset_key="orders")
        add = context.add_output_metadata
    else:
        context = dg.build_input_context(asset_key="orders")
        add = context.add_input_metadata
    add({"rows": 3, "page": dg.MetadataValue.url("u"), "nothing": None, "tree": {"a": [1]}})
    logged = context.get_logged_metadata()
    assert logged["rows"] == dg.MetadataValue.int(3) and logged["rows"].value == 3
    assert {label: type(value).__name__ for label, value in logged.items()} == {
        "rows": "IntMetadataValue",
        "page": "UrlMetadataValue",
        "nothing": "NullMetadataValue",
        "tree": "JsonMetadataValue",
    }
    with pytest.raises(dg.DagsterInvalidMetadata, match="`thing`"):
        add({"thing": object()})
    assert context.consume_logged_metadata() == logged
    assert context.consume_logged_metadata() == {}


def test_a_range_of_an_asset_in_an_io_context_has_all_its_keys():
    context = dg.build_input_context(
        asset_key=dg.AssetKey("orders"),
        asset_partitions_def=DAILY,
        asset_partition_key_range=PartitionKeyRange("2024-01-02", "2024-01-04"),
    )
    assert len(context.asset_partition_keys) == 3
    assert context.asset_partition_key_range == ("2024-01-02", "2024-01-04")


def test_what_an_io_context_was_not_given_is_named():
    with pytest.raises(dg.DagsterInvariantViolationError, match=r"OutputContext\.step_key"):
        _ = dg.build_output_context(name="s").step_key
    with pytest.raises(dg.DagsterInvariantViolationError, match="neither an asset nor"):
        dg.build_input_context(name="x").get_identifier()
    with pytest.raises(dg.DagsterInvariantViolationError, match="is not an asset"):
        _ = dg.build_output_context(name="x").asset_key


@pytest.mark.parametrize("make", [dg.AssetExecutionContext, dg.AssetCheckExecutionContext])
def test_an_assets_context_is_made_from_an_ops_and_shares_its_step(make):
    op_context = dg.build_op_context(partition_key="2024-01-05")
    context = make(op_execution_context=op_context)
    context.add_output_metadata({"rows": 2})
    assert (type(context), context.partition_key) == (make, "2024-01-05")
    assert op_context.get_output_metadata("result") == {"rows": 2}
    assert context.op_execution_context.partition_key == "2024-01-05"


def test_a_check_of_one_partition_is_called_with_a_context_made_from_an_ops():
    @dg.asset(partitions_def=DAILY)
    def orders() -> list[int]:
        return [1]

    @dg.asset_check(asset=orders)
    def has_rows(context: dg.AssetCheckExecutionContext, orders: list[int]) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=bool(orders), metadata={"day": context.partition_key})

    kind = type(dg.build_asset_check_context())
    result = has_rows(kind(op_execution_context=dg.build_op_context(partition_key="2024-01-05")), [])
    assert not result.passed and result.metadata["day"].value == "2024-01-05"
