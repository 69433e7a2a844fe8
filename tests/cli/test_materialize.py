"""`treadle materialize` and its aliases: what is run, what is refused, what is said."""

import json
import re

import pytest

from tests.cli.conftest import Project

PIPELINE = """
import treadle as dg

@dg.asset
def orders(context):
    context.log.info("three came in")
    context.log.debug("in detail")
    return [1, 2, 3]

@dg.asset
def revenue(orders):
    return sum(orders)

@dg.asset_check(asset=revenue)
def positive(revenue):
    return dg.AssetCheckResult(passed=revenue > 0)

@dg.asset_check(asset=revenue)
def large(revenue):
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description="only a little")
"""
FAILING = """
import treadle as dg

@dg.asset
def first(): return 1

@dg.asset
def second(context, first):
    if context.instance.get_dynamic_partitions("mended"):
        return first + 1
    raise ValueError("no such luck")

@dg.asset
def third(second): return second + 1
"""
DAILY = """
import treadle as dg
days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-11")

@dg.asset(partitions_def=days)
def daily(context): return context.partition_key

@dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run())
def ranged(context) -> None: assert len(context.partition_keys) > 1
"""


def test_an_asset_is_made_and_stored(project: Project) -> None:
    """S1-03"""
    project.write("shop.py", PIPELINE)
    done = project.treadle("asset", "materialize", "-m", "shop", "-a", "orders")
    assert done.code == 0
    assert re.search(r"orders INFO three came in", done.out)
    assert "in detail" not in done.out
    assert re.fullmatch(r"SUCCESS run [0-9a-f-]{36} in [0-9.]+ m?s: 1 asset", done.last_line)
    assert re.search(r"orders +Fresh", project.treadle("list", "-m", "shop").out)


def test_checks_run_with_their_assets_and_are_counted(project: Project) -> None:
    project.write("shop.py", PIPELINE)
    done = project.treadle("materialize", "-f", "shop.py", "--select", "*", "--executor", "in-process")
    assert done.code == 0
    assert done.last_line.endswith("2 assets, 1 check passed, 1 warned")
    assert "check large of revenue warns: only a little" in done.out


def test_a_misspelt_asset_is_refused_with_the_nearest(project: Project) -> None:
    """S1-03"""
    project.write("shop.py", PIPELINE)
    for arguments in (["-a", "order"], ["--select", "order"], ["--select", "order,revenue"]):
        refused = project.treadle("materialize", "-f", "shop.py", *arguments)
        assert refused.code == 2
        assert "There is no asset `order`" in refused.err
        assert "did you mean `orders`?" in refused.err
    assert not project.treadle("runs", "--json").out.strip().strip("[]")


def test_a_name_is_an_attribute_where_the_module_has_definitions_of_that_name(project: Project) -> None:
    """S1-03: `-a` names a Definitions attribute, else an asset; repeatable."""
    project.write(
        "two.py",
        "import treadle as dg\n@dg.asset\ndef one(): ...\n@dg.asset\ndef two(): ...\n"
        "defs_one = dg.Definitions(assets=[one])\ndefs_two = dg.Definitions(assets=[two])\n",
    )
    assert project.treadle("list", "-m", "two").code == 3
    listed = project.treadle("list", "-m", "two", "-a", "defs_two", "--json")
    assert [each["key"] for each in json.loads(listed.out)] == ["two"]
    assert project.treadle("materialize", "-m", "two", "-a", "defs_one", "-a", "one").code == 0
    assert project.treadle("materialize", "-m", "two", "-a", "defs_one", "-a", "two").code == 2


def test_prefixed_keys_are_found_whole_by_last_part_and_quoted(project: Project) -> None:
    """S3-28"""
    project.write(
        "labs.py",
        "import treadle as dg\n@dg.asset(key_prefix=['labs', 'source'])\ndef facilities(): return 1\n"
        "@dg.asset(key_prefix=['labs', 'source'])\ndef members(): return 2\n",
    )
    for wanted in (
        ["--select", 'key:"labs/source/facilities"'],
        ["-a", "facilities"],
        ["-a", "labs/source/facilities"],
    ):
        done = project.treadle("materialize", "-f", "labs.py", *wanted, "--json")
        assert done.code == 0
        assert json.loads(done.out)["assets"] == ["labs/source/facilities"]


def test_a_failure_shows_the_users_frames_and_how_to_go_on(project: Project) -> None:
    path = project.write("luck.py", FAILING)
    failed = project.treadle("materialize", "-f", "luck.py", "--select", "*")
    assert failed.code == 1
    assert "ValueError: no such luck" in failed.out
    assert f'File "{path}", line 11, in second' in failed.out
    assert "treadle/run/" not in failed.out
    run_id = re.search(r"FAILURE run (\S+)", failed.out).group(1)  # type: ignore[union-attr]
    assert f"treadle logs {run_id}" in failed.out
    assert f"treadle materialize -f luck.py --from-failure {run_id}" in failed.out


