"""Every process that can have the alias has it: commands, workers, test suites, scripts."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.compat.test_alias import ENVIRONMENT, write
from tests.repository.source_tree import PACKAGE

PROJECT = """
    import os
    import dagster as dg
    os.environ.setdefault("LOADED_BY", str(os.getpid()))
    from dagster._core.errors import DagsterError

    @dg.asset
    def parent():
        return os.getpid()

    @dg.asset
    def child(parent):
        import dagster
        assert dagster.asset is dg.asset and issubclass(DagsterError, Exception)
        assert os.getpid() != int(os.environ["LOADED_BY"])

    defs = dg.Definitions([parent, child], executor=dg.multiprocess_executor)
"""


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**ENVIRONMENT, "TREADLE_HOME": str(folder / "home"), **variables},
    )


def test_spawned_workers_of_a_command_have_it(tmp_path: Path) -> None:
    write(tmp_path, {"project.py": PROJECT})
    for method in ("fork", "spawn"):
        done = run(
            tmp_path,
            "-m",
            "treadle",
            "materialize",
            "-f",
            "project.py",
            "--select",
            "*",
            TREADLE_START_METHOD=method,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_script_runs_unchanged(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "beside.py": "word = 'beside'",
            "script.py": """
            import sys
            import dagster
            from beside import word
            if __name__ == "__main__":
                print(word, sys.argv[1:], dagster.asset.__module__.partition(".")[0])
        """,
        },
    )
    for command in (("script.py",), ("-m", "script")):
        done = run(tmp_path, "-m", "treadle.compat", *command, "--flag", "x")
        assert done.stdout == "beside ['--flag', 'x'] treadle\n", done.stderr
    assert run(tmp_path, "-m", "treadle.compat").returncode != 0


def test_the_peers_command_is_treadles(tmp_path: Path) -> None:
    assert run(tmp_path, "-m", "treadle.compat", "-m", "dagster", "--version").stdout.startswith("treadle ")


def make_suite(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = "-p treadle.compat.pytest"\n'
    )
    write(
        folder,
        {
            "conftest.py": """
            import pytest
            from dagster import DagsterInstance, asset

            @pytest.fixture
            def number():
                @asset
                def one(): return 1
                return one()
        """,
            "test_project.py": """
            import dagster as dg

            def test_one(number):
                assert number == 1

            def test_two():
                assert dg.asset.__module__.startswith("treadle.")
        """,
        },
    )


def test_a_projects_own_tests_run_with_one_line_in_its_settings(tmp_path: Path) -> None:
    make_suite(tmp_path)
    done = run(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0")
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert "treadle: `dagster` means Treadle here" in done.stdout


def test_the_workers_of_pytest_have_it_before_any_conftest(tmp_path: Path) -> None:
    make_suite(tmp_path)
    done = run(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2")
    assert "2 passed" in done.stdout, done.stdout + done.stderr


DISTRIBUTION = PACKAGE.parents[1] / "distributions" / "treadle-dagster" / "src"


def with_distribution(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """Code in an interpreter that has the distribution treadle-dagster, and nothing else that sets the alias up."""
    path = os.pathsep.join(map(str, [*folders, DISTRIBUTION, PACKAGE.parent]))
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**ENVIRONMENT, "PYTHONPATH": path},
    )


def test_a_whole_environment_has_it_by_the_distribution() -> None:
    for first in ("dagster", "dagster_duckdb", "dagster_duckdb_pandas"):
        done = with_distribution(f"""
            import {first}
            import dagster as dg, treadle
            from dagster._core.errors import DagsterError
            from dagster_duckdb import DuckDBResource
            assert dg.asset is treadle.asset and {first}.__version__
        """)
        assert (done.returncode, done.stderr) == (0, "")


def test_every_integration_that_we_have_is_in_the_distribution() -> None:
    done = with_distribution("""
        from pathlib import Path
        import treadle
        from treadle.compat.names import INTEGRATIONS, integration_home
        folder = Path(treadle.__file__).parent / "integrations"
        names = {f"dagster_{each.name}" for each in folder.iterdir() if (each / "__init__.py").exists()}
        names -= {"dagster_parquet"}  # the peer has none of that name
        print(*sorted(names | {each for each in INTEGRATIONS if integration_home(each)}))
    """)
    there = {folder.name for folder in DISTRIBUTION.iterdir()}
    assert len(done.stdout.split()) >= 4, done.stderr
    assert set(done.stdout.split()) - there == set()


def test_the_real_package_in_the_same_place_is_told_of(tmp_path: Path) -> None:
    for package in DISTRIBUTION.iterdir():
        (tmp_path / package.name).symlink_to(package)
    (tmp_path / "treadle_dagster").unlink()
    (tmp_path / "treadle_dagster").mkdir()
    for file in (DISTRIBUTION / "treadle_dagster").glob("*.py"):
        (tmp_path / "treadle_dagster" / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (tmp_path / "dagster-1.13.27.dist-info").mkdir()
    done = with_distribution("import dagster; print(dagster.asset.__module__)", tmp_path)
    assert done.stdout.startswith("treadle.")
    assert done.stderr.startswith("treadle-dagster: dagster 1.13.27 is installed in the same place")
    assert done.stderr.count("\n") == 1
