"""Where definitions are found, what is said when they do not load, and what is asked of the settings."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Project

ONE = "import treadle as dg\n@dg.asset\ndef {name}(): return 1\n"


def _keys(project: Project, *arguments: str) -> list[str]:
    done = project.treadle("list", "--json", *arguments)
    assert done.code == 0, done.err
    return [each["key"] for each in json.loads(done.out)]


def test_every_option_that_names_a_place(project: Project) -> None:
    """S1-04, S2-D04: a file or package without `Definitions` loads as it is."""
    project.write("alone.py", ONE.format(name="alone"))
    project.write("pack/__init__.py", "")
    project.write("pack/inner.py", ONE.format(name="inner"))
    project.write("sub/deep.py", ONE.format(name="deep"))
    assert _keys(project, "-f", "alone.py") == ["alone"]
    assert _keys(project, "-m", "alone") == ["alone"]
    assert _keys(project, "--package-name", "pack") == ["inner"]
    assert _keys(project, "-m", "deep", "-d", "sub") == ["deep"]


def test_assets_checks_jobs_schedules_and_resources_are_found_under_their_names(project: Project) -> None:
    """S2-D04"""
    project.write(
        "plain.py",
        "import treadle as dg\n"
        "class Db(dg.ConfigurableResource):\n    url: str = 'x'\n"
        "warehouse = Db()\n"
        "@dg.asset\ndef made(warehouse: Db): return warehouse.url\n"
        "@dg.asset_check(asset=made)\ndef fine(): return dg.AssetCheckResult(passed=True)\n"
        "nightly = dg.define_asset_job('nightly', selection='made')\n"
        "plan = dg.ScheduleDefinition(job=nightly, cron_schedule='*/5 * * * *')\n",
    )
    target = ("-f", "plain.py")
    assert json.loads(project.treadle("job", "list", *target, "--json").out)[0]["name"] == "nightly"
    assert "*/5 * * * *" in project.treadle("schedule", "list", *target).out
    assert "warehouse" in project.treadle("resource", "list", *target).out
    done = project.treadle("job", "execute", "-j", "nightly", *target)
    assert done.code == 0, done.out
    assert done.last_line.endswith("1 asset, 1 check passed")


def test_the_folder_and_the_settings_name_what_no_option_does(project: Project) -> None:
    project.write("definitions.py", ONE.format(name="here"))
    assert _keys(project) == ["here"]
    project.write("other.py", ONE.format(name="there"))
    project.write("treadle.toml", 'compat = false\ncode_locations = [{ python_file = "other.py" }]\n')
    assert _keys(project) == ["there"]


def test_a_package_with_definitions_is_found(project: Project) -> None:
    """S3-19"""
    project.write("course/__init__.py", "")
    project.write("course/assets/__init__.py", "")
    project.write("course/assets/lesson.py", ONE.format(name="lesson"))
    project.write("course/jobs.py", "import treadle as dg\neverything = dg.define_asset_job('everything')\n")
    project.write(
        "course/definitions.py",
        "import treadle as dg\nfrom course.assets import lesson\nfrom course.jobs import everything\n"
        "defs = dg.Definitions(assets=dg.load_assets_from_modules([lesson]), jobs=[everything])\n",
    )
    assert _keys(project) == ["lesson"]
    assert project.treadle("check").code == 0


def test_nothing_to_load_is_a_clear_error(project: Project) -> None:
    nothing = project.treadle("list")
    assert nothing.code == 2
    assert "-f FILE" in nothing.err
    assert project.treadle("list", "-f", "nope.py").code == 2
    assert project.treadle("list", "-f", "a.py", "-m", "b").code == 2


def test_definitions_may_be_made_by_a_function(project: Project) -> None:
    """S3-04"""
    project.write(
        "lazy.py",
        "import treadle as dg\ncalls = []\n@dg.asset\ndef made(): return len(calls)\n"
        "@dg.definitions\ndef defs():\n    calls.append(1)\n    assert len(calls) == 1\n"
        "    return dg.Definitions(assets=[made])\n",
    )
    assert _keys(project, "-m", "lazy") == ["made"]
    assert project.treadle("materialize", "-m", "lazy", "-a", "made").code == 0


def test_a_module_that_does_not_import_shows_its_own_traceback(project: Project) -> None:
    path = project.write("broken.py", "def inner():\n    return 1 / 0\n\ninner()\n")
    broken = project.treadle("list", "-f", "broken.py")
    assert broken.code == 3
    assert "ZeroDivisionError" in broken.err
    assert f'File "{path}", line 2, in inner' in broken.err
    assert "load_code" not in broken.err


def test_every_problem_is_told_at_once_with_file_and_line(project: Project) -> None:
    """S2-D02a, S2-D01b"""
    path = project.write(
        "wrong.py",
        "import treadle as dg\n"
        "class Db(dg.ConfigurableResource):\n    url: str = 'x'\n"
        "@dg.asset\ndef a(warehose: Db): ...\n"
        "@dg.asset(deps=['c'])\ndef b(): ...\n"
        "@dg.asset(deps=[b])\ndef c(): ...\n"
        "defs = dg.Definitions(assets=[a, b, c], resources={'warehouse': Db()})\n",
    )
    checked = project.treadle("check", "-f", "wrong.py")
    assert checked.code == 1
    assert f"{path}:5: error[unknown-resource]" in checked.out
    assert "did you mean `warehouse`?" in checked.out
    assert "b -> c -> b" in checked.out
    refused = project.treadle("materialize", "-f", "wrong.py", "-a", "a")
    assert refused.code == 3
    assert f"{path}:5" in refused.err and "b -> c -> b" in refused.err
    codes = {each["code"] for each in json.loads(project.treadle("check", "-f", "wrong.py", "--json").out)}
    assert codes == {"unknown-resource", "dependency-cycle"}


def test_an_unknown_dependency_warns_and_fails_a_strict_check(project: Project) -> None:
    """S2-D01b, S2-D15"""
    project.write(
        "taxi.py",
        "import treadle as dg\n@dg.asset\ndef taxi_trips(): ...\n@dg.asset(deps=['taxi_trip'])\ndef report(): ...\n",
    )
    relaxed = project.treadle("definitions", "validate", "-f", "taxi.py")
    assert relaxed.code == 0
    assert "warning[unknown-dep]" in relaxed.out and "did you mean `taxi_trips`?" in relaxed.out
    assert project.treadle("check", "-f", "taxi.py", "--strict").code == 1


def test_a_workspace_lists_locations_of_this_interpreter(project: Project) -> None:
    """S1-04"""
    project.write("one.py", ONE.format(name="first"))
    project.write("two.py", ONE.format(name="second"))
    project.write(
        "workspace.yaml",
        "load_from:\n  - python_file: one.py\n"
        f"  - python_module: {{module_name: two, location_name: second_place, executable_path: {sys.executable}}}\n",
    )
    assert _keys(project, "-w", "workspace.yaml") == ["first", "second"]
    several = project.treadle("materialize", "-w", "workspace.yaml", "-a", "first")
    assert several.code == 2
    assert "--location" in several.err
    target = ("-w", "workspace.yaml", "--location", "second_place")
    assert project.treadle("materialize", *target, "-a", "second").code == 0
    project.write(
        "workspace.yaml", "load_from:\n  - python_file: {relative_path: one.py, executable_path: /x/python}\n"
    )
    other = project.treadle("list", "-w", "workspace.yaml")
    assert other.code == 2
    assert "/x/python" in other.err


@pytest.mark.parametrize(
    "text", ["", "load_from: 3", "load_from: [{grpc_server: {port: 1}}]", "load_from: ["]
)
def test_a_workspace_that_does_not_read_is_refused(project: Project, text: str) -> None:
    project.write("workspace.yaml", text)
    assert project.treadle("list", "-w", "workspace.yaml").code == 2


def test_the_environment_file_is_read_before_user_code(project: Project) -> None:
    project.write(".env", "GREETING=good morning\nHOME=/nowhere\n")
    project.write(
        "greet.py",
        "import os\nimport treadle as dg\ngreeting = os.environ['GREETING']\n"
        "@dg.asset\ndef greeted(context): context.log.info(greeting + ' ' + os.environ['HOME'])\n",
    )
    done = project.process("materialize", "-f", "greet.py", "-a", "greeted")
    assert "good morning" in done.out
    assert "/nowhere" not in done.out


def test_each_setting_is_shown_with_its_source(project: Project) -> None:
    project.write(
        "treadle.toml", 'compat = false\nretention_days = 7\nstore_url = "postgresql://u:secret@h/db"\n'
    )
    shown = {each["name"]: each for each in json.loads(project.treadle("config", "--json").out)}
    assert shown["retention_days"] == {
        "name": "retention_days",
        "value": 7.0,
        "source": str(project.folder / "treadle.toml"),
    }
    assert shown["durability"]["source"] == "default"
    assert "secret" not in shown["store_url"]["value"]


def test_an_unknown_setting_is_refused_with_the_nearest(project: Project) -> None:
    project.write("treadle.toml", "retention_day = 7\n")
    refused = project.treadle("config")
    assert refused.code == 2
    assert "retention_days" in refused.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("retention_days = nan\n", "above 0"),
        ("retention_days = inf\n", "above 0"),
        ("[tool.treadle]\nretention_days = 7\n", "without a `[tool.treadle]`"),
    ],
)
def test_a_wrong_setting_says_what_to_write(text: str, said: str, project: Project) -> None:
    project.write("treadle.toml", text)
    refused = project.treadle("config")
    assert (refused.code, said in refused.err) == (2, True)


def test_a_new_project_loads_validates_and_passes_its_tests(project: Project) -> None:
    """S4-26"""
    assert project.treadle("project", "scaffold", "--name", "shop").code == 0
    folder = project.folder / "shop"
    before = sorted(str(path) for path in folder.rglob("*"))
    again = project.treadle("new", "shop")
    assert again.code == 2
    assert sorted(str(path) for path in folder.rglob("*")) == before
    assert {"pyproject.toml", "shop", "tests"} <= {path.name for path in folder.iterdir()}
    inside = Project(folder, project.treadle)
    assert inside.process("check", "--strict").code == 0
    tick = json.loads(inside.process("schedule", "preview", "--at", "2024-01-03T02:00", "--json").out)
    assert [each["partition"] for each in tick["run_requests"]] == ["2024-01-02"]
    done = inside.process("materialize", "--select", "*", "--partition", "2024-01-01")
    assert done.code == 0, done.out + done.err
    assert done.last_line.endswith("2 assets, 1 check passed")
    assert (folder / ".treadle").is_dir()
    assert project.treadle("new", "not-a-name").code == 2


def test_impact_counts_what_hangs_on_an_asset(project: Project) -> None:
    """S2-02"""
    project.write(
        "graph.py",
        "import treadle as dg\n@dg.asset\ndef raw(): return 1\n@dg.asset\ndef clean(raw): return raw\n"
        "@dg.asset(deps=[clean])\ndef mart(): ...\n"
        "job = dg.define_asset_job('marts', selection='mart')\n"
        "nightly = dg.ScheduleDefinition(job=job, cron_schedule='@daily')\n",
    )
    shown = project.treadle("asset", "impact", "raw", "-f", "graph.py").out
    assert "1 assets that would fail: clean" in shown or "1 asset that would fail: clean" in shown
    found = json.loads(project.treadle("impact", "raw", "-f", "graph.py", "--json").out)
    assert (found["failing_assets"], found["stale_assets"]) == (["clean"], ["mart"])
    assert (found["jobs"], found["schedules"]) == (["marts"], ["marts_schedule"])
    assert project.treadle("impact", "rwa", "-f", "graph.py").code == 2


def test_who_uses_a_resource(project: Project) -> None:
    """S2-D02d"""
    path = project.write(
        "used.py",
        "import treadle as dg\n"
        "class Db(dg.ConfigurableResource):\n    url: str = 'x'\n"
        "class Outer(dg.ConfigurableResource):\n    db: Db\n"
        "@dg.asset\ndef made(warehouse: Db): ...\n"
        "@dg.op\ndef work(warehouse: Db): ...\n"
        "@dg.asset_check(asset=made)\ndef fine(warehouse: Db): return dg.AssetCheckResult(passed=True)\n"
        "@dg.sensor(job_name='j')\ndef watch(context, warehouse: Db): ...\n"
        "@dg.schedule(cron_schedule='@daily', job_name='j')\ndef daily(context, warehouse: Db): ...\n"
        "j = dg.define_asset_job('j')\n"
        "defs = dg.Definitions(assets=[made], asset_checks=[fine], jobs=[j], sensors=[watch], schedules=[daily],\n"
        "    resources={'warehouse': Db(), 'unused': Db()})\n",
    )
    rows = json.loads(project.treadle("resource", "usage", "warehouse", "-f", "used.py", "--json").out)
    assert {(row["kind"], row["name"]) for row in rows} == {
        ("asset", "made"),
        ("check", "made:fine"),
        ("sensor", "watch"),
        ("schedule", "daily"),
    }
    assert all(row["where"].startswith(f"{path}:") for row in rows), rows
    assert "Nothing uses `unused`" in project.treadle("resource", "usage", "unused", "-f", "used.py").out
    assert project.treadle("resource", "usage", "warehose", "-f", "used.py").code == 2


def test_one_screen_tells_all_of_an_asset(project: Project) -> None:
    """S2-D13"""
    project.write(
        "screen.py",
        "import treadle as dg\n"
        "days = dg.DailyPartitionsDefinition('2024-01-01', end_date='2024-01-04')\n"
        "class Db(dg.ConfigurableResource):\n    url: str = 'x'\n"
        "@dg.asset\ndef above(): return 1\n"
        "@dg.asset(partitions_def=days, group_name='marts', owners=['team:data'], kinds={'duckdb'})\n"
        "def middle(above, db: Db):\n    '''What it is.'''\n    return dg.Output(1, metadata={'rows': 3})\n"
        "@dg.asset(deps=[middle])\ndef below(): ...\n"
        "job = dg.define_asset_job('marts', selection='middle')\n"
        "nightly = dg.ScheduleDefinition(job=job, cron_schedule='@daily')\n"
        "defs = dg.Definitions(assets=[above, middle, below], jobs=[job], schedules=[nightly], resources={'db': Db()})\n",
    )
    target = ("-f", "screen.py")
    project.treadle("materialize", *target, "--select", "above,middle", "--partition", "2024-01-02")
    shown = project.treadle("asset", "show", "middle", *target).out
    for words in (
        "screen.py",
        "marts",
        "What it is.",
        "team:data",
        "duckdb",
        "1 of 3",
        "2024-01-03",
        "above",
        "below",
        "marts_schedule",
        "db",
        "rows=3",
    ):
        assert words in shown, words


def test_why_an_asset_is_stale(project: Project) -> None:
    source = "import treadle as dg\n@dg.asset(code_version='{v}')\ndef a(): return 1\n@dg.asset\ndef b(a): return a\n"
    project.write("stale.py", source.format(v="1"))
    target = ("-f", "stale.py")
    assert "never been materialized" in project.treadle("why", "a", *target).out
    project.treadle("materialize", *target, "--select", "*", "--executor", "in-process")
    assert "a is fresh" in project.treadle("why", "a", *target).out
    # Of another length: a bytecode file is told apart by size and whole seconds.
    project.write("stale.py", source.format(v="2.0"))
    assert "code version is `2.0`" in project.process("why", "a", *target).out


def test_wiping_forgets_an_asset_and_asks_first(project: Project) -> None:
    project.write("w.py", ONE.format(name="made"))
    target = ("-f", "w.py")
    project.treadle("materialize", *target, "-a", "made")
    assert project.treadle("asset", "wipe", *target).code == 2
    assert project.process("asset", "wipe", "made", *target).code != 0  # no terminal to answer at
    assert "Fresh" in project.treadle("list", *target).out
    assert project.treadle("asset", "wipe", "made", "--yes", *target).code == 0
    assert "Never materialized" in project.treadle("list", *target).out


def test_schedules_are_listed_and_previewed(project: Project) -> None:
    """S3-22"""
    project.write(
        "s.py",
        "import treadle as dg\n@dg.asset\ndef a(): ...\nsample_job = dg.define_asset_job('sample_job', selection='a')\n"
        "every = dg.ScheduleDefinition(job=sample_job, cron_schedule='*/5 * * * *')\n",
    )
    assert "sample_job_schedule" in project.treadle("schedule", "list", "-f", "s.py").out
    ticks = project.treadle(
        "schedule", "preview", "sample_job_schedule", "-f", "s.py", "--count", "3"
    ).out.split()
    assert len(ticks) == 3
    assert all(int(tick[14:16]) % 5 == 0 and tick[17:19] == "00" for tick in ticks)
    assert project.treadle("schedule", "preview", "sample", "-f", "s.py").code == 2


def test_a_home_that_is_not_writable_is_named(project: Project) -> None:
    project.write("a.py", ONE.format(name="a"))
    blocked = project.write("blocked", "a file, not a folder")
    project.write("treadle.toml", f'compat = false\nhome = "{blocked / "home"}"\n')
    refused = project.treadle("materialize", "-f", "a.py", "-a", "a")
    assert refused.code == 2
    assert str(Path(blocked)) in refused.err


def test_code_written_for_the_peer_runs_unchanged_unless_the_settings_say_no(project: Project) -> None:
    project.write("peer.py", "import dagster as dg\n@dg.asset\ndef made(): return dg.__name__\n")
    off = project.process("materialize", "-f", "peer.py", "-a", "made")
    assert off.code == 3
    assert "dagster" in off.err
    project.write("treadle.toml", "")
    on = project.process("materialize", "-f", "peer.py", "-a", "made")
    assert on.code == 0, on.err


def test_the_settings_that_are_shown_are_those_of_dotenv(project: Project) -> None:
    project.write(".env", "TREADLE_HOME=elsewhere\n")
    for command in (["config"], ["instance", "info"]):
        shown = {each["name"]: each for each in json.loads(project.treadle(*command, "--json").out)}
        assert shown["home"]["value"] == str(project.folder / "elsewhere")
        assert shown["home"]["source"] == f"{project.folder / '.env'} TREADLE_HOME"
    assert project.treadle("runs").code == 0
    assert (project.folder / "elsewhere" / "treadle.db").is_file()
