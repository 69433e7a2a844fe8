"""The default IO manager in runs."""

import os
import pickle

import pytest

import treadle as dg
from treadle.run.io_managers.filesystem import PickledObjectFilesystemIOManager

DAILY = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")


def files(folder) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    )


@dg.asset
def numbers():
    return [1, 2]


@dg.asset
def total(numbers):
    return sum(numbers)


def test_values_are_kept_in_the_instances_storage_by_default():
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([numbers, total], instance=instance)
        assert result.asset_value("total") == 3
        assert files(instance.storage_directory()) == ["numbers", "total"]
        again = dg.materialize([numbers, total], selection=[total], instance=instance)
        assert again.asset_value("total") == 3


@pytest.mark.parametrize("url", ["{folder}", "file://{folder}", "memory://treadle-test-filesystem"])
def test_base_dir_is_a_folder_or_any_url(tmp_path, url):
    manager = dg.FilesystemIOManager(base_dir=url.format(folder=tmp_path / "values"))
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"io_manager": manager}
        result = dg.materialize([numbers, total], instance=instance, resources=resources)
        (event,) = result.asset_materializations_for_node("total")
        assert str(event.metadata["path"].value).endswith("total")
        again = dg.materialize([numbers, total], selection=[total], instance=instance, resources=resources)
        assert again.asset_value("total") == 3
    if not url.startswith("memory"):
        assert files(tmp_path / "values") == ["numbers", "total"]


def test_the_older_spelling_is_configured_in_code_and_in_run_config(tmp_path):
    resources = {"io_manager": dg.fs_io_manager.configured({"base_dir": str(tmp_path / "a")})}
    dg.materialize([numbers], resources=resources)
    dg.materialize(
        [numbers],
        resources={"io_manager": dg.fs_io_manager},
        run_config={"resources": {"io_manager": {"config": {"base_dir": str(tmp_path / "b")}}}},
    )
    assert files(tmp_path) == ["a/numbers", "b/numbers"]


