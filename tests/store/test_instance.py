"""The instance: the peer's documented query API over a store."""

from pathlib import Path

import pytest

import treadle as dg
from tests.store.making import NOW, ORDERS, begin, checked, event, finish, made, planned
from treadle.core.errors import TreadleError
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.store.settings import load_settings


@pytest.fixture
def instance(store) -> dg.DagsterInstance:
    return dg.DagsterInstance(store)


DAILY = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-02-01")


def test_a_runless_materialization_is_the_latest(instance: dg.DagsterInstance) -> None:
    """S1-41"""
    told = dg.AssetMaterialization(
        ORDERS, description="by hand", metadata={"rows": 3}, tags={"dagster/data_version": "7", "a": "b"}
    )
    instance.report_runless_asset_event(told)
    entry = instance.get_latest_materialization_event(ORDERS)
    assert entry.asset_materialization == told
    assert entry.timestamp > NOW
    assert entry.dagster_event.is_step_materialization
    assert entry.dagster_event.asset_key == ORDERS
    assert entry.run_id == ""
    assert instance.get_asset_keys() == [ORDERS]
    assert instance.has_asset_key(ORDERS)
    assert not instance.has_asset_key(dg.AssetKey("other"))
    assert instance.get_latest_materialization_event(dg.AssetKey("other")) is None


@pytest.mark.filterwarnings("ignore:.get_event_records. is deprecated:DeprecationWarning")
def test_runless_observations_and_checks(instance: dg.DagsterInstance) -> None:
    instance.report_runless_asset_event(dg.AssetObservation(ORDERS, metadata={"x": 1.5}))
    page = instance.fetch_observations(ORDERS, limit=10)
    assert [record.asset_observation.metadata["x"].value for record in page.records] == [1.5]
    severity = dg.AssetCheckSeverity.WARN
    told = dg.AssetCheckEvaluation(ORDERS, "c", False, {"n": 2}, severity=severity, blocking=False)
    instance.report_runless_asset_event(told)
    filtered = dg.EventRecordsFilter(dg.DagsterEventType.ASSET_CHECK_EVALUATION, ORDERS)
    (record,) = instance.get_event_records(filtered)
    assert record.event_log_entry.asset_check_evaluation == told
    assert record.event_log_entry.dagster_event.event_specific_data.severity is severity
    with pytest.raises(TreadleError, match="is no event of an asset"):
        instance.report_runless_asset_event("no")
    with pytest.raises(TreadleError, match="is no event of an asset"):
        instance.report_runless_asset_event(5)


def test_a_range_is_shown_as_one_record_a_partition(instance: dg.DagsterInstance) -> None:
    begin(instance.store, "r", made("r", 0, 5), made("r", 2))
    seen = []
    cursor = None
    for _ in range(9):
        page = instance.fetch_materializations(ORDERS, limit=2, cursor=cursor, ascending=True)
        seen += [record.partition_key for record in page.records]
        cursor = page.cursor
        if not page.has_more:
            break
    assert seen == ["p0", "p1", "p2", "p3", "p4", "p2"]
    assert instance.fetch_materializations(ORDERS, limit=2, cursor=cursor, ascending=True).records == []
    begin(instance.store, "s", made("s", 9))
    (new,) = instance.fetch_materializations(ORDERS, limit=2, cursor=cursor, ascending=True).records
    assert new.asset_materialization.partition == "p9"
    newest = instance.fetch_materializations(ORDERS, limit=3)
    assert [record.partition_key for record in newest.records] == ["p9", "p2", "p4"]
    rest = instance.fetch_materializations(ORDERS, limit=30, cursor=newest.cursor)
    assert [record.partition_key for record in rest.records] == ["p3", "p2", "p1", "p0"]
    one = dg.AssetRecordsFilter(ORDERS, asset_partitions=["p2"])
    assert [r.partition_key for r in instance.fetch_materializations(one, limit=5).records] == ["p2", "p2"]
    assert instance.get_materialized_partitions(ORDERS) == {"p0", "p1", "p2", "p3", "p4", "p9"}


