"""The commands of projects: what `[tool.dg]` names is found, listed, checked, scaffolded and launched."""

import json
import textwrap

import attrs
import pytest

from tests.cli.conftest import Project, package_of
from treadle.cli.familiar_forms import in_own_words


def test_a_project_is_found_by_its_pyproject(shop: Project) -> None:
    assert "one" in shop.treadle("list").out
    assert shop.treadle("check").code == shop.treadle("check", "defs").code == 0
    assert shop.treadle("definitions", "validate").code == 0


def test_a_module_of_a_package_below_src_is_found_without_being_installed(shop: Project) -> None:
    module = f"{package_of(shop).name}.definitions"
    assert shop.treadle("launch", "-m", module, "--assets", "one").code == 0
    assert shop.treadle("launch", "--package-name", package_of(shop).name, "--assets", "one").code == 0


def test_assets_and_jobs_are_launched(shop: Project) -> None:
    assert shop.treadle("launch", "--assets", "one").code == 0
    assert "Succeeded" in shop.treadle("run", "list").out
    assert shop.treadle("launch").code == 2


def test_runs_are_deleted(shop: Project) -> None:
    shop.treadle("launch", "--assets", "one")
    shop.treadle("launch", "--assets", "one")
    assert shop.treadle("run", "delete", "latest", "--force").code == 0
    assert len(json.loads(shop.treadle("run", "list", "--json").out)) == 1
    assert shop.treadle("run", "wipe", "--force").out == "Deleted 1 run.\n"
    assert json.loads(shop.treadle("run", "list", "--json").out) == []


def test_files_components_and_types_are_scaffolded_and_load(shop: Project) -> None:
    assert shop.treadle("scaffold", "defs", "dagster.asset", "raw/orders.py").code == 0
    assert shop.treadle("scaffold", "defs", "dagster.resources", "shared/resources.py").code == 0
    assert shop.treadle("scaffold", "component", "SalesTable").code == 0
    type_name = f"{package_of(shop).name}.components.sales_table.SalesTable"
    assert shop.treadle("scaffold", "defs", type_name, "sales").code == 0
    assert (package_of(shop) / "defs" / "sales" / "defs.yaml").read_text().startswith(f"type: {type_name}")
    assert "orders" in shop.treadle("list", "defs").out
    assert type_name in [
        each["type"] for each in json.loads(shop.treadle("list", "components", "--json").out)
    ]
    again = shop.treadle("scaffold", "defs", type_name, "sales")
    assert again.code == 2 and "nothing was changed" in again.err
    wrong = shop.treadle("scaffold", "defs", "aset", "x.py")
    assert wrong.code == 2 and "did you mean `asset`" in wrong.err


def test_yaml_is_checked_without_building(shop: Project) -> None:
    defs = package_of(shop) / "defs"
    (defs / "a").mkdir()
    (defs / "a" / "defs.yaml").write_text("type: treadle.FunctionComponent\nattributes: {asets: []}\n")
    (defs / "broken.py").write_text("raise RuntimeError\n")
    outcome = shop.treadle("check", "yaml")
    assert outcome.code == 1
    assert "a/defs.yaml:2:14: error[invalid-attribute]" in outcome.out
    assert "did you mean `assets`" in outcome.out
    told = json.loads(shop.treadle("check", "yaml", "--json").out)
    assert {each["code"] for each in told} == {"invalid-attribute"}


def test_all_problems_of_components_are_told_where_definitions_do_not_load(shop: Project) -> None:
    for name in "ab":
        folder = package_of(shop) / "defs" / name
        folder.mkdir()
        (folder / "defs.yaml").write_text("type: treadle.NoSuch\n")
    outcome = shop.treadle("check")
    assert outcome.code == 1
    assert "a/defs.yaml:1:7" in outcome.out and "b/defs.yaml:1:7" in outcome.out


def test_the_tree_of_the_defs_folder_is_listed(shop: Project) -> None:
    assert "one.py" in shop.treadle("list", "tree").out
    assert "one" in shop.treadle("list", "assets").out
    assert shop.treadle("list", "jobs").code == shop.treadle("list", "schedules").code == 0


