"""One `store` fixture for every kind of store; the invariants are checked after every test."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.store import invariants
from treadle.store import Store, open_store

KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.services)]
DURABLE = ["sqlite", pytest.param("postgres", marks=pytest.mark.services)]


def _url(kind: str, request: pytest.FixtureRequest) -> str:
    if kind == "memory":
        return "memory:"
    if kind == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/home/treadle.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """A fresh place of each kind."""
    return _url(request.param, request)


@pytest.fixture(params=DURABLE)
def durable_url(request: pytest.FixtureRequest) -> str:
    """A fresh place of each kind that several processes can open."""
    return _url(request.param, request)


Opener = Callable[[str], Store]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens stores; at the end I1, I2, I3 and I9 are checked on each and all are closed."""
    stores: list[Store] = []

    def open_one(url: str) -> Store:
        store = open_store(url, now=1_000.0)
        stores.append(store)
        return store

    with contextlib.ExitStack() as stack:
        yield open_one
        for store in stores:
            stack.callback(store.close)
        for store in stores:
            assert invariants.broken(store) == {}


@pytest.fixture
def store(url: str, opened: Opener) -> Store:
    """An empty store of each kind."""
    return opened(url)


@pytest.fixture
def durable(durable_url: str, opened: Opener) -> Store:
    """An empty store of each kind that several processes can open."""
    return opened(durable_url)
