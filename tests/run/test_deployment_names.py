"""Names of deployments and of steps that run elsewhere: values that are made and checked (issue 4 §1)."""

import os
import pickle
import signal
from typing import Any

import pytest

from treadle import (
    DagsterExecutionInterruptedError,
    DagsterInvariantViolationError,
    InvalidArgumentError,
    QueuedRunCoordinator,
    asset,
    build_op_context,
    external_instance_from_step_run_ref,
    materialize,
    raise_execution_interrupts,
    run_step_from_ref,
    step_context_to_step_run_ref,
)


def test_a_step_has_a_reference_that_travels() -> None:
    refs: list[Any] = []

    @asset
    def table(context) -> None:
        refs.append(step_context_to_step_run_ref(context))

    result = materialize([table])
    ref = pickle.loads(pickle.dumps(refs[0]))
    assert (ref.run_id, ref.step_key) == (result.run_id, "table")
    with external_instance_from_step_run_ref(ref) as instance:
        assert instance.get_run_by_id(result.run_id).run_id == result.run_id
        with pytest.raises(DagsterInvariantViolationError, match="executor"):
            run_step_from_ref(ref, instance)
    with pytest.raises(DagsterInvariantViolationError, match="no run"):
        step_context_to_step_run_ref(build_op_context())


def test_a_signal_is_raised_at_once_within_the_block() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(DagsterExecutionInterruptedError, match="SIGTERM"):
        with raise_execution_interrupts():
            os.kill(os.getpid(), signal.SIGTERM)
            signal.sigtimedwait([], 5)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_coordinators_limits_are_checked() -> None:
    found = QueuedRunCoordinator(max_concurrent_runs=3, tag_concurrency_limits=[{"key": "a", "limit": 1}])
    assert found.dequeue_interval_seconds == 5
    assert found.tag_concurrency_limits == ({"key": "a", "limit": 1},)
    with pytest.raises(InvalidArgumentError, match="max_concurrent_runs"):
        QueuedRunCoordinator(max_concurrent_runs=-2)
    with pytest.raises(InvalidArgumentError, match="`limit`"):
        QueuedRunCoordinator(tag_concurrency_limits=[{"key": "a"}])
