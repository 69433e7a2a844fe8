"""A step in the main thread that can not be stopped: it catches what interrupts it, and goes on.

Nothing but the end of the process ends it. A command line, which owns its process, says here what that means; in a
program or a notebook nobody does, and the run goes on as long as the step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from treadle.core.errors import TreadleError
from treadle.run.progress import StepPhase
from treadle.run.session import RunSession

PATIENCE: Final = 1.0
"""Seconds that a step gets after the second signal, which has interrupted it again."""
RINGS: Final = 4
"""Alarms, a second apart, that a step may catch after its time is over."""

_ends: Final[list[Callable[[Any], None]]] = []


@contextmanager
def ends_process(end: Callable[[Any], None]) -> Iterator[None]:
    """Within the block, the end of the process is what ends a step that can not be stopped.

    Args:
        end: is given the `FinishedRun`, from a thread of its own, and does not return.
    """
    _ends.append(end)
    try:
        yield
    finally:
        _ends.remove(end)


def process_end() -> Callable[[Any], None] | None:
    """What ends this process, if anything may."""
    return _ends[-1] if _ends else None


def defiance_of(session: RunSession) -> BaseException | None:
    """Why the step in the main thread must be given up; None where none is there, or it may still end by itself."""
    interrupts, limit = session.interrupts, session.limit
    if not interrupts.interruptible or interrupts.is_main_shielded:
        return None
    if interrupts.is_defied(PATIENCE):
        return KeyboardInterrupt("it was interrupted a second time, and went on")
    if limit is None or limit.rings < RINGS:
        return None
    if limit.is_of_run or limit.seconds is None:
        session.stop_if_overdue()
        return KeyboardInterrupt("the run's time was over, and it went on")
    return TreadleError(
        f"Step `{limit.step_key}` took longer than its timeout of {limit.seconds:g} s; it was interrupted"
        f" {limit.rings} times, caught that each time and went on. The process had to end with it.",
        code="step-timeout",
        hint="catch `Exception` rather than everything, or use `--executor processes`, where the step alone is killed",
    )


def give_up_steps(session: RunSession, why: BaseException) -> None:
    """The steps that run now have ended for the run: nothing that they still do is of it."""
    running = [entry.step for entry in session.progress.steps.values() if entry.phase is StepPhase.RUNNING]
    for step in running:
        session.env.gate.shut_out((step.key, session.attempt_of(step)))
    for step in running:
        session.settle(step, session.lose(step, why))
