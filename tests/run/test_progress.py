"""The pure state of a run: whatever the graph and whatever fails, every step ends in one place."""

from hypothesis import given
from hypothesis import strategies as st

from treadle.plan.plan import Plan, Step
from treadle.run.progress import Progress, StepPhase

OUTCOMES = ["succeed", "succeed-without-output", "fail", "retry"]


def plan_of(edges: list[set[int]]) -> Plan:
    steps = [
        Step(
            key=f"s{number:02}",
            computation="c",
            outputs=("result",),
            after=tuple((f"s{u:02}", "result") for u in sorted(upstream) if u < number),
        )
        for number, upstream in enumerate(edges)
    ]
    return Plan(job_name="j", steps=tuple(steps))


@given(
    st.lists(st.sets(st.integers(0, 12)), min_size=1, max_size=12),
    st.lists(st.sampled_from(OUTCOMES), min_size=60, max_size=60),
)
def test_every_step_ends_in_exactly_one_way(edges: list[set[int]], outcomes: list[str]) -> None:
    progress = Progress(plan_of(edges))
    retried: set[str] = set()
    script = iter(outcomes)
    while (step := progress.next_ready()) is not None:
        for key, _ in step.after:
            assert progress.steps[key].phase is StepPhase.SUCCEEDED
        outcome = next(script, "succeed")
        if outcome == "retry" and step.key not in retried:
            retried.add(step.key)
            assert progress.retry(step.key, at=0.0, now=0.0) == 2
        elif outcome == "fail":
            progress.fail(step.key)
        else:
            progress.succeed(step.key, () if outcome == "succeed-without-output" else ("result",))
    assert progress.is_over
    for entry in progress.steps.values():
        upstream = {progress.steps[key].phase for key, _ in entry.step.after}
        if entry.phase is StepPhase.ABANDONED:
            assert upstream & {StepPhase.FAILED, StepPhase.ABANDONED}
        if entry.phase is StepPhase.SKIPPED:
            assert not upstream & {StepPhase.FAILED, StepPhase.ABANDONED}


def test_a_delayed_step_waits_for_its_time() -> None:
    progress = Progress(plan_of([set()]))
    assert progress.next_ready() is not None
    progress.retry("s00", at=5.0, now=1.0)
    assert progress.next_ready() is None
    assert progress.next_restart == 5.0
    progress.wake(5.0)
    assert progress.next_ready() is not None


def test_the_higher_priority_goes_first() -> None:
    steps = (Step(key="a", computation="c"), Step(key="b", computation="c", priority=5))
    progress = Progress(Plan(job_name="j", steps=steps))
    first = progress.next_ready()
    assert first is not None
    assert first.key == "b"


def test_steps_of_an_earlier_run_count_as_done_with_what_they_gave() -> None:
    plan = plan_of([set(), {0}])
    given_then = Progress(plan, ["s01"], {"s00": ("result",)})
    assert given_then.next_ready() is not None
    skipped = Progress(plan, ["s01"], {"s00": ()})
    assert skipped.next_ready() is None
    assert [step.key for step in skipped.take_skipped()] == ["s01"]
