"""A full disk (T55): reading goes on, and who writes is told why it can not."""

import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import treadle as dg
from tests.store.making import NOW, begin, event
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.core.runs import Holder, Run
from treadle.store import open_store
from treadle.store.errors import StoreError
from treadle.store.liveness import this_process

GONE = Holder(**{**msgspec.structs.asdict(this_process()), "process_started": 1.0})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if mount is None or os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only who may mount can have a disk of its own")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    ballast = os.open(disk / "ballast", os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(ballast, b"x" * 4096)
    except OSError:
        os.close(ballast)
    return disk / "ballast"


def test_a_store_on_a_full_disk_can_be_read(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{small_disk / 'home' / 'treadle.db'}"
    store = open_store(url)
    begin(store, "over")
    run = Run(run_id="dead", job_name="j")
    store.begin_run(run, b"plan", GONE, [event("dead", EventType.RUN_START)], NOW)
    store.close()
    ballast = fill(small_disk)
    with caplog.at_level(logging.WARNING):
        full = open_store(url)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"the disk that holds {small_disk / 'home' / 'treadle.db'} is full"
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


def test_user_code_is_told_of_a_full_disk(small_disk: Path) -> None:
    seen: list[StoreError] = []

    @dg.asset
    def greedy(context) -> None:
        ballast = fill(small_disk)
        try:
            for n in range(200):
                context.instance.add_dynamic_partitions("d", [f"{n}-{m}" for m in range(200)])
        except StoreError as error:
            seen.append(error)
            raise
        finally:
            ballast.unlink()

    with dg.DagsterInstance.local_temp(str(small_disk / "home")) as instance:
        done = dg.materialize([greedy], instance=instance, raise_on_error=False)
        assert [error.code for error in seen] == ["disk-full"]
        assert not done.success
        assert instance.get_run_by_id(done.run_id).end_reason == "disk-full"
