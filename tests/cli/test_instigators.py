"""`treadle schedule` and `treadle sensor` (S2-01, S2-18, S3-22, S4-19)."""

import json

from tests.cli.conftest import Project

CODE = """
import treadle as dg

class Store(dg.ConfigurableResource):
    folder: str

@dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01"))
def sales(): ...

sales_job = dg.define_asset_job("sales_job", selection=[sales])
nightly = dg.build_schedule_from_partitioned_job(sales_job, name="nightly", hour_of_day=6)

@dg.schedule("0 0 * * *", job=sales_job, execution_timezone="Europe/Berlin")
def mornings(context):
    context.log.info("looking")
    return dg.RunRequest(str(context.scheduled_execution_time), tags={"by": "hand"}, partition_key="2026-01-01")

@dg.schedule("0 0 * * *", job=sales_job)
def broken(context):
    return [][1]

@dg.sensor(job=sales_job)
def files(context, store: Store):
    context.update_cursor("b.csv")
    if context.cursor == context.last_run_key:
        return dg.SkipReason("nothing new")
    return dg.RunRequest(f"{store.folder}/{context.last_run_key}", partition_key="2026-01-01")

@dg.asset_sensor("sales", job=sales_job)
def on_sales(context, asset_event):
    return dg.RunRequest(asset_event.dagster_event.partition, partition_key=asset_event.dagster_event.partition)

@dg.sensor(job=sales_job)
def only_tells(context):
    return dg.SensorResult(
        asset_events=[dg.AssetMaterialization("sales")],
        dynamic_partitions_requests=[dg.DynamicPartitionsDefinition(name="n").build_add_request(["x"])],
    )

defs = dg.Definitions(
    assets=[sales],
    jobs=[sales_job],
    schedules=[nightly, mornings, broken],
    sensors=[files, on_sales, only_tells],
    resources={"store": Store(folder="in")},
)
"""


def printed(project: Project, *arguments: str):
    return json.loads(project.treadle(*arguments, "-f", "s.py", "--json").out)


def test_schedules_are_listed_and_their_next_ticks(project: Project) -> None:
    project.write("s.py", CODE)
    by_name = {each["name"]: each for each in printed(project, "schedule", "list")}
    assert by_name["nightly"]["cron"] == "0 6 * * *"
    assert by_name["mornings"]["timezone"] == "Europe/Berlin"
    assert len(printed(project, "schedule", "preview", "nightly", "--count", "2")["ticks"]) == 2


def test_a_tick_of_a_schedule_is_evaluated_for_a_time(project: Project) -> None:
    project.write("s.py", CODE)
    found = printed(project, "schedule", "preview", "mornings", "--at", "2026-05-15T00:00")
    assert found["at"] == "2026-05-15T00:00:00+02:00"
    (request,) = found["run_requests"]
    assert request["run_key"] == "2026-05-15 00:00:00+02:00"
    assert (request["job"], request["tags"]["by"]) == ("sales_job", "hand")
    assert found["log"] == [{"level": "INFO", "message": "looking"}]
    nightly = project.treadle("schedule", "preview", "nightly", "--at", "2026-05-15T06:00", "-f", "s.py")
    assert "partition: 2026-05-14" in nightly.out
    assert project.treadle("schedule", "preview", "mornings", "--at", "next", "-f", "s.py").code == 0
    assert project.treadle("schedule", "preview", "mornings", "--at", "soon", "-f", "s.py").code == 2


def test_a_tick_that_fails_says_why(project: Project) -> None:
    project.write("s.py", CODE)
    failed = project.treadle("schedule", "preview", "broken", "--at", "next", "-f", "s.py")
    assert failed.code == 1
    assert "IndexError" in failed.err
    assert (
        printed(project, "schedule", "preview", "broken", "--at", "next")["error"]["code"]
        == "schedule-failed"
    )


def test_a_sensor_is_evaluated_once_and_nothing_is_remembered(project: Project) -> None:
    project.write("s.py", CODE)
    arguments = ("sensor", "preview", "files", "--cursor", "a.csv", "--last-run-key")
    found = printed(project, *arguments, "k")
    assert (found["run_requests"][0]["run_key"], found["cursor"]) == ("in/k", "b.csv")
    assert printed(project, *arguments, "b.csv")["skip_message"] == "nothing new"
    assert printed(project, "sensor", "preview", "on_sales")["run_requests"] == []
    assert project.treadle("materialize", "-a", "sales", "--partition", "2026-01-03", "-f", "s.py").code == 0
    for _ in range(2):
        (request,) = printed(project, "sensor", "preview", "on_sales")["run_requests"]
        assert request["run_key"] == "2026-01-03"
    assert "run key: 2026-01-03" in project.treadle("sensor", "preview", "on_sales", "-f", "s.py").out


def test_events_and_partitions_are_shown(project: Project) -> None:
    project.write("s.py", CODE)
    found = printed(project, "sensor", "preview", "only_tells")
    assert found["dynamic_partitions_requests"] == [{"kind": "add", "partitions_def": "n", "keys": ["x"]}]
    assert "sales" in found["asset_events"][0]
    assert (
        "event: AssetMaterialization" in project.treadle("sensor", "preview", "only_tells", "-f", "s.py").out
    )


def test_a_name_that_is_not_there_gets_a_suggestion(project: Project) -> None:
    project.write("s.py", CODE)
    wrong = project.treadle("sensor", "preview", "fils", "-f", "s.py")
    assert (wrong.code, "`files`" in wrong.err) == (2, True)
    assert project.treadle("sensor", "preview", "-f", "s.py").code == 2


def test_commands_of_the_control_process_say_that_they_need_it(project: Project) -> None:
    for command in (
        ["schedule", "start", "nightly"],
        ["schedule", "wipe"],
        ["sensor", "cursor", "files", "--set", "x"],
    ):
        outcome = project.treadle(*command)
        assert outcome.code == 2 and "comes with the control process" in outcome.err
        assert f"{command[0]} preview" in outcome.err


def test_names_only_and_those_that_start_as_running(project: Project) -> None:
    project.write("s.py", CODE)
    project.write(
        "running.py",
        "import treadle as dg\nfrom s import defs, sales_job\n"
        "hourly = dg.ScheduleDefinition(job=sales_job, cron_schedule='@hourly', name='hourly',\n"
        "    default_status=dg.DefaultScheduleStatus.RUNNING)\n"
        "all_of_it = dg.Definitions.merge(defs, dg.Definitions(schedules=[hourly]))\n",
    )
    listed = project.treadle("schedule", "list", "-f", "running.py", "-a", "all_of_it", "--name")
    assert listed.out.split() == ["nightly", "mornings", "broken", "hourly"]
    running = project.treadle(
        "schedule", "list", "-f", "running.py", "-a", "all_of_it", "--name", "--running"
    )
    assert running.out.split() == ["hourly"]
    stopped = project.treadle("sensor", "list", "-f", "s.py", "--name", "--stopped")
    assert stopped.out.split() == ["files", "on_sales", "only_tells"]
    assert project.treadle("sensor", "list", "-f", "s.py", "--running", "--name").out == ""
