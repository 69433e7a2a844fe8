"""`treadle list`: what is defined, as tables and JSON, whole or in part."""

import json

import pytest

from tests.cli.conftest import Project, package_of

SHOP = '''
import treadle as dg

print("said while importing")

@dg.asset(kinds={"sling"}, group_name="ingest")
def orders(): ...

@dg.asset(kinds={"duckdb"}, group_name="marts", description="By day.", automation_condition=dg.AutomationCondition.eager())
def revenue(orders): ...

@dg.asset_check(asset=orders)
def not_empty() -> dg.AssetCheckResult:
    """There are some."""
    return dg.AssetCheckResult(passed=True)

@dg.schedule(cron_schedule="@daily", target=[orders])
def nightly(): ...
'''


@pytest.fixture
def stocked(shop: Project) -> Project:
    folder = package_of(shop) / "defs" / "sales"
    folder.mkdir()
    (folder / "definitions.py").write_text(SHOP)
    (folder.parent / "other.py").write_text("import treadle as dg\n@dg.asset\ndef other(): ...\n")
    return shop


def test_what_modules_print_while_they_load_does_not_break_the_json(stocked: Project) -> None:
    outcome = stocked.process("list", "defs", "--json")
    rows = {row["name"]: row for row in json.loads(outcome.out)}
    assert "said while importing" in outcome.err
    assert rows["revenue"]["deps"] == ["orders"] and rows["revenue"]["kinds"] == ["duckdb"]
    assert rows["not_empty"]["description"] == "There are some."


def test_the_sensor_that_nobody_wrote_is_listed_and_jobs_without_a_name_are_not(stocked: Project) -> None:
    rows = json.loads(stocked.process("list", "defs", "--json").out)
    assert [row["name"] for row in rows if row["kind"] == "sensor"] == ["default_automation_condition_sensor"]
    assert [row for row in rows if row["kind"] == "job"] == []
    (sensor,) = json.loads(stocked.process("sensor", "list", "--json").out)
    assert (sensor["kind"], sensor["assets"]) == ("automation", ["revenue"])
    assert stocked.treadle("sensor", "preview", "default_automation_condition_sensor").code == 0


def test_columns_are_chosen_and_the_key_always_stands_there(stocked: Project) -> None:
    keys = stocked.treadle("list", "defs", "-c", "key").out
    assert "orders:not_empty" in keys and "sling" not in keys
    kinds = stocked.treadle("list", "defs", "-c", "kinds", "-c", "group").out
    assert "revenue" in kinds and "duckdb" in kinds and "marts" in kinds and "By day." not in kinds
    wrong = stocked.treadle("list", "assets", "-c", "key")
    assert wrong.code == 2 and "treadle list defs --columns" in wrong.err


def test_a_selection_lists_its_assets_and_their_checks_only(stocked: Project) -> None:
    told = stocked.treadle("list", "defs", "--assets", "group:ingest").out
    assert "orders:not_empty" in told
    assert "revenue" not in told and "nightly" not in told and "other" not in told


def test_a_path_lists_what_lies_there(stocked: Project) -> None:
    sales = (package_of(stocked) / "defs" / "sales").relative_to(stocked.folder)
    told = stocked.treadle("list", "defs", "--path", str(sales)).out
    assert "revenue" in told and "other" not in told
    nowhere = stocked.treadle("list", "defs", "--path", str(sales / "nope.py"))
    assert nowhere.code == 2 and "nope.py" in nowhere.err


def test_words_for_one_thing_mean_all_of_them(stocked: Project) -> None:
    assert stocked.treadle("list", "def", "--json").out == stocked.treadle("list", "defs", "--json").out
    for word in ("component", "env", "registry-module", "schedule", "sensor", "job", "asset"):
        assert stocked.treadle("list", word).code == 0, word


def test_a_module_that_is_registered_twice_is_looked_at_once(stocked: Project) -> None:
    name = package_of(stocked).name
    with (stocked.folder / "pyproject.toml").open("a") as file:
        file.write(f'registry_modules = ["{name}.components.*"]\n')
    modules = json.loads(stocked.treadle("list", "registry-modules", "--json").out)
    assert modules == ["treadle.components", f"{name}.components.*"]


def test_types_of_one_package_are_listed(stocked: Project) -> None:
    stocked.treadle("scaffold", "component", "Table")
    name = package_of(stocked).name
    found = json.loads(stocked.treadle("list", "components", "--package", name, "--json").out)
    assert [each["type"] for each in found] == [f"{name}.components.table.Table"]
    assert json.loads(stocked.treadle("list", "components", "--package", "nope", "--json").out) == []
