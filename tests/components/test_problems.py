"""Everything that is wrong in a defs folder is told at once, with file, line and column, and what was meant."""

import pytest

from tests.components.conftest import ProjectFolder
from treadle.core.errors import ConfigArgumentWarning
from treadle.define.validation.errors import DefinitionsError


def problems(project: ProjectFolder) -> list[tuple[str, str, str | None, str | None]]:
    with pytest.raises(DefinitionsError) as caught:
        project.load()
    prefix = f"{project.defs}/"
    return [
        (
            problem.code,
            problem.message,
            (problem.where or "").removeprefix(prefix) or None,
            problem.suggestion,
        )
        for problem in caught.value.problems
    ]


def test_a_broken_component_hides_no_other(project: ProjectFolder) -> None:
    project.write("a/defs.yaml", "type: PKG.components.types.Tabel\n")
    project.write("b/defs.yaml", "type: PKG.components.types.Broken\n")
    project.write("c.py", "import no_such_package_here\n")
    project.write(
        "d/defs.yaml", "type: PKG.components.types.Table\nattributes: {table_name: one, colums: []}\n"
    )
    project.write("e/defs.yaml", "type: PKG.components.types.Table\n bad: [\n")
    found = problems(project)
    assert [(code, where) for code, _, where, _ in found] == [
        ("unknown-component-type", "a/defs.yaml:1:7"),
        ("component-failed", found[1][2]),
        ("component-failed", "c.py:1"),
        ("invalid-attribute", "d/defs.yaml:2:31"),
        ("invalid-config", "e/defs.yaml:2:5"),
    ]
    assert found[0][3] == "did you mean `Table`?"
    assert found[3][3] == "did you mean `columns`?"
    assert "the API is away" in found[1][1] and "types.py" in (found[1][2] or "")


def test_every_attribute_that_does_not_fit_is_told_with_its_own_place(project: ProjectFolder) -> None:
    """A wrong value by the place of the value, a wrong or missing name by that of the key."""
    project.write(
        "a/defs.yaml",
        """
        type: PKG.components.types.Table
        attributes:
          table_nme: one
          rows: many
          columns:
            - nam: id
        """,
    )
    assert sorted(problems(project), key=str) == sorted(
        [
            ("invalid-attribute", "`table_name` is required", "a/defs.yaml:2:1", None),
            (
                "invalid-attribute",
                "`table_nme` is not an attribute here",
                "a/defs.yaml:3:3",
                "did you mean `table_name`?",
            ),
            (
                "invalid-attribute",
                "`rows`: input should be a valid integer, unable to parse string as an integer, got 'many'",
                "a/defs.yaml:4:9",
                None,
            ),
            ("invalid-attribute", "`columns.0.name` is required", "a/defs.yaml:6:7", None),
            (
                "invalid-attribute",
                "`columns.0.nam` is not an attribute here",
                "a/defs.yaml:6:7",
                "did you mean `name`?",
            ),
        ],
        key=str,
    )


def test_every_template_that_fails_is_told(project: ProjectFolder) -> None:
    project.write(
        "a/defs.yaml",
        """
        type: PKG.components.types.Table
        attributes:
          table_name: "{{ shout(1) }}"
          columns:
            - name: "{{ suffx }}"
            - name: "{{ env('NO_SUCH_VARIABLE') }}"
            - name: "{{ ( }}"
        """,
    )
    found = problems(project)
    assert [(code, where) for code, _, where, _ in found] == [
        ("template-failed", "a/defs.yaml:3:15"),
        ("template-failed", "a/defs.yaml:5:13"),
        ("missing-env-var", "a/defs.yaml:6:13"),
        ("template-failed", "a/defs.yaml:7:13"),
    ]
    assert found[1][3] == "did you mean `suffix`?"


@pytest.mark.parametrize(
    ("text", "code", "where", "message"),
    [
        ("", "invalid-component", "a/defs.yaml:1:1", "there is no component in this file"),
        ("hello", "invalid-component", "a/defs.yaml:1:1", "a component is written as keys"),
        ("attributes: {}\n", "invalid-attribute", "a/defs.yaml:1:1", "`type` is required"),
        ("type: Table\n", "unknown-component-type", "a/defs.yaml:1:7", "`Table` is no component type"),
        ("type: PKG.nowhere.Table\n", "unknown-component-type", "a/defs.yaml:1:7", "there is no module"),
        (
            "type: PKG.components.types.Column\n",
            "unknown-component-type",
            "a/defs.yaml:1:7",
            "no subclass of Component",
        ),
        (
            "type: treadle.Component\n",
            "unknown-component-type",
            "a/defs.yaml:1:7",
            "is not finished: it lacks `build_defs`",
        ),
    ],
)
def test_a_file_that_is_no_component_says_why(
    project: ProjectFolder, text: str, code: str, where: str, message: str
) -> None:
    project.write("a/defs.yaml", text)
    ((found_code, found_message, found_where, _),) = problems(project)
    assert (found_code, found_where) == (code, where)
    assert message in found_message


def test_post_processing_that_names_nothing_is_told(project: ProjectFolder) -> None:
    project.write(
        "a/defs.yaml",
        """
        type: PKG.components.types.Table
        attributes: {table_name: orders}
        post_processing:
          assets:
            - target: order
              attributes: {group_name: g}
        """,
    )
    ((_, message, where, _),) = problems(project)
    assert "order" in message and where == "a/defs.yaml:5:15"


def test_components_that_need_each_other_are_told(project: ProjectFolder) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        project.write(
            f"{name}/defs.yaml",
            f"type: PKG.components.types.Table\nattributes: {{table_name: \"{{{{ context.load_component('{other}') }}}}\"}}\n",
        )
    assert any("needs itself" in message for _, message, _, _ in problems(project))


def test_a_resource_that_two_files_define_differently_is_told(project: ProjectFolder) -> None:
    for name in "ab":
        project.write(
            f"{name}.py", f"import treadle as dg\ndefs = dg.Definitions(resources={{'db': '{name}'}})\n"
        )
    ((code, message, _, _),) = problems(project)
    assert code == "mixed-definitions" and "`db`" in message


def test_a_key_that_stands_twice_warns_and_the_last_counts(project: ProjectFolder) -> None:
    project.write(
        "a/defs.yaml", "type: PKG.components.types.Table\nattributes:\n  table_name: a\n  table_name: b\n"
    )
    with pytest.warns(
        ConfigArgumentWarning, match=r"a/defs.yaml:4:3: the key `table_name` stands here twice"
    ):
        assert project.keys() == ["b"]


def test_a_key_that_is_no_python_name_is_named_too(project: ProjectFolder) -> None:
    project.write(
        "t/defs.yaml",
        """
        type: PKG.components.types.Table
        attributes:
          table_name: orders
          table-rows: 3
          columns: [{name: a, data-type: text}]
        """,
    )
    assert sorted(problems(project)) == [
        (
            "invalid-attribute",
            "`columns.0.data-type` is not an attribute here",
            "t/defs.yaml:5:23",
            "did you mean `type`?",
        ),
        (
            "invalid-attribute",
            "`table-rows` is not an attribute here",
            "t/defs.yaml:4:3",
            "there are `columns`, `rows`, `table_name`",
        ),
    ]
