"""Every code block of the asset tutorial."""

import importlib
import json
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas
import pytest

import treadle as dg
from tests.seeds.blocks import Blocks, Shell, text_of
from treadle.core.errors import InvariantViolationError

SOURCE = "asset_tutorial"
BLOCKS = {
    1: "test_a_first_asset_is_run_by_a_program",
    2: "test_a_first_asset_is_run_by_the_command_line",
    3: "test_a_first_asset_is_run_by_a_program",
    4: "test_the_context_tells_about_the_run",
    5: "test_metadata_is_kept_with_its_kinds",
    6: "test_an_asset_has_what_it_is_described_with",
    7: "test_a_value_is_passed_by_parameter",
    8: "test_order_without_a_value",
    9: "test_a_dependency_by_key",
    10: "test_two_upstreams_are_joined",
    11: "test_two_upstreams_are_joined",
    12: "test_a_setting_chooses_the_branch",
    13: "test_resources_are_injected",
    14: "test_a_resource_of_ones_own_calls_an_api",
    15: "test_a_resource_of_ones_own_calls_an_api",
    16: "test_settings_come_from_the_environment",
    17: "test_daily_partitions",
    18: "test_one_partition_by_the_command_line",
    19: "test_a_range_of_partitions_by_the_command_line",
    20: "test_the_latest_partition_by_the_command_line",
    21: "test_hourly_partitions",
    22: "test_static_partitions",
    23: "test_partitions_of_two_dimensions",
    24: "test_checks_load_the_asset",
    25: "test_freshness_checks",
    26: "test_a_pandera_schema_checks_the_frame",
    27: "test_a_schedule_asks_for_its_job",
    28: "test_the_cron_examples_mean_what_they_say",
    29: "test_a_generator_sensor_without_a_job",
    30: "test_a_sensor_asks_for_a_stale_asset",
    31: "test_a_loop_variable_captured_late_is_found",
    32: "test_one_function_makes_three_assets",
    33: "test_an_external_asset_is_observed",
    34: "test_a_factory_makes_assets_in_groups",
    35: "test_retries_wait_longer_each_time",
    36: "test_a_changed_code_version_makes_stale",
    37: "test_an_io_manager_gets_a_resource",
    38: "test_definitions_name_the_asset",
    39: "later: restarting the services of a compose file belongs to deployment",
    40: "later: logs of the services of a compose file belong to deployment",
    41: "test_one_asset_of_the_definitions_is_run",
    42: "test_a_misspelt_parameter_is_refused_with_the_right_name",
    43: "test_merged_definitions_are_one_graph",
    44: "test_the_partition_is_told_in_the_log",
    45: "test_neighbours_with_the_same_partitions",
    46: "later: limits of a compose file belong to deployment",
}


@pytest.fixture
def tutorial() -> Blocks:
    return Blocks(SOURCE).run(1)


def problems(assets, **others):
    return {problem.code: problem for problem in dg.Definitions(assets=assets, **others).problems()}


def lines(result, instance):
    return [
        entry.user_message
        for entry in instance.all_logs(result.run_id)
        if entry.level >= logging.INFO and entry.dagster_event is None
    ]


def test_a_first_asset_is_run_by_a_program(tutorial):
    """S1-01, S1-05"""
    tutorial.run(3)
    assert tutorial.result.success
    assert tutorial.result.output_for_node("my_first_asset") == [1, 2, 3, 4, 5]
    assert tutorial.result.asset_value("my_first_asset") == [1, 2, 3, 4, 5]
    (event,) = tutorial.result.get_asset_materialization_events()
    assert event.asset_key == dg.AssetKey("my_first_asset")
    assert tutorial.my_first_asset() == [1, 2, 3, 4, 5]
    assert tutorial.my_first_asset.get_asset_spec().description == "A simple asset that returns data."


def definitions_of(*numbers: int, rest: str = "") -> str:
    return "\n\n".join([text_of(SOURCE, 1), *(text_of(SOURCE, number) for number in numbers), rest])


def phlo_project(shell: Shell, *numbers: int, rest: str = "") -> None:
    shell.write("phlo/__init__.py", "")
    shell.write("phlo/definitions.py", definitions_of(*numbers, rest=rest))


