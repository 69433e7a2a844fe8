"""What goes away, has a successor or may change says so once, at the user's line, in the peer's categories."""

import datetime
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import treadle as dg
from treadle.core.deprecation import beta, deprecated

STATIC = dg.StaticPartitionsDefinition(["a", "b"])


@dg.asset
def plain() -> int:
    return 1


@dg.asset(partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))
def daily() -> int:
    return 1


@dg.job(partitions_def=STATIC)
def partitioned() -> None: ...


def _op_with_version() -> None:
    @dg.op(version="1")
    def load() -> None: ...


def _multi_asset_sensor() -> None:
    @dg.multi_asset_sensor(monitored_assets=[dg.AssetKey("a")], job=partitioned)
    def watch(context: Any) -> None: ...


def _observable() -> None:
    @dg.observable_source_asset
    def seen() -> dg.DataVersion:
        return dg.DataVersion("1")


def _several_observable() -> None:
    @dg.multi_observable_source_asset(specs=[dg.AssetSpec("x")])
    def seen() -> Any:
        yield dg.ObserveResult("x")


def _tags_of_partition() -> None:
    @dg.static_partitioned_config(["a"], tags_for_partition_fn=lambda key: {})
    def config(key: str) -> dict[str, Any]:
        return {}


def _failure_sensor() -> None:
    @dg.run_failure_sensor(job_selection=[partitioned])
    def tell(context: Any) -> None: ...


DEPRECATED: dict[str, tuple[Callable[[], object], str]] = {
    "SourceAsset": (lambda: dg.SourceAsset("x"), "AssetSpec"),
    "partitions_def of a job": (lambda: dg.define_asset_job("j", partitions_def=STATIC), "leave it out"),
    "ExpectationResult": (lambda: dg.ExpectationResult(success=True), "AssetCheckResult"),
    "eager": (lambda: dg.AutoMaterializePolicy.eager(), r"AutomationCondition\.eager"),
    "lazy": (lambda: dg.AutoMaterializePolicy.lazy(), r"AutomationCondition\.any_downstream"),
    "policy": (lambda: dg.AutoMaterializePolicy(rules=[]), "AutomationCondition"),
    "filter": (lambda: dg.AutoMaterializeAssetPartitionsFilter({"a": "b"}), "AutomationCondition"),
    "op version": (_op_with_version, "code_version"),
    "read op version": (lambda: plain.op.version, "code_version"),
    "LegacyFreshnessPolicy": (lambda: dg.LegacyFreshnessPolicy(maximum_lag_minutes=1), "FreshnessPolicy"),
    "MetadataEntry": (lambda: dg.MetadataEntry("x", value=dg.MetadataValue.int(1)), "dictionary"),
    "Partition": (lambda: dg.Partition("a"), "key"),
    "BindResourcesToJobs": (lambda: dg.BindResourcesToJobs([partitioned]), "leave it out"),
    "keys": (lambda: dg.AssetSelection.keys("a"), r"AssetSelection\.assets"),
    "sources": (lambda: dg.AssetSelection.all().sources(), r"AssetSelection\.roots"),
    "run request": (lambda: partitioned.run_request_for_partition("a"), "RunRequest"),
    "input metadata": (lambda: dg.build_input_context(metadata={"a": 1}), "definition_metadata"),
    "output metadata": (lambda: dg.build_output_context(metadata={"a": 1}), "definition_metadata"),
    "read metadata": (lambda: dg.build_output_context().metadata, "definition_metadata"),
    "completion time": (lambda: dg.build_sensor_context().last_completion_time, "last_tick_completion_time"),
    "tags of a partition": (_tags_of_partition, "tags_for_partition_key_fn"),
    "job_selection": (_failure_sensor, "monitored_jobs"),
    "node_input_source_assets": (
        lambda: dg.GraphDefinition("g", node_input_source_assets={}),
        "input_assets",
    ),
    "environment_vars": (
        lambda: dg.ScheduleDefinition(job_name="j", cron_schedule="@daily", environment_vars={"a": "b"}),
        "where the run executes",
    ),
}
SUPERSEDED: dict[str, Callable[[], object]] = {
    "multi_asset_sensor": _multi_asset_sensor,
    "last update": lambda: dg.build_last_update_freshness_checks(
        assets=[plain], lower_bound_delta=datetime.timedelta(days=1)
    ),
    "time partition": lambda: dg.build_time_partition_freshness_checks(
        assets=[daily], deadline_cron="0 9 * * *"
    ),
}
BETA: dict[str, Callable[[], object]] = {
    "observable_source_asset": _observable,
    "multi_observable_source_asset": _several_observable,
    "column schema": lambda: dg.build_column_schema_change_checks(assets=[plain]),
    "metadata bounds": lambda: dg.build_metadata_bounds_checks(assets=[plain], metadata_key="x", min_value=1),
    "mapping": lambda: dg.MultiToSingleDimensionPartitionMapping(),
    "mapping of dimensions": lambda: dg.MultiPartitionMapping({}),
    "file reference": lambda: dg.LocalFileCodeReference(file_path="a"),
    "url reference": lambda: dg.UrlCodeReference(url="http://x"),
    "references": lambda: dg.CodeReferencesMetadataValue(code_references=[]),
    "with references": lambda: dg.with_source_code_references([plain]),
    "data versions": lambda: dg.DataVersionsByPartition({"a": "1"}),
    "downstream": lambda: dg.AutomationCondition.any_downstream_conditions(),
}
PREVIEW: dict[str, Callable[[], object]] = {
    "modules": lambda: dg.load_definitions_from_modules([]),
    "jobs": lambda: dg.AutomationCondition.all_job_root_assets_match(dg.AutomationCondition.missing()),
}


