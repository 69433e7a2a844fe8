"""Small mistakes are answered with the place and the name that was meant; and commands that work by a key alone."""

import json
import os

import pytest

from tests.cli.conftest import Project

DAYS = """
import treadle as dg

@dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-05"))
def sales(): ...
"""
SHOP = """
import treadle as dg

@dg.asset
def orders(): ...

@dg.op
def work(): ...

@dg.job
def nightly_job():
    work()

@dg.schedule(job=nightly_job, cron_schedule="0 0 * * *")
def nightly(): return {}

@dg.sensor(job=nightly_job)
def files(): return dg.SkipReason("none")

defs = dg.Definitions(assets=[orders], jobs=[nightly_job], schedules=[nightly], sensors=[files])
"""


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("@dg.asset(groupname='x')", "`group_name`"),
        ("@dg.asset(automation_condition=dg.AutomationCondition.eagr())", "`eager`"),
        ("@dg.assett", "`asset`"),
    ],
)
def test_a_misspelt_name_is_told_with_its_place_and_the_one_that_was_meant(
    project: Project, line: str, meant: str
) -> None:
    project.write("shop.py", f"import treadle as dg\n{line}\ndef orders(): ...\n")
    outcome = project.treadle("definitions", "validate", "-f", "shop.py")
    assert outcome.code == 3 and "shop.py:2" in outcome.err
    assert "did you mean" in outcome.err and meant in outcome.err


def test_a_check_counts_schedules_and_sensors(project: Project) -> None:
    project.write("shop.py", SHOP)
    outcome = project.treadle("definitions", "validate", "-f", "shop.py")
    assert "1 asset, 0 checks, 1 job, 1 schedule, 1 sensor: no problems" in outcome.out


def test_a_bad_config_file_is_told_with_file_line_and_column(project: Project) -> None:
    project.write("shop.py", SHOP)
    project.write("bad.yaml", "ops:\n  work: {config: [1,\n")
    outcome = project.treadle("job", "execute", "-f", "shop.py", "-c", "bad.yaml")
    assert outcome.code == 2 and "bad.yaml:3:1" in outcome.err


def test_a_job_is_printed_by_the_peers_name(project: Project) -> None:
    project.write("shop.py", SHOP)
    assert "work" in project.treadle("job", "print", "-f", "shop.py", "-j", "nightly_job").out


def test_assets_are_wiped_by_key_alone(project: Project) -> None:
    project.write("shop.py", SHOP)
    made = ("materialize", "-f", "shop.py", "--select", "orders")
    assert project.treadle(*made).code == 0
    unknown = project.treadle("asset", "wipe", "order", "--noprompt")
    assert unknown.code == 2 and "orders" in unknown.err
    assert project.treadle("asset", "wipe", "--noprompt").code == 2
    wiped = project.treadle("asset", "wipe", "orders", "--noprompt", "--json")
    assert json.loads(wiped.out) == {"assets": ["orders"], "partitions": None}
    assert project.treadle("asset", "wipe", "orders", "--noprompt").code == 2
    assert project.treadle(*made).code == 0
    assert "Wiped all 1 asset." in project.treadle("asset", "wipe", "--all", "--noprompt").out


def test_partitions_are_wiped_by_key_alone(project: Project) -> None:
    project.write("days.py", DAYS)
    target = ("-f", "days.py")
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        assert project.treadle("materialize", *target, "--partition", day, "-a", "sales").code == 0
    wipe = ("asset", "wipe", "sales", "--noprompt")
    misspelt = project.treadle(*wipe, "--partition", "2026-01-01", "--partition", "2026-01-04")
    assert misspelt.code == 2 and "no partition `2026-01-04` of `sales`" in misspelt.err
    assert "3 of 4" in project.treadle("asset", "show", "sales", *target).out
    assert "Wiped 1 partition of `sales`." in project.treadle(*wipe, "--partition", "2026-01-02").out
    told = project.treadle(*wipe, "--partition", "2026-01-03", "--json")
    assert json.loads(told.out) == {"assets": ["sales"], "partitions": ["2026-01-03"]}
    assert "1 of 4" in project.treadle("asset", "show", "sales", *target).out
    assert project.treadle(*wipe, "--partition", "2026-01-03").code == 2


@pytest.mark.parametrize("executor", [(), ("--executor", "processes")])
def test_an_unknown_start_method_is_refused_before_a_run_is_stored(
    executor: tuple[str, ...], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("one.py", "import treadle as dg\n@dg.asset\ndef a(): ...\n")
    monkeypatch.setitem(os.environ, "TREADLE_START_METHOD", "bogus")
    done = project.treadle("materialize", "-f", "one.py", "-a", "a", *executor)
    assert done.code == 2
    assert "TREADLE_START_METHOD is `bogus`" in done.err and "`fork`" in done.err
    assert json.loads(project.treadle("runs", "--json").out) == []


@pytest.mark.parametrize("name", ["json", "treadle", "dagster", "test", "tests"])
def test_a_project_hides_no_module_that_it_needs(name: str, project: Project) -> None:
    done = project.treadle("new", name)
    assert (done.code, (project.folder / name).exists()) == (2, False)
    assert f"would hide the module `{name}`" in done.err


PREFIXED = """
import treadle as dg

DAYS = dg.DailyPartitionsDefinition("2024-01-01")

@dg.asset(key_prefix="marts", partitions_def=DAYS)
def sales(): ...

@dg.asset(key_prefix="marts", partitions_def=DAYS)
def stock(): ...
"""


def test_a_pattern_of_keys_selects_and_a_star_after_a_prefix_names_it(project: Project) -> None:
    project.write("marts.py", PREFIXED)
    found = json.loads(project.treadle("list", "-f", "marts.py", "--select", "key:marts/*", "--json").out)
    assert [each["key"] for each in found] == ["marts/sales", "marts/stock"]
    for given in ("marts/*", "marts*"):
        done = project.treadle("list", "-f", "marts.py", "--select", given)
        assert done.code == 2 and f"'key:{given}'" in done.err


@pytest.mark.parametrize("dots", ["..", "..."])
def test_a_range_given_as_a_partition_names_the_option_for_ranges(dots: str, project: Project) -> None:
    project.write("marts.py", PREFIXED)
    partition = f"2024-01-01{dots}2024-01-02"
    done = project.treadle("materialize", "-f", "marts.py", "--select", "*", "--partition", partition)
    assert done.code == 2
    assert "hint: --partition-range 2024-01-01...2024-01-02" in done.err
