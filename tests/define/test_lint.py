"""What lint finds besides what can not run (S1-42, S1-50, S2-D07a, S4-34)."""

import sys
from types import ModuleType

import treadle as dg


class Database(dg.ConfigurableResource):
    url: str = "x"


warehouse = Database()


@dg.asset(description="of the module", metadata={"team": "sales"})
def module_asset(database: Database): ...


def codes(*assets, advice=False, **arguments):
    return [problem.code for problem in dg.lint(dg.Definitions(assets=assets, **arguments), advice=advice)]


def advised(*assets, resources=None):
    """Codes of advice; the asset of this module is deployed, too."""
    return codes(*assets, module_asset, advice=True, resources={"database": warehouse, **(resources or {})})


# Functions made in loops


def test_a_loop_variable_read_late_is_found_with_its_place_and_a_way_out():
    """S1-42"""
    made = []
    for table in ("orders", "users"):

        @dg.asset(name=f"load_{table}")
        def load():
            return f"select * from {table}"

        made.append(load)
    (problem,) = dg.lint(dg.Definitions(assets=made))
    assert (problem.code, problem.severity) == ("late-bound-closure", "warning")
    assert "`table`" in problem.message and "load_orders" in problem.message
    assert problem.where.startswith(f"{__file__}:") and "def make(table)" in problem.suggestion


def test_a_variable_computed_in_the_loop_is_as_late_as_the_loops_own():
    made = []
    for table in ("orders", "users"):
        statement = f"select * from {table}"

        @dg.asset(name=f"load_{table}")
        def load():
            return [statement for _ in range(2)]

        made.append(load)
    assert codes(*made) == ["late-bound-closure"]


def test_a_loop_variable_of_a_module_is_found(tmp_path, monkeypatch):
    (tmp_path / "late_loops.py").write_text(
        "import treadle as dg\nmade = []\nfor day in range(3):\n    @dg.asset(name=f'd{day}')\n"
        "    def one():\n        return day\n    made.append(one)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import late_loops

    (problem,) = dg.lint(dg.Definitions(assets=late_loops.made))
    assert problem.code == "late-bound-closure" and problem.where.endswith("late_loops.py:5")


def test_factories_and_variables_of_the_function_around_are_fine():
    schema = "raw"

    def make(table):
        @dg.asset(name=f"load_{table}")
        def load():
            return f"select * from {schema}.{table}"

        return load

    assert codes(*[make(table) for table in ("orders", "users")]) == []


def test_a_loop_that_reads_only_what_stays_the_same_is_fine():
    prefix = "raw"
    made = []
    for number in range(3):

        @dg.asset(name=f"a{number}")
        def load():
            return [number for number in range(3)], prefix

        made.append(load)
    assert codes(*made) == []


# Resources used without being declared


def test_a_module_resource_read_in_the_body_is_undeclared():
    """S2-D07a"""

    @dg.asset
    def sales():
        return warehouse.url

    (problem,) = dg.lint(dg.Definitions(assets=[sales]))
    assert (problem.code, problem.severity) == ("undeclared-resource", "warning")
    assert "`warehouse` (Database)" in problem.message and problem.asset_key == dg.AssetKey("sales")


def test_a_resource_read_in_a_function_inside_is_undeclared_too():
    @dg.asset
    def sales():
        def inner():
            return warehouse.url

        return inner()

    assert codes(sales) == ["undeclared-resource"]


def test_declared_resources_and_attributes_of_the_same_name_are_fine():
    @dg.asset
    def by_reference(database: Database = warehouse):
        return database.url

    @dg.asset(required_resource_keys={"warehouse"})
    def by_context(context):
        return context.resources.warehouse

    @dg.asset
    def by_name(warehouse: Database):
        return warehouse.url

    assert codes(by_reference, by_context, by_name, resources={"warehouse": warehouse}) == []


# Advice


def test_advice_is_told_only_when_asked_for():
    """S4-34"""

    @dg.asset
    def orders():
        return [1]

    assert codes(orders) == []
    assert advised(orders) == ["no-io-manager", "no-metadata", "no-description"]


def test_an_asset_that_does_all_of_it_gets_no_advice():
    @dg.asset
    def orders() -> dg.MaterializeResult:
        """Orders of the shop."""
        return dg.MaterializeResult(metadata={"rows": 1})

    assert advised(orders) == []


def test_an_asset_that_stores_by_itself_is_not_told_of_io_managers():
    @dg.asset(description="x")
    def none_annotated(context) -> None:
        context.add_output_metadata({"rows": 1})

    @dg.asset(description="x")
    def returns_nothing(context):
        context.add_output_metadata({"rows": 1})
        if context:
            return
        return

    assert advised(none_annotated, returns_nothing) == []


def test_an_io_manager_of_the_definitions_is_one():
    @dg.asset(description="x", metadata={"a": 1})
    def orders():
        return [1]

    assert advised(orders, resources={"io_manager": dg.InMemoryIOManager()}) == []
    assert advised(orders) == ["no-io-manager"]


def test_large_assets_should_be_partitioned():
    @dg.asset(description="x", metadata={"dagster/row_count": 20_000_000})
    def events() -> None: ...

    @dg.asset(
        description="x",
        metadata={"dagster/row_count": 20_000_000},
        partitions_def=dg.StaticPartitionsDefinition(["a"]),
    )
    def split() -> None: ...

    (problem,) = dg.lint(
        dg.Definitions(assets=[events, split, module_asset], resources={"database": warehouse}), advice=True
    )
    assert problem.code == "large-unpartitioned" and "20,000,000 rows" in problem.message
    assert problem.asset_key == dg.AssetKey("events")


def test_an_asset_of_a_loaded_module_that_is_in_no_definitions_is_told():
    """S1-50"""

    @dg.asset(description="x", metadata={"a": 1})
    def deployed() -> None: ...

    (problem,) = dg.lint(dg.Definitions(assets=[deployed]), advice=True)
    assert (problem.code, problem.asset_key) == ("not-deployed", dg.AssetKey("module_asset"))
    assert problem.where.startswith(f"{__file__}:") and problem.severity == "info"


def test_modules_of_other_packages_are_not_looked_into(monkeypatch):
    other = ModuleType("another_package")
    other.hidden = dg.asset(name="hidden")(lambda: None)
    monkeypatch.setitem(sys.modules, "another_package", other)

    @dg.asset(description="x", metadata={"a": 1})
    def deployed() -> None: ...

    found = dg.lint(
        dg.Definitions(assets=[deployed, module_asset], resources={"database": warehouse}), advice=True
    )
    assert found == []


def test_advice_never_fails_strict_definitions():
    @dg.asset
    def orders():
        return [1]

    defs = dg.Definitions(assets=[orders], strict=True)
    assert dg.lint(defs, advice=True) and dg.lint(defs) == []


def test_assets_that_are_left_out_are_told_in_the_order_of_their_definition(monkeypatch):
    names = [f"part_{letter}" for letter in "hgfedcba"]
    many = dg.multi_asset(name="many", specs=[dg.AssetSpec(name) for name in names])(lambda: None)
    monkeypatch.setattr(sys.modules[__name__], "many", many, raising=False)

    @dg.asset(description="x", metadata={"a": 1})
    def deployed() -> None: ...

    found = dg.lint(dg.Definitions(assets=[deployed, module_asset]), advice=True)
    told = [p.asset_key.to_user_string() for p in found if p.code == "not-deployed"]
    assert told == names