def _only_warning(call: Callable[[], object]) -> warnings.WarningMessage:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    (only,) = caught
    assert only.filename == __file__, "the user's line is named"
    return only


@pytest.mark.parametrize("case", DEPRECATED)
def test_what_goes_away_says_once_what_to_use(case: str) -> None:
    call, replacement = DEPRECATED[case]
    only = _only_warning(call)
    assert only.category is DeprecationWarning
    assert "deprecated" in str(only.message)
    with pytest.warns(DeprecationWarning, match=replacement):
        call()


@pytest.mark.parametrize(
    ("call", "category"),
    [
        *((call, dg.SupersessionWarning) for call in SUPERSEDED.values()),
        *((call, dg.BetaWarning) for call in BETA.values()),
        *((call, dg.PreviewWarning) for call in PREVIEW.values()),
    ],
    ids=[*SUPERSEDED, *BETA, *PREVIEW],
)
def test_what_has_a_successor_or_may_change_says_so_in_the_peers_category(
    call: Callable[[], object], category: type[Warning]
) -> None:
    assert _only_warning(call).category is category


def test_old_arguments_and_the_value_they_take_warn_each_once() -> None:
    for make in (dg.AssetSpec, dg.AssetOut):
        with pytest.warns(DeprecationWarning) as caught:
            make("x", auto_materialize_policy=dg.AutoMaterializePolicy.eager())  # type: ignore[call-arg]
        assert [each.filename for each in caught] == [__file__] * 2
        assert "automation_condition" in str(caught[1].message)


