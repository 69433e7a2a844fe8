"""A project in a temporary folder, and two ways to call the command line: in this process, and in one of its own."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from tests.loaded_modules import forget_modules
from treadle.cli.main import run_command_line

SOURCE = Path(__file__).resolve().parents[2] / "src"


@attrs.frozen
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.out.strip().splitlines()[-1]


@attrs.frozen
class Project:
    """A folder with definitions; `treadle` calls the command line in this process."""

    folder: Path
    treadle: Callable[..., Outcome]
    started: list["subprocess.Popen[str]"] = attrs.field(factory=list)
    """Processes that are ended with the test, however it goes."""

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        # Python tells old bytecode by size and second: two versions written within one would be taken for one.
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
        return path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(SOURCE)}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The command line in a process of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "treadle.cli.main", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def process(self, *arguments: str) -> Outcome:
        """Call the command line in a process of its own, and wait for it."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return Outcome(process.returncode, out, err)


TWO_ASSETS = """
import treadle as dg

@dg.asset
def first(): return 1

@dg.asset
def second(first): return 2
"""


@pytest.fixture
def made_twice(project: Project) -> Project:
    """A project with two assets in `two.py` and two runs that made both."""
    project.write("two.py", TWO_ASSETS)
    for _ in range(2):
        assert project.treadle("materialize", "-f", "two.py", "--select", "*").code == 0
    return project


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Project]:
    for name in ("TREADLE_HOME", "DAGSTER_HOME", "TREADLE_STORE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))  # for the processes that a command starts
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "treadle.toml").write_text("compat = false\n")
    before = set(sys.modules)

    def treadle(*arguments: str) -> Outcome:
        forget_modules(before, tmp_path)
        capsys.readouterr()
        code = run_command_line(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    made = Project(tmp_path, treadle)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait(10)


PYPROJECT = '[project]\nname = "shop"\n\n[tool.dg.project]\nroot_module = "{name}"\n'
LOADS_ITS_FOLDER = """\
from pathlib import Path

import treadle as dg


@dg.definitions
def defs():
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
"""


@pytest.fixture
def shop(project: Project, request: pytest.FixtureRequest) -> Project:
    """A project with a package below `src`, found by its pyproject.toml."""
    name = f"cli_shop_{abs(hash(request.node.nodeid)) % 10**9}"
    project.write("pyproject.toml", PYPROJECT.format(name=name))
    for folder in ("", "defs/"):
        project.write(f"src/{name}/{folder}__init__.py", "")
    project.write(f"src/{name}/definitions.py", LOADS_ITS_FOLDER)
    project.write(
        f"src/{name}/defs/one.py", "import treadle as dg\n\n\n@dg.asset\ndef one():\n    return 1\n"
    )
    return project


def package_of(project: Project) -> Path:
    return next((project.folder / "src").iterdir())
