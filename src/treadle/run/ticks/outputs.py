"""What a tick's function gave, sorted: requests, reasons to skip, a result, reactions."""

from collections.abc import Iterable, Iterator, Mapping
from types import GeneratorType
from typing import Any

import attrs

from treadle.core.errors import InvariantViolationError, shortened
from treadle.core.partitions.definition import AddDynamicPartitionsRequest, DeleteDynamicPartitionsRequest
from treadle.core.schedules import RunRequest, SensorResult, SkipReason
from treadle.core.ticks import RunReaction


@attrs.define
class Outputs:
    """What was given, by kind and in order."""

    requests: list[RunRequest] = attrs.field(factory=list)
    skips: list[SkipReason] = attrs.field(factory=list)
    reactions: list[RunReaction] = attrs.field(factory=list)
    results: list[SensorResult] = attrs.field(factory=list)

    @property
    def skip_message(self) -> str | None:
        """The reasons to skip as one text; each is said once."""
        messages = dict.fromkeys(skip.skip_message for skip in self.skips if skip.skip_message)
        return "; ".join(messages) or None


def listed(given: Any) -> list[Any]:
    """Everything that a function gave, one by one: returned, yielded, in lists; also what a generator returns.

    Args:
        given: what calling the function gave. A generator is run here.
    """
    if given is None:
        return []
    if isinstance(given, GeneratorType):
        return [one for each in _all_of(given) for one in listed(each)]
    if isinstance(given, RunRequest | SkipReason | SensorResult | RunReaction | str | bytes | Mapping):
        return [given]
    if isinstance(given, Iterable):
        return [one for each in given for one in listed(each)]
    return [given]


def _all_of(generator: Iterator[Any]) -> Iterator[Any]:
    while True:
        try:
            yield next(generator)
        except StopIteration as end:
            if end.value is not None:
                yield end.value
            return


def sort_outputs(given: Iterable[Any], who: str) -> Outputs:
    """What was given, by kind.

    Args:
        who: for messages, e.g. "sensor `files`".

    Raises:
        InvariantViolationError: something that no tick can give, or a SensorResult beside other things.
    """
    found = Outputs()
    kinds: tuple[tuple[type, list[Any]], ...] = (
        (RunRequest, found.requests),
        (SkipReason, found.skips),
        (SensorResult, found.results),
        (RunReaction, found.reactions),
    )
    count = 0
    for one in given:
        count += 1
        home = next((home for kind, home in kinds if isinstance(one, kind)), None)
        if home is None:
            raise InvariantViolationError(
                f"{who} gave {shortened(repr(one))}, a {type(one).__name__}.",
                hint="give RunRequest, SkipReason, or for a sensor SensorResult, one or several; or nothing",
            )
        home.append(one)
    if found.results and count > 1:
        raise InvariantViolationError(
            f"{who} gave a SensorResult and other things besides.",
            hint="put the run requests and the reason to skip into the SensorResult",
        )
    return found


def check_partition_requests(requests: Iterable[Any], who: str) -> None:
    """Refuse requests for dynamic partitions that say two things of one key.

    Raises:
        InvariantViolationError: a key to add and to delete, or something that is no such request.
    """
    added: dict[str, set[str]] = {}
    deleted: dict[str, set[str]] = {}
    for request in requests:
        if isinstance(request, AddDynamicPartitionsRequest):
            home = added
        elif isinstance(request, DeleteDynamicPartitionsRequest):
            home = deleted
        else:
            raise InvariantViolationError(
                f"{who} gave {request!r} in `dynamic_partitions_requests`.",
                hint="`partitions_def.build_add_request([...])` and `build_delete_request([...])` make them",
            )
        home.setdefault(request.partitions_def_name, set()).update(request.partition_keys)
    for name, keys in added.items():
        both = sorted(keys & deleted.get(name, set()))
        if both:
            raise InvariantViolationError(
                f"{who} asks to add and to delete the partition `{both[0]}` of `{name}`."
            )
