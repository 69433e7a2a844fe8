"""The components that come with Treadle, run for real; components by hand; state; scaffolding; the sandbox."""

import asyncio
from pathlib import Path

import pytest

import treadle as dg
from tests.components.conftest import ProjectFolder
from treadle.components import DefsStateConfig, DefsStateConfigArgs, SQLClient
from treadle.components.testing import create_defs_folder_sandbox


def test_a_function_makes_assets_and_evaluates_checks(project: ProjectFolder) -> None:
    project.write(
        "fn/work.py",
        """
        import treadle as dg

        def update(context):
            return dg.MaterializeResult(metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True)])
        """,
    )
    project.write(
        "fn/defs.yaml",
        """
        type: treadle.FunctionComponent
        attributes:
          execution: {fn: .work.update, name: the_step, tags: {a: b}, pool: warehouse}
          assets: [{key: orders}]
          checks: [{name: fresh, asset: orders}]
        """,
    )
    asset = project.load().get_assets_def("orders")
    assert (asset.op.name, asset.op.pool, asset.op.tags) == ("the_step", "warehouse", {"a": "b"})
    result = dg.materialize([asset])
    (event,) = result.asset_materializations_for_node("the_step")
    assert event.metadata["rows"].value == 3
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]


def test_a_function_may_be_all_there_is_of_an_execution(project: ProjectFolder) -> None:
    project.write("fn/work.py", "def update(context): ...\n")
    project.write(
        "fn/defs.yaml",
        "type: treadle.FunctionComponent\nattributes: {execution: PKG.defs.fn.work.update, assets: [{key: o}]}\n",
    )
    assert project.load().get_assets_def("o").op.name == "update"


def test_a_function_that_is_not_there_is_told_with_what_was_meant(project: ProjectFolder) -> None:
    project.write("fn/work.py", "def update(context): ...\n")
    project.write(
        "fn/defs.yaml",
        "type: treadle.FunctionComponent\nattributes: {execution: .work.updat, assets: [{key: o}]}\n",
    )
    with pytest.raises(dg.TreadleError, match=r"has no function `updat`(.|\n)*did you mean `update`"):
        project.load()


@pytest.mark.parametrize("script", ["print(__import__('sys').argv[1:])", "raise SystemExit(3)"])
def test_a_script_makes_assets_where_it_ends_well(project: ProjectFolder, script: str) -> None:
    project.write("s/update.py", script)
    project.write(
        "s/defs.yaml",
        "type: treadle.PythonScriptComponent\n"
        "attributes: {execution: {path: update.py, args: --day 'a b'}, assets: [{key: made}]}\n",
    )
    result = dg.materialize([project.load().get_assets_def("made")], raise_on_error=False)
    assert result.success == ("print" in script)


def test_a_script_tells_its_results_by_pipes_and_a_check_that_it_left_out_is_named(
    project: ProjectFolder,
) -> None:
    project.write(
        "s/update.py",
        """
        import sys
        from dagster_pipes import open_dagster_pipes

        with open_dagster_pipes() as pipes:
            pipes.report_asset_materialization(metadata={"rows": 3})
            if sys.argv[1:] == ["--check"]:
                pipes.report_asset_check(check_name="full", passed=True)
        """,
    )
    for argument in ("--check", "--no"):
        project.write(
            "s/defs.yaml",
            "type: treadle.PythonScriptComponent\nattributes:\n"
            f"  execution: {{path: update.py, args: [{argument}]}}\n"
            "  assets: [{key: made}]\n  checks: [{name: full, asset: made}]\n",
        )
        result = dg.materialize([project.load().get_assets_def("made")], raise_on_error=False)
        assert result.success == (argument == "--check")
        (made,) = result.get_asset_materialization_events()
        assert made.materialization.metadata["rows"].value == 3
        assert [each.passed for each in result.get_asset_check_evaluations()] == [True] * result.success
    (failed,) = result.get_step_failure_events()
    assert "without check `full`" in failed.step_failure_data.error.message