def test_a_first_asset_is_run_by_the_command_line(shell):
    """S1-03"""
    phlo_project(shell)
    done = shell.run(text_of(SOURCE, 2))
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith("1 asset")
    done = shell.run(text_of(SOURCE, 2).replace("my_first_asset", "my_frist_asset"))
    assert done.returncode != 0 and "my_first_asset" in done.stdout


@pytest.mark.filterwarnings("ignore:.context.run_id. is deprecated:DeprecationWarning")
def test_the_context_tells_about_the_run(tutorial):
    """S1-06, S1-07"""
    tutorial.run(4)
    with dg.Instance.ephemeral() as instance:
        result = dg.materialize([tutorial.asset_with_context], instance=instance)
        assert lines(result, instance) == [
            "Starting materialization",
            "This is a warning",
            "This is an error",
            "Asset key: AssetKey(['asset_with_context'])",
            f"Run ID: {result.run_id}",
        ]


def test_the_partition_is_told_in_the_log(tutorial):
    with dg.Instance.ephemeral() as instance:

        @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["north"]))
        def regional(context: dg.AssetExecutionContext) -> None:
            tutorial.define(context=context)
            tutorial.run(44)

        result = dg.materialize([regional], partition_key="north", instance=instance)
        assert lines(result, instance) == ["Partition: north"]


def test_metadata_is_kept_with_its_kinds(tutorial):
    """S1-08, S1-09"""
    tutorial.define(fetch_data=lambda: pandas.DataFrame({"city": ["Rome", "Oslo"], "rain": [1, 2]}))
    tutorial.run(5)
    (event,) = dg.materialize([tutorial.asset_with_metadata]).get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["num_records"] == metadata["row_count"] == dg.MetadataValue.int(2)
    assert metadata["schema"] == dg.MetadataValue.json({"columns": ["city", "rain"]})
    assert isinstance(metadata["preview"], dg.MarkdownMetadataValue) and "| Rome" in metadata["preview"].value


def test_an_asset_has_what_it_is_described_with(tutorial):
    """S1-10: `compute_kind` works, and says nothing, as at the peer."""
    tutorial.run(6)
    spec = tutorial.configured_asset.get_asset_spec()
    assert (spec.description, spec.group_name) == ("This asset has configuration", "my_group")
    assert {"owner": "data_team", "priority": "high"}.items() <= spec.tags.items()
    defs = dg.Definitions(assets=[tutorial.configured_asset, tutorial.my_first_asset])
    assert defs.resolve().catalog.assets[dg.AssetKey("configured_asset")].spec.kinds == {"python"}
    found = dg.AssetSelection.tag("priority", "high").resolve(defs.resolve_asset_graph())
    assert found == {dg.AssetKey("configured_asset")}


def test_a_value_is_passed_by_parameter(tutorial):
    """S1-11"""
    tutorial.run(7)
    result = dg.materialize([tutorial.downstream_asset, tutorial.upstream_asset])
    assert result.output_for_node("downstream_asset") == [2, 4, 6]
    order = [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]
    assert order == ["upstream_asset", "downstream_asset"]


def test_order_without_a_value(tutorial):
    """S1-12"""
    made = []
    tutorial.run(7)
    tutorial.define(query_database=lambda: made.append("queried"))
    tutorial.run(8)
    result = dg.materialize([tutorial.downstream_asset, tutorial.upstream_asset])
    order = [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]
    assert order == ["upstream_asset", "downstream_asset"] and made == ["queried"]


def test_a_dependency_by_key(tutorial):
    """S1-12"""
    tutorial.run(9)
    graph = dg.Definitions(assets=[tutorial.asset_with_key_dep]).resolve_asset_graph()
    outside = dg.AssetKey(["schema", "table_name"])
    assert graph.get(dg.AssetKey("asset_with_key_dep")).parent_keys == {outside}
    assert graph.get(outside).is_external
    assert dg.materialize([tutorial.asset_with_key_dep]).success


def test_two_upstreams_are_joined(tutorial):
    """S1-13: the block's drawing has the same edges."""
    tutorial.run(10)
    assets = [tutorial.asset_c, tutorial.asset_b, tutorial.asset_a]
    assert dg.materialize(assets).output_for_node("asset_c") == "A + B"
    parents = dg.Definitions(assets=assets).resolve_asset_graph().get(dg.AssetKey("asset_c")).parent_keys
    upper, arrow, lower = text_of(SOURCE, 11).splitlines()
    assert arrow.split()[-1] == "asset_c"
    assert {key.to_user_string() for key in parents} == {upper.split()[0], lower.split()[0]}