def test_going_on_from_a_failure_runs_only_what_is_left(project: Project) -> None:
    project.write("luck.py", FAILING)
    project.treadle("materialize", "-f", "luck.py", "--select", "*")
    project.write(
        "mend.py",
        "import treadle as dg\ndg.DagsterInstance.get().add_dynamic_partitions('mended', ['yes'])\n",
    )
    exec((project.folder / "mend.py").read_text())
    done = project.treadle("materialize", "-f", "luck.py", "--from-failure", "latest")
    assert done.code == 0, done.err + done.out
    assert "first" not in done.out
    assert done.last_line.endswith("2 assets")
    again = project.treadle("materialize", "-f", "luck.py", "--from-failure", "latest")
    assert again.code == 2


TWO_OF_THEM = """
import treadle as dg
@dg.asset
def a(): return 1
@dg.asset
def b(a): {}
"""


def test_going_on_from_a_failure_with_a_mended_asset_that_reads_one_more(project: Project) -> None:
    project.write("luck.py", TWO_OF_THEM.format("raise ValueError"))
    project.treadle("materialize", "-f", "luck.py", "--select", "*")
    project.write(
        "luck.py",
        "import treadle as dg\n@dg.asset\ndef n(): return 5\n@dg.asset\ndef a(): return 1\n"
        "@dg.asset\ndef b(a, n): return a + n\n",
    )
    project.treadle("materialize", "-f", "luck.py", "-a", "n")
    failed = next(
        each["run_id"]
        for each in json.loads(project.treadle("runs", "--json").out)
        if each["status"] == "FAILURE"
    )
    done = project.treadle("materialize", "-f", "luck.py", "--from-failure", failed)
    assert done.code == 0, done.err + done.out
    assert "The code of `b` changed since that run: what is left is planned anew." in done.out
    assert done.last_line.endswith("1 asset")


def test_going_on_from_a_failure_is_refused_where_an_asset_is_gone_or_became_partitioned(
    project: Project,
) -> None:
    project.write("luck.py", TWO_OF_THEM.format("raise ValueError"))
    project.treadle("materialize", "-f", "luck.py", "--select", "*")
    project.write("luck.py", TWO_OF_THEM.format("return 1").replace("def b", "def better"))
    gone = project.treadle("materialize", "-f", "luck.py", "--from-failure", "latest")
    assert (gone.code, gone.err.startswith("Error: The code changed"), "Asset `b` is gone." in gone.err) == (
        2,
        True,
        True,
    )
    told = project.treadle("materialize", "-f", "luck.py", "--from-failure", "latest", "--json")
    assert (told.code, json.loads(told.out)["error"]["code"]) == (2, "definitions-changed")
    parts = '@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["x"]))'
    project.write("luck.py", TWO_OF_THEM.format("return 1").replace("@dg.asset", parts))
    split = project.treadle("materialize", "-f", "luck.py", "--from-failure", "latest")
    assert split.code == 2
    assert "Asset `b` is partitioned now" in split.err
    assert len(json.loads(project.treadle("runs", "--json").out)) == 1


def test_one_partition_is_made_and_unknown_or_missing_ones_are_refused(project: Project) -> None:
    """S1-27"""
    project.write("daily.py", DAILY)
    done = project.treadle("materialize", "-f", "daily.py", "-a", "daily", "--partition", "2024-01-03")
    assert done.code == 0
    assert "1 of 10 materialized" in project.treadle("list", "-f", "daily.py").out
    runs = len(json.loads(project.treadle("runs", "--json").out))
    unknown = project.treadle("materialize", "-f", "daily.py", "-a", "daily", "--partition", "2024-1-3")
    assert unknown.code == 2
    assert "'2024-01-03'" in unknown.err
    missing = project.treadle("materialize", "-f", "daily.py", "-a", "daily")
    assert missing.code == 2
    assert "`daily` is partitioned" in missing.err
    assert len(json.loads(project.treadle("runs", "--json").out)) == runs


def test_the_latest_partition_and_one_that_does_not_exist_yet(project: Project) -> None:
    """S1-29"""
    project.write("daily.py", DAILY)
    latest = project.treadle("materialize", "-f", "daily.py", "-a", "daily", "--partition", "latest")
    assert latest.code == 0
    assert json.loads(project.treadle("runs", "--json").out)[0]["partition"] == "2024-01-10"
    late = project.treadle("materialize", "-f", "daily.py", "-a", "daily", "--partition", "2024-01-11")
    assert late.code == 2
    assert "the latest is `2024-01-10`" in late.err


def test_a_range_in_one_run_needs_a_policy_that_allows_it(project: Project) -> None:
    project.write("daily.py", DAILY)
    whole = ("--partition-range", "2024-01-02...2024-01-04")
    assert project.treadle("materialize", "-f", "daily.py", "-a", "ranged", *whole).code == 0
    assert "3 of 10 materialized" in project.treadle("list", "-f", "daily.py", "--select", "ranged").out
    refused = project.treadle("materialize", "-f", "daily.py", "-a", "daily", *whole)
    assert refused.code == 2
    assert "treadle backfill" in refused.err


