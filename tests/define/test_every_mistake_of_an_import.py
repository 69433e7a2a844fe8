"""All mistakes of modules that do not import are told at once, with file and line (DESIGN idea 3)."""

import importlib
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


def test_a_mended_package_loads_in_the_same_process(tmp_path):
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    assets = "import treadle as dg\none = dg.AssetSpec('one', owners=['{0}'])\ntwo = dg.AssetSpec('two', owners=['{0}'])\n"
    (package / "assets.py").write_text(assets.format("nobody"))
    (package / "definitions.py").write_text(
        "import treadle as dg\nfrom . import assets\ndefs = dg.Definitions([assets.one, assets.two])\n"
    )
    importlib.import_module("shop")
    assert len(told(tmp_path, module_name="shop.definitions")) == 2
    (package / "assets.py").write_text(assets.format("team:shop"))
    assert len(load_code("shop.definitions").catalog.assets) == 2


def write(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)


def test_a_broken_name_that_several_modules_import_ends_in_its_one_mistake(tmp_path):
    write(
        tmp_path,
        resources="import treadle as dg\nclass Database(dg.ConfigurableResource):\n    url: str\ndatabase = Database(url=3)\n",
        assets="import treadle as dg\nfrom resources import database\norders = dg.AssetSpec('orders')\n",
        shop="import treadle as dg\nfrom resources import database\nfrom assets import orders\n",
    )
    with pytest.raises(LoadError, match="`url`: Input should be a valid string") as raised:
        load_code(file=tmp_path / "shop.py")
    assert raised.value.where == f"{tmp_path}/resources.py:4"


