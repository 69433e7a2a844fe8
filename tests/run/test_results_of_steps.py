"""What a step gives, and what it must not (B13, S3-13…S3-18, I10)."""

import logging
import os
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.run.running import run
from treadle import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetIn,
    AssetKey,
    AssetOut,
    AssetSpec,
    Definitions,
    DynamicPartitionsDefinition,
    FilesystemIOManager,
    IOManager,
    MaterializeResult,
    Output,
    asset,
    asset_check,
    define_asset_job,
    failure_hook,
    fs_io_manager,
    logger,
    materialize,
    materialize_to_memory,
    multi_asset,
    observable_source_asset,
    observe,
    success_hook,
)
from treadle.core.data_versions import DataVersion
from treadle.core.errors import InvariantViolationError, StepOutputNotFoundError
from treadle.core.events import EventType
from treadle.run.io_managers.memory import InMemoryIOManager
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance.ephemeral(tempdir=str(tmp_path))


def two(body: Any, **options: Any) -> Any:
    return multi_asset(outs={"x": AssetOut(**options), "y": AssetOut(**options)}, name="two")(body)


def test_an_output_that_is_not_declared_is_refused_by_name() -> None:
    def body():
        yield Output(1, output_name="z")

    with pytest.raises(InvariantViolationError, match="gave output `z`, which it does not declare") as caught:
        materialize([two(body)])
    assert caught.value.code == "output-mismatch"
    assert "test_results_of_steps.py" in str(caught.value)


def test_an_output_that_is_given_twice_is_refused() -> None:
    def body():
        yield Output(1, output_name="x")
        yield Output(2, output_name="x")

    with pytest.raises(InvariantViolationError, match=r"gave output `x` .asset `x`. twice"):
        materialize([two(body)])


def test_a_missing_output_is_refused_and_what_was_given_stays(instance: Instance) -> None:
    def body():
        yield Output(1, output_name="x")

    result = materialize([two(body)], instance=instance, raise_on_error=False)
    assert [key.path for key in result.metadata_by_asset] == [["x"]]
    with pytest.raises(StepOutputNotFoundError, match="ended without output `y`") as caught:
        result.raise_if_failed()
    assert caught.value.code == "output-mismatch"


def test_several_outputs_may_be_returned_as_a_tuple_and_nothing_else() -> None:
    assert materialize([two(lambda: (1, 2))]).asset_value("y") == 2
    with pytest.raises(InvariantViolationError, match="must return a tuple"):
        materialize([two(lambda: 1)])


def test_a_missing_optional_output_skips_what_is_below(instance: Instance) -> None:
    """S3-16."""

    def body():
        yield Output(1, output_name="x")

    @asset
    def below(y):
        return 1

    result = materialize([two(body, is_required=False), below], instance=instance)
    assert result.success
    assert result.is_node_skipped("below")


def test_outputs_are_stored_as_they_come() -> None:
    """S3-14, S3-15: the good ones are materialized, the run fails."""
    kept = InMemoryIOManager()

    def body(context):
        yield Output(1, output_name="x")
        assert kept.values
        context.log.error("the other one is broken")
        raise ValueError("broken")

    result = materialize([two(body)], resources={"io_manager": kept}, raise_on_error=False)
    assert not result.success
    assert list(kept.values) == [("x",)]
    assert any(event.message == "the other one is broken" and event.level == 40 for event in result.events)


def test_only_what_is_selected_runs(instance: Instance) -> None:
    """S3-13."""

    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")], can_subset=True)
    def some(context):
        assert context.is_subset
        for key in context.selected_asset_keys:
            yield MaterializeResult(asset_key=key)

    result = materialize([some], selection=["y"], instance=instance)
    assert [key.path for key in result.metadata_by_asset] == [["y"]]


def test_an_input_under_another_name() -> None:
    """S3-17, S4-04."""

    @asset(key=["raw", "people"])
    def people():
        return ["a"]

    @asset(ins={"members": AssetIn(key=["raw", "people"])}, deps=[people])
    def count(members):
        return len(members)

    assert materialize([people, count]).asset_value("count") == 1


