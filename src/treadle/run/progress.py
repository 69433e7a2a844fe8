"""How far a run is: which steps are ready, which are skipped, which will never start. Pure; executors feed it.

A step ends in exactly one of SUCCEEDED, FAILED, SKIPPED, ABANDONED. The order in which ready steps are handed out is
the peer's: by priority, then first ready first, steps that become ready together in the plan's order.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

import attrs

from treadle.core.keys import AssetCheckKey
from treadle.plan.expand import collecting, keys_of, one_of
from treadle.plan.plan import Plan, Step


class StepPhase(Enum):
    """Where a step stands in this run."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DELAYED = "delayed"
    """It failed and waits for its next attempt."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    """An optional output that it needs was not given."""
    ABANDONED = "abandoned"
    """Something that it needs failed, so it never starts."""


_OVER = frozenset({StepPhase.SUCCEEDED, StepPhase.FAILED, StepPhase.SKIPPED, StepPhase.ABANDONED})


@attrs.define(eq=False)
class StepProgress:
    """One step's place in the run."""

    step: Step
    position: tuple[int, int]
    """In the plan, and among the steps that are mapped over the same output."""
    phase: StepPhase = StepPhase.WAITING
    attempt: int = 1
    waits_for: int = 0
    """Upstream steps of this run that are not over."""
    outputs: Collection[str] = ()
    """Names of the outputs it gave."""
    failed_checks: Collection[AssetCheckKey] = ()
    restart_at: float = 0.0
    """Clock time of the next attempt, while DELAYED."""