def test_a_scaffolded_project_loads(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    assert project.treadle("scaffold", "project", "made-shop").code == 0
    monkeypatch.chdir(project.folder / "made-shop")
    assert project.treadle("scaffold", "defs", "asset", "orders.py").code == 0
    assert "orders" in project.treadle("list").out
    assert project.treadle("check").code == 0


def test_the_store_is_shown_and_migrated(shop: Project) -> None:
    assert "store_url" in shop.treadle("instance", "info").out
    assert shop.treadle("instance", "migrate").code == 0


@pytest.mark.parametrize(
    ("known", "own"),
    [
        ("job launch -j a", "job execute -j a"),
        ("job backfill -j a --partitions x,y --noprompt", "job backfill -j a --partition x --partition y"),
        ("job backfill -j a --partitions=x --all p", "job backfill -j a --partition x"),
        ("definitions validate --log-level debug -v --grpc-port=3 -m a", "definitions validate -m a"),
        ("launch --assets x -- --use-ssl", "launch --assets x -- --use-ssl"),
        ("list", "list"),
        ("", ""),
    ],
)
def test_forms_that_people_know_are_understood(known: str, own: str) -> None:
    assert in_own_words(known.split()) == own.split()


def test_a_job_is_backfilled_in_the_known_form(shop: Project) -> None:
    (package_of(shop) / "defs" / "jobs.py").write_text(
        "import treadle as dg\n\n\n@dg.asset(partitions_def=dg.StaticPartitionsDefinition(list('abc')))\n"
        "def parts(): ...\n\n\nnightly = dg.define_asset_job('nightly', selection='parts')\n"
    )
    done = shop.treadle("job", "backfill", "-j", "nightly", "--partitions", "a,b", "--noprompt")
    assert done.code == 0, done.err
    assert len(json.loads(shop.treadle("run", "list", "--json").out)) == 2
    assert shop.treadle("launch", "--job", "nightly", "--partition", "c").code == 0


def test_what_is_scaffolded_in_a_new_project_is_listed(project: Project) -> None:
    """A stranger's path: `new`, `scaffold defs`, `list`, and the project's own tests still hold."""
    name = "cli_shop_scaffolded"
    (project.folder / "treadle.toml").unlink()
    assert project.treadle("new", name).code == 0
    inside = attrs.evolve(project, folder=project.folder / name)
    made = inside.process("scaffold", "defs", "asset", "customers")
    assert (made.code, made.out) == (0, f"Made {inside.folder / name / 'defs' / 'customers.py'}.\n")
    listed = json.loads(inside.process("list", "--json").out)
    assert {each["key"] for each in listed} == {"raw_orders", "daily_revenue", "customers"}
    assert inside.process("materialize", "--select", "customers").last_line.endswith(": 1 asset")


def test_scaffolding_says_what_to_add_where_the_folder_is_not_loaded(shop: Project) -> None:
    definitions = package_of(shop) / "definitions.py"
    definitions.write_text("import treadle as dg\n\ndefs = dg.Definitions()\n")
    said = shop.treadle("scaffold", "defs", "asset", "two").out
    assert f"{definitions} does not load the folder defs" in said
    added = said.partition("Add to it:\n")[2].replace(
        "...,  # the Definitions that are there", "dg.Definitions(),"
    )
    definitions.write_text("import treadle as dg\n" + textwrap.dedent(added))
    assert {each["key"] for each in json.loads(shop.treadle("list", "--json").out)} == {"one", "two"}
    assert "Add to it" not in shop.treadle("scaffold", "defs", "asset", "three").out


def test_variables_are_listed_with_who_sets_and_who_needs_them_and_never_shown(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no component asks for any" in shop.treadle("list", "envs").err
    shop.write(".env", "TOKEN=sesame\nOTHER=1\n")
    monkeypatch.setenv("REGION", "eu")
    folder = package_of(shop) / "defs" / "a"
    folder.mkdir()
    (folder / "defs.yaml").write_text(
        "type: treadle.DefsFolderComponent\nrequirements: {env: [TOKEN, REGION, MISSING]}\n"
    )
    told = json.loads(shop.treadle("list", "envs", "--json").out)
    file = str((folder / "defs.yaml").relative_to(shop.folder))
    assert told == [
        {"name": "MISSING", "set_by": None, "needed_by": [file]},
        {"name": "OTHER", "set_by": ".env", "needed_by": []},
        {"name": "REGION", "set_by": "environment", "needed_by": [file]},
        {"name": "TOKEN", "set_by": ".env", "needed_by": [file]},
    ]
    listed = shop.treadle("list", "envs").out
    assert "not set" in listed
    assert "sesame" not in listed


def test_component_types_are_looked_for_where_it_says_and_are_inspected(shop: Project) -> None:
    name = package_of(shop).name
    modules = json.loads(shop.treadle("list", "registry-modules", "--json").out)
    assert modules == ["treadle.components", f"{name}.components.*"]
    shop.treadle("scaffold", "component", "SalesTable")
    type_name = f"{name}.components.sales_table.SalesTable"
    told = json.loads(shop.treadle("utils", "inspect-component", type_name).out)
    assert told["type"] == type_name
    assert told["description"] == "What it makes, in a line."
    assert told["component_schema"]["properties"] == {}
    schema = shop.treadle("utils", "inspect-component", "dagster.FunctionComponent", "--component-schema")
    assert "properties" in json.loads(schema.out)
    words = shop.treadle("utils", "inspect-component", type_name, "--description")
    assert words.out == "What it makes, in a line.\n"
    wrong = shop.treadle("utils", "inspect-component", "treadle.FunctonComponent", "--json")
    assert wrong.code == 2
    assert "did you mean `FunctionComponent`" in json.loads(wrong.out)["error"]["hint"]


def test_examples_are_named_and_not_fetched(project: Project) -> None:
    listed = json.loads(project.treadle("project", "list-examples", "--json").out)
    assert [each["name"] for each in listed] == ["quickstart", "flights"]
    assert "`treadle new NAME`" in project.treadle("project", "list-examples").out
    refused = project.treadle("project", "from-example", "--name", "x", "--example", "quickstart")
    assert refused.code == 2
    assert "not fetched from the network" in refused.err


def test_run_config_of_a_job_is_scaffolded(project: Project) -> None:
    project.write(
        "jobs.py",
        "import treadle as dg\n\n@dg.op(config_schema={'n': int, 'm': dg.Field(int, default_value=2)})\n"
        "def count(): ...\n\n@dg.job\ndef counting():\n    count()\n",
    )
    whole = project.treadle("job", "scaffold_config", "-f", "jobs.py", "-j", "counting")
    assert whole.out == "ops:\n  count:\n    config:\n      n: 0\n      m: 2\n"
    project.write("config.yaml", whole.out)
    assert project.treadle("job", "execute", "-f", "jobs.py", "-c", "config.yaml").code == 0
    needed = project.treadle("job", "scaffold-config", "-f", "jobs.py", "--print-only-required", "--json")
    assert json.loads(needed.out) == {"ops": {"count": {"config": {"n": 0}}}}
    wrong = project.treadle("job", "scaffold-config", "countin", "-f", "jobs.py")
    assert "did you mean `counting`" in wrong.err
