"""`treadle list` says that an asset is stale, and why."""

import json

from tests.cli.conftest import Project

GRAPH = """
import treadle as dg
days = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")
@dg.asset(code_version="1")
def orders(): return 1
@dg.asset
def total(orders): return 1
@dg.asset(code_version="1", partitions_def=days)
def daily(): return 1
"""


def test_a_new_code_version_makes_an_asset_stale_in_the_list(project: Project) -> None:
    project.write("graph.py", GRAPH)
    project.treadle("materialize", "-f", "graph.py", "--select", "orders,total")
    project.treadle("materialize", "-f", "graph.py", "-a", "daily", "--partition", "2024-01-02")
    before = project.treadle("list", "-f", "graph.py").out
    assert "WHY" not in before and "tale" not in before
    project.write("graph.py", GRAPH.replace('code_version="1"', 'code_version="2"'))
    rows = {line.split()[0]: line for line in project.treadle("list", "-f", "graph.py").out.splitlines()}
    assert "Stale" in rows["orders"]
    assert rows["orders"].endswith("code version is `2`, it was made by `1`")
    assert "Fresh" in rows["total"]
    assert "1 of 3 materialized, stale" in rows["daily"]
    assert rows["daily"].endswith("code version is `2`, it was made by `1`")


def test_new_data_above_is_told_too_and_machines_get_every_cause(project: Project) -> None:
    project.write("graph.py", GRAPH)
    project.treadle("materialize", "-f", "graph.py", "--select", "orders,total")
    project.write("graph.py", GRAPH.replace('code_version="1"', 'code_version="2"'))
    project.treadle("materialize", "-f", "graph.py", "-a", "orders")
    told = {each["key"]: each for each in json.loads(project.treadle("list", "-f", "graph.py", "--json").out)}
    assert told["orders"]["stale_because"] == []
    assert told["total"]["state"] == "Stale"
    assert told["total"]["stale_because"] == ["total: `orders` has changed since it was read"]
