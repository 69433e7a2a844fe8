"""IO managers that users write on our bases (S1-48, S3-06 to S3-11, S4-09)."""

import asyncio
import csv
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import PrivateAttr
from upath import UPath

import treadle as dg

DAILY = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")


class TextManager(dg.UPathIOManager):
    extension = ".txt"

    def dump_to_path(self, context, obj, path: UPath):
        path.write_text(obj)

    def load_from_path(self, context, path: UPath):
        return path.read_text()

    def get_metadata(self, context, obj):
        return {"length": len(obj)}


@dg.asset(key_prefix="labs", partitions_def=DAILY)
def note(context):
    return "on " + context.partition_key


@pytest.mark.parametrize("base", ["local", "memory"])
def test_a_manager_of_paths_stores_loads_and_describes(tmp_path, base):
    root = UPath(tmp_path) if base == "local" else UPath("memory://treadle-test-user-managers")
    resources = {"io_manager": TextManager(root)}

    @dg.asset(partitions_def=DAILY)
    def echoed(note: str):
        return note + "!"

    result = dg.materialize([note, echoed], partition_key="2024-01-02", resources=resources)
    assert result.asset_value("echoed") == "on 2024-01-02!"
    (event,) = result.asset_materializations_for_node("labs__note")
    assert event.metadata["length"].value == 13
    assert str(event.metadata["path"].value).endswith("labs/note/2024-01-02.txt")
    assert (root / "labs" / "note" / "2024-01-02.txt").read_text() == "on 2024-01-02"


def test_loading_and_writing_are_told_in_the_log(tmp_path, caplog):
    manager = TextManager(UPath(tmp_path))
    with caplog.at_level("DEBUG"):
        manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey("a")), "x")
        manager.load_input(dg.build_input_context(asset_key=dg.AssetKey("a")))
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "Writing file at",
        "Loading file from",
    ]


def test_a_base_path_may_be_a_plain_path(tmp_path):
    TextManager(tmp_path).handle_output(dg.build_output_context(asset_key=dg.AssetKey("a")), "x")
    assert (tmp_path / "a.txt").read_text() == "x"


class Slowly(TextManager):
    async def load_from_path(self, context, path):
        await asyncio.sleep(0)
        return path.read_text()


def test_coroutines_load_all_partitions_at_once_also_from_an_asynchronous_step(tmp_path):
    @dg.asset
    async def joined(note: dict[str, str]):
        return " ".join(note)

    resources = {"io_manager": Slowly(UPath(tmp_path))}
    with dg.DagsterInstance.ephemeral() as instance:
        for key in DAILY.get_partition_keys():
            dg.materialize([note], partition_key=key, resources=resources, instance=instance)
        result = dg.materialize([note, joined], selection=[joined], resources=resources, instance=instance)
    assert result.output_for_node("joined") == "2024-01-01 2024-01-02 2024-01-03"


def test_coroutines_of_missing_partitions_are_left_out_where_that_is_allowed(tmp_path):
    context = dg.build_input_context(
        name="note",
        asset_key=dg.AssetKey("note"),
        asset_partitions_def=DAILY,
        asset_partition_key_range=dg.PartitionKeyRange("2024-01-01", "2024-01-02"),
        definition_metadata={"allow_missing_partitions": True},
    )
    (tmp_path / "note").mkdir()
    (tmp_path / "note" / "2024-01-02.txt").write_text("there")
    assert Slowly(UPath(tmp_path)).load_input(context) == {"2024-01-02": "there"}


def test_coroutines_of_missing_partitions_fail_together_and_are_named(tmp_path):
    context = dg.build_input_context(
        name="note",
        asset_key=dg.AssetKey("note"),
        asset_partitions_def=DAILY,
        asset_partition_key_range=dg.PartitionKeyRange("2024-01-01", "2024-01-03"),
    )
    (tmp_path / "note").mkdir()
    (tmp_path / "note" / "2024-01-02.txt").write_text("there")
    with pytest.raises(RuntimeError, match=r"2 of 3 partitions .*: 2024-01-01, 2024-01-03"):
        Slowly(UPath(tmp_path)).load_input(context)


class CsvFiles(dg.ConfigurableIOManager):
    """S3-06, S3-09, S3-11."""

    folder: str

    def _path(self, context) -> Path:
        return Path(self.folder, *context.asset_key.parts).with_suffix(".csv")

    def handle_output(self, context: dg.OutputContext, obj):
        path = self._path(context)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(obj)
        context.add_output_metadata({"path": str(path)})

    def load_input(self, context: dg.InputContext):
        with self._path(context).open(newline="") as file:
            return [[int(cell) for cell in row] for row in csv.reader(file)]


def test_a_class_with_fields_stores_every_asset_that_names_it(tmp_path):
    @dg.asset(key_prefix=["labs", "source"], io_manager_key="files")
    def members():
        return [[1, 2], [3, 4]]

    @dg.asset(io_manager_key="files")
    def doubled(members):
        return [[2 * cell for cell in row] for row in members]

    result = dg.materialize(
        [members, doubled],
        resources={"files": CsvFiles(folder=str(tmp_path)), "io_manager": dg.mem_io_manager},
    )
    assert (tmp_path / "labs" / "source" / "members.csv").read_text().split() == ["1,2", "3,4"]
    assert result.asset_value("doubled") == [[2, 4], [6, 8]]
    (event,) = result.asset_materializations_for_node("doubled")
    assert event.metadata["path"].value == str(tmp_path / "doubled.csv")


