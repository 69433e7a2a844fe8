"""A full disk (T55): reading goes on, and who writes is told why it can not."""

import logging

import pytest

import treadle as dg
from tests.small_disks import MakeDisk
from tests.store.making import GONE, NOW, begin, event
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store import open_store
from treadle.store.errors import StoreError


def test_a_store_on_a_full_disk_can_be_read(make_disk: MakeDisk, caplog: pytest.LogCaptureFixture) -> None:
    disk = make_disk(4)
    database = disk.folder / "home" / "treadle.db"
    url = f"sqlite:///{database}"
    store = open_store(url)
    begin(store, "over")
    run = Run(run_id="dead", job_name="j")
    store.begin_run(run, b"plan", GONE, [event("dead", EventType.RUN_START)], NOW)
    store.close()
    ballast = disk.fill()
    with caplog.at_level(logging.WARNING):
        full = open_store(url)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"the disk that holds {database} is full"
    ]
    assert full.find_run("dead").status is RunStatus.STARTED
    assert len(full.history.runs()) == 2
    with pytest.raises(StoreError) as raised:
        full.create_run(Run(run_id="new", job_name="j"), NOW)
    assert raised.value.code == "disk-full"
    beside = open_store(url)  # no reader keeps another out
    assert len(beside.history.runs()) == 2
    ballast.unlink()
    full.create_run(Run(run_id="new", job_name="j"), NOW)
    full.close()
    beside.close()
    again = open_store(url)
    assert again.find_run("dead").end_reason == "worker-lost"
    again.close()


def test_user_code_is_told_of_a_full_disk(make_disk: MakeDisk) -> None:
    disk = make_disk(4)
    seen: list[StoreError] = []

    @dg.asset
    def greedy(context) -> None:
        ballast = disk.fill()
        try:
            for n in range(200):
                context.instance.add_dynamic_partitions("d", [f"{n}-{m}" for m in range(200)])
        except StoreError as error:
            seen.append(error)
            raise
        finally:
            ballast.unlink()

    with dg.DagsterInstance.local_temp(str(disk.folder / "home")) as instance:
        done = dg.materialize([greedy], instance=instance, raise_on_error=False)
        assert [error.code for error in seen] == ["disk-full"]
        assert not done.success
        assert instance.get_run_by_id(done.run_id).end_reason == "disk-full"
