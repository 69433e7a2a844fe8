"""Running part of an earlier run again."""

from pathlib import Path
from typing import Any

import pytest

from treadle import Definitions, asset, define_asset_job, execute_job
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
