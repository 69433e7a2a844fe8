"""Which step is running here: one context variable, so threads and coroutines each see their own."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treadle.define.context.step_state import StepState

current_step: ContextVar["StepState | None"] = ContextVar("treadle_current_step", default=None)
"""Set by the engine around user code; None outside a run."""