def test_a_function_makes_a_manager(tmp_path):
    """S1-48."""

    class Remembers(dg.IOManager):
        values: dict[str, Any] = {}

        def handle_output(self, context, obj):
            context.log.info("storing %s", context.asset_key.path[-1])
            self.values["/".join(context.asset_key.path)] = obj

        def load_input(self, context):
            return self.values["/".join(context.asset_key.path)]

    @dg.io_manager(config_schema={"least": int})
    def remembers(context):
        assert context.resource_config["least"] == 3
        return Remembers()

    @dg.asset(key_prefix="a")
    def one():
        return 1

    @dg.asset
    def two(one):
        return one + 1

    result = dg.materialize([one, two], resources={"io_manager": remembers.configured({"least": 3})})
    assert result.success and Remembers.values == {"a/one": 1, "two": 2}


class BucketFiles(dg.ConfigurableIOManager):
    """S3-10."""

    @property
    @abstractmethod
    def base(self) -> str:
        raise NotImplementedError("name a bucket")

    def handle_output(self, context, obj):
        context.add_output_metadata({"path": f"{self.base}/{context.asset_key.path[-1]}"})

    def load_input(self, context):
        return 0


class S3Files(BucketFiles):
    bucket: str

    @property
    def base(self) -> str:
        return f"s3a://{self.bucket}"


def test_an_abstract_base_manager_takes_its_path_from_the_subclass():
    @dg.asset
    def a():
        return 1

    result = dg.materialize([a], resources={"io_manager": S3Files(bucket="b")})
    (event,) = result.asset_materializations_for_node("a")
    assert event.metadata["path"].value == "s3a://b/a"


class PolarsLike(dg.ConfigurableIOManager, dg.UPathIOManager):
    """A class with fields over paths, its base path set when it is opened, as frame libraries' managers do."""

    base_dir: str
    extension: ClassVar[str] = ".txt"
    _base_path: Any = PrivateAttr()

    def setup_for_execution(self, context):
        self._base_path = UPath(self.base_dir)

    def dump_to_path(self, context, obj, path):
        path.write_text(obj)

    def load_from_path(self, context, path):
        return path.read_text()


def test_a_class_with_fields_may_be_a_manager_of_paths_too(tmp_path):
    @dg.asset
    def a():
        return "x"

    @dg.asset
    def b(a):
        return a + "y"

    assert dg.materialize([a, b], resources={"io_manager": PolarsLike(base_dir=str(tmp_path))}).success
    assert (tmp_path / "b.txt").read_text() == "xy"


def test_memory_keeps_partitions_apart_and_says_what_it_does_not_have():
    @dg.asset(partitions_def=DAILY)
    def day(context):
        return context.partition_key

    @dg.asset
    def days(day):
        return day

    manager = dg.InMemoryIOManager()
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"io_manager": manager}
        for key in DAILY.get_partition_keys():
            dg.materialize([day], partition_key=key, resources=resources, instance=instance)
        result = dg.materialize([day, days], selection=[days], resources=resources, instance=instance)
        assert result.asset_value("days") == {key: key for key in DAILY.get_partition_keys()}
    with pytest.raises(dg.DagsterInvariantViolationError, match="Nothing is in memory under `x`"):
        manager.load_input(dg.build_input_context(asset_key=dg.AssetKey("x")))


class _Telling(dg.IOManager):
    def __init__(self, **metadata: str) -> None:
        self.metadata = metadata

    def handle_output(self, context: dg.OutputContext, obj: object):
        context.add_output_metadata({"added": 1})
        yield dg.AssetMaterialization("elsewhere", metadata=self.metadata or None)
        yield {"yielded": 2}

    def load_input(self, context: dg.InputContext) -> int:
        return 1


@dg.asset
def told() -> int:
    return 1


def test_a_yielded_materialization_has_the_metadata_that_the_manager_added():
    result = dg.materialize([told], resources={"io_manager": _Telling()})
    events = [event.materialization for event in result.all_events if event.is_step_materialization]
    assert [event.asset_key.to_user_string() for event in events] == ["elsewhere", "told"]
    assert [set(event.metadata) for event in events] == [{"added", "yielded"}, {"added", "yielded"}]


def test_a_yielded_materialization_with_metadata_of_its_own_is_refused_beside_added_metadata():
    with pytest.raises(dg.InvariantViolationError, match="with metadata"):
        dg.materialize([told], resources={"io_manager": _Telling(own="x")})


def test_a_version_stands_in_the_place_of_the_run_in_a_stored_values_name():
    context = dg.build_output_context(version="v1", step_key="step", name="result")
    assert list(context.get_identifier()) == ["versioned_outputs", "v1", "step", "result"]
    with pytest.raises(dg.InvariantViolationError, match="dynamic"):
        dg.build_output_context(version="v1", mapping_key="a", step_key="step", name="r").get_identifier()


def test_a_value_at_a_path_of_its_own_is_told_as_a_file(tmp_path):
    @dg.op(out=dg.Out(metadata={"path": "here"}))
    def store() -> int:
        return 1

    @dg.job(
        resource_defs={"io_manager": dg.custom_path_fs_io_manager.configured({"base_dir": str(tmp_path)})}
    )
    def storing() -> None:
        store()

    (event,) = storing.execute_in_process().filter_events(lambda event: event.is_step_materialization)
    assert event.materialization.asset_key.path == ["storing", "store", "result"]
    assert event.materialization.metadata["path"].path == str(tmp_path / "here")
