"""Loading code: modules, packages, files, attributes, with and without `Definitions` (S2-D04, S3-19, S3-20, S4-22)."""

import sys
from textwrap import dedent

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError
from treadle.define.load_code import load_definitions


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder whose modules are forgotten afterwards; call it with `path=text` to write files."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return tmp_path

    return write


WHOLE = """
    import treadle as dg

    class Database(dg.ConfigurableResource):
        url: str = "x"

    warehouse = Database()

    @dg.asset
    def orders(warehouse: Database): ...

    copies = [dg.asset(name=f"copy_{n}", deps=[orders])(lambda: 1) for n in range(2)]

    @dg.asset_check(asset=orders)
    def full(): ...

    nightly = dg.define_asset_job("nightly")
    schedule = dg.ScheduleDefinition(job=nightly, cron_schedule="@daily")
    outside = dg.AssetSpec("outside")

    @dg.sensor(job=nightly)
    def watch(): ...
"""


def names(keys):
    return [key.to_user_string() for key in keys]


def test_a_file_without_definitions_loads_whole(project):
    """S2-D04: resources under their variable names"""
    code = dg.load_code(project(whole=WHOLE) / "whole.py")
    catalog = code.catalog
    assert names(catalog.assets) == ["orders", "copy_0", "copy_1", "outside"]
    assert names(catalog.checks) == ["orders:full"]
    assert (list(catalog.jobs), list(catalog.schedules), list(catalog.sensors)) == (
        ["nightly"],
        ["nightly_schedule"],
        ["watch"],
    )
    assert list(code.resources) == ["warehouse"]
    assert catalog.problems == ()


def test_a_package_without_definitions_loads_whole(project):
    """S3-19, S3-20, S0-08"""
    project(
        shop__in____init__="",
        shop__in__assets__in____init__="",
        shop__in__assets__in__raw="import treadle as dg\n@dg.asset\ndef raw(): ...",
        shop__in__assets__in__gold="import treadle as dg\nfrom .raw import raw\n@dg.asset\ndef gold(raw): ...",
        shop__in__jobs="import treadle as dg\nnightly = dg.define_asset_job('nightly')",
    )
    code = dg.load_code("shop")
    assert sorted(names(code.catalog.assets)) == ["gold", "raw"] and list(code.jobs) == ["nightly"]


@pytest.mark.parametrize("name", ["defs", "anything"])
def test_definitions_are_found_under_any_name(project, name):
    project(one=f"import treadle as dg\n{name} = dg.Definitions(assets=[dg.AssetSpec('a')])")
    code = dg.load_code("one")
    assert names(code.catalog.assets) == ["a"] and code.origin.attribute == name


def test_a_definitions_function_is_found_and_called(project):
    """S3-04"""
    project(
        one="import treadle as dg\n@dg.definitions\ndef defs(): return dg.Definitions(assets=[dg.AssetSpec('a')])"
    )
    assert names(dg.load_code("one").catalog.assets) == ["a"]


def test_definitions_win_over_what_stands_beside_them(project):
    project(one=WHOLE + "\n    defs = dg.Definitions(assets=[outside])")
    assert names(dg.load_code("one").catalog.assets) == ["outside"]


def test_several_definitions_are_named(project):
    project(one="import treadle as dg\na = dg.Definitions()\nb = dg.Definitions()")
    with pytest.raises(InvariantViolationError, match=r"`a` \(.*one.py:2\), `b` \(.*one.py:3\)"):
        dg.load_code("one")
    assert dg.load_code("one", attribute="b").origin.attribute == "b"
    with pytest.raises(InvariantViolationError, match="has no `c`"):
        dg.load_code("one", attribute="c")


def test_an_attribute_may_be_a_plain_function(project):
    project(one="import treadle as dg\ndef make(): return dg.Definitions(assets=[dg.AssetSpec('a')])")
    assert names(dg.load_code("one", attribute="make").catalog.assets) == ["a"]


def test_a_package_keeps_its_definitions_in_its_module_of_that_name(project):
    """S3-19"""
    project(
        course__in____init__="",
        course__in__definitions="import treadle as dg\ndefs = dg.Definitions(assets=[dg.AssetSpec('a')])",
        course__in__rest="import treadle as dg\n@dg.asset\ndef b(): ...",
    )
    assert names(dg.load_code("course").catalog.assets) == ["a"]


def test_an_import_that_fails_gives_its_own_traceback(project):
    project(broken="def inner():\n    raise ValueError('boom')\ninner()")
    with pytest.raises(dg.LoadError) as caught:
        dg.load_code("broken")
    error = caught.value
    assert "ValueError: boom" in str(error) and error.where.endswith("broken.py:2")
    assert error.user_traceback.count("File ") == 2 and "importlib" not in error.user_traceback
    assert isinstance(error.__cause__, ValueError)


@pytest.mark.parametrize("target", ["nowhere", "nowhere.py"])
def test_what_is_not_there_is_named(project, target):
    with pytest.raises(dg.LoadError, match="nowhere"):
        dg.load_code(project() / target if target.endswith(".py") else target)


