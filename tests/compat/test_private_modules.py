"""Public names that projects import from the peer's private modules."""

from tests.compat.test_alias import run_python

ALIASED = "import treadle.compat\n        treadle.compat.install()"


def test_a_public_name_is_found_in_private_modules() -> None:
    done = run_python(f"""
        {ALIASED}
        from dagster._core.errors import DagsterInvalidDefinitionError
        from dagster._core.definitions.metadata import MetadataValue
        from dagster._core.storage.dagster_run import DagsterRunStatus, RunsFilter
        from dagster._core.storage.tags import PARTITION_NAME_TAG
        from dagster._utils.warnings import BetaWarning
        import dagster._core.events as events
        import dagster
        assert DagsterInvalidDefinitionError is dagster.DagsterInvalidDefinitionError
        assert MetadataValue is dagster.MetadataValue
        assert events.DagsterEventType is dagster.DagsterEventType
        assert PARTITION_NAME_TAG == "dagster/partition"
    """)
    assert done.returncode == 0, done.stderr


def test_a_name_that_is_public_nowhere_is_an_import_error_that_says_so() -> None:
    done = run_python(f"""
        {ALIASED}
        try:
            from dagster._core.host_representation import CodeLocation
        except ImportError as error:
            print(error)
    """)
    assert "`CodeLocation` is not one of them" in done.stdout


def test_uninstalling_takes_private_modules_away() -> None:
    done = run_python(f"""
        import sys
        {ALIASED}
        import dagster._core.errors
        treadle.compat.uninstall()
        assert not [name for name in sys.modules if name.startswith("dagster")]
    """)
    assert done.returncode == 0, done.stderr


def test_a_star_import_brings_every_public_name() -> None:
    done = run_python(f"""
        {ALIASED}
        from dagster import *
        assert asset and Definitions and MaterializeResult
    """)
    assert done.returncode == 0, done.stderr