def test_config_files_merge_and_text_wins(project: Project) -> None:
    """S1-04"""
    project.write(
        "conf.py",
        "import treadle as dg\nclass C(dg.Config):\n    n: int\n    name: str = 'x'\n"
        "@dg.asset\ndef made(context, config: C):\n    context.log.info(f'{config.n} {config.name}')\n",
    )
    project.write("a.yaml", "ops: {made: {config: {n: 1, name: a}}}")
    project.write("b.json", '{"ops": {"made": {"config": {"n": 2}}}}')
    run = ("materialize", "-f", "conf.py", "-a", "made")
    assert "INFO 2 a" in project.treadle(*run, "-c", "a.yaml", "-c", "b.json").out
    text = '{"ops": {"made": {"config": {"n": 3}}}}'
    assert "INFO 3 a" in project.treadle(*run, "-c", "a.yaml", "--config-json", text).out
    wrong = project.treadle(*run, "--config-json", '{"ops": {"made": {"config": {"n": "x", "q": 1}}}}')
    assert wrong.code == 2
    assert "root:ops:made:config:n" in wrong.err and "`q`" in wrong.err


def test_unchanged_assets_are_left_out_on_demand(project: Project) -> None:
    project.write("shop.py", PIPELINE)
    run = (
        "materialize",
        "-f",
        "shop.py",
        "--select",
        "orders,revenue",
        "--changed",
        "--executor",
        "in-process",
    )
    assert project.treadle(*run).code == 0
    again = project.treadle(*run)
    assert again.code == 0
    assert "Nothing to do" in again.out


def test_a_dry_run_shows_the_plan_and_runs_nothing(project: Project) -> None:
    project.write("shop.py", PIPELINE)
    shown = project.treadle("materialize", "-f", "shop.py", "--select", "*", "--dry-run")
    assert shown.code == 0
    assert re.search(r"revenue  \(.*\)  after orders", shown.out)
    assert json.loads(project.treadle("runs", "--json").out) == []


def test_strict_refuses_what_is_a_warning_otherwise(project: Project) -> None:
    """S2-D15"""
    project.write(
        "shop.py",
        PIPELINE.replace("def revenue(orders):", "def revenue(orders):  # x")
        + ("\n@dg.asset(deps=['taxi_trip'])\ndef report(): ...\n"),
    )
    run = ("materialize", "-f", "shop.py", "-a", "report")
    warned = project.treadle(*run)
    assert warned.code == 0
    assert "1 warning in the definitions" in warned.err
    strict = project.treadle(*run, "--strict")
    assert strict.code == 3
    assert "taxi_trip" in strict.err


@pytest.mark.parametrize("executor", ["in-process", "threads", "processes"])
def test_every_executor_makes_the_same(project: Project, executor: str) -> None:
    project.write("shop.py", PIPELINE)
    run = ("materialize", "-f", "shop.py", "--select", "*", "--executor", executor, "--max-concurrent", "2")
    done = project.process(*run)
    assert done.code == 0, done.err
    assert done.last_line.endswith("2 assets, 1 check passed, 1 warned")


def test_external_assets_can_not_be_made(project: Project) -> None:
    project.write("ext.py", "import treadle as dg\ndefs = dg.Definitions(assets=[dg.AssetSpec('outside')])\n")
    refused = project.treadle("materialize", "-f", "ext.py", "-a", "outside")
    assert refused.code == 2
    assert "external" in refused.err


def test_source_assets_are_observed(project: Project) -> None:
    project.write(
        "obs.py",
        "import treadle as dg\n@dg.observable_source_asset\ndef source(): return dg.DataVersion('1')\n"
        "@dg.asset(deps=[source])\ndef below(): ...\n",
    )
    done = project.treadle("observe", "-f", "obs.py")
    assert done.code == 0, done.err
    assert done.last_line.endswith("1 asset observed")
    refused = project.treadle("materialize", "-f", "obs.py", "-a", "source")
    assert refused.code == 2
    assert "observe" in refused.err


COROUTINES = """
import asyncio, treadle as dg
running = most = 0

async def one():
    global running, most
    running += 1
    most = max(most, running)
    for _ in range(5):
        await asyncio.sleep(0)
    running -= 1

@dg.asset
async def first(): await one()
@dg.asset
async def second(): await one()
@dg.asset
async def third(): await one()
@dg.asset(deps=[first, second, third])
def told(context): context.log.info(f"at most {most} at once")
"""


@pytest.mark.parametrize(("options", "most"), [([], 3), (["--max-concurrent", "2"], 2)])
def test_coroutines_run_side_by_side_as_many_as_asked_for(
    project: Project, options: list[str], most: int
) -> None:
    project.write("waits.py", COROUTINES)
    done = project.treadle(
        "materialize", "-f", "waits.py", "--select", "*", "--executor", "asyncio", *options
    )
    assert done.code == 0
    assert f"at most {most} at once" in done.out