def test_nothing_else_warns() -> None:
    """Suites that make warnings errors use these."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        @dg.asset(
            compute_kind="python",
            backfill_policy=dg.BackfillPolicy.single_run(),
            owners=["team:x"],
            resource_defs={"r": dg.ResourceDefinition.hardcoded_resource(1)},
        )
        def made() -> dg.MaterializeResult[Any]:
            return dg.MaterializeResult(data_version=dg.DataVersion("1"))

        dg.define_asset_job("j", selection="made")
        dg.FreshnessPolicy.time_window(fail_window=datetime.timedelta(hours=1))
        assert dg.materialize([made, dg.AssetSpec("other")]).success
        assert [rule.name for rule in [dg.AutoMaterializeRule.materialize_on_missing()]]


def test_values_that_our_own_code_makes_again_say_nothing() -> None:
    with pytest.warns(DeprecationWarning):
        policy = dg.AutoMaterializePolicy.eager()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert policy.with_rules(dg.AutoMaterializeRule.materialize_on_cron("@daily")).rules > policy.rules
        assert dg.deserialize_value(dg.serialize_value(policy)) == policy


def test_a_marked_function_or_class_keeps_its_name_signature_and_kind() -> None:
    @deprecated("call `sum`")
    def total(numbers: list[int]) -> int:
        """Adds up."""
        return sum(numbers)

    @beta()
    class Thing:
        def __init__(self, size: int) -> None:
            self.size = size

    class Bigger(Thing):
        pass

    assert (total.__name__, total.__doc__) == ("total", "Adds up.")
    with pytest.warns(DeprecationWarning, match="`.*total` is deprecated: call `sum`") as caught:
        assert total([1, 2]) == 3
    assert caught[0].filename == __file__
    with pytest.warns(dg.BetaWarning, match="Thing"):
        assert isinstance(Bigger(3), Thing)


OLD_OF_ASSETS = (
    "dagster_run",
    "run_id",
    "run_config",
    "run_tags",
    "op",
    "op_config",
    "op_handle",
    "node_handle",
    "selected_output_names",
    "asset_partition_key_range",
)
OLD_CALLS_OF_ASSETS = (
    "get_mapping_key",
    "get_op_execution_context",
    "asset_partitions_def_for_output",
    "asset_partition_key_for_output",
    "asset_partition_keys_for_output",
    "asset_partition_key_range_for_output",
    "asset_partitions_time_window_for_output",
)


def _told(read: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read()
    return [f"{each.category.__name__} {each.filename == __file__}" for each in caught]


def test_what_a_context_of_an_asset_has_only_for_old_code_says_so() -> None:
    told: dict[str, list[str]] = {}

    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))
    def orders(context: dg.AssetExecutionContext) -> None:
        for name in OLD_OF_ASSETS:
            told[name] = _told(lambda name=name: getattr(context, name))
        for name in OLD_CALLS_OF_ASSETS:
            told[name] = _told(lambda name=name: getattr(context, name)())
        told["has_tag"] = _told(lambda: context.has_tag("team"))
        told["get_tag"] = _told(lambda: context.get_tag("team"))
        told["new"] = _told(
            lambda: (context.run.run_id, context.partition_key, context.log, context.job_name)
        )

    dg.materialize([orders], partition_key="2024-01-02")
    assert told.pop("new") == []
    assert set(map(tuple, told.values())) == {("DeprecationWarning True",)}
    assert len(told) == len(OLD_OF_ASSETS) + len(OLD_CALLS_OF_ASSETS) + 2


def test_a_context_of_an_op_has_them_for_good_but_those_of_partitions() -> None:
    @dg.op
    def load(context: dg.OpExecutionContext) -> list[list[str]]:
        good = _told(lambda: (context.run_id, context.op_config, context.has_tag("a"), context.run_config))
        return [good, _told(lambda: context.asset_partition_key_range)]

    context = dg.build_op_context(partition_key="a")
    assert load(context) == [[], ["DeprecationWarning True"]]


def test_old_names_of_resources_schedules_and_the_instance_say_so() -> None:
    class Database(dg.ConfigurableResource[Any]):
        url: str = ""

    context = dg.build_init_resource_context()
    schedule = dg.ScheduleDefinition("a", cron_schedule="@daily", job_name="a")
    config = dg.PartitionedConfig(STATIC, run_config_for_partition_key_fn=lambda key: {})
    wanted = dg.EventRecordsFilter(dg.EventType.ASSET_MATERIALIZATION)
    reads: list[Callable[[], Any]] = [
        lambda: context.run_id,
        lambda: context.dagster_run,
        lambda: Database().with_resource_context(context),
        lambda: schedule.environment_vars,
        lambda: config.run_config_for_partition_fn,
        lambda: config.tags_for_partition_fn,
        lambda: dg.Instance.ephemeral().get_event_records(wanted),
    ]
    assert [_told(read) for read in reads] == [["DeprecationWarning True"]] * len(reads)
    assert _told(lambda: Database().with_replaced_resource_context(context)) == []