def test_a_bad_cursor_is_refused(instance: dg.DagsterInstance) -> None:
    """B20"""
    with pytest.raises(TreadleError) as caught:
        instance.fetch_materializations(ORDERS, limit=2, cursor="zzz")
    assert caught.value.code == "invalid-cursor"


@pytest.mark.filterwarnings("ignore:.get_event_records. is deprecated:DeprecationWarning")
def test_types_that_only_logs_keep_are_read_from_every_run(instance: dg.DagsterInstance) -> None:
    @dg.op
    def work() -> None: ...

    @dg.job
    def daily():
        work()

    runs = [daily.execute_in_process(instance=instance).run_id for _ in range(3)]
    started = instance.get_event_records(dg.EventRecordsFilter(dg.DagsterEventType.STEP_START))
    assert [record.run_id for record in started] == runs[::-1]
    assert {record.event_log_entry.step_key for record in started} == {"work"}
    since = dg.EventRecordsFilter(dg.DagsterEventType.STEP_START, after_timestamp=started[-1].timestamp)
    assert [r.run_id for r in instance.get_event_records(since, limit=1, ascending=True)] == [runs[1]]


@pytest.mark.filterwarnings("ignore:.get_event_records. is deprecated:DeprecationWarning")
def test_logs_of_several_runs_have_no_cursor_in_common(instance: dg.DagsterInstance) -> None:
    with pytest.raises(TreadleError, match="by type and time only") as caught:
        instance.get_event_records(dg.EventRecordsFilter(dg.DagsterEventType.STEP_START, after_cursor=3))
    assert "get_records_for_run" in caught.value.hint


@pytest.mark.filterwarnings("ignore:.get_event_records. is deprecated:DeprecationWarning")
def test_runs_by_filter(instance: dg.DagsterInstance) -> None:
    for i in range(4):
        lease = begin(instance.store, f"r{i}", job="j", tags={"i": str(i)})
        if i:
            finish(instance.store, lease, RunStatus.FAILURE if i == 2 else RunStatus.SUCCESS)
    assert [run.run_id for run in instance.get_runs()] == ["r3", "r2", "r1", "r0"]
    assert [run.run_id for run in instance.get_runs(limit=2, cursor="r2")] == ["r1", "r0"]
    ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    assert [run.run_id for run in instance.get_runs(ended)] == ["r3", "r1"]
    assert [r.dagster_run.run_id for r in instance.get_run_records(ended, limit=1, ascending=True)] == ["r1"]
    assert [run.run_id for run in instance.get_runs(dg.RunsFilter(tags={"i": "0"}))] == ["r0"]
    run = instance.get_run_by_id("r2")
    assert isinstance(run, dg.DagsterRun)
    assert (run.is_finished, run.is_success, run.is_failure, run.is_cancelable) == (True, False, True, False)
    assert instance.get_run_by_id("r0").is_cancelable
    record = instance.get_run_record_by_id("r1")
    assert (record.start_time, record.end_time) == (NOW, NOW + 10)
    assert record.create_timestamp.timestamp() == NOW
    instance.add_run_tags("r1", {"new": "tag"})
    assert instance.get_run_by_id("r1").tags == {"i": "1", "new": "tag"}
    changes = instance.fetch_run_status_changes(dg.DagsterEventType.RUN_SUCCESS, limit=1, ascending=True)
    assert ([r.run_id for r in changes.records], changes.has_more) == (["r1"], True)
    rest = instance.fetch_run_status_changes(
        dg.DagsterEventType.RUN_SUCCESS, limit=5, ascending=True, cursor=changes.cursor
    )
    assert ([r.run_id for r in rest.records], rest.has_more) == (["r3"], False)
    failures = instance.get_event_records(dg.EventRecordsFilter(dg.DagsterEventType.RUN_FAILURE))
    assert [record.run_id for record in failures] == ["r2"]
    instance.delete_run("r2")
    assert not instance.has_run("r2")
    assert instance.get_runs_count() == 3