@pytest.mark.parametrize(("flag", "value"), [("true", "cached"), ("0", "fresh")])
def test_a_setting_chooses_the_branch(tutorial, monkeypatch, flag, value):
    """S1-15, S1-16"""
    monkeypatch.setenv("USE_CACHE", flag)
    tutorial.define(load_from_cache=lambda: "cached", fetch_fresh_data=lambda: "fresh")
    tutorial.run(12)
    result = dg.materialize([tutorial.optional_upstream, tutorial.conditional_asset])
    assert result.output_for_node("conditional_asset") == value


def lake(tutorial, tmp_path):
    """The project's two resources over one file with a table."""
    module = importlib.import_module("phlo.defs.resources")
    file = str(tmp_path / "lake.duckdb")
    return {"trino": module.TrinoResource(file=file), "iceberg": module.IcebergResource(file=file)}


def test_resources_are_injected(tutorial, tmp_path):
    """S1-19"""
    resources = lake(tutorial, tmp_path)
    resources["iceberg"].append_parquet("raw.my_table", [("a", 1), ("b", 2)])
    tutorial.run(13)
    result = dg.materialize([tutorial.asset_with_resources], resources=resources)
    assert result.output_for_node("asset_with_resources") == 2
    assert len(resources["iceberg"].read_table("silver.processed_table")) == 2


def test_a_resource_of_ones_own_calls_an_api(tutorial, server, monkeypatch):
    """S1-20, S1-21"""
    monkeypatch.setenv("WEATHER_API_KEY", "right")
    tutorial.run(12)  # has the import of get_config
    tutorial.run(14).run(15)
    own = dg.Definitions(assets=[tutorial.weather_data])
    merged = dg.Definitions.merge(own, tutorial.build_resources())
    assert merged.problems() == []
    weather = merged.resources["weather_api"]
    assert (weather.api_key, weather.base_url) == ("right", "https://api.openweathermap.org/data/2.5")
    local = tutorial.WeatherAPIResource(api_key="right", base_url=server.url)
    result = dg.materialize([tutorial.weather_data], resources={"weather_api": local})
    assert result.output_for_node("weather_data") == {"name": "London", "temp": 12.5}
    local = tutorial.WeatherAPIResource(api_key="wrong", base_url=server.url)
    failed = dg.materialize([tutorial.weather_data], resources={"weather_api": local}, raise_on_error=False)
    (failure,) = failed.get_step_failure_events()
    assert not failed.success and "401" in failure.step_failure_data.error.to_string()


def test_settings_come_from_the_environment(tutorial, monkeypatch):
    """S1-15"""
    monkeypatch.setenv("API_BASE_URL", "https://api.example.org")
    monkeypatch.setenv("BATCH_SIZE", "500")
    tutorial.define(fetch_data=lambda url, batch_size: (url, batch_size))
    tutorial.run(16)
    result = dg.materialize([tutorial.configured_asset])
    assert result.output_for_node("configured_asset") == ("https://api.example.org", 500)


def test_daily_partitions(tutorial):
    """S1-22"""
    tutorial.define(fetch_weather_for_date=lambda date: f"weather of {date}")
    tutorial.run(17)
    result = dg.materialize([tutorial.daily_weather_data], partition_key="2024-11-05")
    assert result.output_for_node("daily_weather_data") == "weather of 2024-11-05"
    with pytest.raises(dg.TreadleError, match="2023-12-31"):
        dg.materialize([tutorial.daily_weather_data], partition_key="2023-12-31")


DAILY_REST = "def fetch_weather_for_date(date):\n    return date\n"


def test_one_partition_by_the_command_line(shell):
    """S1-27"""
    phlo_project(shell, 17, rest=DAILY_REST)
    done = shell.run(text_of(SOURCE, 18))
    assert done.returncode == 0, done.stdout
    assert "Processing date: 2024-11-05" in done.stdout
    assert shell.run(text_of(SOURCE, 18).replace("2024-11-05", "2023-11-05")).returncode != 0


