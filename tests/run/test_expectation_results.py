"""Expectations that steps report, as a run's result tells them."""

import pytest

import treadle as dg


@pytest.mark.filterwarnings("ignore:.*ExpectationResult:DeprecationWarning")
def test_expectations_of_one_step() -> None:
    @dg.op
    def expects():
        yield dg.ExpectationResult(success=False, label="rows", metadata={"count": 1})
        yield dg.Output(1)

    @dg.op
    def other(number: int):
        yield dg.ExpectationResult(success=True, label="apart")
        yield dg.Output(number)

    @dg.job
    def both():
        other(expects())

    (found,) = both.execute_in_process().expectation_results_for_node("expects")
    assert (found.success, found.label, found.metadata) == (False, "rows", {"count": dg.MetadataValue.int(1)})
