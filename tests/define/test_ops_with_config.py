"""Ops whose config is given in code, ops made without the decorator, and what a job's run config may say."""

import pytest

import treadle as dg


def scaled():
    @dg.op(config_schema={"factor": int, "start": dg.Field(int, default_value=2)})
    def scale(context):
        return context.op_config["factor"], context.op_config["start"]

    return scale


def test_an_op_can_be_configured_by_a_value_and_by_a_function():
    fixed = scaled().configured({"factor": 3}, name="fixed")

    @dg.configured(scaled(), config_schema={"half": int})
    def doubled(config):
        return {"factor": 2 * config["half"]}

    @dg.job
    def both():
        fixed()
        doubled()

    result = both.execute_in_process(run_config={"ops": {"doubled": {"config": {"half": 5}}}})
    assert result.output_for_node("fixed") == (3, 2)
    assert result.output_for_node("doubled") == (10, 2)


@pytest.mark.parametrize("yields", [True, False])
def test_an_op_made_by_hand_gets_its_inputs_as_a_dictionary(yields):
    def add_yielding(context, inputs):
        yield dg.Output(inputs["number"] + 1)

    def add(context, inputs):
        return inputs["number"] + 1

    op = dg.OpDefinition(
        name="add",
        ins={"number": dg.In(int)},
        compute_fn=add_yielding if yields else add,
        outs={"result": dg.Out()},
    )
    assert "test_ops_with_config.py" in op.where

    @dg.graph
    def plus(number):
        return op(number)

    assert plus.execute_in_process(input_values={"number": 2}).output_value() == 3


@dg.op
def one():
    return 1


@dg.job
def plain():
    one()


@dg.job(executor_def=dg.in_process_executor)
def in_one_process():
    one()


def test_run_config_of_a_job_is_refused_where_its_executor_has_no_such_setting():
    for wrong in ({"multiprocess": {"max": 2}}, {"forked": {}}):
        with pytest.raises(dg.InvalidConfigError):
            dg.validate_run_config(plain, {"execution": {"config": wrong}})
    with pytest.raises(dg.InvalidConfigError):
        dg.validate_run_config(in_one_process, {"execution": {"config": {"max_concurrent": 2}}})
    assert dg.validate_run_config(plain, {"execution": {"config": {"multiprocess": {"max_concurrent": 2}}}})
    assert dg.validate_run_config(plain, {"execution": {"config": {"max_concurrent": 2}}})


def test_run_config_may_say_where_the_default_io_manager_stores():
    config = {"resources": {"io_manager": {"config": {"base_dir": "/data"}}}}
    assert dg.validate_run_config(plain, config)["resources"] == config["resources"]


def test_a_partitioned_config_is_not_asked_for_a_partition_that_is_none():
    @dg.static_partitioned_config(["a", "b"])
    def letters(key):
        return {"ops": {"code": {"config": ord(key)}}}

    @dg.op(config_schema=int)
    def code(context):
        return context.op_config

    @dg.job(config=letters)
    def coding():
        code()

    assert coding.execute_in_process(partition_key="b").output_for_node("code") == ord("b")
    with pytest.raises(dg.DagsterUnknownPartitionError):
        coding.execute_in_process(partition_key="zz")


def test_a_direct_call_of_a_multi_asset_sensor_leaves_its_cursor_in_the_context():
    @dg.asset
    def orders():
        return 1

    @dg.multi_asset_sensor(monitored_assets=[orders.key], job=plain)
    def watching(context):
        if all(context.latest_materialization_records_by_key().values()):
            context.advance_all_cursors()
            return dg.RunRequest()
        return dg.SkipReason("nothing new")

    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([orders], instance=instance)

        def context(cursor=None):
            return dg.build_multi_asset_sensor_context(
                monitored_assets=[orders.key],
                instance=instance,
                cursor=cursor,
                definitions=dg.Definitions(assets=[orders], jobs=[plain]),
            )

        first = context()
        assert isinstance(watching(first), dg.RunRequest)
        assert isinstance(watching(context(first.cursor)), dg.SkipReason)


def test_a_sensor_result_without_requests_has_an_empty_list():
    assert list(dg.SensorResult().run_requests) == []


def test_the_record_of_an_assets_data_version_is_its_latest_materialization():
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["x", "y"]))
    def parts():
        return 1

    with dg.DagsterInstance.ephemeral() as instance:
        assert instance.get_latest_data_version_record(parts.key) is None
        instance.report_runless_asset_event(dg.AssetObservation(parts.key))
        assert instance.get_latest_data_version_record(parts.key).event_log_entry.asset_observation
        for key in ("x", "y"):
            dg.materialize([parts], partition_key=key, instance=instance)
        assert instance.get_latest_data_version_record(parts.key).partition_key == "y"
        assert instance.get_latest_data_version_record(parts.key, partition_key="x").partition_key == "x"
        assert instance.get_latest_data_version_record(parts.key, is_source=True).partition_key is None


def test_config_that_is_checked_without_any_is_the_jobs_own():
    @dg.op(config_schema={"rows": int})
    def load(context): ...

    @dg.job(config={"ops": {"load": {"config": {"rows": 3}}}})
    def loading():
        load()

    for given in (None, {}):
        assert dg.validate_run_config(loading, given)["ops"] == {"load": {"config": {"rows": 3}}}
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(loading, {"ops": {"load": {"config": {"rows": "x"}}}})
