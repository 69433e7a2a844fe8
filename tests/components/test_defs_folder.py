"""What a defs folder gives: files, folders, YAML documents, functions that give components."""

from pathlib import Path

import pytest

import treadle as dg
from tests.components.conftest import ProjectFolder

TABLE = "type: PKG.components.types.Table\nattributes: {table_name: %s}\n"


def test_python_files_at_any_depth_and_yaml_documents_are_joined(project: ProjectFolder) -> None:
    project.write("plain/deep/orders.py", "import treadle as dg\n@dg.asset\ndef orders(): ...\n")
    project.write("table/defs.yaml", TABLE % "one" + "---\n" + TABLE % "two")
    assert project.keys() == ["one", "orders", "two"]


def test_a_folder_of_a_yaml_file_is_the_component_and_its_python_files_are_its_own(
    project: ProjectFolder,
) -> None:
    project.write("table/defs.yaml", TABLE % "one")
    project.write("table/helper.py", "import treadle as dg\n@dg.asset\ndef not_loaded(): ...\n")
    assert project.keys() == ["one"]


def test_hidden_folders_are_left_out_and_private_ones_are_not(project: ProjectFolder) -> None:
    project.write(".trash/a.py", "import treadle as dg\n@dg.asset\ndef hidden(): ...\n")
    project.write("_private/a.py", "import treadle as dg\n@dg.asset\ndef private(): ...\n")
    assert project.keys() == ["private"]


def test_of_a_file_with_definitions_only_these_count(project: ProjectFolder) -> None:
    project.write(
        "a.py",
        """
        import treadle as dg

        @dg.asset
        def loose(): ...

        @dg.definitions
        def defs(context: dg.ComponentLoadContext) -> dg.Definitions:
            return dg.Definitions(assets=[dg.AssetSpec(context.path.stem)])
        """,
    )
    assert project.keys() == ["a"]


def test_functions_give_components_in_python(project: ProjectFolder) -> None:
    project.write(
        "tables/component.py",
        """
        import treadle as dg
        from PKG.components.types import Table

        @dg.component_instance
        def first(context):
            return Table(table_name="first")

        @dg.component_instance
        def second(context):
            return Table(table_name="second")
        """,
    )
    assert project.keys() == ["first", "second"]


def test_what_stands_beside_functions_that_give_components_counts_too(project: ProjectFolder) -> None:
    project.write(
        "tables/component.py",
        """
        import treadle as dg
        from PKG.components.types import Table

        @dg.asset
        def loose(): ...

        @dg.sensor(target=loose)
        def watch(): ...

        @dg.component_instance
        def table(context):
            return Table(table_name="table")
        """,
    )
    assert project.keys() == ["loose", "table"]
    assert [sensor.name for sensor in project.load().sensors or ()] == ["watch"]


def test_post_processing_of_a_folder_reaches_everything_below(project: ProjectFolder) -> None:
    project.write(
        "ingest/defs.yaml",
        """
        type: treadle.DefsFolderComponent
        post_processing:
          assets:
            - attributes: {group_name: ingest, tags: {tier: 1}}
            - target: tag:tier=1 and key:b
              attributes: {owners: ["team:b"]}
        """,
    )
    project.write("ingest/a.py", "import treadle as dg\n@dg.asset\ndef a(): ...\n")
    project.write("ingest/inner/defs.yaml", TABLE % "b")
    specs = {spec.key.to_user_string(): spec for spec in project.load().resolve_all_asset_specs()}
    assert {key: spec.group_name for key, spec in specs.items()} == {"a": "ingest", "b": "ingest"}
    assert list(specs["b"].owners) == ["team:b"] and not specs["a"].owners
    assert specs["a"].tags == {"tier": "1"}


