"""Files and texts that can not be read are named with the reason, without a traceback, to people and under `--json`."""

import json

import pytest

from tests.cli.conftest import Project

DEFS = "import treadle as dg\n\n@dg.asset\ndef a(): ...\n"


def refused(project: Project, *arguments: str) -> str:
    """The message of a command that refuses, which is the same for people and machines."""
    said = project.treadle(*arguments)
    assert said.code == 2, said
    assert "Traceback" not in said.err
    told = json.loads(project.treadle(*arguments, "--json").out)["error"]
    assert told["message"].splitlines()[0] in said.err
    return said.err


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("treadle.toml", b'home = "a\\u0000b"', "without NUL"),
        ("treadle.toml", b"[pools]\ndb = 99999999999999999999", "at most 2147483647"),
        ("treadle.toml", b"max_concurrent = 99999999999999999999", "at most 2147483647"),
        ("treadle.toml", b"\xff\xfe", "not valid TOML"),
        (".env", b"\xff\xfeA=1", "not text in UTF-8"),
        (".env", b"A=1\nB=x\x00y\n", "NUL character in line 2"),
    ],
)
def test_settings(name: str, content: bytes, expected: str, project: Project) -> None:
    project.write("definitions.py", DEFS)
    (project.folder / name).write_bytes(content)
    said = refused(project, "list")
    assert expected in said
    assert name in said


@pytest.mark.parametrize(
    "tables", ["tool = 3", "[tool]\ndagster = 3", "[tool]\ndg = 3", "[tool.dg]\nproject = 3"]
)
def test_tables_of_other_tools_that_are_none_are_left_to_those(tables: str, project: Project) -> None:
    project.write("definitions.py", DEFS)
    (project.folder / "treadle.toml").unlink()
    project.write("pyproject.toml", tables)
    assert "Never materialized" in project.process("list").out


def test_an_own_table_that_is_none_is_refused(project: Project) -> None:
    (project.folder / "treadle.toml").unlink()
    project.write("pyproject.toml", "[tool]\ntreadle = 3")
    assert "`tool.treadle` must be a table" in refused(project, "list")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\x00", "not text in UTF-8"),
        (b"load_from:\n  - python_file: 3", "`relative_path` of `python_file` must be a text"),
        (b'load_from:\n  - python_file: "a\\0b"', "`relative_path` of `python_file` must be a text"),
        (
            b"load_from:\n  - python_file: {relative_path: d.py, working_directory: 3}",
            "`working_directory` of `python_file` must be a text",
        ),
        (b"load_from:\n  - python_file: {working_directory: x}", "names no relative_path"),
    ],
)
def test_workspaces(content: bytes, expected: str, project: Project) -> None:
    (project.folder / "workspace.yaml").write_bytes(content)
    assert expected in refused(project, "list", "-w", "workspace.yaml")


def test_run_config(project: Project) -> None:
    project.write("definitions.py", DEFS)
    (project.folder / "binary.yaml").write_bytes(b"\xff\x00")
    (project.folder / "folder.yaml").mkdir()
    run = ("materialize", "--select", "a")
    assert "not text in UTF-8" in refused(project, *run, "-c", "binary.yaml")
    assert "Is a directory" in refused(project, *run, "-c", "folder.yaml")
    huge = json.dumps({"ops": {"a": {"config": {"x": 1}}}}).replace("1", "9" * 5000)
    assert "can not be read" in refused(project, *run, "--config-json", huge)


def test_paths_that_no_system_has(project: Project) -> None:
    project.write("definitions.py", DEFS)
    assert "File name too long" in refused(project, "list", "-f", "x" * 5000)
    assert "File name too long" in refused(project, "list", "-d", "x" * 5000)
    assert "NUL" in refused(project, "list", "-d", "a\0b")
    assert "s a directory" in refused(project, "automation", "preview", "--cursor", "")
    assert len(refused(project, "check", "-f", "x" * 5000)) < 500


def test_a_limit_beyond_what_a_store_counts_lists_all(project: Project) -> None:
    project.write("definitions.py", DEFS)
    project.treadle("materialize", "--select", "a")
    assert len(json.loads(project.treadle("runs", "--limit", "9" * 20, "--json").out)) == 1


def test_a_group_that_nothing_has_is_answered_with_the_nearest(project: Project) -> None:
    project.write("definitions.py", DEFS)
    assert "did you mean `default`?" in refused(project, "list", "--select", "group:defualt")
    assert "`treadle list` shows the assets" in refused(project, "list", "--select", "kind:s3")