def test_nothing_is_materialized_that_could_not_be_stored() -> None:
    """I10."""

    class Broken(IOManager):
        def handle_output(self, context, obj):
            raise OSError("disk")

        def load_input(self, context):
            return None

    @asset
    def a():
        return 1

    result = materialize([a], resources={"io_manager": Broken()}, raise_on_error=False)
    assert result.get_asset_materialization_events() == []


def test_a_check_in_the_same_function_may_block() -> None:
    @asset(check_specs=[AssetCheckSpec("ok", asset="a", blocking=True)])
    def a():
        yield Output(1)
        yield AssetCheckResult(passed=False, metadata={"rows": 0})

    @asset
    def b(a):
        return a

    result = materialize([a, b], raise_on_error=False)
    assert result.is_node_untouched("b")
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.check_name, evaluation.passed) == ("ok", False)


def test_a_check_that_loads_its_asset_gets_the_stored_value(instance: Instance) -> None:
    """S1-32, S1-33."""

    @asset
    def a():
        return 41

    @asset_check(asset=a)
    def is_right(a):
        return AssetCheckResult(passed=a == 41)

    materialize([a], instance=instance)
    from treadle import AssetSelection

    result = materialize([a, is_right], selection=AssetSelection.checks_for_assets(a), instance=instance)
    assert [each.passed for each in result.get_asset_check_evaluations()] == [True]
    assert result.get_asset_materialization_events() == []


def test_in_memory_whatever_the_assets_name() -> None:
    @asset(io_manager_key="warehouse")
    def a():
        return 1

    assert materialize_to_memory([a]).asset_value("a") == 1
    for manager in (InMemoryIOManager(), FilesystemIOManager(base_dir="unused"), fs_io_manager):
        with pytest.raises(InvariantViolationError, match="IO manager"):
            materialize_to_memory([a], resources={"warehouse": manager})
    assert materialize_to_memory([a], resources={"of_no_asset": fs_io_manager}).success


def test_assets_that_bring_their_io_manager_are_not_kept_in_memory() -> None:
    @asset(io_manager_def=InMemoryIOManager())
    def a():
        return 1

    with pytest.raises(InvariantViolationError, match="IO manager"):
        materialize_to_memory([a])


def test_an_observation_is_recorded_with_its_version(instance: Instance) -> None:
    @observable_source_asset
    def source():
        return DataVersion("5")

    result = observe([source], instance=instance)
    (event,) = result.get_asset_observation_events()
    assert event.event_specific_data.asset_observation.tags["dagster/data_version"] == "5"


def test_hooks_of_assets_run_after_their_steps(instance: Instance) -> None:
    seen: list[Any] = []

    @success_hook
    def well(context):
        seen.append(("well", context.step_key, dict(context.op_output_values)))

    @failure_hook
    def badly(context):
        seen.append(("badly", context.step_key, str(context.op_exception)))

    @asset
    def good():
        return 1

    @asset
    def bad(good):
        raise ValueError("no")

    materialize(
        [good.with_hooks({well, badly}), bad.with_hooks({well, badly})],
        instance=instance,
        raise_on_error=False,
    )
    assert seen == [("well", "good", {"result": 1}), ("badly", "bad", "no")]


def test_a_dynamic_partition_is_found_in_the_instance(instance: Instance) -> None:
    @asset(partitions_def=DynamicPartitionsDefinition(name="customers"))
    def report(context):
        return context.partition_key

    instance.add_dynamic_partitions("customers", ["acme"])
    assert materialize([report], partition_key="acme", instance=instance).asset_value("report") == "acme"
    assert instance.get_materialized_partitions(AssetKey("report")) == {"acme"}