def test_a_range_of_partitions_by_the_command_line(shell):
    """S1-28"""
    phlo_project(shell, 17, rest=DAILY_REST)
    done = shell.run(text_of(SOURCE, 19))
    assert done.returncode == 0, done.stdout
    made = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("[")]
    assert made == [f"2024-11-0{day}" for day in range(1, 8)]


def test_the_latest_partition_by_the_command_line(shell):
    """S1-29: today's key exists only where the definition says that the running day counts."""
    phlo_project(shell, 17, rest=DAILY_REST)
    refused = shell.run(text_of(SOURCE, 20))
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    assert refused.returncode != 0 and yesterday in refused.stdout
    counted = definitions_of(17, rest=DAILY_REST).replace('"2024-01-01")', '"2024-01-01", end_offset=1)')
    shell.write("phlo/definitions.py", counted)
    done = shell.run(text_of(SOURCE, 20))
    assert done.returncode == 0, done.stdout


def test_hourly_partitions(tutorial):
    """S1-23"""
    tutorial.define(fetch_traffic_for_hour=lambda hour: f"traffic of {hour}")
    tutorial.run(21)
    result = dg.materialize([tutorial.hourly_traffic_data], partition_key="2024-11-05-14:00")
    assert result.output_for_node("hourly_traffic_data") == "traffic of 2024-11-05-14:00"


def test_static_partitions(tutorial):
    """S1-24"""
    tutorial.define(fetch_weather_for_city=str.upper)
    tutorial.run(22)
    result = dg.materialize([tutorial.city_weather_data], partition_key="london")
    assert result.output_for_node("city_weather_data") == "LONDON"
    with pytest.raises(dg.TreadleError, match="paris"):
        dg.materialize([tutorial.city_weather_data], partition_key="paris")


def test_partitions_of_two_dimensions(tutorial):
    """S1-25"""
    tutorial.define(fetch_weather=lambda city, date: (city, date))
    tutorial.run(17).run(22).run(23)
    for key in (
        dg.MultiPartitionKey({"date": "2024-11-05", "city": "london"}),
        "london|2024-11-05",
    ):
        result = dg.materialize([tutorial.multi_partitioned_data], partition_key=key)
        assert result.output_for_node("multi_partitioned_data") == ("london", "2024-11-05")


def test_more_than_two_dimensions_work_too():
    """S1-26"""
    sizes = dg.StaticPartitionsDefinition(["s", "l"])
    days = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-03")
    cube = dg.MultiPartitionsDefinition(
        {"size": sizes, "date": days, "colour": dg.StaticPartitionsDefinition(["red"])}
    )

    @dg.asset(partitions_def=cube)
    def shirts(context: dg.AssetExecutionContext) -> dict[str, str]:
        return dict(context.partition_key.keys_by_dimension)

    assert cube.get_partition_keys() == [f"red|2024-01-0{day}|{size}" for day in (1, 2) for size in "sl"]
    result = dg.materialize([shirts], partition_key="red|2024-01-02|l")
    assert result.output_for_node("shirts") == {"colour": "red", "date": "2024-01-02", "size": "l"}


def test_checks_load_the_asset(tutorial):
    """S1-31, S1-32"""
    tutorial.run(24)
    checks = [tutorial.check_data_not_empty, tutorial.check_data_values]
    result = dg.materialize([tutorial.my_data, *checks])
    found = {each.check_name: each for each in result.get_asset_check_evaluations()}
    assert all(each.passed for each in found.values()) and len(found) == 2
    assert found["check_data_not_empty"].metadata == {"record_count": dg.MetadataValue.int(100)}
    assert found["check_data_values"].metadata == {
        "min": dg.MetadataValue.int(0),
        "max": dg.MetadataValue.int(99),
    }
    assert tutorial.check_data_not_empty([]).description == "Data is empty!"
    assert not tutorial.check_data_values([{"value": -1}]).passed


def test_freshness_checks(tutorial):
    """S1-34"""
    tutorial.run(24).run(25)
    with dg.Instance.ephemeral() as instance:
        defs = dg.Definitions(assets=[tutorial.my_data], asset_checks=tutorial.freshness_checks)
        job = dg.define_asset_job("fresh", selection=dg.AssetSelection.checks_for_assets(tutorial.my_data))
        resolved = dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def("fresh")
        (never,) = resolved.execute_in_process(instance=instance).get_asset_check_evaluations()
        assert not never.passed
        dg.materialize([tutorial.my_data], instance=instance)
        (fresh,) = resolved.execute_in_process(instance=instance).get_asset_check_evaluations()
        assert fresh.passed


