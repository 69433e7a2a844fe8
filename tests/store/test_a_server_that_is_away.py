"""A PostgreSQL server that does not answer: one sentence tells that it is waited for, then one error says what to do."""

import logging
import socket

import pytest

from treadle.store.errors import StoreUnavailableError
from treadle.store.opening import open_store

postgres = pytest.importorskip("treadle.store.postgres")


@pytest.fixture
def address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"postgresql://nobody@127.0.0.1:{free.getsockname()[1]}/nothing"


def test_people_are_told_once_that_it_is_waited_for(address, monkeypatch, caplog, capfd):
    monkeypatch.setattr(postgres, "FIRST_WAIT", 2.5)
    monkeypatch.setattr(postgres, "_TELL_AFTER", 0.0)
    with caplog.at_level(logging.WARNING, "treadle.store"), pytest.raises(StoreUnavailableError):
        open_store(address)
    told = [record.getMessage() for record in caplog.records if record.name == "treadle.store"]
    assert len(told) == 1
    assert "does not answer; it is waited for" in told[0]
    assert "error connecting" not in capfd.readouterr().err
