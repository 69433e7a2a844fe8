"""The schema language beyond the peer's recorded answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle.define.config.problems import ConfigErrorReason, ConfigProblem, path_text
from treadle.define.config.schema import process_config


def problems(schema, value):
    with pytest.raises(dg.InvalidConfigError) as caught:
        process_config(schema, value)
    return caught.value


def test_every_mistake_is_listed_a_line_each_with_its_path():
    """B15."""
    schema = {"rows": [{"name": str, "size": int}], "mode": dg.Enum("Mode", [dg.EnumValue("FAST")]), "n": int}
    error = problems(
        schema, {"rows": [{"name": 1, "size": 2}, {"nam": "x", "size": "y"}], "mode": "fast", "extra": 1}
    )
    assert str(error).splitlines() == [
        "invalid config: 7 errors",
        "  root: unknown field `extra`; there are `mode`, `n`, `rows`",
        "  root: missing field `n`",
        "  root:mode: expected one of FAST, got 'fast' (str); did you mean `FAST`?",
        "  root:rows[0]:name: expected text, got 1 (int)",
        "  root:rows[1]: unknown field `nam`; did you mean `name`?",
        "  root:rows[1]: missing field `name`",
        "  root:rows[1]:size: expected an integer, got 'y' (str)",
    ]


def test_a_refused_secret_is_not_shown():
    """B28."""
    assert "hunter22" not in str(problems({"password": int}, {"password": "hunter22"}))
    secret = {"value": dg.Field(dg.Enum("E", [dg.EnumValue("A")]), is_secret=True)}
    assert "hunter22" not in str(problems(secret, {"value": "hunter22"}))


def test_a_default_must_fit():
    with pytest.raises(dg.InvalidConfigError, match="default_value"):
        dg.Field(int, default_value="x")
    with pytest.raises(dg.InvalidConfigDefinitionError):
        dg.Field(int, default_value=1, is_required=True)


def test_a_default_may_be_a_variable(monkeypatch):
    monkeypatch.setenv("SIZE", "4")
    assert process_config({"size": dg.Field(dg.IntSource, default_value={"env": "SIZE"})}, {}) == {"size": 4}


def test_nested_defaults_are_filled_in():
    schema = {"outer": {"n": dg.Field(int, default_value=1), "m": dg.Field(dg.Noneable(str))}}
    assert process_config(schema, {}) == {"outer": {"n": 1, "m": None}}


@pytest.mark.parametrize("wrong", [3, "int", [int, str], {"n": 3}, {3: {3: int}}, lambda: 1, object])
def test_what_is_no_schema_is_refused(wrong):
    with pytest.raises(dg.InvalidConfigDefinitionError):
        process_config(wrong, 1)


def test_a_scalar_union_is_of_a_scalar_and_of_something_else():
    for scalar, other in (({"a": int}, int), (str, int), ({"a": int}, {"b": int})):
        with pytest.raises(dg.InvalidConfigDefinitionError, match="ScalarUnion"):
            dg.ScalarUnion(scalar, other)
    assert process_config(dg.ScalarUnion(str, [int]), [1]) == [1]


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("True", True), ("0", False), ("", False)])
def test_boolean_variables(monkeypatch, text, expected):
    monkeypatch.setenv("FLAG", text)
    assert process_config(dg.BoolSource, {"env": "FLAG"}) is expected


def test_a_variable_that_does_not_fit_is_named_without_its_value(monkeypatch):
    monkeypatch.setenv("FLAG", "canary")
    for source in (dg.BoolSource, dg.IntSource, dg.FloatSource):
        error = problems(source, {"env": "FLAG"})
        assert "`FLAG`" in str(error)
        assert "canary" not in str(error)


def test_python_enums():
    import enum

    class Mode(enum.Enum):
        FAST = 1

    assert process_config(dg.Enum.from_python_enum(Mode), "FAST") is Mode.FAST


def test_aliases_of_a_shape():
    shape = dg.Shape({"n": int}, field_aliases={"n": "count"})
    assert process_config(shape, {"count": 3}) == {"n": 3}
    assert [each.reason for each in problems(shape, {"count": 3, "n": 4}).errors] == ["FIELD_ALIAS_COLLISION"]


def test_a_selector_with_one_field_that_has_a_default_may_be_left_empty():
    assert process_config(dg.Selector({"local": dg.Field({"n": dg.Field(int, default_value=2)})}), {}) == {
        "local": {"n": 2}
    }


def test_a_problems_stack_has_an_entry_for_each_part_of_its_path():
    path = ("ops", "a", "rows", 2, {"map_value": "k"}, "n")
    stack = ConfigProblem(path, ConfigErrorReason.RUNTIME_TYPE_MISMATCH, "wrong").stack
    assert [entry.field_name for entry in stack.entries] == ["ops", "a", "rows", None, None, "n"]
    assert (stack.entries[3].list_index, stack.entries[4].map_key) == (2, "k")
    assert stack.levels == ["ops", "a", "rows", "n"]


def test_paths_are_written_in_the_peers_words():
    assert path_text(("ops", "a", "rows", 2, {"map_value": "k"}, "n")) == "root:ops:a:rows[2]:'k':value:n"
    assert path_text(("m", {"map_key": "k"})) == "root:m:'k':key"
    assert path_text(()) == "root"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(plain)
def test_anything_goes_through_any_unchanged(value):
    assert process_config(dg.Field(dg.Any), value) == value
    assert process_config(dg.Noneable(dg.Any), value) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_completing_config_twice_changes_nothing(value):
    schema = dg.Permissive({"n": dg.Field(int, default_value=1), "m": dg.Noneable(int)})
    once = process_config(schema, value)
    assert process_config(schema, once) == once
    assert value.items() <= once.items()


def test_a_dict_whose_fields_all_have_defaults_has_their_dict_for_default() -> None:
    inner = dg.Field({"a": dg.Field(int, default_value=1), "b": dg.Field(int, is_required=False)})
    assert inner.default_value == {"a": 1}
    assert dg.Field({"inner": inner}).default_value == {"inner": {"a": 1}}
    assert not dg.Field({"a": dg.Field(int, default_value=1), "b": int}).default_provided
