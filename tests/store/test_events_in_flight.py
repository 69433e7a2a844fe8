"""Events that wait for their batch outlive the process that was to write them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.store.making import NOW, begin, event, ints, made
from treadle.core.events import EventType
from treadle.store import Store, open_store
from treadle.store.codec import encode
from treadle.store.events import EventWrite
from treadle.store.events_in_flight import KEPT, SIZE, EventsInFlight, _name_of, left_behind
from treadle.store.liveness import liveness, process_start, this_process


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


def test_files_of_other_machines_are_removed_after_days_unless_they_hold_a_run(tmp_path: Path) -> None:
    store, _ = begun(tmp_path)
    there = msgspec.structs.replace(this_process(), boot_id="elsewhere", pid=7)
    begin(store, "there", holder=there)
    folder = tmp_path / "a.db.waiting"
    folder.mkdir()
    holds = folder / f"{_name_of(there)}.1"
    idle = folder / f"{_name_of(msgspec.structs.replace(there, pid=8))}.1"
    fresh = folder / f"{_name_of(msgspec.structs.replace(there, pid=9))}.1"
    for path in (holds, idle, fresh):
        path.touch()
        os.utime(path, (NOW, NOW))
    os.utime(fresh, (NOW + KEPT, NOW + KEPT))
    store.reap_dead_leases(NOW + KEPT + 1)
    assert set(folder.iterdir()) == {holds, fresh}


def test_what_a_process_left_that_died_during_the_sweep_is_kept_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = begun(tmp_path)
    code = "import sys; sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        holder = msgspec.structs.replace(
            this_process(), pid=process.pid, process_started=process_start(process.pid)
        )
        begin(store, "dies", holder=holder)
        folder = tmp_path / "a.db.waiting"
        folder.mkdir()
        (folder / f"{_name_of(holder)}.1").write_bytes(
            encode([event("dies", EventType.STEP_START, step_key="a")]) + b"\n"
        )
        read = store.list_leases

        def reads_and_then_it_dies() -> Any:
            leases = read()
            alive = [liveness(lease.holder) for lease in leases]
            assert alive == ["alive", "alive"]
            return DiesAfter(leases, process)

        monkeypatch.setattr(store, "list_leases", reads_and_then_it_dies)
        assert store.reap_dead_leases(NOW) == []
        monkeypatch.undo()
        process.wait()
        (reaped,) = store.reap_dead_leases(NOW)
    assert reaped.run_id == "dies"
    told = [each.event.type for each in store.read_events("dies")]
    assert EventType.STEP_START in told
    assert not folder.exists()


class DiesAfter(list[Any]):
    """Leases; the process ends once they have been looked at."""

    def __init__(self, leases: list[Any], process: "subprocess.Popen[bytes]") -> None:
        super().__init__(leases)
        self.process = process

    def __iter__(self) -> Any:
        yield from super().__iter__()
        self.process.kill()
        self.process.wait()


def test_who_opens_the_database_by_a_link_finds_the_same_events(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    open_store(f"sqlite:///{tmp_path / 'real' / 'b.db'}").close()
    (tmp_path / "a.db").symlink_to(tmp_path / "real" / "b.db")
    _, kept = begun(tmp_path)
    write = event("r", EventType.STEP_START, step_key="a")
    assert kept.put([write])
    assert left_behind(tmp_path / "real" / "b.db", "r", this_process()) == [write]
    assert left(tmp_path) == [write]
    kept.remove()


@pytest.mark.parametrize("what", ["put", "clear", "remove", "next"])
def test_a_file_that_somebody_cuts_short_does_not_end_the_process(what: str, tmp_path: Path) -> None:
    store, kept = begun(tmp_path)
    write = event("r", EventType.STEP_START, step_key="a")
    kept.put([write])
    (file,) = (tmp_path / "a.db.waiting").iterdir()
    if what == "next":
        kept.remove()
    os.truncate(file, 0)
    if what == "put":
        assert not kept.put([write])
    elif what == "clear":
        kept.clear()
    else:
        kept.remove()
    following = store.events_in_flight()
    assert following is not None
    assert following.put([write])
    assert left(tmp_path) == [write]
    following.remove()
    store.close()
    if what != "next":
        assert not (tmp_path / "a.db.waiting").exists()
