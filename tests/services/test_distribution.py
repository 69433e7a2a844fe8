"""The distribution treadle-dagster as it is installed: wheels built and put into an empty folder by pip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.source_tree import ROOT

pytestmark = pytest.mark.services

PROJECT = """
import dagster as dg
from dagster_duckdb import DuckDBResource

@dg.asset
def numbers() -> list[int]:
    return [1, 2, 3]

defs = dg.Definitions(assets=[numbers])
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both distributions, as pip lays them out."""
    pytest.importorskip("pip")
    wheels = tmp_path_factory.mktemp("wheels")
    for source in (ROOT, ROOT / "distributions" / "treadle-dagster"):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
        subprocess.run(build, cwd=source, check=True, capture_output=True)
    folder = tmp_path_factory.mktemp("installed")
    install = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", str(folder)]
    subprocess.run([*install, *map(str, wheels.glob("*.whl"))], check=True, capture_output=True)
    return folder


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "TREADLE_HOME": str(folder / "home")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100
    )


@pytest.mark.parametrize("script", ["dagster", "dg"])
def test_the_peers_commands_run_an_unchanged_project(installed: Path, tmp_path: Path, script: str) -> None:
    (tmp_path / "project.py").write_text(PROJECT)
    arguments = ("asset", "materialize", "-f", "project.py", "--select", "*")
    done = run(installed, tmp_path, str(installed / "bin" / script), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "treadle-dagster:" not in done.stderr


def test_a_plain_interpreter_and_the_module_switch_find_it(installed: Path, tmp_path: Path) -> None:
    done = run(
        installed,
        tmp_path,
        sys.executable,
        "-c",
        "import dagster, treadle; print(dagster.asset is treadle.asset)",
    )
    assert done.stdout == "True\n", done.stderr
    done = run(installed, tmp_path, sys.executable, "-m", "dagster", "--version")
    assert done.stdout.startswith("treadle "), done.stderr


def test_the_real_one_beside_it_is_told_of(installed: Path, tmp_path: Path) -> None:
    real = installed / "dagster-1.13.27.dist-info"
    real.mkdir()
    try:
        done = run(installed, tmp_path, str(installed / "bin" / "dagster"), "--version")
    finally:
        real.rmdir()
    assert done.returncode == 0
    assert "dagster 1.13.27 is installed in the same place" in done.stderr