class Recorder(SQLClient):
    def __init__(self) -> None:
        self.ran: list[str] = []

    def connect_and_execute(self, sql: str) -> None:
        self.ran.append(sql)


def test_sql_is_filled_in_when_it_runs_and_from_a_file_too(project: ProjectFolder) -> None:
    project.write("sql/query.sql", "insert into t select {{ n }}")
    project.write(
        "sql/defs.yaml",
        """
        type: treadle.TemplatedSqlComponent
        template_vars_module: .vars
        attributes:
          sql_template: "select {{ n }}"
          sql_template_vars: {n: "{{ 1 + 2 }}"}
          connection: "{{ warehouse }}"
          assets: [{key: a}]
        ---
        type: treadle.TemplatedSqlComponent
        template_vars_module: .vars
        attributes:
          sql_template: {path: query.sql}
          sql_template_vars: {n: 4}
          connection: "{{ warehouse }}"
          assets: [{key: b}, {key: c}]
        """,
    )
    project.write(
        "sql/vars.py",
        "import treadle as dg\nfrom tests.components.test_library import Recorder\n_one = Recorder()\n\n"
        "@dg.template_var\ndef warehouse():\n    return _one\n",
    )
    defs = project.load()
    assert dg.materialize(defs.assets or []).success
    client = defs.component_tree.get_all_components(of_type=dg.TemplatedSqlComponent)[0].connection
    assert sorted(client.ran) == ["insert into t select 4", "select 3"]  # the two run side by side


def test_a_file_of_definitions_is_a_component(project: ProjectFolder) -> None:
    project.write("d/defs.yaml", "type: dagster.DefinitionsComponent\nattributes: {path: mine.py}\n")
    project.write("d/mine.py", "import treadle as dg\ndefs = dg.Definitions(assets=[dg.AssetSpec('mine')])\n")
    assert project.keys() == ["mine"]


class Listing(dg.StateBackedComponent, dg.Model, dg.Resolvable):
    defs_state: DefsStateConfigArgs = DefsStateConfigArgs.local_filesystem()

    @property
    def defs_state_config(self) -> DefsStateConfig:
        return DefsStateConfig.from_args(self.defs_state, default_key="Listing[tables]")

    async def write_state_to_path(self, state_path: Path) -> None:
        state_path.write_text("orders customers", encoding="utf-8")

    def build_defs_from_state(
        self, context: dg.ComponentLoadContext, state_path: Path | None
    ) -> dg.Definitions:
        names = state_path.read_text(encoding="utf-8").split() if state_path is not None else []
        return dg.Definitions(assets=[dg.AssetSpec(name) for name in names])


def test_kept_state_is_used_and_fetched_only_when_asked_for(project: ProjectFolder) -> None:
    project.write("l/defs.yaml", f"type: {__name__}.Listing\n")
    assert project.keys() == []
    asyncio.run(Listing().refresh_state(project.root))
    assert project.keys() == ["customers", "orders"]


def test_state_that_is_kept_nowhere_is_fetched_with_every_load(project: ProjectFolder) -> None:
    project.write(
        "l/defs.yaml",
        f"type: {__name__}.Listing\nattributes:\n  defs_state: {{management_type: LEGACY_CODE_SERVER_SNAPSHOTS}}\n",
    )
    assert project.keys() == ["customers", "orders"]


def test_state_is_fetched_also_where_an_event_loop_runs_as_in_a_notebook(project: ProjectFolder) -> None:
    project.write(
        "l/defs.yaml",
        f"type: {__name__}.Listing\nattributes:\n  defs_state: {{management_type: LEGACY_CODE_SERVER_SNAPSHOTS}}\n",
    )

    async def cell() -> list[str]:
        return project.keys()

    assert asyncio.run(cell()) == ["customers", "orders"]