def test_a_module_that_lacks_a_broken_name_has_its_own_mistakes_told(tmp_path):
    """Where it is imported by name, looked up in a function, or comes with everything else."""
    wrong = "import treadle as dg\nwrong = dg.AssetSpec('{}', owners=['nobody'])\n"
    write(
        tmp_path,
        first=wrong.format("a") + "orders = dg.AssetSpec('orders')\n",
        by_name="from first import wrong, orders\nmine = [orders]\n" + wrong.format("b"),
        in_function="import first\ndef get(): return first.wrong\nget()\n" + wrong.format("c"),
        with_all="from first import *\nmine = [wrong]\n" + wrong.format("d"),
        shop="import first, by_name\nimport in_function\nfrom with_all import mine\n",
    )
    found = [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")]
    assert found == ["first.py:2", "by_name.py:4", "in_function.py:5", "with_all.py:4"]


def test_the_rest_of_a_module_sees_itself_as_its_import_would(tmp_path):
    """Modules that import it in turn, late annotations, its own `__getattr__`."""
    write(
        tmp_path,
        other="import shop\nfrom shop import CONSTANT\nassert shop.lazy == 'lazy'\n",
        shop="from __future__ import annotations\n"
        "import typing\n"
        "import treadle as dg\n"
        "CONSTANT = 1\n"
        "def __getattr__(name): return name\n"
        "wrong = dg.AssetSpec('a', owners=['nobody'])\n"
        "class Inner(dg.ConfigurableResource):\n    url: str\n"
        "class Outer(dg.ConfigurableResource):\n    inner: Inner\n"
        "outer = Outer(inner=Inner(url='x'))\n"
        "def late(x: Inner): ...\n"
        "assert typing.get_type_hints(late) == {'x': Inner}\n"
        "import other\n"
        "wrong_too = dg.AssetSpec('b', owners=['nobody'])\n",
    )
    assert [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")] == ["shop.py:6", "shop.py:15"]


def test_functions_above_a_mistake_see_what_stands_below_it(tmp_path):
    write(
        tmp_path,
        shop="import treadle as dg\n"
        "def make(name):\n    return dg.AssetSpec(name, group_name=group_of(name))\n"
        "wrong = dg.AssetSpec('a', owners=['nobody'])\n"
        "def group_of(name): return {'b': 'good', 'c': 'not good'}[name]\n"
        "made = make('b')\n"
        "wrong_too = make('c')\n",
    )
    assert [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")] == ["shop.py:4", "shop.py:3"]


@pytest.mark.parametrize(
    "follows",
    [
        "made = [1]\nassert len(made) == 2\n",
        "ASSETS = {}\nASSETS.pop('wrong')\n",
        "@dg.asset\ndef clean(wrong): ...\n"
        "defs = dg.Definitions(dg.load_assets_from_current_module(), strict=True)\n",
    ],
)
def test_what_may_come_of_a_mistake_is_not_told_beside_it(follows, tmp_path):
    text = "import treadle as dg\n@dg.asset(owners=['nobody'])\ndef wrong(): ...\n"
    write(tmp_path, shop=text + follows)
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"^an owner is an email address"):
        load_code(file=tmp_path / "shop.py")


def test_a_statement_that_does_more_than_import_is_not_run_again(tmp_path):
    write(
        tmp_path,
        inner="import treadle as dg\ndg.AssetSpec('a', owners=['nobody'])\ndg.AssetSpec('b', owners=['no one'])\n",
        shop="import importlib, pathlib\n"
        "def load():\n"
        "    with open('log', 'a') as log: log.write('once ')\n"
        "    return importlib.import_module('inner')\n"
        "inner = load()\n"
        "import treadle as dg\n"
        "dg.AssetSpec('c', owners=['nobody at all'])\n",
    )
    found = [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")]
    assert found == ["inner.py:2", "inner.py:3", "shop.py:7"]
    assert (tmp_path / "log").read_text() == "once "


def test_statements_on_one_line_are_told_apart(tmp_path):
    write(tmp_path, shop="import treadle as dg; dg.AssetSpec('a', owners=['x']); b = 1; dg.AssetSpec(b)\n")
    assert told(tmp_path, file=tmp_path / "shop.py") == [
        ("shop.py:1", "invalid-owner"),
        ("shop.py:1", "invalid-argument"),
    ]


def test_a_mistake_in_a_shared_function_is_told_for_each_of_its_callers(tmp_path):
    write(
        tmp_path,
        shop="import treadle as dg\n"
        "def make(name):\n"
        "    return dg.AssetSpec(name, owners=['nobody'])\n"
        "a = make('a')\n"
        "b = make('b')\n",
    )
    assert [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")] == ["shop.py:3", "shop.py:5"]


def test_code_that_stands_in_no_python_file_keeps_its_own_mistake(tmp_path):
    (tmp_path / "template.j2").write_text("{{ not python }}\n")
    write(
        tmp_path,
        shop="import treadle as dg\n"
        "text = \"import treadle as dg\\ndg.AssetSpec('a', owners=['nobody'])\\n\"\n"
        "exec(compile(text, 'template.j2', 'exec'))\n",
    )
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="nobody"):
        load_code(file=tmp_path / "shop.py")


def test_modules_that_a_definitions_function_imports_are_looked_at(tmp_path):
    write(
        tmp_path,
        inner="import treadle as dg\ndg.AssetSpec('a', owners=['nobody'])\ndg.AssetSpec('b', owners=['no one'])\n",
        shop="import treadle as dg\n@dg.definitions\ndef defs():\n    import inner\n    return dg.Definitions()\n",
    )
    assert [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")] == ["inner.py:2", "inner.py:3"]


def test_a_file_that_is_run_rather_than_imported_is_looked_at(tmp_path):
    write(
        tmp_path,
        inner="import treadle as dg\ndg.AssetSpec('a', owners=['nobody'])\ndg.AssetSpec('b', owners=['no one'])\n",
        shop="import runpy\nrunpy.run_path('inner.py')\nimport treadle as dg\ndg.AssetSpec('c', owners=['x'])\n",
    )
    found = [where for where, _ in told(tmp_path, file=tmp_path / "shop.py")]
    assert found == ["inner.py:2", "inner.py:3", "shop.py:4"]


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
