"""A home on a disk that can not be written: what happened can be looked at."""

import logging
import shutil
from pathlib import Path

import pytest

from tests.small_disks import MakeDisk
from tests.store.making import GONE, NOW, begin
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store import open_store
from treadle.store.errors import StoreError


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_store_that_can_not_be_written_is_read_with_one_warning(
    make_disk: MakeDisk, is_closed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    disk = make_disk(8)
    place = disk.folder
    url = f"sqlite:///{place / 'home' / 'treadle.db'}"
    writer = open_store(url)
    begin(writer, "seen")
    if not is_closed:  # its log stays beside it
        shutil.copytree(place / "home", place / "copied")
        url = f"sqlite:///{place / 'copied' / 'treadle.db'}"
    writer.close()
    disk.freeze()
    if is_closed:
        with pytest.raises(StoreError) as caught:
            open_store(url)
        assert caught.value.code == "home-not-writable"
    with caplog.at_level(logging.WARNING):
        store = open_store(url, only_looks=True)
    assert len(caplog.records) == 1
    assert "can not be written" in caplog.text
    found = store.find_run("seen")
    assert found is not None
    assert found.status is RunStatus.STARTED
    with pytest.raises(StoreError) as caught:
        begin(store, "another")
    assert caught.value.code == "home-not-writable"
    store.close()


def test_a_home_that_can_be_written_is_swept_by_who_only_looks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'treadle.db'}"
    store = open_store(url, only_looks=True)
    store.begin_run(Run(run_id="dead", job_name="j"), b"plan", GONE, [], NOW)
    store.close()
    again = open_store(url, only_looks=True)
    assert not again.is_read_only
    found = again.find_run("dead")
    assert found is not None
    assert found.end_reason == "worker-lost"
    again.close()