def test_metadata_of_one_partition_of_a_range(instance: Instance) -> None:
    from treadle import StaticPartitionsDefinition

    @asset(partitions_def=StaticPartitionsDefinition(["a", "b", "c"]))
    def ranged(context) -> None:
        context.add_asset_metadata({"all": 1})
        context.add_asset_metadata({"own": 2}, partition_key="b")

    tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
    result = materialize([ranged], tags=tags, instance=instance)
    found = {
        event.partition: {key: value.value for key, value in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
    }
    assert found == {"a": {"all": 1}, "b": {"all": 1, "own": 2}, "c": {"all": 1}}


def test_a_result_is_one_readable_line() -> None:
    """S1-54."""

    @asset
    def orders():
        return 1

    result = materialize([orders])
    assert str(result) == f"Run {result.run_id} succeeded; materialized orders"
    with pytest.raises(InvariantViolationError, match="did you mean `orders`"):
        result.asset_value("order")
    with pytest.raises(InvariantViolationError, match="it gave result"):
        result.output_for_node("orders", "other")


def test_what_a_step_prints_is_kept_and_still_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    @asset
    def talks():
        print("hello")

    with Instance.at(tmp_path / "home") as instance:
        result = run([talks], instance)
        kept = next(event for event in result.events if event.type is EventType.LOGS_CAPTURED)
        assert Path(kept.data.metadata["stdout"]).read_text(encoding="utf-8") == "hello\n"
    assert "hello\n" in capsys.readouterr().out


def test_log_lines_are_events_in_order(instance: Instance) -> None:
    """S1-06."""

    @asset
    def logs(context):
        context.log.debug("one")
        context.log.warning("two %s", 2)
        try:
            raise ValueError("three")
        except ValueError:
            context.log.exception("failed")

    result = materialize([logs], instance=instance)
    lines = [event for event in result.events if event.type is EventType.LOG]
    assert [(line.level, line.message) for line in lines] == [(10, "one"), (30, "two 2"), (40, "failed")]
    assert lines[2].data.error.class_name == "ValueError"


def test_output_of_subprocesses_is_kept_and_shown_where_the_process_owns_its_stdout(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    @asset
    def shells():
        os.system("echo from a shell; echo oops >&2")

    with Instance.at(tmp_path / "home") as instance:
        result = run([shells], instance, capture_output="descriptors")
        kept = next(event for event in result.events if event.type is EventType.LOGS_CAPTURED)
        assert Path(kept.data.metadata["stdout"]).read_text(encoding="utf-8") == "from a shell\n"
        assert Path(kept.data.metadata["stderr"]).read_text(encoding="utf-8") == "oops\n"
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("from a shell\n", "oops\n")


def test_a_mock_serves_as_a_resource_and_one_too_many_does_no_harm() -> None:
    """S4-21."""

    @asset(required_resource_keys={"database"})
    def rows(context):
        return context.resources.database.count()

    database = Mock()
    database.count.return_value = 7
    result = materialize_to_memory([rows], resources={"database": database, "unused": Mock()})
    assert result.output_for_node("rows") == 7


def test_lines_go_to_the_loggers_that_run_config_names() -> None:
    seen: list[str] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(f"{record.levelname} {record.getMessage()}")

    @logger(config_schema={"level": str})
    def keeps(context):
        made = logging.Logger("kept", context.logger_config["level"])
        made.addHandler(Keeps())
        return made

    @asset
    def talks(context) -> None:
        context.log.info("too low")
        context.log.warning("heard")

    defs = Definitions(assets=[talks], jobs=[define_asset_job("j")], loggers={"keeps": keeps})
    config = {"loggers": {"keeps": {"config": {"level": "WARNING"}}}}
    result = defs.get_job_def("j").execute_in_process(run_config=config)
    assert result.success
    assert seen == [f"WARNING j - {result.run_id} - talks - heard"]


def test_a_step_that_asks_for_result_objects_fails_without_them() -> None:
    @asset
    def gives(context):
        context.set_requires_typed_event_stream(error_message="hand it on")
        return Output(1)

    @multi_asset(specs=[AssetSpec("one"), AssetSpec("two")])
    def leaves_one_out(context):
        context.set_requires_typed_event_stream(error_message="hand it on")
        yield MaterializeResult("one")

    @asset(check_specs=[AssetCheckSpec("rows", asset="forgets_its_check")])
    def forgets_its_check(context):
        context.set_requires_typed_event_stream(error_message="hand it on")
        return MaterializeResult()

    assert materialize([gives]).asset_value("gives") == 1
    with pytest.raises(InvariantViolationError, match=r"(?s)`rows`.*hand it on"):
        materialize([forgets_its_check])
    with pytest.raises(InvariantViolationError, match=r"(?s)`two`.*hand it on"):
        materialize([leaves_one_out])