@pytest.mark.services
def test_a_pandera_schema_checks_the_frame(tutorial, monkeypatch):
    """S1-35, as far as a type of the project's own goes."""
    monkeypatch.setattr("pandera._pandas_deprecated.DISABLE_PANDERA_IMPORT_WARNING", True)
    tutorial.run(26)
    assert dg.materialize([tutorial.validated_data]).success
    tutorial.run(26, {"[10.5, 20.3, 30.1]": "[10.5, 20.3, 130.1]"})
    with pytest.raises(dg.DagsterTypeCheckDidNotPass, match=r"130\.1"):
        dg.materialize([tutorial.validated_data])


def test_a_missing_integration_is_named(tutorial, monkeypatch):
    """Without a module of the project's own, the import says what lacks."""
    monkeypatch.setattr(
        "sys.path", [each for each in importlib.import_module("sys").path if "stand_ins" not in each]
    )
    monkeypatch.setitem(importlib.import_module("sys").modules, "pandera", SimpleNamespace())
    with pytest.raises(ModuleNotFoundError, match=r"`dagster_pandera`.*docs/compatibility.md"):
        exec("from dagster_pandera import pandera_schema_to_dagster_type", {})


def test_a_schedule_asks_for_its_job(tutorial):
    """S1-36"""
    tutorial.run(27)
    daily_weather = dg.asset(name="rain", group_name="weather")(lambda: None)
    defs = dg.Definitions(assets=[daily_weather], schedules=[tutorial.daily_weather_schedule])
    assert defs.problems() == []
    assert tutorial.daily_weather_schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2024, 11, 5, 2, tzinfo=UTC), definitions=defs
    )
    result = tutorial.daily_weather_schedule.evaluate_tick(context)
    assert (len(result.run_requests), result.job_name) == (1, "weather_job")


def test_the_cron_examples_mean_what_they_say():
    """S1-37"""
    nexts = []
    for line in text_of(SOURCE, 28).splitlines():
        cron = line.partition('"')[2].partition('"')[0]
        made = dg.ScheduleDefinition(name="s", job_name="j", cron_schedule=cron, execution_timezone="UTC")
        (tick,) = made.next_ticks(datetime(2024, 11, 5, 10, 7, tzinfo=UTC), 1)
        nexts.append(tick.strftime("%m-%d %H:%M"))
    assert nexts == ["11-05 11:00", "11-06 00:00", "11-06 02:00", "11-10 00:00", "12-01 00:00", "11-05 10:15"]


def test_a_generator_sensor_without_a_job(tutorial):
    """S1-38, S1-39, S1-40"""
    files: list[str] = []
    tutorial.define(list_files_in_bucket=lambda folder: files)
    tutorial.run(29)
    sensor = tutorial.file_arrival_sensor
    defs = dg.Definitions(assets=[tutorial.my_first_asset], sensors=[sensor])
    assert defs.problems() == [] and sensor.minimum_interval_seconds == 60
    context = dg.build_sensor_context(definitions=defs)
    assert sensor.evaluate_tick(context).skip_message == "No new files"
    files += ["a.csv", "b.csv"]
    assert [(each.run_key, each.tags["file_path"]) for each in sensor(context)] == [
        ("a.csv",) * 2,
        ("b.csv",) * 2,
    ]
    with pytest.raises(InvariantViolationError, match="job"):
        sensor.evaluate_tick(context)


def test_a_sensor_asks_for_a_stale_asset(tutorial):
    """S1-40, S1-41"""
    tutorial.run(30)
    sensor = tutorial.data_freshness_sensor
    mine = dg.asset(name="my_important_data")(lambda: 1)
    defs = dg.Definitions(assets=[mine], sensors=[sensor])
    with dg.Instance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, definitions=defs)
        assert sensor.evaluate_tick(context).skip_message == "No materialization yet"
        dg.materialize([mine], instance=instance)
        assert sensor.evaluate_tick(context).skip_message == "Data is fresh (0.0 hours)"
        tutorial.run(30, {"timedelta(hours=2)": "timedelta(hours=-2)"})
        result = tutorial.data_freshness_sensor.evaluate_tick(context)
        (request,) = result.run_requests
        assert list(request.asset_selection) == [dg.AssetKey("my_important_data")]
        assert [line.message for line in result.log_lines] == ["Data is 0.0 hours old!"]


