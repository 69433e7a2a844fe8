"""How checks stand: the last result of each, as far as it is about what their assets are now."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from treadle.core.asset_events import AssetCheckSeverity
from treadle.core.events import CheckData, StoredEvent
from treadle.core.keys import AssetCheckKey
from treadle.core.partitions.sets import PartitionSet
from treadle.core.ports import CheckVerdict
from treadle.store.assets import Assets

if TYPE_CHECKING:
    from treadle.store.instance import Instance

_MANY: Final = 100
"""From so many checks on, the last results of all are read with one query."""
_MOST: Final = 10_000
"""So many results of a check are looked through for those of its partitions."""


def check_verdicts(
    instance: "Instance", requests: Iterable[tuple[AssetCheckKey, PartitionSet | None]]
) -> dict[AssetCheckKey, CheckVerdict]:
    """What the last result of each check says of its asset, or of some of its partitions, as it is now.

    A result of what was materialized again since counts as none. Of several partitions, the worst counts.
    """
    wanted = dict(requests)
    plain = [key for key, partitions in wanted.items() if partitions is None]
    latest = latest_results(instance.store.assets, plain)
    made = instance.latest_states((key.asset_key, None) for key in latest)
    found: dict[AssetCheckKey, CheckVerdict] = {}
    for key, partitions in wanted.items():
        if partitions is not None:
            found[key] = _of_partitions(instance, key, partitions)
            continue
        result, state = latest.get(key), made.get((key.asset_key, None))
        if result is None or (state is not None and is_of_older(result, state.event_id, state.run_id)):
            found[key] = "not-evaluated"
        else:
            found[key] = "failed" if _is_failure(result) else "passed"
    return found


def latest_results(assets: Assets, keys: Iterable[AssetCheckKey]) -> Mapping[AssetCheckKey, StoredEvent]:
    """The last result of each check that has one."""
    wanted = list(keys)
    if len(wanted) < _MANY:
        each = ((key, assets.latest_check(key.asset_key, key.name)) for key in wanted)
        return {key: result for key, result in each if result is not None}
    found = {check_key_of(stored): stored for stored in assets.latest_checks()}
    return {key: found[key] for key in wanted if key in found}


def check_key_of(stored: StoredEvent) -> AssetCheckKey | None:
    """The check that a stored event is the result of."""
    event = stored.event
    if isinstance(event.data, CheckData) and event.asset_key is not None:
        return AssetCheckKey(event.asset_key, event.data.name)
    return None


def materialization_of(result: StoredEvent) -> int:
    """The materialization that a check's result is of; where it does not tell, the last one before it."""
    data = result.event.data
    told = data.target_materialization if isinstance(data, CheckData) else None
    return result.storage_id if told is None else told


def is_of_older(result: StoredEvent, made: int, made_by: str) -> bool:
    """Whether the asset was materialized since by another run; what is reported without a run counts as of one.

    Args:
        made: the storage id of the asset's last materialization.
        made_by: the id of its run.
    """
    return made > materialization_of(result) and result.event.run_id != made_by


def _of_partitions(instance: "Instance", key: AssetCheckKey, partitions: PartitionSet) -> CheckVerdict:
    history = instance.store.assets.check_history(key.asset_key, key.name, _MOST)
    if not history:
        return "not-evaluated"
    pieces = instance.made_pieces(key.asset_key, partitions)
    made = instance.store.assets.events(sorted({piece.event_id for piece in pieces}))
    made_by = {stored.storage_id: stored.event.run_id for stored in made}
    left, is_told = partitions, True
    for result in history:
        keys = result.event.partition_keys
        told = left if keys is None else left & partitions.space.find_keys(keys)[0]
        if not told:
            continue
        left = left - told
        later = [
            piece for piece in pieces if is_of_older(result, piece.event_id, made_by.get(piece.event_id, ""))
        ]
        told_still = told - instance.partitions_of_pieces(key.asset_key, partitions.partitions_def, later)
        if told_still and _is_failure(result):
            return "failed"
        is_told = is_told and told_still == told
        if not left:
            break
    return "passed" if is_told and not left else "not-evaluated"


def _is_failure(result: StoredEvent) -> bool:
    data = result.event.data
    return isinstance(data, CheckData) and not data.passed and data.severity == AssetCheckSeverity.ERROR.value
