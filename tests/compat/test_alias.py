"""Code written for the peer finds Treadle under the peer's names. (S0-01)"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.repository.source_tree import PACKAGE

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}


def run_python(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that finds Treadle, and before it what is in these folders."""
    path = os.pathsep.join([*map(str, folders), str(PACKAGE.parent)])
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**ENVIRONMENT, "PYTHONPATH": path},
    )


def run_aliased(code: str, *folders: Path) -> str:
    """What code prints that starts with `install()`; it must succeed and say nothing on stderr."""
    done = run_python("import treadle.compat\ntreadle.compat.install()\n" + textwrap.dedent(code), *folders)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def error_of(statement: str, *folders: Path) -> str:
    """Kind and text of the error that a statement raises under the alias."""
    return run_aliased(
        f"""
        try:
            {statement}
        except Exception as error:
            print(type(error).__name__, error)
        """,
        *folders,
    )


def write(folder: Path, files: dict[str, str]) -> Path:
    """Files in a folder, by their paths."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), "utf-8")
    return folder


def test_the_peers_names_are_treadles() -> None:
    run_aliased("""
        import treadle.compat
        treadle.compat.install()
        import dagster as dg
        from dagster import asset, Definitions
        import treadle
        assert dg.asset is asset is treadle.asset and dg.AssetKey("a").path == ["a"]
        assert treadle.__spec__.name == "treadle"
        assert "asset" in dir(dg) and not hasattr(dg, "assett")
    """)


def test_the_version_is_that_of_the_release_whose_names_these_are() -> None:
    run_aliased("""
        import importlib.metadata
        import dagster
        from dagster.version import __version__
        assert dagster.__version__ == __version__ == importlib.metadata.version("dagster")
        assert __version__.startswith("1.13.")
        assert not [each for each in importlib.metadata.distributions() if type(each).__name__ == "AliasDistribution"]
    """)


def test_a_name_that_is_missing_says_so_and_where_to_read_on() -> None:
    said = error_of("from dagster import assett")
    assert said.startswith("ImportError Treadle has no `dagster.assett`")
    assert "did you mean `asset`?" in said and "docs/compatibility.md" in said
    assert error_of("import dagster; dagster.assett").startswith(
        "AttributeError Treadle has no `dagster.assett`"
    )


def test_public_submodules_have_names_of_treadle() -> None:
    run_aliased("""
        from dagster.preview.freshness import FreshnessPolicy
        from dagster import components
        import dagster.components.resolved
        import dagster as dg
        assert FreshnessPolicy is dg.FreshnessPolicy and dg.preview is not None
    """)
    assert "ImportError" in error_of("from dagster.components import Nonsense")
    assert error_of("import dagster.nonsense").startswith("ModuleNotFoundError Treadle has no module")


@pytest.mark.parametrize(
    "name",
    ["dagster_looker", "dagster_looker.api", "dagstermill", "dagster_gcp_pandas", "dagster_duckdb_pyspark"],
)
def test_an_integration_that_we_lack_is_named(name: str) -> None:
    said = error_of(f"import {name}")
    assert said.startswith(f"ModuleNotFoundError Treadle has no integration `{name.partition('.')[0]}` yet")
    assert "docs/compatibility.md" in said


def test_optional_imports_of_integrations_that_we_lack_are_skipped() -> None:
    run_aliased("""
        import importlib.util
        assert importlib.util.find_spec("dagster_looker") is None
        try:
            import dagster_looker
        except ImportError:
            pass
    """)


def test_an_integration_is_found_under_the_peers_name() -> None:
    run_aliased("""
        from dagster_duckdb import DuckDBResource
        from dagster_duckdb_pandas import DuckDBPandasIOManager
        from dagster_duckdb.io_manager import DuckDBIOManager
        import treadle.integrations.duckdb as ours
        assert DuckDBResource is ours.DuckDBResource and DuckDBIOManager is ours.DuckDBIOManager
    """)
    assert error_of("from dagster_duckdb import Duck").startswith(
        "ImportError Treadle has no `dagster_duckdb.Duck`"
    )


def test_packages_of_the_user_and_of_others_may_be_called_alike(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "dagster_shop/__init__.py": "",
            "dagster_shop/assets.py": "from dagster import asset\n@asset\ndef orders(): return 1",
            "dagster_looker.py": "from dagster import ConfigurableResource\nclass LookerResource(ConfigurableResource): ...",
        },
    )
    run_aliased(
        """
        from dagster_shop.assets import orders
        from dagster_looker import LookerResource
        import treadle
        assert isinstance(orders, treadle.AssetsDefinition) and issubclass(LookerResource, treadle.ConfigurableResource)
        """,
        tmp_path,
    )
    assert error_of("import dagster_nowhere") == "ModuleNotFoundError No module named 'dagster_nowhere'\n"


def test_names_of_other_projects_are_ours_only_where_they_are_not_installed(tmp_path: Path) -> None:
    write(tmp_path, {"phlo/__init__.py": "", "phlo/config.py": "here = True", "oso_dagster/__init__.py": ""})
    run_aliased("import phlo.config; assert phlo.config.here; import oso_dagster", tmp_path)
    run_aliased("""
        from phlo.config import get_config
        from oso_dagster.factories.common import AssetFactoryResponse
        import oso_dagster.factories, treadle.factories
        assert AssetFactoryResponse is treadle.factories.AssetFactoryResponse
    """)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "import phlo.nonsense",
            "ModuleNotFoundError Treadle has no `treadle.phlo.nonsense` for `phlo.nonsense` yet",
        ),
        ("from phlo.nonsense import Thing", "ModuleNotFoundError Treadle has no `treadle.phlo.nonsense`"),
        ("from phlo.config import Thing", "ImportError Treadle has no `phlo.config.Thing`"),
        (
            "from oso_dagster.factories import thing",
            "ImportError Treadle has no `oso_dagster.factories.thing`",
        ),
    ],
)
def test_what_we_lack_of_other_projects_is_named(statement: str, said: str) -> None:
    assert error_of(statement).startswith(said)


def test_the_real_package_is_overruled_and_that_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, {"dagster/__init__.py": "real = True"})
    code = """
        import subprocess, sys, treadle.compat
        treadle.compat.install()
        import dagster
        assert not hasattr(dagster, "real")
        if len(sys.argv) == 1:
            subprocess.run([sys.executable, "-c", "import treadle.compat; treadle.compat.install()"], check=True)
        """
    done = run_python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "treadle: `dagster` is installed too; in this process the name means Treadle.\n"
    late = run_python("import dagster, treadle.compat; treadle.compat.install()", tmp_path)
    assert "is already imported in this process" in late.stderr


def test_a_folder_that_is_only_called_so_is_not_the_real_package(tmp_path: Path) -> None:
    (tmp_path / "dagster").mkdir()
    run_aliased("import dagster; assert dagster.asset", tmp_path)


def test_it_can_be_undone() -> None:
    done = run_python("""
        import treadle.compat
        treadle.compat.install()
        import dagster, dagster._core.errors, dagster_duckdb
        treadle.compat.uninstall()
        import sys
        assert not [name for name in sys.modules if name.startswith("dagster")] and "treadle" in sys.modules
        try:
            import dagster
        except ModuleNotFoundError as error:
            assert str(error) == "No module named 'dagster'"
        else:
            assert not hasattr(dagster, "_treadle_homes")
    """)
    assert done.returncode == 0, done.stderr


def test_values_travel_by_pickle() -> None:
    run_aliased("""
        import pickle
        import dagster
        from dagster import AssetKey, MetadataValue
        values = [AssetKey(["a", "b"]), MetadataValue.int(1), dagster.DagsterRunStatus.SUCCESS]
        assert pickle.loads(pickle.dumps(values)) == values
    """)


def test_patching_a_name_reaches_the_code_that_uses_it_by_the_module() -> None:
    run_aliased("""
        from unittest import mock
        import dagster as dg
        with mock.patch("dagster.get_dagster_logger", return_value=1):
            assert dg.get_dagster_logger() == 1
        assert dg.get_dagster_logger is not None and dg.get_dagster_logger() != 1
        with mock.patch("dagster.DagsterInstance.get", return_value=2):
            assert dg.DagsterInstance.get() == 2
    """)
