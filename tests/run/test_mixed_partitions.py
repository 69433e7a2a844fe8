"""One function that makes a partitioned asset and one without partitions: each is recorded by its own definition."""

import pytest

import treadle as dg
from treadle.plan.staleness import why
from treadle.run.execute import execute_job
from treadle.run.executors.processes import ProcessExecutor
from treadle.run.reexecution import ReexecutionOptions
from treadle.store.instance import Instance

LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
GRID = dg.MultiPartitionsDefinition({"letter": LETTERS, "size": dg.StaticPartitionsDefinition(["s", "m"])})
OF_MAKING = [
    dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
]


def by_letter_and_whole(definition=LETTERS, **given):
    """`y` by partition, and `z` without, which reads it; with a check on each."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("y", partitions_def=definition, code_version="1"),
            dg.AssetSpec("z", code_version="1", deps=["y"]),
        ],
        check_specs=[dg.AssetCheckSpec("of_y", asset="y"), dg.AssetCheckSpec("of_z", asset="z")],
        can_subset=True,
        **given,
    )
    def both(context):
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(key)
        for check in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(passed=True, check_name=check.name, asset_key=check.asset_key)

    return both


@dg.asset(deps=["z"], code_version="1")
def after() -> None: ...


BOTH = by_letter_and_whole()
DEFS = dg.Definitions([BOTH, after])


def materializations(result) -> set[tuple[str, str | None]]:
    return {
        (event.asset_key.to_user_string(), event.partition)
        for event in result.get_asset_materialization_events()
    }


def told_of(instance, run_id: str, key: str) -> dict[str, str | None]:
    """Kind of event -> partition, of what is stored of an asset being made."""
    found = {}
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        if event is not None and event.asset_key == dg.AssetKey(key) and event.event_type in OF_MAKING:
            found[event.event_type_value] = event.partition
    return found


def test_an_asset_without_partitions_is_recorded_without_one() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([BOTH], instance=instance, partition_key="b")
        assert materializations(result) == {("y", "b"), ("z", None)}
        assert set(told_of(instance, result.run_id, "z").values()) == {None}
        assert set(told_of(instance, result.run_id, "y").values()) == {"b"}
        assert {
            (each.check_name, each.partition, each.target_materialization_data is not None)
            for each in result.get_asset_check_evaluations()
        } == {("of_y", "b", True), ("of_z", None, True)}


def test_it_counts_as_made_and_nothing_is_made_again() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize([BOTH, after], instance=instance, partition_key="a").success
        assert why(DEFS.resolve().catalog, dg.AssetKey("z"), instance).status == "FRESH"
        again = dg.materialize([BOTH, after], instance=instance, partition_key="a", skip_unchanged=True)
        assert materializations(again) == set()


def test_a_dimension_is_no_tag_of_an_asset_without_partitions() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        both = by_letter_and_whole(GRID)
        result = dg.materialize(
            [both], instance=instance, partition_key=dg.MultiPartitionKey({"letter": "a", "size": "m"})
        )
        tags = {
            event.asset_key.to_user_string(): "dagster/partition/letter" in event.materialization.tags
            for event in result.get_asset_materialization_events()
        }
    assert tags == {"y": True, "z": False}


@pytest.mark.parametrize(
    "executor", ["in_process", ProcessExecutor(2, start="fork")], ids=["in_process", "processes"]
)
def test_a_job_records_it_so_in_every_executor(executor, tmp_path) -> None:
    job = dg.Definitions([BOTH, after], jobs=[dg.define_asset_job("all_of_it", "*")]).resolve_job_def(
        "all_of_it"
    )
    with Instance.at(tmp_path / "home") as instance:
        result = execute_job(job, instance, executor=executor, partition_key="b")
        assert result.success
        assert materializations(result) == {("y", "b"), ("z", None), ("after", None)}
        for key in ("z", "after"):
            assert why(DEFS.resolve().catalog, dg.AssetKey(key), instance).status == "FRESH"


def test_what_is_looked_at_together_is_recorded_so_too() -> None:
    @dg.multi_observable_source_asset(
        specs=[dg.AssetSpec("y", partitions_def=LETTERS), dg.AssetSpec("z")], can_subset=True
    )
    def looks(context):
        for key in sorted(context.selected_asset_keys):
            yield dg.ObserveResult(key, data_version=dg.DataVersion("7"))

    job = dg.Definitions([looks], jobs=[dg.define_asset_job("look", ["y", "z"])]).resolve_job_def("look")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, partition_key="b")
        observed = {
            (event.asset_key.to_user_string(), event.partition)
            for event in result.all_events
            if event.event_type is dg.DagsterEventType.ASSET_OBSERVATION
        }
        stored = instance.fetch_observations(dg.AssetKey("z"), limit=1).records[0]
    assert observed == {("y", "b"), ("z", None)}
    assert stored.partition_key is None


class Places(dg.IOManager):
    """Keeps values by what the context calls them."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], object] = {}

    def handle_output(self, context, obj) -> None:
        assert context.has_asset_partitions == (context.asset_key.path == ["y"])
        self.values[tuple(context.get_asset_identifier())] = obj

    def load_input(self, context):
        return self.values[tuple(context.get_asset_identifier())]


