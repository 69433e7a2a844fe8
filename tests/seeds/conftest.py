"""The alias in the tests' own process, folders, and a server in place of those that the blocks call."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import attrs
import pytest

from tests.emulators import GoogleEmulators, google_emulators
from tests.loaded_modules import forget_modules
from tests.seeds.blocks import STAND_INS, Shell
from treadle import compat
from treadle.phlo.config import get_config


@pytest.fixture(autouse=True)
def aliased(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """`import dagster` is Treadle; modules that the blocks expect of their project or of integrations are stand-ins."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREADLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "path", [str(STAND_INS), *sys.path])
    before = set(sys.modules)
    compat.install()
    get_config.cache_clear()
    yield
    get_config.cache_clear()
    compat.uninstall()
    for name in set(sys.modules) - before:
        if name.startswith("blocks_of_"):
            del sys.modules[name]
    forget_modules(before, STAND_INS)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / "project"
    folder.mkdir()
    return Shell(folder)


@attrs.define
class Server:
    """A local HTTP server: answers the weather's JSON to whoever has the key, keeps what is posted to it."""

    url: str
    posted: list[dict[str, object]] = attrs.field(factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlparse(self.path).query)
            allowed = query.get("appid") == ["right"]
            self._answer(200 if allowed else 401, {"name": query["q"][0], "temp": 12.5} if allowed else {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.posted.append(json.loads(body))
            self._answer(200, {})

        def _answer(self, status: int, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    yield made
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def google(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GoogleEmulators]:
    """Clients made in the test talk to emulators."""
    with google_emulators(tmp_path_factory.mktemp("google")) as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.storage)
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", running.bigquery)
        yield running
