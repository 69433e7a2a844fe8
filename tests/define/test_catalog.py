"""The catalog: pure, the same for equal definitions, text and back (issue 3 §2, DESIGN idea 2)."""

import pickle
import subprocess
import sys

import treadle as dg
from treadle.core.catalog import Catalog
from treadle.core.selection.graph import SelectableGraph

TEXT = """
import treadle as dg

daily = dg.DailyPartitionsDefinition("2024-01-01")

@dg.asset(partitions_def=daily, metadata={"any": object(), "set": {"b", "a", "c"}}, kinds={"duckdb"}, owners=["team:x"])
def orders() -> int: ...

@dg.asset(
    ins={"orders": dg.AssetIn(partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-1))},
    partitions_def=daily,
    retry_policy=dg.RetryPolicy(max_retries=2),
    automation_condition=dg.AutomationCondition.eager(),
    required_resource_keys={"a", "b", "c"},
)
def report(orders: int): ...

@dg.multi_asset(specs=[dg.AssetSpec("x"), dg.AssetSpec("y", deps=["x"])], can_subset=True)
def both(): ...

@dg.asset_check(asset=orders, blocking=True)
def full(): ...

nightly = dg.define_asset_job("nightly", selection="orders", config={"ops": {}})
defs = dg.Definitions(
    assets=[orders, report, both],
    asset_checks=[full],
    jobs=[nightly],
    schedules=[dg.ScheduleDefinition(job=nightly, cron_schedule=["@daily", "0 3 * * *"])],
    resources={"a": 1, "b": 2, "c": 3},
)
"""


def catalog_of(text, name="defs"):
    scope = {"__name__": "sample"}
    exec(compile(text, "sample.py", "exec"), scope)
    return scope[name].resolve().catalog


def test_equal_definitions_have_one_hash_in_every_process():
    program = (
        "import sys; sys.argv\nscope = {'__name__': 'sample'}\n"
        f"exec(compile({TEXT!r}, 'sample.py', 'exec'), scope)\nprint(scope['defs'].resolve().catalog.content_hash)"
    )
    elsewhere = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert elsewhere == {catalog_of(TEXT).content_hash}


def test_the_place_in_the_file_does_not_count_and_the_content_does():
    catalog = catalog_of(TEXT)
    assert catalog_of("\n\n" + TEXT).content_hash == catalog.content_hash
    assert catalog_of(TEXT.replace("max_retries=2", "max_retries=3")).content_hash != catalog.content_hash


def test_text_and_back():
    catalog = catalog_of(TEXT)
    again = Catalog.from_json(catalog.to_json())
    assert again.to_json() == catalog.to_json()
    assert again.content_hash == catalog.content_hash
    assert list(again.assets) == list(catalog.assets)
    assert again.assets[dg.AssetKey("orders")].spec.metadata["any"].type == "builtins.object"
    report = again.computations["report"]
    assert report.inputs[0].partition_mapping == dg.TimeWindowPartitionMapping(start_offset=-1)
    assert report.partitions_def == dg.DailyPartitionsDefinition("2024-01-01")


def test_the_graph_that_selections_see():
    graph = catalog_of(TEXT).selectable_graph
    orders, report, x, y = (dg.AssetKey(name) for name in ("orders", "report", "x", "y"))
    assert isinstance(graph, SelectableGraph)
    assert graph.children(orders) == {report} and graph.parents(y) == {x}
    assert graph.neighbours(x) == {x}
    assert graph.kinds(orders) == {"duckdb"} and list(graph.owners(orders)) == ["team:x"]
    assert graph.checks(orders) == {dg.AssetCheckKey(orders, "full")}
    assert graph.materializable_keys == graph.keys == {orders, report, x, y}


def test_assets_made_only_together_are_neighbours():
    @dg.multi_asset(specs=[dg.AssetSpec("x"), dg.AssetSpec("y")])
    def both(): ...

    graph = dg.Definitions(assets=[both]).resolve().catalog.selectable_graph
    assert graph.neighbours(dg.AssetKey("x")) == {dg.AssetKey("x"), dg.AssetKey("y")}


def test_selections_resolve_against_a_list_of_assets():
    @dg.asset(group_name="g")
    def orders(): ...

    assert dg.AssetSelection.groups("g").resolve([orders]) == {orders.key}


def test_a_pickled_catalog_is_the_same():
    catalog = catalog_of(TEXT.replace('"any": object(), ', ""))
    again = pickle.loads(pickle.dumps(catalog))
    assert again.content_hash == catalog.content_hash and again.to_json() == catalog.to_json()


def test_what_leads_to_an_asset_are_the_keys_that_the_catalog_itself_holds():
    @dg.asset(deps=["raw", dg.AssetKey("outside")])
    def clean(): ...

    @dg.asset
    def raw(): ...

    catalog = dg.Definitions(assets=[clean, raw]).resolve().catalog
    graph = catalog.selectable_graph
    own = {id(key) for key in catalog.assets}
    assert {key.to_user_string() for key in graph.parents(clean.key)} == {"raw", "outside"}
    assert {id(key) for key in graph.parents(clean.key) | graph.children(raw.key)} <= own
    assert graph.parents(raw.key) == frozenset()


def test_a_dependency_that_a_catalog_lacks_is_no_parent_but_has_children():
    catalog = dg.Definitions(assets=[dg.AssetSpec("clean", deps=["raw"])]).resolve().catalog
    without = Catalog(assets={key: node for key, node in catalog.assets.items() if key.path == ["clean"]})
    assert without.selectable_graph.parents(dg.AssetKey("clean")) == frozenset()
    assert without.children_of[dg.AssetKey("raw")] == (dg.AssetKey("clean"),)