def test_its_value_is_stored_without_a_partition() -> None:
    @dg.multi_asset(
        specs=[dg.AssetSpec("y", partitions_def=LETTERS), dg.AssetSpec("z")],
        can_subset=True,
    )
    def both(context):
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(key, value=f"{key.path[0]} of {context.partition_key}")

    @dg.asset(ins={"given": dg.AssetIn("z")})
    def reader(given):
        return given

    places = Places()
    given = {"resources": {"io_manager": places}}
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([both, reader], instance=instance, partition_key="b", **given)
        later = dg.materialize([both, reader], instance=instance, selection=["reader"], **given)
    assert later.output_for_node("reader") == "z of b"
    assert set(places.values) == {("y", "b"), ("z",), ("reader",)}


@pytest.mark.parametrize("key", [None, "b"])
def test_metadata_that_the_step_adds_for_its_partition_is_told_of_the_whole_asset(key) -> None:
    @dg.multi_asset(
        specs=[dg.AssetSpec("y", partitions_def=LETTERS), dg.AssetSpec("z")],
        can_subset=True,
    )
    def both(context):
        context.add_asset_metadata({"rows": 3}, asset_key="z", partition_key=key)
        for each in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(each)

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([both], instance=instance, partition_key="b")
        event = result.asset_materializations_for_node("both")[1]
        assert event.partition is None
        assert event.metadata["rows"].value == 3


def test_it_reads_the_whole_of_what_another_asset_of_its_function_reads_by_partition() -> None:
    @dg.asset(partitions_def=LETTERS)
    def source() -> None: ...

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("y", partitions_def=LETTERS, code_version="1", deps=[source]),
            dg.AssetSpec("z", code_version="1", deps=[source]),
        ],
        can_subset=True,
    )
    def both(context):
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(key)

    catalog = dg.Definitions([source, both]).resolve().catalog
    with dg.DagsterInstance.ephemeral() as instance:
        for key in "ab":
            dg.materialize([source], instance=instance, partition_key=key)
        dg.materialize([source, both], instance=instance, selection=["y", "z"], partition_key="b")

        def states() -> tuple[str, str]:
            return (
                why(catalog, dg.AssetKey("y"), instance, "b").status,
                why(catalog, dg.AssetKey("z"), instance).status,
            )

        assert states() == ("FRESH", "FRESH")
        dg.materialize([source], instance=instance, partition_key="a")
        assert states() == ("FRESH", "STALE")


def test_a_step_knows_how_it_was_made_last() -> None:
    seen = []

    @dg.multi_asset(
        specs=[dg.AssetSpec("y", partitions_def=LETTERS), dg.AssetSpec("z", code_version="7")],
        can_subset=True,
    )
    def both(context: dg.AssetExecutionContext):
        seen.append(context.get_asset_provenance(dg.AssetKey("z")))
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(key)

    with dg.DagsterInstance.ephemeral() as instance:
        for key in "ab":
            dg.materialize([both], instance=instance, partition_key=key)
    assert seen[0] is None
    assert seen[1].code_version == "7"


