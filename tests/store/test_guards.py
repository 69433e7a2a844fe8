"""Removing a guard must turn something red: each case takes one out of a query and runs the tests that need it."""

import inspect
from collections.abc import Callable

import pytest

from tests.store import invariants, test_assets, test_runs_and_leases, test_slots_and_backfills
from treadle.store import Store, open_store
from treadle.store.queries import Query, load_queries

RUNS = test_runs_and_leases
SLOTS = test_slots_and_backfills
ASSETS = test_assets

CASES: list[tuple[str, str, str, Callable[[Store], None]]] = [
    ("transition_run", "AND status IN (:from_statuses[])", "", RUNS.test_terminal_is_final),
    (
        "transition_run",
        "AND (live_token = :token OR :any_token = 1)",
        "AND :token = :token AND :any_token = :any_token",
        RUNS.test_the_holder_of_an_old_token_changes_nothing,
    ),
    ("take_run", "AND live_token = 0", "", RUNS.test_a_run_has_one_live_attempt),
    ("take_run", "AND ended_at IS NULL", "", RUNS.test_a_run_has_one_live_attempt),
    (
        "extend_lease",
        "AND token = :token",
        "AND :token = :token",
        RUNS.test_the_holder_of_an_old_token_changes_nothing,
    ),
    (
        "delete_still_lease",
        "AND counter = :counter",
        "AND :counter = :counter",
        RUNS.test_the_watch_ends_only_what_it_saw_stand_still,
    ),
    ("find_duplicates", "run = :run", "1 = 2 AND run = :run", RUNS.test_a_batch_sent_twice_is_stored_once),
    ("held_slots", "SUM(amount)", "0 * SUM(amount)", SLOTS.test_slots_are_granted_all_or_none),
    ("own_slots", "run = :run", "1 = 2 AND run = :run", SLOTS.test_asking_again_takes_no_second_slot),
    (
        "claim_chunk",
        "AND b.status = 'REQUESTED'",
        "",
        SLOTS.test_a_canceled_backfill_gives_no_chunk_whatever_is_pending,
    ),
    (
        "next_chunk",
        "AND state = 'pending'",
        "",
        SLOTS.test_a_backfill_freezes_its_target_and_ends_when_all_chunks_do,
    ),
    ("claimed_chunk", "AND claim = :claim", "AND :claim = ''", SLOTS.test_a_claim_asked_twice_is_one_chunk),
    (
        "settle_chunk",
        "AND state = 'in_flight'",
        "",
        SLOTS.test_a_backfill_freezes_its_target_and_ends_when_all_chunks_do,
    ),
    (
        "move_backfill",
        "AND status IN (:from_statuses[])",
        "",
        SLOTS.test_a_backfill_freezes_its_target_and_ends_when_all_chunks_do,
    ),
    (
        "cancel_chunks",
        "AND state = 'pending'",
        "AND state = ''",
        SLOTS.test_no_chunk_is_claimed_after_a_cancel,
    ),
    (
        "wipe_asset",
        "wiped_event = :event - 1",
        "wiped_event = 0 * :event",
        ASSETS.test_a_wiped_asset_is_as_if_new_but_nothing_is_lost,
    ),
    (
        "note_removal",
        ", removed_generation = generation + 1",
        "",
        ASSETS.test_the_status_cache_follows_every_change,
    ),
    ("lock_asset", "generation = generation + 1,", "", ASSETS.test_the_status_cache_follows_every_change),
]


@pytest.mark.parametrize(
    ("name", "guard", "without", "needs"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_removing_a_guard_turns_a_test_red(
    name: str, guard: str, without: str, needs: Callable[[Store], None]
) -> None:
    def run() -> None:
        store = open_store("memory:")
        needs(store)
        assert invariants.broken(store) == {}

    run()
    queries = load_queries("sqlite")
    original = queries[name]
    source = original._source
    assert guard in source, "the guard is written differently now: mend this case"
    queries[name] = Query(name, _tidy(source.replace(guard, without)), "sqlite")
    try:
        with pytest.raises((Exception, pytest.fail.Exception)) as caught:
            run()
        # The mutant has to run: a query that does not parse proves nothing.
        assert "syntax" not in str(caught.value), caught.value
        assert not isinstance(caught.value, KeyError), caught.value
    finally:
        queries[name] = original


def _tidy(text: str) -> str:
    return text.replace("WHERE AND", "WHERE").replace("WHERE  AND", "WHERE")


def test_every_query_is_used_and_every_use_has_a_query() -> None:
    import re
    from pathlib import Path

    import treadle.store

    folder = Path(inspect.getfile(treadle.store)).parent
    source = "\n".join(path.read_text() for path in folder.glob("*.py"))
    used = set(
        re.findall(r'(?:\.(?:run|one|all|many|_repeat)\(\s*|load_queries\([^)]*\)\[)"([a-z_]+)"', source)
    )
    for dialect in ("sqlite", "postgres"):
        assert set(load_queries(dialect)) == used


@pytest.mark.parametrize("index", ["runs_one_retry"])
def test_removing_a_unique_index_turns_a_test_red(index: str) -> None:
    store = open_store("memory:")
    store.database.connection().execute(f"DROP INDEX {index}")
    with pytest.raises(pytest.fail.Exception):
        SLOTS.test_a_retry_number_is_used_once(store)
