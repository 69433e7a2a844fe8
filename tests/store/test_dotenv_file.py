"""The file `.env` beside a project decides where its home and store are, for every reader of settings."""

import logging
from pathlib import Path

import pytest

import treadle as dg
from treadle.store import dotenv_file
from treadle.store.settings import Settings, load_settings


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TREADLE_HOME", "TREADLE_STORE_URL", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "treadle.toml").write_text("")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _source(settings: Settings, name: str) -> str:
    return next(found.source for found in settings.effective() if found.name == name)


def test_a_home_in_dotenv_is_that_of_the_instance_too_from_any_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / ".env").write_text("TREADLE_HOME=elsewhere\n")
    assert load_settings(root, {}).home == root / "elsewhere"
    assert _source(load_settings(root, {}), "home") == f"{root / '.env'} TREADLE_HOME"
    monkeypatch.chdir(root / "sub")
    with dg.DagsterInstance.get() as found:
        assert found.root_directory == str(root / "elsewhere")


def test_a_store_in_dotenv_counts_and_a_variable_that_is_set_wins(root: Path) -> None:
    (root / ".env").write_text("TREADLE_STORE_URL=memory:\n")
    settings = load_settings(root, {})
    assert (settings.store_url, _source(settings, "store_url")) == (
        "memory:",
        f"{root / '.env'} TREADLE_STORE_URL",
    )
    settings = load_settings(root, {"TREADLE_STORE_URL": "sqlite:////x"})
    assert (settings.store_url, _source(settings, "store_url")) == (
        "sqlite:////x",
        "environment TREADLE_STORE_URL",
    )


def test_a_deployment_file_names_variables_of_dotenv(root: Path) -> None:
    home = root / "deployment"
    home.mkdir()
    (home / "dagster.yaml").write_text("storage:\n  postgres:\n    postgres_url:\n      env: DATABASE\n")
    (root / ".env").write_text(f"DAGSTER_HOME={home}\nDATABASE=postgresql://h/db\n")
    settings = load_settings(root, {})
    assert (settings.home, settings.store_url) == (home / "treadle", "postgresql://h/db")


def test_lines_of_dotenv_that_mean_nothing_are_told_once_and_not_shown(
    root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dotenv_file, "_told", set())
    (root / ".env").write_text('A=1\n# all is well\n\nsesame open\nexport B\nC="x\nTREADLE_HOME=h\n')
    with caplog.at_level(logging.WARNING):
        assert load_settings(root, {}).home == load_settings(root, {}).home == root / "h"
    assert [record.name for record in caplog.records] == ["treadle.settings"] * 2
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith(f"{root / '.env'}:4 can not be read") and "hint: write NAME=value" in first
    assert second.startswith(f"{root / '.env'}:6 can not be read")
    assert "sesame" not in first
