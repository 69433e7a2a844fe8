"""Emulators of Google's services, as processes of their own from `.venv/emulators` (`make env-emulators`)."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

ENVIRONMENT = Path(__file__).resolve().parents[1] / ".venv" / "emulators"


@attrs.frozen
class GoogleEmulators:
    """Where the emulators answer. Files of the buckets lie in `root`, and BigQuery reads them there."""

    storage: str
    bigquery: str
    root: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def google_emulators(folder: Path) -> Iterator[GoogleEmulators]:
    """Cloud Storage and BigQuery, both over one folder."""
    programs = ENVIRONMENT / "bin"
    if not (programs / "bqemulator").exists():
        pytest.fail("no emulators: run `make env-emulators` first (`make test-services` does)")
    root = folder / "buckets"
    root.mkdir()
    storage, rest, grpc = free_port(), free_port(), free_port()
    environment = {
        **os.environ,
        "HOME": str(home_with_extension(folder)),
        "STORAGE_BASE": str(folder),
        "STORAGE_DIR": "buckets",
        "BQEMU_GCS_LOCAL_ROOT": str(root),
    }
    commands = (
        [programs / "gcp-storage-emulator", "start", "--host", "127.0.0.1", "--port", str(storage)],
        [
            programs / "bqemulator",
            "start",
            "--rest-port",
            str(rest),
            "--grpc-port",
            str(grpc),
            "--project",
            "p",
        ],
    )
    with contextlib.ExitStack() as stack:
        for command, port in zip(commands, (storage, rest), strict=True):
            stack.enter_context(_process(command, environment, port, folder))
        yield GoogleEmulators(f"http://127.0.0.1:{storage}", f"http://127.0.0.1:{rest}", root)


def home_with_extension(folder: Path) -> Path:
    """A home in which DuckDB finds its spatial extension, which the BigQuery emulator loads and would download."""
    (found,) = ENVIRONMENT.glob(
        "lib/python*/site-packages/duckdb_extension_spatial/extensions/*/*.duckdb_extension"
    )
    platform = {"Linux": "linux", "Darwin": "osx"}[os.uname().sysname]
    machine = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[os.uname().machine]
    home = folder / "home"
    place = home / ".duckdb" / "extensions" / found.parent.name / f"{platform}_{machine}"
    place.mkdir(parents=True)
    shutil.copy(found, place)
    return home


@contextlib.contextmanager
def _process(command: list[object], environment: dict[str, str], port: int, folder: Path) -> Iterator[None]:
    name = Path(str(command[0])).name
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(word) for word in command], env=environment, stdout=file, stderr=file, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 90
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{name} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
