"""Run config as a function of the partition."""

from datetime import UTC, datetime

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, InvalidInvocationError, UnknownPartitionError

START = "2026-01-01"
REGIONS = dg.StaticPartitionsDefinition(["eu", "us"])


def test_a_static_one_is_called_with_the_key():
    @dg.static_partitioned_config(["eu", "us"], tags_for_partition_key_fn=lambda key: {"region": key})
    def regions(key: str):
        return {"ops": {"load": {"config": {"region": key}}}}

    assert regions("eu") == regions.get_run_config_for_partition_key("eu")
    assert regions.get_partition_keys() == ["eu", "us"]
    assert regions.get_tags_for_partition_key("us", job_name="j") == {
        "region": "us",
        "dagster/partition": "us",
        "dagster/partition_set": "j_partition_set",
    }
    assert regions.partitions_def == dg.StaticPartitionsDefinition(["eu", "us"])


@pytest.mark.parametrize(
    ("decorator", "key", "start", "end"),
    [
        (dg.hourly_partitioned_config("2026-01-01-00:00"), "2026-01-03-05:00", (3, 5), (3, 6)),
        (
            dg.hourly_partitioned_config("2026-01-01-00:00", minute_offset=15),
            "2026-01-03-05:15",
            (3, 5),
            (3, 6),
        ),
        (dg.daily_partitioned_config(START), "2026-01-03", (3, 0), (4, 0)),
        (dg.daily_partitioned_config(datetime(2026, 1, 1), hour_offset=6), "2026-01-03", (3, 6), (4, 6)),
        (dg.weekly_partitioned_config(START), "2026-01-04", (4, 0), (11, 0)),
        (dg.monthly_partitioned_config(START), "2026-01-01", (1, 0), (1, 0)),
    ],
)
def test_those_of_times_are_called_with_start_and_end(decorator, key, start, end):
    @decorator
    def config(start, end):
        return {"start": (start.day, start.hour), "end": (end.day, end.hour)}

    assert config.get_run_config_for_partition_key(key) == {"start": start, "end": end}
    assert config(datetime(2026, 5, 1), datetime(2026, 5, 2)) == {"start": (1, 0), "end": (2, 0)}
    assert config.get_tags_for_partition_key(key) == {"dagster/partition": key}


def test_what_the_definitions_of_times_take_is_taken():
    @dg.daily_partitioned_config(
        "2026/01/01",
        timezone="Europe/Berlin",
        fmt="%Y/%m/%d",
        end_offset=1,
        exclusions=["0 0 * * 0"],
        tags_for_partition_fn=lambda start, end: {"start": start.isoformat()},
    )
    def config(start, end):
        return dg.RunConfig(ops={"load": {"config": {"start": start.isoformat()}}})

    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert config.get_partition_keys(now) == ["2026/01/01", "2026/01/02", "2026/01/03", "2026/01/05"]
    assert config.get_run_config_for_partition_key("2026/01/02")["ops"] == {
        "load": {"config": {"start": "2026-01-02T00:00:00+01:00"}}
    }
    assert config.get_tags_for_partition_key("2026/01/02")["start"] == "2026-01-02T00:00:00+01:00"
    with pytest.raises(UnknownPartitionError):
        config.get_run_config_for_partition_key("soon")


def test_a_dynamic_one_asks_a_function_for_its_keys():
    @dg.dynamic_partitioned_config(lambda now=None: ["p", "q"])
    def config(key):
        return {"key": key}

    assert (config.get_partition_keys(), config("p")) == (["p", "q"], {"key": "p"})


def test_one_of_any_partitions_and_one_without_a_decorator():
    @dg.partitioned_config(
        dg.StaticPartitionsDefinition(["a"]), tags_for_partition_key_fn=lambda key: {"t": key}
    )
    def config(key):
        return {"key": key}

    assert config.get_tags_for_partition_key("a")["t"] == "a"
    bare = dg.PartitionedConfig(
        dg.StaticPartitionsDefinition(["a"]), run_config_for_partition_key_fn=lambda key: {"key": key}
    )
    assert bare.get_run_config_for_partition_key("a") == {"key": "a"}
    with pytest.raises(InvalidInvocationError):
        bare("a")


def test_old_names_work_with_a_warning():
    with pytest.warns(DeprecationWarning, match="run_config_for_partition_key_fn"):
        old = dg.PartitionedConfig(
            dg.StaticPartitionsDefinition(["a"]),
            run_config_for_partition_fn=lambda partition: {"key": partition.name},
        )
    assert old.get_run_config_for_partition_key("a") == {"key": "a"}
    with pytest.warns(DeprecationWarning, match="tags_for_partition_key_fn"):
        decorate = dg.static_partitioned_config(["a"], tags_for_partition_fn=lambda key: {"t": key})
    assert decorate(lambda key: {}).get_tags_for_partition_key("a")["t"] == "a"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"run_config_for_partition_key_fn": lambda key: {}, "run_config_for_partition_fn": lambda key: {}},
        {"run_config_for_partition_key_fn": lambda key: {}, "partitions_def": ["a"]},
    ],
)
def test_what_says_too_little_or_too_much_is_refused(arguments):
    with pytest.raises(InvalidDefinitionError):
        dg.PartitionedConfig(**{"partitions_def": dg.StaticPartitionsDefinition(["a"]), **arguments})


