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
            from dagster._core.remote_representation import CodeLocation
        except ImportError as error:
            print(error)
    """)
    assert "`CodeLocation` is not one of them" in done.stdout and "docs/compatibility.md" in done.stdout


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


def test_private_modules_are_also_reached_by_attribute_and_from_their_package() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster
        from dagster import _check as check
        from dagster._core import errors
        assert dagster._check is check and errors.DagsterError is dagster.DagsterError
        assert not hasattr(errors, "nonsense")
    """)
    assert done.returncode == 0, done.stderr


def test_names_of_the_peers_own_tools_that_projects_use() -> None:
    """The private modules that two or more projects use, as far as their names are public nowhere."""
    done = run_python(f"""
        {ALIASED}
        from dagster._annotations import beta, deprecated_param, preview, public
        from dagster._core.definitions.resource_definition import dagster_maintained_resource
        from dagster._core.libraries import DagsterLibraryRegistry
        from dagster._core.test_utils import instance_for_test
        from dagster._core.definitions.metadata import ArbitraryMetadataMapping, normalize_metadata
        from dagster._core.definitions.resource_annotation import TreatAsResourceParam
        from dagster._record import record
        from dagster._serdes import ConfigurableClass, ConfigurableClassData, whitelist_for_serdes
        from dagster._time import create_datetime, get_current_datetime, get_current_timestamp
        from dagster._utils import file_relative_path, mkdir_p, safe_tempfile_path
        from dagster._utils.backoff import backoff
        from dagster._utils.cached_method import cached_method
        from dagster._utils.merger import deep_merge_dicts, merge_dicts
        from dagster._utils.warnings import deprecation_warning, disable_dagster_warnings, normalize_renamed_param

        @public
        @beta(additional_warn_text="it may change")
        @deprecated_param(param="x", breaking_version="2.0")
        def f(x): return x
        assert f(1) == 1

        @whitelist_for_serdes
        @record
        class Point:
            x: int
        assert Point(x=1) == Point(x=1)

        from dagster import MetadataValue
        from dagster_shared.dagster_model import DagsterModel
        from dagster_shared.libraries import DagsterLibraryRegistry
        assert normalize_metadata({{"rows": 1}}) == {{"rows": MetadataValue.int(1)}}
        attempts = []
        def flaky():
            attempts.append(1)
            if len(attempts) < 3: raise OSError
            return len(attempts)
        assert backoff(flaky, (OSError,), delay_generator=iter([0, 0])) == 3
        assert deep_merge_dicts({{"a": {{"b": 1}}}}, {{"a": {{"c": 2}}}}) == {{"a": {{"b": 1, "c": 2}}}}
        assert create_datetime(2024, 1, 1).tzinfo == get_current_datetime().tzinfo
    """)
    assert done.returncode == 0, done.stderr


def test_a_project_stores_a_run_in_the_state_that_its_own_code_looks_for() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster as dg
        from dagster._core.test_utils import create_run_for_test

        instance = dg.DagsterInstance.ephemeral()
        started = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED, tags={{"team": "a"}})
        failed = create_run_for_test(
            instance, job_name="nightly", run_id="00000000-0000-4000-8000-000000000000",
            status=dg.DagsterRunStatus.FAILURE, asset_selection=[dg.AssetKey("x")], job_snapshot=None,
        )
        waiting = create_run_for_test(instance)
        assert (started.status, waiting.status) == (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED)
        found = instance.get_run_records(dg.RunsFilter(tags={{"team": "a"}}, statuses=[dg.DagsterRunStatus.STARTED]))
        assert [record.dagster_run.run_id for record in found] == [started.run_id]
        kept = instance.get_run_by_id("00000000-0000-4000-8000-000000000000")
        assert kept.job_name == "nightly" and kept.asset_selection == frozenset([dg.AssetKey("x")])
        assert kept == failed and kept.is_failure and len(instance.get_runs()) == 3
        assert instance.all_logs(started.run_id) == []
    """)
    assert done.returncode == 0, done.stderr


def test_moments_have_a_time_zone() -> None:
    done = run_python(f"""
        {ALIASED}
        import datetime
        from dagster import _time
        noon = _time.parse_time_string("2024-01-01T12:00:00")
        assert noon.utcoffset() == datetime.timedelta(0)
        assert _time.parse_time_string("2024-01-01T14:00:00+02:00") == noon
        assert _time.parse_time_string("2024-01-01T14:00:00+02:00").hour == 14
        oslo = _time.get_timezone("Europe/Oslo")
        assert _time.create_datetime(2024, 1, 1, 13, tz="Europe/Oslo") == noon == _time.create_datetime(2024, 1, 1, 13, tz=oslo)
        assert _time.datetime_from_timestamp(noon.timestamp(), "Europe/Oslo").hour == 13
        assert _time.datetime_from_timestamp(noon.timestamp()) == noon
        midnight = _time.get_current_datetime_midnight("Europe/Oslo")
        assert (midnight.hour, midnight.minute, midnight.microsecond) == (0, 0, 0) and midnight.tzinfo == oslo
        assert _time.get_current_datetime("Europe/Oslo") >= midnight
        assert _time.utc_datetime_from_naive(datetime.datetime(2024, 1, 1, 12)) == noon
        assert abs(_time.get_current_timestamp() - _time.get_current_datetime().timestamp()) < 60
    """)
    assert done.returncode == 0, done.stderr


def test_checks_of_arguments_pass_values_and_refuse_others() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster._check as check
        assert check.str_param("a", "name") == "a" and check.opt_str_param(None, "name", "d") == "d"
        assert check.opt_list_param(None, "l", of_type=str) == [] and check.opt_nullable_list_param(None, "l") is None
        assert check.dict_param({{"a": 1}}, "d", key_type=str, value_type=int) == {{"a": 1}}
        assert check.inst(1, int) == 1 and check.not_none(0) == 0 and check.invariant(True)
        for call in (
            lambda: check.str_param(1, "name"),
            lambda: check.list_param([1], "l", of_type=str),
            lambda: check.dict_param({{1: 1}}, "d", key_type=str),
            lambda: check.is_list((), int),
            lambda: check.inst_param(1, "x", str),
            lambda: check.not_none(None),
            lambda: check.invariant(False, "no"),
            lambda: check.failed("no"),
        ):
            try:
                call()
            except check.CheckError as error:
                print(error)
            else:
                raise AssertionError
    """)
    assert done.returncode == 0, done.stderr
    assert 'Param "name" is not a str' in done.stdout