def test_a_definition_that_is_refused_keeps_its_own_error(project):
    project(one="import treadle as dg\n@dg.asset(name='a b')\ndef f(): ...")
    with pytest.raises(InvalidDefinitionError, match="a b") as caught:
        dg.load_code("one")
    assert caught.value.where.endswith("one.py:3")


def test_strict_refuses_warnings(project):
    """S2-D15"""
    project(one="import treadle as dg\n@dg.asset(deps=['b'])\ndef a(): ...")
    dg.load_code("one")
    with pytest.raises(dg.DefinitionsError, match="`b`"):
        dg.load_code("one", strict=True)


def test_problems_can_be_told_without_raising(project):
    project(one="import treadle as dg\n@dg.asset\ndef a(b): ...")
    assert [problem.code for problem in load_definitions("one").problems()] == ["unknown-input"]


def test_assets_of_modules_with_group_and_prefix(project):
    """S4-22: given to the assets of these modules and to what they depend on among each other."""
    project(
        one="import treadle as dg\nup = dg.asset(name='up', deps=['else'])(lambda: 1)\n@dg.asset\ndef down(up): ...",
        two="import treadle as dg\n@dg.asset\ndef other(): ...",
    )
    import one

    assets = dg.load_assets_from_modules([one], group_name="g", key_prefix=["p"])
    catalog = dg.Definitions(assets=assets).resolve().catalog
    assert names(catalog.assets)[:2] == ["p/up", "p/down"]
    assert names(catalog.parents_of(dg.AssetKey(["p", "down"]))) == ["p/up"]
    assert names(assets[1].keys_by_input_name.values()) == ["p/up"]
    assert names(catalog.parents_of(dg.AssetKey(["p", "up"]))) == ["else"]
    assert {catalog.assets[key].spec.group_name for key in list(catalog.assets)[:2]} == {"g"}


def test_a_key_in_two_modules_is_refused_with_both_places(project):
    project(
        one="import treadle as dg\n@dg.asset\ndef orders(): ...",
        two="import treadle as dg\n@dg.asset\ndef orders(): ...",
    )
    import one
    import two

    loaded = dg.load_assets_from_modules([one, two])
    for assets in (loaded, [loaded]):
        with pytest.raises(InvalidDefinitionError) as caught:
            dg.Definitions(assets=assets)
        assert "one.py:3" in str(caught.value) and "two.py:3" in str(caught.value)


def test_a_key_in_two_modules_hides_nothing_else_that_is_wrong(project):
    project(
        one="import treadle as dg\n@dg.asset\ndef orders(nothing): ...",
        two="import treadle as dg\n@dg.asset\ndef orders(): ...\n@dg.asset\ndef sales(odrers): ...",
    )
    import one
    import two

    with pytest.raises(dg.DefinitionsError) as caught:
        dg.Definitions(assets=dg.load_assets_from_modules([one, two]))
    assert {problem.code for problem in caught.value.problems} == {"duplicate-key", "unknown-input"}
    assert len(caught.value.problems) == 3


def test_a_list_of_loaded_assets_without_a_clash_is_not_resolved_before_it_is_used(project):
    project(one="import treadle as dg\n@dg.asset\ndef orders(nothing): ...")
    import one

    assert len(dg.Definitions(assets=dg.load_assets_from_modules([one])).problems()) == 1


def test_one_object_imported_into_two_modules_is_one(project):
    project(one="import treadle as dg\n@dg.asset\ndef orders(): ...", two="from one import orders")
    import one
    import two

    assert len(dg.load_assets_from_modules([one, two])) == 1


def test_the_current_module(project):
    project(
        one="import treadle as dg\n@dg.asset\ndef orders(): ...\nassets = dg.load_assets_from_current_module('g')"
    )
    import one

    assert [asset.group_names_by_key[asset.key] for asset in one.assets] == ["g"]


def test_checks_of_modules_with_a_prefix(project):
    project(one="import treadle as dg\n@dg.asset_check(asset='orders')\ndef full(orders): ...")
    import one

    (check,) = dg.load_asset_checks_from_modules([one], asset_key_prefix="p")
    assert check.check_key.to_user_string() == "p/orders:full"
    assert names(check.keys_by_input_name.values()) == ["p/orders"]


def test_definitions_of_a_module(project):
    project(whole=WHOLE)
    import whole

    defs = dg.load_definitions_from_module(whole, resources={"warehouse": whole.Database(url="y")})
    assert defs.resolve().resources["warehouse"].source.url == "y"


def test_code_references_point_at_the_function(project):
    project(one="import treadle as dg\n@dg.asset\ndef orders(): ...")
    import one

    (asset,) = dg.with_source_code_references([one.orders])
    (reference,) = asset.get_asset_spec().metadata["dagster/code_references"].code_references
    assert (reference.file_path, reference.line_number) == (one.__file__, 3)
