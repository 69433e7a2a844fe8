"""Running part of an earlier run again."""

from pathlib import Path
from typing import Any

import pytest

from treadle import Definitions, Out, Output, asset, define_asset_job, execute_job, op
from treadle import job as job_of_ops
from treadle.core.errors import ExecutionStepNotFoundError, InvariantViolationError, RunNotFoundError
from treadle.run.reexecution import ReexecutionOptions, find_earlier
from treadle.store.instance import Instance

broken = {"now": False}


@asset
def p():
    return 1


@asset
def q(p):
    if broken["now"]:
        raise ValueError("q")
    return p + 1


@asset
def r(q):
    return q * 10


@asset
def side():
    return 0


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@pytest.fixture
def job() -> Any:
    defs = Definitions(assets=[p, q, r, side], jobs=[define_asset_job("j", selection="*")])
    return defs.get_job_def("j")


def test_from_failure_runs_what_failed_and_what_never_ran(job: Any, instance: Instance) -> None:
    broken["now"] = True
    first = execute_job(job, instance, executor="in_process")
    broken["now"] = False
    options = ReexecutionOptions.from_failure(first.run_id, instance)
    second = execute_job(job, instance, reexecution_options=options, executor="in_process")
    assert not first.success
    assert second.success
    assert [event.step_key for event in second.get_step_success_events()] == ["q", "r"]
    assert second.asset_value("r") == 20
    stored = instance.store.find_run(second.run_id)
    assert (stored.parent_run_id, stored.root_run_id, stored.step_keys) == (
        first.run_id,
        first.run_id,
        ("q", "r"),
    )


def test_steps_may_be_named_with_what_is_below(job: Any, instance: Instance) -> None:
    first = execute_job(job, instance, executor="in_process")
    earlier = find_earlier(instance, ReexecutionOptions(first.run_id, ["q+"]))
    assert earlier.step_keys == ("q", "r")
    assert find_earlier(instance, ReexecutionOptions(first.run_id, ["*r"])).step_keys == ("p", "q", "r")
    with pytest.raises(ExecutionStepNotFoundError, match="did you mean `side`"):
        find_earlier(instance, ReexecutionOptions(first.run_id, ["sid"]))


def test_a_run_that_did_not_fail_has_no_failure_to_begin_from(job: Any, instance: Instance) -> None:
    first = execute_job(job, instance, executor="in_process")
    with pytest.raises(InvariantViolationError, match="did not fail"):
        ReexecutionOptions.from_failure(first.run_id, instance)
    with pytest.raises(RunNotFoundError):
        ReexecutionOptions.from_failure("nothing", instance)


def test_a_job_with_two_branches_runs_in_processes(job: Any, instance: Instance) -> None:
    """Issue §3: in processes where steps could run side by side; an explicit executor wins."""
    result = execute_job(job, instance)
    assert result.success
    assert {event.producer for event in result.events} > {""}


def test_a_list_of_inputs_leaves_out_what_the_earlier_run_skipped(instance: Instance) -> None:
    @op(out={"taken": Out(is_required=False), "left": Out(is_required=False)})
    def fork() -> Any:
        yield Output(3, "taken")

    @op
    def fragile(context, x: int) -> int:  # type: ignore[no-untyped-def]
        if context.run.parent_run_id is None:
            raise ValueError("not yet")
        return x + 1

    @op
    def gather(xs: list[int]) -> list[int]:
        return xs

    @job_of_ops
    def forked() -> None:
        taken, left = fork()
        gather([fragile.alias("on_taken")(taken), fragile.alias("on_left")(left)])

    first = execute_job(forked, instance, executor="in_process")
    options = ReexecutionOptions.from_failure(first.run_id, instance)
    second = execute_job(forked, instance, reexecution_options=options, executor="in_process")
    assert not first.success
    assert [event.step_key for event in second.get_step_success_events()] == ["on_taken", "gather"]
    assert second.output_for_node("gather") == [4]


def test_a_named_step_is_skipped_where_what_it_needs_was_skipped_before(instance: Instance) -> None:
    @op(out={"taken": Out(is_required=False), "left": Out(is_required=False)})
    def fork() -> Any:
        yield Output(3, "taken")

    @op
    def follow(x: int) -> int:
        return x

    @job_of_ops
    def forked() -> None:
        _, left = fork()
        follow.alias("second")(follow.alias("first")(left))

    first = execute_job(forked, instance, executor="in_process")
    options = ReexecutionOptions(first.run_id, ["second"])
    second = execute_job(forked, instance, reexecution_options=options, executor="in_process")
    assert second.success
    assert [event.step_key for event in second.get_step_skipped_events()] == ["second"]


def test_a_run_again_is_not_the_one_that_a_tick_asked_for(job: Any, instance: Instance) -> None:
    """A run key says that a tick's request has its run; the tags that say what it is about stay."""
    broken["now"] = True
    first = job.execute_in_process(
        instance=instance, raise_on_error=False, tags={"dagster/run_key": "monday", "team": "shop"}
    )
    broken["now"] = False
    again = execute_job(
        job, instance, reexecution_options=ReexecutionOptions.from_failure(first.run_id, instance)
    )
    tags = instance.get_run_by_id(again.run_id).tags
    assert again.success and tags["team"] == "shop"
    assert "dagster/run_key" not in tags