def test_a_run_of_it_can_be_taken_up_again_by_code_that_changed(tmp_path) -> None:
    def job(**of_after):
        @dg.asset(deps=["z"], **of_after)
        def late() -> None:
            if not of_after:
                raise ValueError("not yet")

        jobs = [dg.define_asset_job("all_of_it", "*")]
        return dg.Definitions([BOTH, late], jobs=jobs).resolve_job_def("all_of_it")

    with Instance.at(tmp_path / "home") as instance:
        first = execute_job(job(), instance, executor="in_process", partition_key="a")
        assert not first.success
        options = ReexecutionOptions.from_failure(first.run_id, instance)
        again = execute_job(
            job(description="works now"), instance, reexecution_options=options, executor="in_process"
        )
        assert materializations(again) == {("late", None)}


def of_a_function(y: dg.AssetOut, z: dg.AssetOut):
    @dg.multi_asset(outs={"y": y, "z": z}, can_subset=True)
    def both(context):
        for name in sorted(context.op_execution_context.selected_output_names):
            yield dg.Output(f"{name} of {context.partition_key if name == 'y' else 'all'}", name)

    return both


def of_a_graph(y: dg.AssetOut, z: dg.AssetOut):
    @dg.op
    def one(context) -> str:
        return f"y of {context.partition_key}"

    @dg.op
    def whole() -> str:
        return "z of all"

    @dg.graph_multi_asset(outs={"y": y, "z": z}, can_subset=True)
    def both():
        return {"y": one(), "z": whole()}

    return both


@pytest.mark.parametrize("build", [of_a_function, of_a_graph])
def test_outputs_of_specs_are_stored_by_the_partitions_of_their_specs(build, tmp_path) -> None:
    both = build(
        dg.AssetOut.from_spec(dg.AssetSpec("y", partitions_def=LETTERS)),
        dg.AssetOut.from_spec(dg.AssetSpec("z")),
    )

    @dg.asset(ins={"given": dg.AssetIn("z")})
    def reader(given):
        return given

    given = {"resources": {"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))}}
    with dg.DagsterInstance.ephemeral() as instance:
        for key in "ab":
            result = dg.materialize([both, reader], instance=instance, partition_key=key, **given)
            assert materializations(result) == {("y", key), ("z", None), ("reader", None)}
        alone = dg.materialize([both, reader], instance=instance, selection=["z", "reader"], **given)
        assert materializations(alone) == {("z", None), ("reader", None)}
    assert alone.output_for_node("reader") == "z of all"
    stored = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {"y/a", "y/b", "z", "reader"} <= stored
    assert not any(path.startswith("z/") for path in stored)


def test_a_spec_and_its_function_with_other_partitions_are_refused() -> None:
    out = dg.AssetOut.from_spec(dg.AssetSpec("y", partitions_def=LETTERS))
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="has other partitions"):

        @dg.multi_asset(outs={"y": out}, partitions_def=GRID)
        def both(): ...


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("asset_partition_key_for_output", "b"),
        ("asset_partition_keys_for_output", ["b"]),
        ("asset_partition_key_range_for_output", dg.PartitionKeyRange("b", "b")),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_runs_partition_is_not_told_of_an_output_without_partitions(name, told) -> None:
    @dg.multi_asset(specs=[dg.AssetSpec("y", partitions_def=LETTERS), dg.AssetSpec("z")])
    def both(context):
        assert getattr(context, name)("y") == told
        with pytest.raises(dg.DagsterInvariantViolationError, match="`z` has no partitions"):
            getattr(context, name)("z")
        yield dg.MaterializeResult("y")
        yield dg.MaterializeResult("z")

    assert dg.materialize([both], partition_key="b").success
