"""The emulators, started once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.emulators import GoogleEmulators, google_emulators


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleEmulators]:
    with google_emulators(tmp_path_factory.mktemp("google")) as running:
        yield running


@pytest.fixture
def google(emulators: GoogleEmulators, monkeypatch: pytest.MonkeyPatch) -> GoogleEmulators:
    """Clients made in the test talk to the emulators."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulators.storage)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", emulators.bigquery)
    return emulators
