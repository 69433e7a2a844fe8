"""`treadle scaffold`: component types in any module, short names, components with a type of their own, keys."""

import json

from tests.cli.conftest import Project, package_of


def test_a_run_of_capitals_is_one_word_of_the_files_name(shop: Project) -> None:
    for name, file in (
        ("HTTPSConnection", "https_connection.py"),
        ("APIKey", "api_key.py"),
        ("ABC", "abc.py"),
    ):
        assert shop.treadle("scaffold", "component", name).code == 0
        assert (package_of(shop) / "components" / file).is_file()


def test_a_type_is_written_into_the_module_that_is_named_and_found_there(shop: Project) -> None:
    name = package_of(shop).name
    type_name = f"{name}.sales.tables.Table"
    assert shop.treadle("scaffold", "component", type_name).code == 0
    assert shop.treadle("scaffold", "component", f"{name}.sales.more.More").code == 0
    modules = json.loads(shop.treadle("list", "registry-modules", "--json").out)
    assert {f"{name}.sales.tables", f"{name}.sales.more"} <= set(modules)
    assert type_name in [
        each["type"] for each in json.loads(shop.treadle("list", "components", "--json").out)
    ]
    elsewhere = shop.treadle("scaffold", "component", "elsewhere.Table")
    assert elsewhere.code == 2 and "is not in the package" in elsewhere.err


def test_a_type_without_fields_takes_parameters(shop: Project) -> None:
    assert shop.treadle("scaffold", "component", "Table", "--no-model").code == 0
    assert "def __init__(self)" in (package_of(shop) / "components" / "table.py").read_text()
    assert shop.treadle("scaffold", "defs", "Table", "sales").code == 0
    assert shop.treadle("check").code == 0


def test_a_class_is_named_alone_where_only_one_has_the_name(shop: Project) -> None:
    shop.treadle("scaffold", "component", "Table")
    assert shop.treadle("scaffold", "defs", "Table", "sales").code == 0
    text = (package_of(shop) / "defs" / "sales" / "defs.yaml").read_text()
    assert text.startswith(f"type: {package_of(shop).name}.components.table.Table\n")
    part = shop.treadle("scaffold", "defs", "PythonScript", "script")
    assert part.code == 2 and "PythonScriptComponent" in part.err
    shop.treadle("scaffold", "component", f"{package_of(shop).name}.other.Table")
    two = shop.treadle("scaffold", "defs", "Table", "more")
    assert two.code == 2 and "other.Table" in two.err and "components.table.Table" in two.err


def test_a_component_with_a_type_of_its_own_is_written_beside_it_and_loads(shop: Project) -> None:
    shop.treadle("scaffold", "component", "Table")
    above = f"{package_of(shop).name}.components.table.Table"
    for path, name, rest in (("a/own", "OwnTable", ()), ("sub", "SubTable", ("--superclass", above))):
        arguments = ("scaffold", "defs", "inline-component", path, "--typename", name, *rest)
        assert shop.treadle(*arguments).code == 0
        again = shop.treadle(*arguments)
        assert again.code == 2 and "nothing was changed" in again.err
    assert "class SubTable(Table):" in (package_of(shop) / "defs" / "sub" / "sub_table.py").read_text()
    assert shop.treadle("check").code == 0
    nameless = shop.treadle("scaffold", "defs", "inline-component", "b")
    assert nameless.code == 2 and "--typename" in nameless.err


def test_keys_of_several_parts_are_written_as_such_and_several_keys_are_given(shop: Project) -> None:
    assert shop.treadle("scaffold", "defs", "asset_check", "fresh.py", "--asset-key=raw/orders").code == 0
    both = ("--asset-key", "raw/orders", "--asset-key", "customers")
    assert shop.treadle("scaffold", "defs", "multi_asset", "both.py", *both).code == 0
    named = '{"asset_key": ["raw/items", "days"]}'
    assert shop.treadle("scaffold", "defs", "multi_asset", "more.py", "--json-params", named).code == 0
    assert shop.treadle("check").code == 0
    rows = json.loads(shop.treadle("list", "defs", "--json").out)
    names = {row["name"]: row["about"] for row in rows}
    assert {"raw/orders", "customers", "raw/items", "days"} <= set(names)
    assert names["fresh"] == "raw/orders"


def test_parameters_come_as_json_or_one_by_one(shop: Project) -> None:
    wrong = shop.treadle("scaffold", "defs", "multi_asset", "x.py", "--json-params", "{}", "--asset-key=a")
    assert wrong.code == 2 and "not both" in wrong.err