def test_a_private_module_that_the_peer_lacks_is_no_module_so_that_features_can_be_detected() -> None:
    done = run_python(f"""
        {ALIASED}
        import importlib.util
        import dagster._core.definitions.metadata, dagster._core.execution.plan.plan, dagster_shared.record
        for name in ("dagster._core.zzz", "dagster._zzz", "dagster._core.definitions.zzz", "dagster_shared.zzz"):
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as error:
                print(error)
                assert error.name == name
            else:
                raise AssertionError(name)
            assert importlib.util.find_spec(name) is None
        try:
            from dagster._core import zzz
        except ImportError:
            pass
        else:
            raise AssertionError
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("docs/compatibility.md") == 4


def test_the_alias_has_a_file_a_path_and_a_spec() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster, dagster.components, importlib.util, inspect, os
        for module in (dagster, dagster.components):
            assert os.path.isfile(module.__file__) and module.__path__ == [] and module.__spec__.origin == module.__file__
        assert importlib.util.find_spec("dagster").origin == inspect.getfile(dagster)
        import dagster._core.errors
        assert os.path.isfile(dagster._core.errors.__file__)
    """)
    assert done.returncode == 0, done.stderr


def test_a_value_that_does_not_fit_is_a_failed_check() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster as dg
        from dagster._check import CheckError, ParameterCheckError
        try:
            dg.AssetKey(5)
        except ParameterCheckError as error:
            assert isinstance(error, CheckError)
        else:
            raise AssertionError("a number was taken for a key")
        assert not issubclass(dg.DagsterInvalidDefinitionError, CheckError)
    """)
    assert done.returncode == 0, done.stderr


def test_one_op_runs_as_a_job_of_its_own() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster as dg
        from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
        from dagster._utils.test import wrap_op_in_graph_and_execute

        class Shout(dg.ConfigurableResource):
            mark: str

        @dg.op(out={{"said": dg.Out(), "length": dg.Out()}})
        def say(word: str, shout: Shout):
            return word + shout.mark, len(word)

        loud = {{"shout": Shout(mark="!")}}
        given = wrap_op_in_graph_and_execute(say, resources=loud, input_values={{"word": "hey"}})
        assert (given.output_value("said"), given.output_value("length")) == ("hey!", 3)
        config = {{"ops": {{"say": {{"inputs": {{"word": {{"value": "ho"}}}}}}}}}}
        assert wrap_op_in_graph_and_execute(say, resources=loud, run_config=config).output_value("said") == "ho!"
        assert isinstance(dg.define_asset_job("all"), UnresolvedAssetJobDefinition)
    """)
    assert done.returncode == 0, done.stderr


def test_a_partition_of_an_asset_is_a_pair() -> None:
    done = run_python(f"""
        {ALIASED}
        import dagster as dg
        from dagster._core.definitions.events import AssetKeyPartitionKey, AssetMaterialization

        one = AssetKeyPartitionKey(dg.AssetKey("orders"), "2026-01-01")
        key, partition = one
        assert (key.path, partition) == (["orders"], "2026-01-01")
        assert one in {{AssetKeyPartitionKey(dg.AssetKey("orders"), "2026-01-01")}}
        assert AssetKeyPartitionKey(dg.AssetKey("orders")).partition_key is None
        assert AssetMaterialization is dg.AssetMaterialization
    """)
    assert done.returncode == 0, done.stderr
