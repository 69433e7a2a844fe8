"""Runs of functions that check several assets and are split where one of their blocking checks comes first."""

from pathlib import Path
from typing import Any

import pytest

import treadle as dg
from treadle.run.executors.processes import ProcessExecutor
from treadle.store.instance import Instance

Z1 = dg.AssetCheckSpec("z1", asset="a", blocking=True)
Z2 = dg.AssetCheckSpec("z2", asset="b", blocking=True)
Z3 = dg.AssetCheckSpec("z3", asset="c")


class Failing(dg.ConfigurableResource):
    """Which checks fail: those whose names stand in a file."""

    path: str

    def names(self) -> list[str]:
        return Path(self.path).read_text().split()


@dg.asset
def a() -> None: ...


@dg.asset(deps=[a])
def b() -> None: ...


@dg.asset(deps=[b])
def c() -> None: ...


@dg.multi_asset_check(specs=[Z1, Z2, Z3], can_subset=True, config_schema={"word": str})
def mc(context: dg.AssetCheckExecutionContext, failing: Failing):
    assert context.op_execution_context.op_config == {"word": "said"}
    for key in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=key.asset_key, check_name=key.name, passed=key.name not in failing.names()
        )


CONFIG = {"ops": {"mc": {"config": {"word": "said"}}}}


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "failing.txt"
    path.write_text("")
    return path


def defs_of(failing: Path, **given: object) -> dg.Definitions:
    return dg.Definitions(
        assets=[a, b, c], asset_checks=[mc], resources={"failing": Failing(path=str(failing))}, **given
    )


def whole_job(failing: Path) -> dg.JobDefinition:
    return defs_of(failing).resolve_implicit_global_asset_job_def()


def started(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.step_key for event in result.all_events if event.event_type_value == "STEP_START"]


def verdicts(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {one.check_name: one.passed for one in result.get_asset_check_evaluations()}


@pytest.mark.parametrize(
    ("failed", "steps", "expected"),
    [
        ("", ["a", "mc", "b", "mc_2", "c", "mc_3"], {"z1": True, "z2": True, "z3": True}),
        ("z1", ["a", "mc"], {"z1": False}),
        ("z2", ["a", "mc", "b", "mc_2"], {"z1": True, "z2": False}),
        ("z3", ["a", "mc", "b", "mc_2", "c", "mc_3"], {"z1": True, "z2": True, "z3": False}),
    ],
)
def test_a_failed_blocking_check_stops_what_its_own_function_would_check_next(
    failing: Path, failed: str, steps: list[str], expected: dict[str, bool]
) -> None:
    failing.write_text(failed)
    result = whole_job(failing).execute_in_process(raise_on_error=False, run_config=CONFIG)

    assert started(result) == steps
    assert verdicts(result) == expected
    assert result.success is (failed in ("", "z3"))


def test_materialize_splits_likewise(failing: Path) -> None:
    failing.write_text("z1")
    resources = {"failing": Failing(path=str(failing))}
    result = dg.materialize([a, b, c, mc], resources=resources, run_config=CONFIG, raise_on_error=False)
    assert started(result) == ["a", "mc"]


def test_a_run_of_one_asset_evaluates_its_check_only(failing: Path) -> None:
    failing.write_text("z1 z2")
    result = whole_job(failing).execute_in_process(
        asset_selection=[dg.AssetKey("a")], raise_on_error=False, run_config=CONFIG
    )
    assert verdicts(result) == {"z1": False}


@pytest.mark.parametrize("executor", ["in_process", ProcessExecutor(max_concurrent=2)])
def test_a_run_goes_on_from_the_part_that_failed(failing: Path, tmp_path: Path, executor: Any) -> None:
    job = whole_job(failing)
    with Instance.at(tmp_path / "home") as instance:
        failing.write_text("z2")
        first = dg.execute_job(job, instance, run_config=CONFIG, executor=executor)
        assert {event.step_key for event in first.all_events if event.is_step_start} == {
            "a",
            "mc",
            "b",
            "mc_2",
        }

        failing.write_text("")
        options = dg.ReexecutionOptions.from_failure(first.run_id, instance)
        second = dg.execute_job(
            job, instance, run_config=CONFIG, reexecution_options=options, executor=executor
        )
        assert [event.step_key for event in second.get_step_success_events()] == ["mc_2", "c", "mc_3"]
        assert verdicts(second) == {"z2": True, "z3": True}
