"""A run whose end the store did not take is ended by its process as soon as the store can."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.run.running import run
from tests.small_disks import MakeDisk
from tests.store.making import begin
from treadle import asset, instance_for_test
from treadle.core.errors import TreadleError
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.run.run_log import StoreSlots
from treadle.store import open_store
from treadle.store.errors import StoreError, StoreUnavailableError
from treadle.store.instance import Instance
from treadle.store.store import Store
from treadle.store.unfinished_ends import end_unfinished


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        made.store.set_pool_limit("db", 1)
        yield made


@asset(pool="db")
def fills():
    return 1


@asset(pool="db")
def later():
    return 1


def fail_to_end(instance: Instance, error: Exception | None = None) -> str:
    """A run that the store takes nothing of after its beginning."""

    def refuses(*_: Any) -> Any:
        raise error or StoreError("no room", code="disk-full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "append_events", refuses)
        patch.setattr(Store, "release_slots", refuses)
        run_id = run([fills], instance).run_id
    assert status_of(instance.store, run_id) is RunStatus.STARTED
    return run_id


def status_of(store: Store, run_id: str) -> RunStatus:
    found = store.find_run(run_id)
    assert found is not None
    return found.status


def test_a_pool_is_free_again_after_a_disk_was_full(make_disk: MakeDisk) -> None:
    disk = make_disk(3)

    @asset(pool="db")
    def fills_the_disk():
        disk.fill()

    with Instance.at(disk.folder / "home") as instance:
        instance.store.set_pool_limit("db", 1)
        full = run([fills_the_disk], instance)
        (disk.folder / "ballast").unlink()
        assert run([later], instance).success
        stored = instance.get_run_by_id(full.run_id)
        assert (stored.status, stored.end_reason) == (RunStatus.FAILURE, "disk-full")


def test_the_next_run_ends_it_with_all_that_happened(instance: Instance) -> None:
    run_id = fail_to_end(instance)
    assert run([later], instance).success
    assert status_of(instance.store, run_id) is RunStatus.FAILURE
    told = [each.event.type for each in instance.store.read_events(run_id)]
    assert told.count(EventType.STEP_START) == told.count(EventType.RUN_FAILURE) == 1
    assert not list(instance.store.list_leases())
    assert instance.get_run_by_id(run_id).tags["dagster/failure_reason"] == "disk-full"


def test_so_does_a_run_that_waits_for_its_slot(instance: Instance) -> None:
    step: Any = SimpleNamespace(pool="db", key="later")

    run_id = fail_to_end(instance)
    slots = StoreSlots(instance, begin(instance.store, "waits"))
    end = time.monotonic() + 30
    while not slots.grant(step, 1):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert status_of(instance.store, run_id) is RunStatus.FAILURE


def test_so_does_who_opens_the_store_again_in_this_process(instance: Instance) -> None:
    run_id = fail_to_end(instance)
    again = open_store(instance.store.url)
    assert status_of(again, run_id) is RunStatus.FAILURE
    again.close()


def test_so_does_the_close_of_the_store(tmp_path: Path) -> None:
    with Instance.at(tmp_path / "home") as instance:
        run_id = fail_to_end(instance)
        url = instance.store.url
    looks = open_store(url, sweep=False)
    assert status_of(looks, run_id) is RunStatus.FAILURE
    looks.close()


def test_a_store_of_another_home_is_left_alone(instance: Instance) -> None:
    run_id = fail_to_end(instance)
    with instance_for_test() as other:
        assert run([later], other).success
    assert status_of(instance.store, run_id) is RunStatus.STARTED


def test_as_long_as_it_is_refused_it_is_tried_again(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = fail_to_end(instance)

    def refuses(*_: Any) -> Any:
        raise StoreUnavailableError("away")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append_events", refuses)
        assert not end_unfinished(instance.store)
    assert end_unfinished(instance.store)
    assert status_of(instance.store, run_id) is RunStatus.FAILURE
    assert not end_unfinished(instance.store)


def test_an_end_that_the_store_can_never_keep_still_gives_the_slots_up(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = fail_to_end(instance)

    def refuses(*_: Any) -> Any:
        raise TreadleError("never")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append_events", refuses)
        assert end_unfinished(instance.store)
    stored = instance.get_run_by_id(run_id)
    assert (stored.status, stored.end_reason) == (RunStatus.FAILURE, "store-error")
    assert not instance.store.pool_holders("db")


PROGRAM = """
import sys
import pytest
from pathlib import Path
from tests.run.test_unfinished_ends import fail_to_end
from treadle.store.instance import Instance
fail_to_end(Instance.at(Path(sys.argv[1])))
"""


def test_so_does_the_end_of_the_program(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], check=True, cwd=Path(__file__).parents[2])
    with Instance.at(tmp_path) as instance:
        (ended,) = instance.get_runs()
        assert (ended.status, ended.end_reason) == (RunStatus.FAILURE, "disk-full")