@pytest.mark.parametrize(
    ("operation", "metadata", "tags"),
    [("merge", {"m", "n"}, {"x": "y", "z": "w"}), ("replace", {"n"}, {"z": "w"})],
)
def test_post_processing_joins_metadata_and_tags_or_replaces_them(
    project: ProjectFolder, operation: str, metadata: set[str], tags: dict[str, str]
) -> None:
    project.write(
        "a/defs.yaml",
        f"""
        type: PKG.components.types.Script
        attributes:
          specs:
            - {{key: s, metadata: {{m: 1}}, tags: {{x: y}}, owners: [a@b.co], deps: [u], kinds: [old]}}
        post_processing:
          assets:
            - target: s
              operation: {operation}
              attributes:
                metadata: {{n: 2}}
                tags: {{z: w}}
                owners: [c@d.co]
                deps: [v]
                kinds: [new]
                description: "about {{{{ asset.key.to_user_string() }}}}"
                automation_condition: "{{{{ automation_condition.eager() }}}}"
        """,
    )
    spec = next(each for each in project.load().resolve_all_asset_specs() if each.key == dg.AssetKey("s"))
    assert set(spec.metadata) - {"dagster/code_references"} == metadata
    assert {name: value for name, value in spec.tags.items() if "kind" not in name} == tags
    assert (list(spec.owners), [dep.asset_key for dep in spec.deps]) == (["c@d.co"], [dg.AssetKey("v")])
    assert spec.kinds == {"new"} and spec.description == "about s"
    assert spec.automation_condition is not None


def test_assets_of_yaml_say_which_file_and_line_they_come_from(project: ProjectFolder) -> None:
    file = project.write("t/defs.yaml", TABLE % "one" + "---\n" + TABLE % "two")
    lines = {}
    for spec in project.load().resolve_all_asset_specs():
        (reference,) = spec.metadata["dagster/code_references"].code_references
        assert reference.file_path == str(file)
        lines[spec.key.to_user_string()] = reference.line_number
    assert lines == {"one": 1, "two": 4}


