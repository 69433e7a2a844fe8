"""The plan as a value: which steps run, in what order, on what, and why each.

A plan does not hold partition keys: a backfill of 10,000 runs stores one plan (`plan_id` is its content hash).
`plan.partitions.bind` gives each step's partitions for one run.
"""

import hashlib
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
    "unchanged",
]


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a step runs, or is left out. Two facts in one: a stable code, and words for a person."""

    code: ReasonCode
    detail: str = ""


class FromStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="step"):
    """The value is an output of another step of this plan."""

    step_key: str
    output: str = "result"


class FromStorage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="storage"):
    """The value is an asset that this plan does not make: its IO manager loads what is stored."""

    asset_key: AssetKey


class FromConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="config"):
    """The value stands in run config, or is the parameter's default, or was handed to `input_values`."""


class FanIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="fan-in"):
    """A list of values, one from each source, in order; skipped sources are left out."""

    sources: tuple[FromStep | FromStorage, ...]


Source = FromStep | FromStorage | FromConfig | FanIn


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
    blocked_by: tuple[tuple[str, AssetCheckKey], ...] = ()
    """(step key, check): blocking checks of other steps that must have passed."""
    reason: Reason
    pool: str | None = None


class SkippedAsset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asset that was asked for and is left out, and why."""

    asset_key: AssetKey
    reason: Reason


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """What a run will do. Steps are in topological order, ties in order of name."""

    job_name: str
    steps: tuple[Step, ...]
    skipped: tuple[SkippedAsset, ...] = ()
    catalog_hash: str = ""

    @cached_property
    def encoded(self) -> bytes:
        """The canonical JSON text, as stored."""
        return msgspec.json.encode(self, order="deterministic", enc_hook=_encode_value)

    @cached_property
    def plan_id(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.encoded).hexdigest()


def _encode_value(value: Any) -> Any:
    if isinstance(value, AssetKey):
        return value.path
    raise TypeError(f"{type(value).__name__} does not belong in a plan")