def test_the_log_of_a_run(instance: dg.DagsterInstance) -> None:
    log = event("r", EventType.LOG, message="hello", level=20)
    step = event("r", EventType.STEP_START, step_key="s", job_name="j", pid=5)
    finish(instance.store, begin(instance.store, "r", log, step, made("r", 0, 2)))
    entries = instance.all_logs("r")
    assert [entry.is_dagster_event for entry in entries] == [False, True, True, True, True, True]
    assert entries[0].user_message == "hello"
    started = entries[1].get_dagster_event()
    assert (started.step_key, started.job_name, started.pid, started.is_step_start) == ("s", "j", 5, True)
    with pytest.raises(TreadleError):
        entries[0].get_dagster_event()
    only = instance.all_logs("r", of_type={EventType.STEP_START, EventType.RUN_SUCCESS})
    assert [entry.dagster_event_type for entry in only] == [EventType.STEP_START, EventType.RUN_SUCCESS]
    page = instance.get_records_for_run("r", limit=2)
    assert (len(page.records), page.has_more) == (2, True)
    assert len(instance.get_records_for_run("r", cursor=page.cursor).records) == 4


def test_asset_records_and_code_versions(instance: dg.DagsterInstance) -> None:
    other = dg.AssetKey("other")
    begin(instance.store, "r", made("r", code_version="c1"), made("r", asset=other), checked("r", "c", True))
    (first, second) = instance.get_asset_records()
    assert [first.asset_entry.asset_key, second.asset_entry.asset_key] == [other, ORDERS]
    assert second.asset_entry.last_run_id == "r"
    assert [record.asset_entry.asset_key for record in instance.get_asset_records([other])] == [other]
    versions = instance.get_latest_materialization_code_versions([ORDERS, other, dg.AssetKey("no")])
    assert list(versions.values()) == ["c1", None, None]
    assert instance.get_asset_keys(prefix=["raw"]) == [ORDERS]
    instance.wipe_assets([ORDERS])
    assert instance.get_asset_keys() == [other]
    assert instance.get_latest_materialization_event(ORDERS) is None


def test_status_by_partition_whoever_reported_it(instance: dg.DagsterInstance) -> None:
    for day in ("2024-01-01", "2024-01-03", "1999-01-01"):
        instance.report_runless_asset_event(dg.AssetMaterialization(ORDERS, partition=day))
    found = instance.materialized_keys(ORDERS, DAILY)
    assert list(found) == ["2024-01-01", "2024-01-03"]
    days = ["2024-01-01", "2024-01-02"]
    status = instance.get_status_by_partition(ORDERS, days, DAILY)
    assert status == {"2024-01-01": dg.AssetPartitionStatus.MATERIALIZED, "2024-01-02": None}
    instance.wipe_asset_partitions(ORDERS, ["2024-01-03"], DAILY)
    assert list(instance.materialized_keys(ORDERS, DAILY)) == ["2024-01-01"]
    assert instance.get_materialized_partitions(ORDERS) == {"2024-01-01", "1999-01-01"}