def test_a_loop_variable_captured_late_is_found(tutorial):
    """S1-42: the tutorial's own loop has that mistake; all its assets fetch the last city."""
    tutorial.define(fetch_weather=lambda city: city)
    tutorial.run(31)
    assets = tutorial.build_city_assets()
    defs = dg.Definitions(assets=assets)
    names = [key.to_user_string() for key in defs.resolve_all_asset_keys()]
    assert sorted(names) == ["weather_london", "weather_new_york", "weather_tokyo"]
    assert dg.materialize(assets).output_for_node("weather_london") == "tokyo"
    (late,) = [each for each in dg.lint(defs) if each.code == "late-bound-closure"][:1]
    assert "city" in late.message


def test_one_function_makes_three_assets(tutorial):
    """S1-43"""
    data = {"customers": [1], "orders": [2, 3], "products": []}
    tutorial.define(fetch_all_data=lambda: data)
    tutorial.run(32)
    result = dg.materialize([tutorial.extract_from_api])
    assert {name: result.asset_value(name) for name in data} == data


def test_an_external_asset_is_observed(tutorial):
    """S1-44"""
    tutorial.define(
        get_api_last_updated_time=lambda: datetime(2024, 11, 5, tzinfo=UTC), get_api_record_count=lambda: 7
    )
    tutorial.run(33)
    with dg.Instance.ephemeral() as instance:
        result = dg.observe([tutorial.external_api_data], instance=instance)
        (event,) = result.get_asset_observation_events()
        metadata = event.asset_observation_data.asset_observation.metadata
        assert metadata["last_updated"].value == "2024-11-05T00:00:00+00:00"
        assert metadata["record_count"].value == 7
        assert instance.get_latest_materialization_event(dg.AssetKey("external_api_data")) is None


def test_a_factory_makes_assets_in_groups(tutorial, tmp_path):
    """S1-45"""
    resources = lake(tutorial, tmp_path)
    tutorial.run(13)  # has the import of IcebergResource
    tutorial.define(fetch_from_source=lambda source, table: [(source, table)])
    tutorial.run(34)
    groups = {each.key.to_user_string(): each.get_asset_spec().group_name for each in tutorial.assets}
    assert groups == {
        "ingest_salesforce_accounts": "salesforce",
        "ingest_salesforce_opportunities": "salesforce",
        "ingest_stripe_payments": "stripe",
    }
    assert dg.materialize(tutorial.assets, resources=resources).success
    assert resources["iceberg"].read_table("raw.payments").values.tolist() == [["stripe", "payments"]]


def test_retries_wait_longer_each_time(tutorial):
    """S1-46: the block's comment says 30, 60, 120 seconds; the peer waits longer, and so do we. Run with 1/1000 of that."""
    tries = []

    def fetch_unreliable_api():
        tries.append(1)
        if len(tries) < 4:
            raise ConnectionError("not now")
        return "at last"

    tutorial.define(fetch_unreliable_api=fetch_unreliable_api)
    tutorial.run(35)
    policy = tutorial.asset_with_retries.op.retry_policy
    assert [policy.calculate_delay(attempt) for attempt in (1, 2, 3)] == [30, 90, 210]
    tutorial.run(35, {"delay=30,": "delay=0.03,"})
    result = dg.materialize([tutorial.asset_with_retries])
    assert result.output_for_node("asset_with_retries") == "at last" and len(tries) == 4
    kinds = [event.event_type_value for event in result.all_events]
    assert kinds.count("STEP_UP_FOR_RETRY") == 3


