"""A run that waits for a slot frees those of runs whose process is gone (T02)."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.run.running import run
from tests.store.making import GONE, NOW, begin
from treadle import asset
from treadle.core.run_states import RunStatus
from treadle.run import run_log
from treadle.store import open_store
from treadle.store.instance import Instance
from treadle.store.liveness import LeaseWatch, this_process

ELSEWHERE = msgspec.structs.replace(this_process(), boot_id="another machine")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        with Instance.at(tmp_path / "home") as made:
            yield made
    else:
        with Instance(open_store(request.getfixturevalue("postgres_url")), tmp_path) as made:
            yield made


@asset(pool="one")
def wants_the_slot():
    return 1


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_the_slot_of_a_run_that_was_killed_is_given_to_one_that_waits(how: str, instance: Instance) -> None:
    store = instance.store
    store.set_pool_limit("one", 1)
    dead = begin(store, "dead", holder=GONE)
    assert store.grant_slots(dead, "step", 1, {"one": 1}, NOW) is None
    assert run([wants_the_slot], instance, how).success
    found = store.find_run("dead")
    assert found is not None
    assert found.status is RunStatus.FAILURE


@pytest.mark.services
def test_so_is_one_of_another_machine_whose_run_beats_no_more(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "LeaseWatch", lambda: LeaseWatch(ttl=2.0))
    with Instance(open_store(postgres_url), tmp_path) as instance:
        store = instance.store
        store.set_pool_limit("one", 1)
        dead = begin(store, "dead", holder=ELSEWHERE)
        assert store.grant_slots(dead, "step", 1, {"one": 1}, NOW) is None
        assert run([wants_the_slot], instance).success
