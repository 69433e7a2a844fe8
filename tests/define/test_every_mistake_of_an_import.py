"""All mistakes of modules that do not import are told at once, with file and line (DESIGN idea 3)."""

import sys

import pytest

import treadle as dg
from treadle.define.load_code import LoadError, load_code


@pytest.fixture(autouse=True)
def import_path(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def told(folder, **target):
    with pytest.raises(LoadError) as raised:
        load_code(working_directory=folder, **target)
    return [
        ((problem.where or "").replace(f"{folder}/", ""), problem.code) for problem in raised.value.problems
    ]


def test_each_wrong_definition_of_a_file_is_told(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import treadle as dg\n"
        "@dg.asset(tags={'bad key!': 'x'})\n"
        "def orders(): ...\n"
        "@dg.asset(owners=['nobody'])\n"
        "def refunds(): ...\n"
        "nightly = dg.ScheduleDefinition(name='x y', cron_schedule='@daily', job_name='all')\n"
    )
    assert told(tmp_path, file=tmp_path / "shop.py") == [
        ("shop.py:3", "invalid-tag"),
        ("shop.py:5", "invalid-owner"),
        ("shop.py:6", "invalid-name"),
    ]


def test_what_only_follows_from_a_mistake_is_not_told(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import treadle as dg\n"
        "@dg.asset(owners=['nobody'])\n"
        "def orders(): ...\n"
        "report = dg.AssetSpec('report', deps=[orders])\n"
        "more = [report]\n"
        "other = dg.AssetSpec('other', owners=['no one'])\n"
        "defs = dg.Definitions([orders, *more])\n"
    )
    assert [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")] == ["shop.py:3", "shop.py:6"]


@pytest.mark.parametrize("target", [{"module_name": "shop"}, {"module_name": "shop.definitions"}])
def test_every_module_of_a_package_is_looked_at(tmp_path, target):
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "resources.py").write_text(
        "import treadle as dg\n"
        "class Database(dg.ConfigurableResource):\n"
        "    url: str\n"
        "database = Database(url=3)\n"
        "outside = dg.AssetSpec('outside')\n"
        "wrong = dg.efinitions\n"
    )
    (package / "assets.py").write_text(
        "from __future__ import annotations\n"
        "import treadle as dg\n"
        "from .resources import database, outside\n"
        "@dg.asset(deps=[outside], group_name='a-b')\n"
        "def orders(): ...\n"
    )
    (package / "definitions.py").write_text(
        "import treadle as dg\n"
        "from . import assets\n"
        "from .resources import database\n"
        "daily = dg.DailyPartitionsDefinition('yesterday')\n"
        "defs = dg.Definitions(dg.load_assets_from_modules([assets]), resources={'database': database})\n"
    )
    found = told(tmp_path, **target)
    assert [where for where, _ in found] == [
        "shop/resources.py:4",
        "shop/resources.py:6",
        "shop/assets.py:5",
        "shop/definitions.py:4",
    ]


def test_nothing_runs_after_an_exception_of_the_users_own(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import os, pathlib\n"
        "import treadle as dg\n"
        "if 'A_VARIABLE_NOBODY_HAS' not in os.environ:\n"
        "    raise RuntimeError('set A_VARIABLE_NOBODY_HAS')\n"
        "pathlib.Path('ran').touch()\n"
    )
    with pytest.raises(LoadError, match="set A_VARIABLE_NOBODY_HAS") as raised:
        load_code(file=tmp_path / "shop.py")
    assert raised.value.problems == () and not (tmp_path / "ran").exists()


def test_no_statement_runs_twice_and_a_mended_file_loads(tmp_path):
    shop, log = tmp_path / "shop.py", tmp_path / "log"
    text = (
        "import treadle as dg\n"
        f"def say(text):\n    with open({str(log)!r}, 'a') as log: log.write(text)\n"
        "say('a')\n"
        "orders = dg.AssetSpec('orders', owners=['nobody'])\n"
        "say('b')\n"
        "refunds = dg.AssetSpec('refunds', owners=['no one'])\n"
        "say('c')\n"
    )
    shop.write_text(text)
    assert len(told(tmp_path, file=shop)) == 2
    assert log.read_text() == "abc"
    shop.write_text(text.replace("nobody", "team:shop").replace("no one", "team:shop"))
    assert len(load_code(file=shop).catalog.assets) == 2


def test_a_module_that_fails_the_same_way_again_ends_the_search(tmp_path):
    (tmp_path / "inner.txt").write_text("import treadle as dg\ndg.AssetSpec('a', owners=['nobody'])\n")
    (tmp_path / "shop.py").write_text(
        "import runpy\nrunpy.run_path('inner.txt')\nimport treadle as dg\ndg.AssetSpec('b', owners=['no one'])\n"
    )
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="nobody"):
        load_code(file=tmp_path / "shop.py")


def test_everything_wrong_in_the_lists_of_definitions_is_told_with_its_line(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import treadle as dg\n"
        "orders = dg.AssetSpec('orders')\n"
        "defs = dg.Definitions(\n"
        "    assets=[orders, 'y', 3], jobs=[orders], sensors=[1], schedules=[dg.define_asset_job('k')]\n"
        ")\n"
    )
    with pytest.raises(dg.DagsterInvalidDefinitionError) as raised:
        load_code(file=tmp_path / "shop.py")
    assert len(raised.value.problems) == 5
    assert {problem.where for problem in raised.value.problems} == {f"{tmp_path}/shop.py:3"}


def test_a_resource_needs_a_name():
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="`resources` must be a mapping of names"):
        dg.Definitions(resources={3: object()})