def test_a_changed_code_version_makes_stale(shell):
    """S1-47"""
    rest = "def compute_data_v2(): return 2\n@dg.asset\ndef below(versioned_asset): return versioned_asset\n"

    def states():
        told = json.loads(shell.run("dagster asset list -m phlo.definitions --json").stdout)
        return {each["key"]: each["state"] for each in told if each["key"] != "my_first_asset"}

    phlo_project(shell, 36, rest=rest)
    assert shell.run("dagster asset materialize -m phlo.definitions --select '*'").returncode == 0
    assert states() == {"versioned_asset": "Fresh", "below": "Fresh"}
    changed = definitions_of(36, rest=rest).replace('"v2.0"', '"v3.0.1"')
    shell.write("phlo/definitions.py", changed)
    assert states() == {
        "versioned_asset": "Stale",
        "below": "Fresh",
    }  # until the new version has made other data
    told = shell.run("dagster asset materialize -m phlo.definitions --select '*' --changed").stdout
    assert "my_first_asset started" not in told and told.splitlines()[-1].endswith(": 2 assets")


def test_an_io_manager_gets_a_resource(tutorial, tmp_path):
    """S1-48, S1-49"""
    resources = lake(tutorial, tmp_path)
    tutorial.run(13)  # has the import of IcebergResource
    tutorial.run(37)

    @dg.asset(io_manager_key="lake")
    def orders() -> list[dict[str, int]]:
        return [{"id": 1}, {"id": 2}]

    @dg.asset(io_manager_key="lake")
    def doubled(orders):
        return [{"id": each * 2} for each in orders["id"]]

    resources = {"iceberg": resources["iceberg"], "lake": tutorial.iceberg_io_manager}
    assert dg.materialize([orders, doubled], resources=resources).success
    assert resources["iceberg"].read_table("raw.doubled")["id"].tolist() == [2, 4]


def test_definitions_name_the_asset(tutorial):
    """S1-50"""
    tutorial.define(my_asset=dg.asset(name="my_asset")(lambda: 1))
    tutorial.run(38)
    assert tutorial.defs.resolve_all_asset_keys() == [dg.AssetKey("my_asset")]


def test_one_asset_of_the_definitions_is_run(tutorial, tmp_path, monkeypatch, capsys):
    """S1-53, S1-54"""
    folder = tmp_path / "phlo"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "definitions.py").write_text(
        "import dagster as dg\n@dg.asset\ndef my_asset(): return 1\ndefs = dg.Definitions(assets=[my_asset])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    tutorial.run(41)
    assert tutorial.result.success
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"Run {tutorial.result.run_id} succeeded; materialized my_asset"
    with pytest.raises(dg.TreadleError, match="my_asset"):
        tutorial.defs.get_asset_def("my_aset")


def test_a_misspelt_parameter_is_refused_with_the_right_name(tutorial):
    """S1-55"""
    tutorial.run(42)
    upstream_asset = dg.asset(name="upstream_asset")(lambda: 1)
    assert problems([upstream_asset, dg.asset(tutorial.downstream)]) == {}
    wrong, _, _ = text_of(SOURCE, 42).partition("# Correct")
    names: dict[str, object] = {}
    exec(wrong, names)
    found = problems([upstream_asset, dg.asset(names["downstream"])])
    (problem,) = found.values()
    assert "upsteam_asset" in str(problem) and "`upstream_asset`" in str(problem)


def test_merged_definitions_are_one_graph(tutorial):
    """S1-56"""

    @dg.asset
    def upstream() -> int:
        return 1

    @dg.asset
    def downstream(upstream: int) -> int:
        return upstream + 1

    tutorial.define(
        build_ingestion_defs=lambda: dg.Definitions(assets=[upstream]),
        build_transform_defs=lambda: dg.Definitions(assets=[downstream]),
    )
    tutorial.run(43)
    assert tutorial.defs.problems() == []
    assert tutorial.defs.resolve_implicit_global_asset_job_def().execute_in_process().success


def test_neighbours_with_the_same_partitions(tutorial):
    """S1-57"""
    tutorial.define(asset=dg.asset)
    tutorial.define(fetch_weather_for_date=str)
    tutorial.run(17).run(45)
    assets = [tutorial.upstream, tutorial.downstream]
    assert problems(assets) == {}
    assert dg.materialize(assets, partition_key="2024-11-05").success
    weekly = dg.StaticPartitionsDefinition(["a", "b"])

    @dg.asset(partitions_def=weekly)
    def other(upstream) -> None: ...

    (problem,) = problems([tutorial.upstream, other]).values()
    assert "upstream" in problem.message and "other" in problem.message
