"""The plan as a value: which steps run, in what order, on what, and why each.

A plan does not hold partition keys: a backfill of 10,000 runs stores one plan (`plan_id` is its content hash).
`plan.partitions.bind` gives each step's partitions for one run.
"""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import msgspec

from treadle.core.keys import AssetCheckKey, AssetKey

ReasonCode = Literal[
    "asked-for",
    "never-materialized",
    "upstream-newer",
    "code-version-changed",
    "data-version-changed",
    "config-changed",
    "dependencies-changed",
    "check-failed",
    "check-not-evaluated",
    "unchanged",
]


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a step runs, or is left out. Two facts in one: a stable code, and words for a person."""

    code: ReasonCode
    detail: str = ""

    def __str__(self) -> str:
        words = self.code.replace("-", " ")
        return f"{words}: {self.detail}" if self.detail else words


ASKED_FOR = Reason(code="asked-for")


class FromStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="step"):
    """The value is an output of another step of this plan."""

    step_key: str
    output: str = "result"
    mapping_key: str | None = None
    """Which value of a dynamic output; `?` before the plan is expanded."""


class CollectedFrom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="collect"):
    """All values of a dynamic output, or of an output of steps that are mapped over one; a `FanIn` once they are known."""

    step_key: str
    output: str = "result"


class FromStorage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="storage"):
    """The value is an asset that this plan does not make: its IO manager loads what is stored."""

    asset_key: AssetKey


class FromConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="config"):
    """The value stands in run config, or is the parameter's default, or was handed to `input_values`."""

    names: tuple[str, ...] = ()
    """Inputs of graphs that lead here, innermost first: `graph:input`, `:input` of the job itself."""


class FanIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="fan-in"):
    """A list of values, one from each source, in order; skipped sources are left out."""

    sources: tuple[FromStep | CollectedFrom | FromStorage | FromConfig, ...]


Source = FromStep | CollectedFrom | FromStorage | FromConfig | FanIn


class StepInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input that loads a value. Edges that only order are in `Step.after`."""

    name: str
    source: Source
    asset_key: AssetKey | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of a computation."""

    key: str
    computation: str
    inputs: tuple[StepInput, ...] = ()
    outputs: tuple[str, ...] = ()
    """Names of the outputs selected, in the order declared."""
    asset_keys: tuple[AssetKey, ...] = ()
    check_keys: tuple[AssetCheckKey, ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    """(step key, output name): all that must exist before this step starts; a skipped output skips this step."""
    after_any: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Groups of (step key, output name): all steps of a group must be over, and one of its outputs must exist."""
    behind: tuple[str, ...] = ()
    """Step keys: all must be over before this step starts, however they end (writers of one asset)."""
    mapped_over: tuple[str, str] | None = None
    """(step key, dynamic output): stands for one step a value of it, each with the value's key for `?` in its key."""
    blocked_by: tuple[tuple[str, AssetCheckKey], ...] = ()
    """(step key, check): blocking checks of other steps that must have passed."""
    reason: Reason = ASKED_FOR
    pool: str | None = None
    priority: int = 0
    """Of the steps that are ready, the highest goes first."""

    @property
    def is_root(self) -> bool:
        """True where it waits for no step."""
        return not (self.after or self.after_any or self.blocked_by or self.mapped_over or self.behind)

    @property
    def upstream_step_keys(self) -> Iterator[str]:
        """Keys of the steps that must end before this one starts, repeated where several edges lead there."""
        yield from self.needed_step_keys
        yield from self.behind

    @property
    def needed_step_keys(self) -> Iterator[str]:
        """Those of them whose failure keeps this one from starting."""
        for step_key, _ in self.after:
            yield step_key
        for group in self.after_any:
            for step_key, _ in group:
                yield step_key
        if self.mapped_over is not None:
            yield self.mapped_over[0]
        for step_key, _ in self.blocked_by:
            yield step_key


class SkippedAsset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asset that was asked for and is left out, and why."""

    asset_key: AssetKey
    reason: Reason
    writer: str | None = None
    """Which of its writers, where it has some."""

    @property
    def name(self) -> str:
        """The asset, and its writer: `orders/shopify`."""
        text = self.asset_key.to_user_string()
        return text if self.writer is None else f"{text}/{self.writer}"


class PlanDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What one plan does that another does not, by step key."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __str__(self) -> str:
        signs = (("+", self.added), ("-", self.removed), ("~", self.changed))
        return "\n".join(f"{sign} {key}" for sign, keys in signs for key in keys) or "no difference"


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """What a run will do. Steps are in topological order, ties in order of name."""

    job_name: str
    steps: tuple[Step, ...]
    skipped: tuple[SkippedAsset, ...] = ()
    catalog_hash: str = ""

    @cached_property
    def encoded(self) -> bytes:
        """The canonical JSON text, as stored."""
        return msgspec.json.encode(_to_wire(self), order="deterministic")

    @cached_property
    def plan_id(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.encoded).hexdigest()

    @cached_property
    def steps_by_key(self) -> dict[str, Step]:
        """Step key to step, in the plan's order."""
        return {step.key: step for step in self.steps}

    @cached_property
    def asset_keys(self) -> frozenset[AssetKey]:
        """The assets that its steps make."""
        return frozenset(key for step in self.steps for key in step.asset_keys)

    def difference(self, other: "Plan") -> PlanDifference:
        """What `other` would do differently from this plan."""
        mine, theirs = self.steps_by_key, other.steps_by_key
        return PlanDifference(
            added=tuple(key for key in theirs if key not in mine),
            removed=tuple(key for key in mine if key not in theirs),
            changed=tuple(key for key in mine if key in theirs and mine[key] != theirs[key]),
        )

    def __str__(self) -> str:
        """One line a step: what it makes, why, and what it waits for."""
        lines = [
            f"{len(self.steps)} step{'' if len(self.steps) == 1 else 's'} for {self.job_name or 'a run'}"
        ]
        for step in self.steps:
            waits = sorted(set(step.upstream_step_keys))
            after = f"  after {', '.join(waits)}" if waits else ""
            lines.append(f"  {step.key}  ({step.reason}){after}")
        lines.extend(f"  - {left.name}  ({left.reason})" for left in self.skipped)
        return "\n".join(lines)


def decode_plan(text: bytes) -> Plan:
    """The plan whose `encoded` is `text`."""
    return msgspec.json.decode(text, type=Plan, dec_hook=_decode_value)


def _to_wire(plan: Plan) -> Any:
    return msgspec.to_builtins(plan, enc_hook=_encode_value)


def _encode_value(value: Any) -> Any:
    if isinstance(value, AssetKey):
        return value.path
    if isinstance(value, AssetCheckKey):
        return value._asdict()
    raise TypeError(f"{type(value).__name__} does not belong in a plan")


def _decode_value(wanted: type, value: Any) -> Any:
    if wanted is AssetKey:
        return AssetKey(value)
    if wanted is AssetCheckKey:
        return AssetCheckKey(**value)
    raise TypeError(f"{wanted.__name__} does not belong in a plan")