@attrs.define(eq=False)
class Progress:
    """The state of all steps of one run.

    Args:
        plan: what is to be done.
        step_keys: the steps that this run executes; None means all. Edges from the others count as satisfied.
        earlier_outputs: step key -> outputs that an earlier run left, for steps that this run does not execute.
    """

    plan: Plan
    step_keys: Collection[str] | None = None
    earlier_outputs: Mapping[str, Collection[str]] = attrs.field(factory=dict)
    steps: dict[str, StepProgress] = attrs.field(init=False, factory=dict)
    unfinished: int = attrs.field(init=False, default=0)
    newly_skipped: list[Step] = attrs.field(init=False, factory=list)
    first_failure: str | None = attrs.field(init=False, default=None)
    _followers: dict[str, list[StepProgress]] = attrs.field(init=False, factory=dict)
    _ready: list[tuple[int, int, str]] = attrs.field(init=False, factory=list)
    _delayed: list[tuple[float, tuple[int, int], str]] = attrs.field(init=False, factory=list)
    _arrivals: int = attrs.field(init=False, default=0)
    _known_keys: dict[str, Mapping[str, Sequence[str]]] = attrs.field(init=False, factory=dict)
    _original: Mapping[str, Step] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._original = self.plan.steps_by_key
        chosen = None if self.step_keys is None else set(self.step_keys)
        for step in self.plan.steps:
            if chosen is None or step.key in chosen:
                self.steps[step.key] = StepProgress(step, (len(self.steps), 0))
        self.unfinished = len(self.steps)
        for entry in list(self.steps.values()):
            self._wire(entry)
        for entry in list(self.steps.values()):
            if entry.phase is StepPhase.WAITING and not entry.waits_for:
                self._settle(entry)

    def _wire(self, entry: StepProgress) -> None:
        if entry.step.is_root:
            return
        upstream = {key for key in entry.step.upstream_step_keys if key in self.steps}
        entry.waits_for = len(upstream)
        for key in upstream:
            self._followers.setdefault(key, []).append(entry)

    @property
    def is_over(self) -> bool:
        """True when nothing is left to start or to wait for."""
        return self.unfinished == 0

    @property
    def failed_steps(self) -> list[str]:
        """Keys of the steps that failed, in the plan's order."""
        return [key for key, entry in self.steps.items() if entry.phase is StepPhase.FAILED]

    def next_ready(self, can_start: "CanStart | None" = None) -> Step | None:
        """Takes the next ready step that `can_start` lets pass; it is RUNNING from now on."""
        held: list[tuple[int, int, str]] = []
        found: Step | None = None
        while self._ready:
            item = heapq.heappop(self._ready)
            entry = self.steps[item[2]]
            if can_start is None or can_start(entry.step):
                entry.phase = StepPhase.RUNNING
                found = entry.step
                break
            held.append(item)
        for item in held:
            heapq.heappush(self._ready, item)
        return found

    @property
    def has_ready(self) -> bool:
        """True when some step could start now."""
        return bool(self._ready)

    @property
    def next_restart(self) -> float | None:
        """When the earliest delayed step may start again, if any is delayed."""
        return self._delayed[0][0] if self._delayed else None

    def wake(self, now: float) -> None:
        """Makes delayed steps ready whose time has come."""
        while self._delayed and self._delayed[0][0] <= now:
            _, _, key = heapq.heappop(self._delayed)
            entry = self.steps[key]
            if entry.phase is StepPhase.DELAYED:
                self._make_ready(entry)

    def succeed(
        self,
        key: str,
        outputs: Collection[str],
        failed_checks: Collection[AssetCheckKey] = (),
        mapping_keys: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """The step ended well and gave these outputs.

        Args:
            mapping_keys: dynamic output -> its mapping keys; what is mapped over it becomes one step a key.
        """
        entry = self.steps[key]
        entry.outputs, entry.failed_checks = outputs, failed_checks
        if mapping_keys:
            self._expand(entry, {name: keys for name, keys in mapping_keys.items() if name in outputs})
        self._end(entry, StepPhase.SUCCEEDED)

    def fail(self, key: str) -> None:
        """The step ended badly; what depends on it never starts."""
        if self.first_failure is None:
            self.first_failure = key
        self._end(self.steps[key], StepPhase.FAILED)

    def retry(self, key: str, at: float, now: float) -> int:
        """The step will be attempted again at the clock time `at`; returns the number of that attempt."""
        entry = self.steps[key]
        entry.attempt += 1
        if at <= now:
            self._make_ready(entry)
        else:
            entry.phase, entry.restart_at = StepPhase.DELAYED, at
            heapq.heappush(self._delayed, (at, entry.position, key))
        return entry.attempt

    def take_skipped(self) -> list[Step]:
        """The steps that became SKIPPED since the last call, in order."""
        if not self.newly_skipped:
            return []
        skipped, self.newly_skipped = self.newly_skipped, []
        return skipped

    def gave_output(self, step_key: str, output: str) -> bool:
        """True where that output exists, from this run or an earlier one."""
        entry = self.steps.get(step_key)
        if entry is None:
            earlier = self.earlier_outputs.get(step_key)
            return earlier is None or output in earlier
        return output in entry.outputs

    def _expand(self, source: StepProgress, mapping_keys: Mapping[str, Sequence[str]]) -> None:
        """Put steps in the place of those that are mapped over outputs of `source`, which is still running."""
        self._known_keys[source.step.key] = mapping_keys
        following = list(self._followers.get(source.step.key, ()))
        pending = [entry for entry in following if keys_of(entry.step, self._known_keys) is not None]
        touched = {entry.step.key: entry for entry in following}
        for entry in pending:
            touched.update({other.step.key: other for other in self._followers.get(entry.step.key, ())})
        made: list[StepProgress] = []
        for entry in pending:
            for index, key in enumerate(keys_of(entry.step, self._known_keys) or ()):
                step = one_of(entry.step, key, self._original)
                made.append(StepProgress(step, (entry.position[0], index)))
            touched.pop(entry.step.key)
            del self.steps[entry.step.key]
        gone = {entry.step.key for entry in pending}
        self.unfinished += len(made) - len(pending)
        for entry in made:
            self.steps[entry.step.key] = touched[entry.step.key] = entry
        for entry in touched.values():
            entry.step = collecting(entry.step, self._original, self._known_keys)
        self._rewire(source, touched.values(), gone)

    def _rewire(self, source: StepProgress, entries: Iterable[StepProgress], gone: Collection[str]) -> None:
        changed = {entry.step.key for entry in entries}
        for key in gone:
            self._followers.pop(key, None)
        for key, followers in self._followers.items():
            self._followers[key] = [
                entry for entry in followers if entry.step.key not in changed and entry.step.key not in gone
            ]
        for entry in entries:
            upstream = {key for key in entry.step.upstream_step_keys if key in self.steps}
            waiting = {key for key in upstream if self.steps[key].phase not in _OVER}
            waiting.add(source.step.key)  # also of those to which nothing is left to wait for
            entry.waits_for = len(waiting)
            for key in waiting:
                self._followers.setdefault(key, []).append(entry)

    def _make_ready(self, entry: StepProgress) -> None:
        entry.phase = StepPhase.READY
        self._arrivals += 1
        heapq.heappush(self._ready, (-entry.step.priority, self._arrivals, entry.step.key))

    def _end(self, entry: StepProgress, phase: StepPhase) -> None:
        ended = [entry]
        entry.phase = phase
        self.unfinished -= 1
        while ended:
            settled: list[StepProgress] = []
            for done in ended:
                for follower in self._followers.get(done.step.key, ()):
                    follower.waits_for -= 1
                    if not follower.waits_for and follower.phase is StepPhase.WAITING:
                        settled.append(follower)
            settled.sort(key=_position)
            ended = [follower for follower in settled if self._settle(follower)]

    def _settle(self, entry: StepProgress) -> bool:
        """Everything upstream is over: makes the step ready, or ends it. True if it ended."""
        phase = self._verdict(entry.step)
        if phase is StepPhase.READY and entry.step.mapped_over is not None:
            phase = StepPhase.SKIPPED  # what it is mapped over was given, or it would not be here
        if phase is StepPhase.READY:
            self._make_ready(entry)
            return False
        entry.phase = phase
        self.unfinished -= 1
        if phase is StepPhase.SKIPPED and entry.step.mapped_over is None:
            self.newly_skipped.append(entry.step)
        return True

    def _verdict(self, step: Step) -> StepPhase:
        if step.is_root:
            return StepPhase.READY
        phases = {self.steps[key].phase for key in step.needed_step_keys if key in self.steps}
        if StepPhase.FAILED in phases or StepPhase.ABANDONED in phases:
            return StepPhase.ABANDONED
        for key, check in step.blocked_by:
            upstream = self.steps.get(key)
            if upstream is not None and check in upstream.failed_checks:
                return StepPhase.ABANDONED
        if not all(self.gave_output(key, output) for key, output in step.after):
            return StepPhase.SKIPPED
        for group in step.after_any:
            if not any(self.gave_output(key, output) for key, output in group):
                return StepPhase.SKIPPED
        return StepPhase.READY


CanStart = Any
"""Callable[[Step], bool]; a plain alias, because attrs-made classes evaluate annotations."""


def _position(entry: StepProgress) -> tuple[int, int]:
    return entry.position
