"""Writers of an asset, and partitions by name, at the command line (S2-D12, S2-D10)."""

import json

from tests.cli.conftest import Project

CODE = """
import treadle as dg

days = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-05")

@dg.asset(key="orders", writer="shopify", code_version="{shopify}")
def one() -> None:
    '''Reads the shop.'''

@dg.asset(key="orders", writer="amazon", code_version="1")
def two() -> None: ...

@dg.asset(deps=["orders"], code_version="1")
def report() -> None: ...

@dg.asset(key="sales", writer="eu", partitions_def=days)
def eu() -> None: ...

@dg.asset(key="sales", writer="us", partitions_def=days)
def us() -> None: ...

@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
def stores() -> None: ...

amazon_job = dg.define_asset_job("amazon_job", selection="writer:orders/amazon")
defs = dg.Definitions(assets=[one, two, report, eu, us, stores], jobs=[amazon_job])
"""


def steps(project: Project, *arguments: str) -> list[str]:
    told = json.loads(project.treadle("plan", "-f", "w.py", "--json", *arguments).out)
    return [step["key"] for step in told["steps"]]


def test_writers_are_planned_selected_and_told_apart(project: Project) -> None:
    project.write("w.py", CODE.format(shopify="1"))
    assert steps(project, "--select", "orders") == ["orders__shopify", "orders__amazon"]
    assert steps(project, "--select", "writer:orders/amazon+") == ["orders__amazon", "report"]
    wrong = project.treadle("materialize", "-f", "w.py", "--select", "writer:orders/amazn")
    assert wrong.code != 0
    assert "orders/amazon" in wrong.err
    assert project.treadle("materialize", "-f", "w.py", "--select", "orders+").code == 0
    assert "orders is fresh" in project.treadle("why", "orders", "-f", "w.py").out
    shown = project.treadle("asset", "show", "orders", "-f", "w.py").out
    assert "shopify (fresh), amazon (fresh)" in shown

    project.write("w.py", CODE.format(shopify="2.0"))
    assert "orders/shopify: code version is `2.0`" in project.treadle("why", "orders", "-f", "w.py").out
    told = json.loads(project.treadle("why", "orders", "-f", "w.py", "--json").out)
    assert [(each["writer"], each["status"]) for each in told["writers"]] == [
        ("shopify", "STALE"),
        ("amazon", "FRESH"),
    ]
    assert steps(project, "--select", "orders", "--changed") == ["orders__shopify"]
    assert project.treadle("job", "execute", "-j", "amazon_job", "-f", "w.py").code == 0
    assert steps(project, "--select", "orders", "--changed") == ["orders__shopify"]
    done = project.treadle(
        "materialize", "-f", "w.py", "--select", "orders", "--changed", "--executor", "processes"
    )
    assert done.code == 0
    assert steps(project, "--select", "orders", "--changed") == []


def test_a_backfill_runs_all_writers_or_the_one_chosen(project: Project) -> None:
    project.write("w.py", CODE.format(shopify="1"))
    chosen = project.treadle(
        "backfill",
        "-f",
        "w.py",
        "--select",
        "writer:sales/us",
        "--partition-range",
        "2024-01-01...2024-01-02",
    )
    assert chosen.code == 0, chosen.err
    one = project.treadle("why", "sales", "-f", "w.py", "--partition", "2024-01-01").out
    assert "sales/eu has never been materialized" in one
    every = project.treadle(
        "backfill", "-f", "w.py", "--select", "sales", "--partition-range", "2024-01-01...2024-01-02"
    )
    assert every.code == 0, every.err
    assert "is fresh" in project.treadle("why", "sales", "-f", "w.py", "--partition", "2024-01-01").out


def test_partitions_by_name(project: Project) -> None:
    project.write("w.py", CODE.format(shopify="1"))
    wanted = ("materialize", "-f", "w.py", "--select", "sales,stores", "--partition")
    alone = project.treadle(*wanted, "a")
    assert alone.code != 0
    assert "--partition 'sales=" in alone.err
    both = project.treadle(*wanted, "sales=2024-01-02,stores=b")
    assert both.code == 0, both.err
    assert "stores [b]" in project.treadle("plan", *wanted[1:], "sales=2024-01-02,stores=b").out


def test_an_asset_of_two_writers_counts_once(project: Project) -> None:
    project.write("w.py", CODE.format(shopify="1"))
    done = project.treadle("materialize", "-f", "w.py", "--select", "orders+")
    assert done.last_line.endswith(": 2 assets")


def test_writers_are_shown_where_assets_are(project: Project) -> None:
    file = project.write("w.py", CODE.format(shopify="1"))
    listed = project.treadle("list", "-f", "w.py").out.splitlines()
    assert listed[0].split() == ["ASSET", "STATE", "GROUP", "KINDS", "WRITERS", "LAST", "MADE"]
    assert "shopify, amazon" in listed[1]
    assert "WRITERS" not in project.treadle("list", "-f", "w.py", "--select", "report").out
    assert "default; written by shopify, amazon" in project.treadle("list", "defs", "-f", "w.py").out
    assert f"{file}:7, {file}:11" in project.treadle("show", "orders", "-f", "w.py").out
    without = project.treadle("impact", "orders", "-f", "w.py").out
    assert "2 writers with nothing to write: orders/shopify, orders/amazon" in without
    assert "writer" not in project.treadle("impact", "report", "-f", "w.py").out
    told = json.loads(project.treadle("impact", "orders", "report", "-f", "w.py", "--json").out)
    assert told["writers"] == ["orders/shopify", "orders/amazon"]


def test_a_writer_where_an_asset_is_asked_for_is_pointed_to_its_asset(project: Project) -> None:
    project.write("w.py", CODE.format(shopify="1"))
    for name in ("orders/amazon", "writer:orders/amazon"):
        wrong = project.treadle("why", name, "-f", "w.py")
        assert wrong.code == 2
        assert "is a writer" in wrong.err
        assert "name its asset: `orders`" in wrong.err
