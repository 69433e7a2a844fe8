"""YAML and JSON config: plain data only, within limits."""

import json

import pytest

import treadle as dg
from treadle.define.config.yaml_text import read_yaml


def refused(text):
    with pytest.raises(dg.InvalidConfigError) as caught:
        read_yaml(text, "run.yaml")
    error = caught.value
    return error.code, getattr(error, "line", None), getattr(error, "column", None)


def test_documents_are_merged_level_by_level(tmp_path):
    (tmp_path / "a.yaml").write_text("ops: {a: {config: {n: 1, m: 1}}}\n")
    (tmp_path / "b.yaml").write_text("ops:\n  a:\n    config:\n      n: 2\n  b: {}\n")
    merged = {"ops": {"a": {"config": {"n": 2, "m": 1}}, "b": {}}}
    assert dg.config_from_files([str(tmp_path / "*.yaml")]) == merged
    texts = [(tmp_path / name).read_text() for name in ("a.yaml", "b.yaml")]
    assert dg.config_from_yaml_strings([*texts, ""]) == merged


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path):
    with pytest.raises(dg.InvariantViolationError, match="no config file matches"):
        dg.config_from_files([str(tmp_path / "none.yaml")])


def test_config_can_lie_in_a_package(tmp_path, monkeypatch):
    package = tmp_path / "settings_pkg"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "run.yaml").write_text("ops: {}")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert dg.config_from_pkg_resources([("settings_pkg", "run.yaml")]) == {"ops": {}}
    with pytest.raises(dg.InvariantViolationError, match=r"none\.yaml"):
        dg.config_from_pkg_resources([("settings_pkg", "none.yaml")])


def test_json_reads_the_same():
    value = {"ops": {"a": {"config": [1, 2.5, None, True, "x"]}}}
    assert read_yaml(json.dumps(value)) == read_yaml(json.dumps(value, indent=1)) == value


def test_dates_stay_text():
    assert read_yaml("day: 2026-01-01") == {"day": "2026-01-01"}


def test_merge_keys_and_shared_anchors_work():
    text = "base: &base {n: 1, m: 2}\na: {<<: *base, n: 3}\nb: *base\n"
    assert read_yaml(text) == {"base": {"n": 1, "m": 2}, "a": {"n": 3, "m": 2}, "b": {"n": 1, "m": 2}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ("yaml-duplicate-key", 3, 1)),
        ('{"a": 1, "a": 2}', ("yaml-duplicate-key", 1, 10)),
        ("x: !!python/object/apply:os.system ['true']\n", ("yaml-unsafe", 1, 4)),
        ("x: !!python/name:os.system\n", ("yaml-unsafe", 1, 4)),
        ("x: !include other.yaml\n", ("yaml-unsafe", 1, 4)),
        ("a: &a [*a]\n", ("yaml-limit", 1, 4)),
        ("a:\n\t- 1\n", ("invalid-config", 2, 1)),
        ("a: [1\n", ("invalid-config", 2, 1)),
        ("? [1, 2]\n: x\n", ("invalid-config", 1, 3)),
    ],
)
def test_what_is_refused_is_pointed_at(text, expected):
    """B14."""
    assert refused(text) == expected


def test_a_billion_laughs_are_refused():
    """B14."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
    assert refused("\n".join(lines))[0] == "yaml-limit"


def test_size_and_depth_are_limited():
    """B14."""
    assert refused("x: " + "y" * 10_000_001)[0] == "yaml-limit"
    assert refused("[" * 5000 + "]" * 5000)[0] == "yaml-limit"
    assert refused("x: " + "[" * 300 + "]" * 300) == ("yaml-limit", 1, 203)
    assert refused("- " * 100_000 + "x")[0] == "yaml-limit"
    assert read_yaml("x: " + "[" * 150 + "]" * 150)["x"]


def test_run_config_must_be_a_dict():
    with pytest.raises(dg.InvalidConfigError, match="must be a dict"):
        dg.config_from_yaml_strings(["- 1"])


def test_config_that_is_written_out_in_place_of_a_file_is_told_where_it_goes():
    with pytest.raises(dg.InvariantViolationError) as raised:
        dg.config_from_files(['{"ops": {}}'])
    assert raised.value.hint is not None
    assert "--config-json" in raised.value.hint
