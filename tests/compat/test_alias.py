"""Code written for the peer finds Treadle under the peer's names. (S0-01)"""

import os
import subprocess
import sys
import textwrap

from tests.repository.source_tree import PACKAGE

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=ENVIRONMENT,
    )


def test_the_peers_name_is_treadle_itself() -> None:
    done = run_python("""
        import treadle.compat
        treadle.compat.install()
        treadle.compat.install()
        import dagster as dg
        from dagster import asset, Definitions
        import treadle
        assert dg is treadle and asset is treadle.asset and dg.AssetKey("a").path == ["a"]
        assert treadle.__spec__.name == "treadle"
    """)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_module_that_we_lack_is_named() -> None:
    done = run_python("""
        import treadle.compat
        treadle.compat.install()
        import dagster_nowhere
    """)
    assert "Treadle has no module for `dagster_nowhere` yet" in done.stderr
    assert "docs/compatibility.md" in done.stderr


def test_an_integration_is_found_under_the_peers_name() -> None:
    done = run_python("""
        import treadle.compat
        treadle.compat.install()
        from dagster_duckdb import DuckDBResource
        from dagster_duckdb_pandas import DuckDBPandasIOManager
        import treadle.integrations.duckdb as ours
        assert DuckDBResource is ours.DuckDBResource
    """)
    assert done.returncode == 0, done.stderr


def test_it_can_be_undone() -> None:
    done = run_python("""
        import treadle.compat
        treadle.compat.install()
        import dagster
        treadle.compat.uninstall()
        import sys
        assert "dagster" not in sys.modules and "treadle" in sys.modules
        try:
            import dagster
        except ModuleNotFoundError:
            pass
        else:
            assert dagster.__name__ == "dagster"
    """)
    assert done.returncode == 0, done.stderr