# --- in jobs


class Load(dg.Config):
    day: str


@dg.asset(partitions_def=dg.DailyPartitionsDefinition(START))
def load(context: dg.AssetExecutionContext, config: Load):
    return dg.MaterializeResult(metadata={"day": config.day, "key": context.partition_key})


@dg.daily_partitioned_config(START, tags_for_partition_fn=lambda start, end: {"month": f"{start:%m}"})
def by_day(start, end):
    return {"ops": {"load": {"config": {"day": f"{start:%a}"}}}}


job = dg.define_asset_job("by_day_job", selection=[load], config=by_day)
defs = dg.Definitions(assets=[load], jobs=[job])


def test_a_job_runs_each_partition_with_its_config():
    resolved = defs.get_job_def("by_day_job")
    assert resolved.partitions_def == by_day.partitions_def
    assert resolved.partitioned_config is by_day
    with dg.Instance.ephemeral() as instance:
        result = resolved.execute_in_process(partition_key="2026-01-02", instance=instance)
        (made,) = result.asset_materializations_for_node("load")
        assert made.metadata["day"].value == "Fri"
        assert instance.get_run_by_id(result.run_id).tags["month"] == "01"


def test_a_plain_function_of_the_key_does_too():
    by_function = dg.define_asset_job(
        "j", selection=[load], config=lambda key: {"ops": {"load": {"config": {"day": key[-2:]}}}}
    )
    resolved = dg.Definitions(assets=[load], jobs=[by_function]).get_job_def("j")
    (made,) = resolved.execute_in_process(partition_key="2026-01-02").asset_materializations_for_node("load")
    assert made.metadata["day"].value == "02"


@pytest.mark.filterwarnings("ignore:.*run_request_for_partition. is deprecated")
def test_requests_of_the_job_have_the_partitions_config_and_tags():
    expected = {
        "month": "01",
        "dagster/partition": "2026-01-02",
        "dagster/partition_set": "by_day_job_partition_set",
    }
    for one in (job, defs.get_job_def("by_day_job")):
        request = one.run_request_for_partition("2026-01-02", run_key="k")
        assert request.run_config == {"ops": {"load": {"config": {"day": "Fri"}}}}
        assert (request.tags, request.job_name, request.run_key) == (expected, "by_day_job", "k")
    with pytest.raises(UnknownPartitionError):
        job.run_request_for_partition("2025-01-02")
    bare = dg.RunRequest(partition_key="2026-01-02").with_resolved_tags_and_config(
        defs.get_job_def("by_day_job"), [], None
    )
    assert (bare.tags, bare.has_resolved_partition()) == (expected, True)


def test_a_schedule_of_the_job_gives_both():
    schedule = dg.build_schedule_from_partitioned_job(job)
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 1, 3, tzinfo=UTC))
    (request,) = schedule.evaluate_tick(context).run_requests
    assert request.run_config == {"ops": {"load": {"config": {"day": "Fri"}}}}
    assert request.tags["month"] == "01"


def test_config_of_a_partitioned_job_may_be_the_same_for_all_partitions():
    for given in ({"ops": {"load": {}}}, dg.RunConfig(ops={"load": {}})):
        made = dg.PartitionedConfig.from_flexible_config(given, REGIONS)
        assert made.partitions_def == REGIONS
        assert made.get_run_config_for_partition_key("eu")["ops"] == {"load": {}}
    assert (
        dg.PartitionedConfig.from_flexible_config(None, REGIONS).get_run_config_for_partition_key("eu") == {}
    )
    by_key = dg.PartitionedConfig.from_flexible_config(lambda key: {"ops": {key: {}}}, REGIONS)
    assert by_key.get_run_config_for_partition_key("eu") == {"ops": {"eu": {}}}
    assert dg.PartitionedConfig.from_flexible_config(by_key, REGIONS) is by_key


def test_config_of_other_partitions_or_a_mapping_is_refused():
    other = dg.PartitionedConfig.from_flexible_config({}, dg.StaticPartitionsDefinition(["us"]))
    mapping = dg.ConfigMapping(lambda config: {}, config_schema={"a": int})
    for given in (other, mapping):
        with pytest.raises(dg.DagsterInvalidDefinitionError):
            dg.PartitionedConfig.from_flexible_config(given, REGIONS)