@pytest.mark.parametrize(
    ("variable", "below"), [("TREADLE_HOME", ""), ("DAGSTER_HOME", "treadle"), (None, "shop/.treadle")]
)
def test_state_that_processes_share_lies_in_the_home(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str | None, below: str
) -> None:
    for name in ("TREADLE_HOME", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    if variable is not None:
        monkeypatch.setenv(variable, str(tmp_path))
    project.write(
        "l/defs.yaml",
        f"type: {__name__}.Listing\nattributes:\n  defs_state: {{management_type: VERSIONED_STATE_STORAGE}}\n",
    )
    assert project.keys() == []
    shared = Listing(defs_state=DefsStateConfigArgs.versioned_state_storage())
    assert len(asyncio.run(shared.refresh_state(project.root))) == 32
    assert (tmp_path / below / "defs_state" / "Listing__tables__" / "state").is_file()
    assert project.keys() == ["customers", "orders"]


def test_a_development_server_fetches_state_with_every_load(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("l/defs.yaml", f"type: {__name__}.Listing\n")
    monkeypatch.setenv("DAGSTER_IS_DEV_CLI", "1")
    assert project.keys() == ["customers", "orders"]


def test_components_are_used_by_hand() -> None:
    class Table(dg.Component, dg.Model, dg.Resolvable):
        name: str

        def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
            return dg.Definitions(assets=[dg.AssetSpec(self.name)], resources={"r": 2})

    table = Table.from_attributes_dict(attributes={"name": "{{ 'orders' }}"})
    assert table.name == "orders"
    defs = dg.component_defs(component=table, resources={"q": 1, "r": 3})
    assert dict(defs.resources or {}) == {"q": 1, "r": 2}


def test_a_component_takes_its_attributes_by_a_load_of_its_own() -> None:
    import pydantic

    class Attributes(pydantic.BaseModel):
        z: int

    class Own(dg.Component):
        z = 0

        @classmethod
        def get_model_cls(cls) -> type[pydantic.BaseModel]:
            return Attributes

        @classmethod
        def load(cls, attributes: pydantic.BaseModel | None, context: dg.ComponentLoadContext) -> "Own":
            made = cls()
            made.z = attributes.z  # type: ignore[union-attr]
            return made

        def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
            return dg.Definitions()

    assert Own.from_attributes_dict(attributes={"z": 5}).z == 5


def test_scaffolding_writes_yaml_or_python(tmp_path: Path) -> None:
    request = dg.ScaffoldRequest("shop.Table", tmp_path, "yaml", None, None)
    dg.scaffold_component(request, {"name": "a", "columns": ["x", "y"]})
    assert (tmp_path / "defs.yaml").read_text() == (
        "type: shop.Table\n\nattributes:\n  name: a\n  columns:\n    - x\n    - y\n"
    )
    dg.scaffold_component(dg.ScaffoldRequest("shop.Table", tmp_path, "python", None, None))
    assert "from shop import Table" in (tmp_path / "component.py").read_text()


def test_a_sandbox_is_a_project_for_a_test() -> None:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=dg.FunctionComponent,
            defs_path="fn",
            defs_yaml_contents={
                "type": "treadle.FunctionComponent",
                "attributes": {"execution": ".work.run", "assets": [{"key": "q"}]},
            },
        )
        (path / "work.py").write_text("def run(context): ...\n")
        with sandbox.load_component_and_build_defs(defs_path=path) as (component, defs):
            assert isinstance(component, dg.FunctionComponent)
            assert dg.materialize(defs.assets or []).success
        with sandbox.swap_defs_file(path, None), sandbox.build_all_defs() as defs:
            assert not defs.assets


def test_the_names_of_the_package_are_those_of_its_table() -> None:
    import ast

    import treadle.components as room

    tree = ast.parse(Path(room.__file__).read_text(encoding="utf-8"))
    typed = {
        (node.module, alias.name)
        for block in ast.walk(tree)
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == {(module, name) for name, module in room._HOMES.items()}
