"""What user code says: events, results and outputs."""

import pickle

import numpy
import pytest

import treadle as dg


def test_a_materialization_gives_its_metadata_kinds():
    event = dg.AssetMaterialization(
        "raw/orders", metadata={"rows": 3}, partition="2024-01-01", tags={"a": "b"}
    )
    assert event.asset_key == dg.AssetKey(["raw", "orders"])
    assert event.metadata == {"rows": dg.MetadataValue.int(3)}
    assert event.partition == "2024-01-01"
    assert event.label == "raw/orders"
    assert pickle.loads(pickle.dumps(event)) == event


def test_a_key_with_a_dash_stays_whole():
    assert dg.AssetMaterialization("my-table").asset_key == dg.AssetKey("my-table")


def test_a_file_is_named_after_its_path():
    event = dg.AssetMaterialization.file("/data/orders.csv")
    assert event.asset_key == dg.AssetKey(["data", "orders", "csv"])
    assert event.metadata["path"] == dg.MetadataValue.path("/data/orders.csv")
    assert dg.AssetMaterialization.file("/x", asset_key="orders").asset_key == dg.AssetKey("orders")


def test_an_observation_tells_its_data_version():
    event = dg.AssetObservation("a", tags={"dagster/data_version": "7"})
    assert event.data_version == "7"
    assert event != dg.AssetMaterialization("a", tags={"dagster/data_version": "7"})


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: dg.AssetMaterialization(3), "asset_key"),
        (lambda: dg.AssetMaterialization("a", partition=3), "partition"),
        (lambda: dg.AssetMaterialization("a", tags={"a": 1}), "tags"),
        (lambda: dg.AssetCheckResult(passed="yes"), "passed"),
        (lambda: dg.AssetCheckResult(passed=True, severity="WARN"), "severity"),
        (lambda: dg.MaterializeResult(check_results=[True]), "check_results"),
        (lambda: dg.MaterializeResult(data_version="1"), "data_version"),
        (lambda: dg.Output(1, output_name=3), "output_name"),
        (lambda: dg.DynamicOutput(1, mapping_key="a b"), "mapping_key"),
        (lambda: dg.TypeCheck("yes"), "success"),
        (lambda: dg.DataVersion(3), "value"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(make, argument):
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=f"argument `{argument}`"):
        make()


def test_results_keep_their_metadata_as_it_was_given():
    result = dg.MaterializeResult(metadata={"rows": 3})
    assert result.metadata == {"rows": 3}
    assert dg.MaterializeResult().metadata is None


def test_a_result_without_a_value_can_be_told_from_one_of_none():
    assert dg.MaterializeResult().value != dg.MaterializeResult(value=None).value
    assert repr(dg.MaterializeResult().value) == "<not given>"


def test_results_name_their_checks():
    check = dg.AssetCheckResult(passed=True, check_name="c")
    result = dg.MaterializeResult(check_results=[check])
    assert result.check_result_named("c") is check
    with pytest.raises(KeyError):
        result.check_result_named("d")


def test_a_check_takes_numpys_truth():
    assert dg.AssetCheckResult(passed=numpy.bool_(True)).passed is True


def test_a_check_evaluation_has_its_key():
    evaluation = dg.AssetCheckEvaluation(dg.AssetKey("a"), "c", False, severity=dg.AssetCheckSeverity.WARN)
    assert evaluation.asset_check_key == dg.AssetCheckKey(dg.AssetKey("a"), "c")


def test_outputs_of_arrays_can_be_compared():
    array = numpy.array([1, 2])
    assert dg.Output(array) == dg.Output(array)
    assert dg.Output(array) != dg.Output(numpy.array([1, 2]))


def test_results_and_outputs_may_be_subscripted_in_annotations():
    assert dg.Output[int](3).value == 3
    assert dg.MaterializeResult[int](value=3).value == 3
    assert dg.DynamicOutput[int](3, mapping_key="a").mapping_key == "a"


def test_data_versions_by_partition_take_text():
    by_partition = dg.DataVersionsByPartition({"a": "1", "b": dg.DataVersion("2")})
    assert by_partition.data_versions_by_partition == {"a": dg.DataVersion("1"), "b": dg.DataVersion("2")}


def test_run_requests_normalise_what_they_are_given():
    request = dg.RunRequest("key", {"ops": {}}, {"n": 3}, asset_selection=["a", dg.AssetSpec("b")])
    assert request.tags == {"n": "3"}
    assert request.asset_selection == [dg.AssetKey("a"), dg.AssetKey("b")]
    assert request.with_replaced_attrs(run_key="other").run_key == "other"
    run_key, run_config, *_ = request
    assert (run_key, run_config) == ("key", {"ops": {}})


def test_a_sensor_result_asks_for_runs_or_says_why_not():
    assert dg.SensorResult(skip_reason="nothing new").skip_reason == dg.SkipReason("nothing new")
    assert dg.SensorResult(run_requests=(request for request in [dg.RunRequest("a")])).run_requests == [
        dg.RunRequest("a")
    ]
    with pytest.raises(dg.DagsterInvariantViolationError, match="reason to skip"):
        dg.SensorResult(run_requests=[dg.RunRequest()], skip_reason="none")


def test_tuple_like_values_are_true_however_empty():
    assert dg.SkipReason()
    assert dg.MetadataValue.null()