def test_partitions_are_files_and_several_load_as_a_dict_by_key(tmp_path):
    """S4-08."""

    @dg.asset(partitions_def=DAILY)
    def days(context):
        return context.partition_key

    @dg.asset
    def everything(days: dict[str, str]):
        return days

    resources = {"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))}
    all_keys = DAILY.get_partition_keys()
    with dg.DagsterInstance.ephemeral() as instance:
        for key in all_keys[:2]:
            dg.materialize([days], partition_key=key, resources=resources, instance=instance)
        assert files(tmp_path) == ["days/2024-01-01", "days/2024-01-02"]
        with pytest.raises(dg.TreadleError) as error:
            dg.materialize([days, everything], selection=[everything], resources=resources, instance=instance)
        assert "2024-01-03" in str(error.value) and "Materialize it first" in str(error.value)

        @dg.asset(ins={"days": dg.AssetIn(metadata={"allow_missing_partitions": True})})
        def what_there_is(days):
            return days

        result = dg.materialize(
            [days, what_there_is], selection=[what_there_is], resources=resources, instance=instance
        )
        assert result.asset_value("what_there_is") == {key: key for key in all_keys[:2]}


def test_a_dict_of_one_partition_is_that_partitions_value():
    @dg.asset(partitions_def=DAILY)
    def counts(context):
        return {"n": 1}

    @dg.asset(partitions_def=DAILY)
    def checked(counts: dict[str, int]):
        return counts

    result = dg.materialize([counts, checked], partition_key="2024-01-05")
    assert result.asset_value("checked") == {"n": 1}


def test_several_partitions_into_a_parameter_that_is_no_dict_say_so():
    @dg.asset(partitions_def=DAILY)
    def days(context):
        return 1

    @dg.asset
    def summed(days: int):
        return days

    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.raises(dg.TreadleError) as error:
            dg.materialize([days, summed], selection=[summed], instance=instance)
    assert error.value.code == "several-partitions-one-value"


def test_a_range_in_one_run_cannot_be_one_file():
    @dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def days(context):
        return list(context.partition_keys)

    tags = {
        "dagster/asset_partition_range_start": "2024-01-01",
        "dagster/asset_partition_range_end": "2024-01-03",
    }
    with pytest.raises(dg.TreadleError) as error:
        dg.materialize([days], tags=tags, resources={"io_manager": dg.fs_io_manager})
    assert error.value.code == "range-to-one-file"


def test_several_dimensions_are_nested_folders(tmp_path):
    multi = dg.MultiPartitionsDefinition(
        {"day": DAILY, "city": dg.StaticPartitionsDefinition(["rome", "a/b"])}
    )

    @dg.asset(partitions_def=multi)
    def visits(context):
        return context.partition_key.keys_by_dimension["city"]

    resources = {"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))}
    for city in ("rome", "a/b"):
        key = dg.MultiPartitionKey({"day": "2024-01-01", "city": city})
        dg.materialize([visits], partition_key=key, resources=resources)
    assert files(tmp_path) == ["visits/a%2Fb/2024-01-01", "visits/rome/2024-01-01"]


def test_values_that_are_no_assets_are_kept_by_run_step_and_output(tmp_path):
    manager = PickledObjectFilesystemIOManager(tmp_path)
    context = dg.build_output_context(step_key="load", name="result", run_id="r1")
    manager.handle_output(context, 5)
    assert files(tmp_path) == ["r1/load/result"]
    assert manager.load_input(dg.build_input_context(upstream_output=context)) == 5


def test_a_value_that_cannot_be_pickled_names_the_asset_and_leaves_nothing(tmp_path):
    @dg.asset
    def stream():
        return [(number for number in range(3))]

    resources = {"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))}
    result = dg.materialize([stream], resources=resources, raise_on_error=False)
    assert not result.success and not result.asset_materializations_for_node("stream")
    with pytest.raises(dg.TreadleError, match=r"`stream` \(list\).*filesystem IO manager") as error:
        dg.materialize([stream], resources=resources)
    cause = error.value
    assert (
        cause.code == "unpicklable" and "generator" in str(cause) and str(tmp_path / "stream") in str(cause)
    )
    assert files(tmp_path) == []


def test_a_value_too_deep_to_pickle_is_refused_not_a_crash(tmp_path):
    deep: list = []
    for _ in range(100_000):
        deep = [deep]

    @dg.asset
    def nested():
        return deep

    with pytest.raises(dg.TreadleError) as error:
        dg.materialize([nested], resources={"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))})
    assert error.value.code == "unpicklable"
    while deep:  # taken apart, else freeing it recurses too
        deep = deep.pop()


def test_functions_and_classes_of_a_script_are_pickled_by_value(tmp_path):
    import subprocess
    import sys

    script = (
        "import treadle as dg, sys\n"
        "class Model:\n    def predict(self):\n        return 7\n"
        "@dg.asset\ndef model():\n    return Model()\n"
        "assert dg.materialize([model], resources={'io_manager': dg.FilesystemIOManager(base_dir=sys.argv[1])}).success\n"
    )
    (tmp_path / "train.py").write_text(script)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, str(tmp_path / "train.py"), str(tmp_path / "out")], check=True, env=env)
    assert pickle.loads((tmp_path / "out" / "model").read_bytes()).predict() == 7


def test_a_stored_file_that_is_no_pickle_is_named(tmp_path):
    (tmp_path / "numbers").write_bytes(b"garbage")
    manager = PickledObjectFilesystemIOManager(tmp_path)
    with pytest.raises(pickle.UnpicklingError) as error:
        manager.load_input(dg.build_input_context(asset_key=dg.AssetKey("numbers")))
    assert str(tmp_path / "numbers") in error.value.__notes__[0]


def test_an_asset_key_that_begins_another_says_why_it_cannot_be_stored(tmp_path):
    manager = PickledObjectFilesystemIOManager(tmp_path)
    manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey("a")), 1)
    with pytest.raises(dg.TreadleError) as error:
        manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey(["a", "b"])), 1)
    assert error.value.code == "path-taken"


def test_custom_paths_come_from_the_outputs_metadata(tmp_path):
    @dg.asset(metadata={"path": "deep/model.bin"})
    def model():
        return 7

    @dg.asset
    def used(model):
        return model + 1

    resources = {
        "io_manager": dg.custom_path_fs_io_manager.configured({"base_dir": str(tmp_path)}),
    }
    assert dg.materialize([model], resources=resources).success
    assert files(tmp_path) == ["deep/model.bin"]
    with pytest.raises(dg.TreadleError) as error:
        dg.materialize([numbers], resources=resources)
    assert "names no `path`" in str(error.value)


def test_without_folder_and_instance_the_manager_says_what_it_needs():
    with pytest.raises(dg.DagsterInvariantViolationError, match="no `base_dir`"):
        dg.FilesystemIOManager().create_io_manager(dg.InitResourceContext())