def test_dynamic_partitions(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("colors", ["red", "blue"])
    assert instance.get_dynamic_partitions("colors") == ["red", "blue"]
    instance.delete_dynamic_partition("colors", "red")
    assert not instance.has_dynamic_partition("colors", "red")
    assert instance.has_dynamic_partition("colors", "blue")
    with pytest.raises(TreadleError, match="sequence of texts"):
        instance.add_dynamic_partitions("colors", "red")
    colors = dg.DynamicPartitionsDefinition(name="colors")
    instance.report_runless_asset_event(dg.AssetMaterialization(ORDERS, partition="blue"))
    assert list(instance.materialized_keys(ORDERS, colors)) == ["blue"]


@pytest.mark.parametrize("key", ["n\0", "a\tb", "\ud800", "a...b"])
def test_dynamic_keys_that_can_not_be_used_are_refused_with_all_others(
    key: str, instance: dg.DagsterInstance
) -> None:
    with pytest.raises(TreadleError, match="Invalid partition key"):
        instance.add_dynamic_partitions("colors", ["red", key])
    assert instance.get_dynamic_partitions("colors") == []
    instance.add_dynamic_partitions("colors", [""])
    assert instance.get_dynamic_partitions("colors") == [""]


def test_failed_and_running_partitions(instance: dg.DagsterInstance) -> None:
    ids = instance.partition_ids(ORDERS)
    letters = dg.StaticPartitionsDefinition(["p0", "p1", "p2", "p3"])
    first, *_ = ids.ids_for("", ["p0", "p1", "p2", "p3"])
    failed = begin(instance.store, "a", planned("a", first, first + 2), made("a", first))
    finish(instance.store, failed, RunStatus.FAILURE)
    begin(instance.store, "b", planned("b", first + 3))
    status = instance.get_status_by_partition(ORDERS, ["p0", "p1", "p2", "p3"], letters)
    assert [value and value.value for value in status.values()] == [
        "MATERIALIZED",
        "FAILED",
        None,
        "IN_PROGRESS",
    ]


def test_the_home_is_found() -> None:
    assert load_settings(Path("/"), {"TREADLE_HOME": "/x"}).home == Path("/x")
    assert load_settings(Path("/"), {"DAGSTER_HOME": "/y"}).home == Path("/y/treadle")


def test_the_home_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.treadle]\ndurability = 'power'\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    settings = load_settings(tmp_path / "a" / "b", {})
    assert (settings.home, settings.durability) == (tmp_path / ".treadle", "power")
    monkeypatch.chdir(tmp_path / "a")
    monkeypatch.delenv("TREADLE_HOME", raising=False)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with dg.DagsterInstance.get() as found:
        assert found.root_directory == str(tmp_path / ".treadle")
        found.report_runless_asset_event(dg.AssetMaterialization("a"))
    with dg.DagsterInstance.get() as again:
        assert again.get_asset_keys() == [dg.AssetKey("a")]


def test_ephemeral_and_temporary_instances(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as one, dg.DagsterInstance.ephemeral() as two:
        one.add_dynamic_partitions("x", ["a"])
        assert two.get_dynamic_partitions("x") == []
        assert one.is_ephemeral
        folder = Path(one.storage_directory()).parent
        assert folder.is_dir()
    assert not folder.exists()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as kept:
        assert kept.is_persistent
        kept.add_dynamic_partitions("x", ["a"])
    with dg.DagsterInstance.local_temp(str(tmp_path)) as again:
        assert again.get_dynamic_partitions("x") == ["a"]


@pytest.mark.parametrize("with_definition", [False, True])
@pytest.mark.parametrize(
    "definition",
    [
        dg.StaticPartitionsDefinition(["x", "y", "z"]),
        dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-05"),
        dg.MultiPartitionsDefinition(
            {
                "day": dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-03"),
                "shop": dg.StaticPartitionsDefinition(["x", "y"]),
            }
        ),
    ],
    ids=["static", "daily", "multi"],
)
def test_wiped_partitions_of_any_kind_are_forgotten(definition, with_definition) -> None:
    @dg.asset(partitions_def=definition)
    def made() -> int:
        return 1

    keys = definition.get_partition_keys()[:3]
    with dg.Instance.ephemeral() as instance:
        for key in keys:
            instance.report_runless_asset_event(dg.AssetMaterialization("made", partition=key))
        instance.wipe_asset_partitions(made.key, keys[:2], definition if with_definition else None)
        assert instance.get_materialized_partitions(made.key) == {keys[2]}


def test_a_dynamic_partition_is_not_made_by_reporting_it() -> None:
    parts = dg.DynamicPartitionsDefinition(name="colours")
    key = dg.AssetKey("painted")
    with dg.Instance.ephemeral() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(key, partition="red"))
        assert not instance.materialized_keys(key, parts)
        assert instance.get_dynamic_partitions("colours") == []
        instance.add_dynamic_partitions("colours", ["red", "blue"])
        assert list(instance.materialized_keys(key, parts)) == ["red"]
