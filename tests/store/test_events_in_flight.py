"""Events that wait for their batch outlive the process that was to write them."""

from pathlib import Path

from tests.store.making import NOW, begin, event, ints, made
from treadle.core.events import EventType
from treadle.store import Store, open_store
from treadle.store.events import EventWrite
from treadle.store.events_in_flight import SIZE, EventsInFlight, left_behind
from treadle.store.liveness import this_process


def begun(folder: Path) -> tuple[Store, EventsInFlight]:
    store = open_store(f"sqlite:///{folder / 'a.db'}")
    begin(store, "r")
    kept = store.events_in_flight()
    assert kept is not None
    return store, kept


def reap(store: Store) -> None:
    """As if this process were gone."""
    (lease,) = store.list_leases()
    assert store.reap_lease(lease, NOW + 1)


def left(folder: Path) -> list[EventWrite]:
    return left_behind(folder / "a.db", "r", this_process())


def steps(store: Store) -> list[str]:
    return [f"{each.event.type.value} {each.event.step_key}" for each in store.read_events("r")[1:]]


def test_who_ends_the_run_of_a_dead_process_writes_what_that_left(tmp_path: Path) -> None:
    store, kept = begun(tmp_path)
    assert kept.put([event("r", EventType.STEP_START, step_key="ä"), made("r", 3, 5)])
    assert kept.put([event("r", EventType.STEP_START, step_key="b")])
    reap(store)
    stored = store.read_events("r")
    assert [each.event.type.value for each in stored[1:]] == [
        "STEP_START",
        "ASSET_MATERIALIZATION",
        "STEP_START",
        "PIPELINE_FAILURE",
    ]
    assert not any(each.stale for each in stored)
    kept.remove()
    store.close()
    assert not list(tmp_path.glob("*.waiting"))


def test_partitions_of_what_was_left_are_made(tmp_path: Path) -> None:
    _, kept = begun(tmp_path)
    write = made("r", 3, 5)
    kept.put([write])
    assert left(tmp_path) == [write]
    assert write.stored_set == ints((3, 5))


def test_what_was_written_in_the_meantime_is_stored_once(tmp_path: Path) -> None:
    store, kept = begun(tmp_path)
    (lease,) = store.list_leases()
    start = event("r", EventType.STEP_START, step_key="a")
    kept.put([start])
    store.append_events(lease, [start], NOW)  # and the process died before it could forget
    reap(store)
    assert steps(store) == ["STEP_START a", "PIPELINE_FAILURE None"]


def test_what_is_in_the_store_is_forgotten(tmp_path: Path) -> None:
    _, kept = begun(tmp_path)
    kept.put([event("r", EventType.STEP_START, step_key="a"), event("r", EventType.STEP_START, step_key="b")])
    kept.clear()
    later = event("r", EventType.STEP_START, step_key="c")
    kept.put([later])
    assert left(tmp_path) == [later]


def test_a_line_that_is_damaged_does_not_hide_the_others(tmp_path: Path) -> None:
    store, kept = begun(tmp_path)
    first, second = (event("r", EventType.STEP_START, step_key=key) for key in "ab")
    kept.put([first])
    kept.put([second])
    (file,) = (tmp_path / "a.db.waiting").iterdir()
    file.write_bytes(file.read_bytes().replace(b'"a"', b'"a\\', 1))
    reap(store)
    assert steps(store) == ["STEP_START b", "PIPELINE_FAILURE None"]


def test_more_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    _, kept = begun(tmp_path)
    assert not kept.put([event("r", EventType.STEP_START, step_key="a", message="x" * SIZE)])
    assert kept.put([event("r", EventType.STEP_START, step_key="a")])


def test_where_no_file_can_be_made_nothing_is_kept(tmp_path: Path) -> None:
    _, kept = begun(tmp_path)
    (tmp_path / "a.db.waiting").write_text("in the way")
    assert not kept.put([event("r", EventType.STEP_START, step_key="a")])
    kept.clear()
    kept.remove()


def test_the_next_run_of_a_process_uses_the_file_again(tmp_path: Path) -> None:
    store, kept = begun(tmp_path)
    kept.put([event("r", EventType.STEP_START, step_key="a")])
    kept.remove()
    assert not left(tmp_path)
    following, beside = store.events_in_flight(), store.events_in_flight()
    assert following is not None and beside is not None
    write, other = (event("r", EventType.STEP_START, step_key=key) for key in "bc")
    following.put([write])
    assert left(tmp_path) == [write]
    beside.put([other])
    assert len(list((tmp_path / "a.db.waiting").iterdir())) == 2
    assert {each.event.step_key for each in left(tmp_path)} == {"b", "c"}


def test_files_of_processes_that_are_gone_are_removed(tmp_path: Path) -> None:
    store, kept = begun(tmp_path)
    kept.put([event("r", EventType.STEP_START, step_key="a")])
    (own,) = (tmp_path / "a.db.waiting").iterdir()
    machine, pid, started, more = own.name.split(".")
    gone = own.with_name(f"{machine}.{pid}.{int(started) - 500}.{more}")
    elsewhere = own.with_name(f"{'0' * 12}.{pid}.{int(started) - 500}.{more}")
    gone.touch()
    elsewhere.touch()
    store.reap_dead_leases(NOW)
    assert set(own.parent.iterdir()) == {own, elsewhere}