def test_a_component_finds_another_one(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", TABLE % "orders")
    project.write("b/defs.yaml", "type: PKG.components.types.Copy\nattributes: {of: a}\n")
    assert project.keys() == ["orders", "orders_copy"]


def test_only_what_is_asked_for_is_loaded(project: ProjectFolder) -> None:
    project.write("good/defs.yaml", TABLE % "one")
    project.write("bad/broken.py", "raise RuntimeError('not now')\n")
    tree = dg.ComponentTree.for_project(project.root)
    assert tree.load_component("good").table_name == "one"
    assert [spec.key.to_user_string() for spec in tree.build_defs("good").resolve_all_asset_specs()] == [
        "one"
    ]


def test_template_variables_come_from_a_module_the_class_and_the_environment(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_STAGE", "prod")
    project.write(
        "t/vars.py",
        """
        import treadle as dg

        @dg.template_var
        def folder(context):
            return context.path.name

        @dg.template_var
        def fields():
            return [{"name": "id"}]
        """,
    )
    project.write(
        "t/defs.yaml",
        """
        type: PKG.components.types.Table
        template_vars_module: .vars
        attributes:
          table_name: "{{ shout('a') }}_{{ suffix }}_{{ folder }}_{{ env.SHOP_STAGE }}_{{ env('NOT_SET', 'else') }}"
          rows: "{{ 40 + 2 }}"
          columns: [{name: "{{ context.project_root.name }}"}]
        """,
    )
    (spec,) = project.load().resolve_all_asset_specs()
    assert spec.key.to_user_string() == "A_v1_t_prod_else"
    assert spec.metadata["columns"] == ["shop"]


def test_a_type_may_be_named_from_where_the_file_lies(project: ProjectFolder) -> None:
    project.write("t/types.py", "from PKG.components.types import Table as Mine\n")
    project.write("t/defs.yaml", "type: .types.Mine\nattributes: {table_name: one}\n")
    assert project.keys() == ["one"]


def test_load_defs_lets_a_definitions_file_stand_for_its_folder(project: ProjectFolder) -> None:
    import importlib
    import sys

    project.write(
        "c/definitions.py", "import treadle as dg\ndefs = dg.Definitions(assets=[dg.AssetSpec('c')])\n"
    )
    project.write("c/other.py", "import treadle as dg\nspec = dg.AssetSpec('other')\n")
    sys.path.insert(0, str(project.root / "src"))
    package = importlib.import_module(f"{project.name}.defs")
    with pytest.warns(DeprecationWarning, match="use `load_from_defs_folder`"):
        defs = dg.load_defs(package)
    assert [spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()] == ["c"]
    assert project.keys() == ["c", "other"]


def test_load_defs_finds_the_project_above_its_package(project: ProjectFolder) -> None:
    import importlib
    import sys

    project.write("t/defs.yaml", TABLE % '"{{ context.project_root.name }}"')
    sys.path.insert(0, str(project.root / "src"))
    package = importlib.import_module(f"{project.name}.defs")
    for root, key in ((None, "shop"), (project.root.parent, project.root.parent.name)):
        with pytest.warns(DeprecationWarning, match="use `load_from_defs_folder`"):
            (spec,) = dg.load_defs(package, project_root=root).resolve_all_asset_specs()
        assert spec.key.to_user_string() == key


@pytest.mark.parametrize("how", ["a folder", "a package"])
def test_the_oldest_way_takes_a_folder_or_its_package(project: ProjectFolder, how: str) -> None:
    import importlib
    import sys

    project.write("t/defs.yaml", TABLE % "one")
    project.write("definitions.py", "import treadle as dg\nspec = dg.AssetSpec('two')\n")
    given: object = project.defs
    if how == "a package":
        sys.path.insert(0, str(project.root / "src"))
        given = importlib.import_module(f"{project.name}.defs")
    with pytest.warns(DeprecationWarning, match="use `load_from_defs_folder`"):
        defs = dg.build_component_defs(given)
    assert sorted(spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()) == ["one", "two"]


def test_the_tree_is_shown_as_text(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", TABLE % "one")
    project.write("b.py", "")
    defs = project.load()
    assert defs.component_tree.to_string_representation(include_load_and_build_status=True) == (
        "├── __init__.py (built)\n├── a (built)\n│   └── defs.yaml (Table) (built)\n└── b.py (built)"
    )


def test_of_the_tree_plain_files_may_be_left_out_and_a_place_underlined(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", TABLE % "one" + "---\n" + TABLE % "two")
    project.write("sub/deep/c.py", "")
    tree = dg.ComponentTree.for_project(project.root)
    place = tree.find_decl_at_path("a[1]").place
    assert tree.to_string_representation(hide_plain_defs=True, match_path=place).splitlines() == [
        "├── a",
        "│   ├── defs.yaml[0] (Table)",
        "│   └── defs.yaml[1] (Table)",
        "│       ^^^^^^^^^^^^",
        "└── sub",
        "    └── deep",
        "        └── ...",
    ]


def test_where_there_is_no_project_the_error_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(dg.TreadleError, match=r"lies in no project"):
        dg.load_from_defs_folder(path_within_project=tmp_path)


def test_every_component_of_a_type_is_found_once(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", TABLE % "one" + "---\n" + TABLE % "two")
    tree = dg.ComponentTree.for_project(project.root)
    found = tree.get_all_components(of_type=dg.Component)
    assert [each.table_name for each in found if hasattr(each, "table_name")] == ["one", "two"]
    assert len({id(each) for each in found}) == len(found)


def test_a_place_gives_its_component_and_definitions_for_tests(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", TABLE % "one" + "---\n" + TABLE % "two")
    with pytest.warns(DeprecationWarning, match="use `ComponentTree"):
        component, defs = dg.get_component_defs_within_project(
            project_root=project.root, component_path="a", instance_key=1
        )
    assert component.table_name == "two"  # type: ignore[attr-defined]
    assert [spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()] == ["two"]
    with (
        pytest.warns(DeprecationWarning),
        pytest.raises(dg.TreadleError, match="2 components at a, so none has the index 2"),
    ):
        dg.get_component_defs_within_project(project_root=project.root, component_path="a", instance_key=2)


def test_the_root_and_every_folder_is_a_component_with_its_children(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", TABLE % "one" + "---\n" + TABLE % "two")
    project.write("sub/b/defs.yaml", TABLE % "three")
    project.write("sub/c.py", "import treadle as dg\nspec = dg.AssetSpec('four')\n")
    tree = dg.ComponentTree.for_project(project.root)
    root = tree.load_root_component()
    assert isinstance(root, dg.DefsFolderComponent)
    names = [getattr(each, "table_name", None) for each in root.iterate_components()]
    assert [name for name in names if name is not None] == ["one", "two", "three"]
    places = [place.relative_to(project.defs) for place, _ in root.iterate_path_component_pairs()]
    assert places == ["__init__.py", "a", "a[0]", "a[1]", "sub", "sub/b", "sub/c.py"]
    sub = tree.load_component("sub", expected_type=dg.DefsFolderComponent)
    keys = [spec.key.to_user_string() for spec in sub.build_defs(tree.load_context).resolve_all_asset_specs()]
    assert sorted(keys) == ["four", "three"]
    assert dg.DefsFolderComponent.get(tree.context_at(tree.find_decl_at_path("sub").place)) is sub
    with pytest.raises(dg.TreadleError, match="is no folder of definitions"):
        dg.DefsFolderComponent.get(tree.context_at(tree.find_decl_at_path("a").place))
    several = tree.load_component("a")
    assert [each.table_name for each in several.components] == ["one", "two"]
