"""Run config against ops and resources: structure, unknown names, what is missing."""

from types import SimpleNamespace

import pytest

import treadle as dg
from treadle.define.config.resolve import resolve_run_config, validate_run_config
from treadle.define.config.schema import normalize_config_schema
from treadle.define.resources.definition import coerce_resource


def code(resources=None, **schemas):
    ops = {
        name.replace("__", "."): SimpleNamespace(
            config_schema=normalize_config_schema(schema), required_resource_keys=()
        )
        for name, schema in schemas.items()
    }
    return SimpleNamespace(
        ops=ops, resources={key: coerce_resource(value) for key, value in (resources or {}).items()}
    )


def errors(target, config, computations=None, **kwargs):
    with pytest.raises(dg.InvalidConfigError) as caught:
        resolve_run_config(target, target.ops if computations is None else computations, config, **kwargs)
    return [(each.path, each.reason) for each in caught.value.errors]


def test_no_config_is_fine_where_none_is_needed():
    target = code(plain=None, defaulted={"n": dg.Field(int, default_value=1)})
    for nothing in (None, {}, {"ops": None}, dg.RunConfig()):
        assert resolve_run_config(target, target.ops, nothing).op_config == {"defaulted": {"n": 1}}


def test_an_op_without_schema_takes_anything():
    assert resolve_run_config(code(o=None), ["o"], {"ops": {"o": {"config": {"x": 1}}}}).op_config == {
        "o": {"x": 1}
    }


def test_what_is_missing_is_reported_where_it_should_stand():
    target = code(a={"n": int}, b={"n": int}, c=None)
    assert errors(target, {}) == [((), "MISSING_REQUIRED_FIELD")]
    assert errors(target, {"ops": {}}) == [(("ops",), "MISSING_REQUIRED_FIELDS")]
    assert errors(target, {"ops": {"a": {"config": {"n": 1}}}}) == [(("ops",), "MISSING_REQUIRED_FIELD")]
    assert errors(target, {"ops": {"a": {}, "b": {"config": {"n": 1}}}}) == [
        (("ops", "a"), "MISSING_REQUIRED_FIELD")
    ]


def test_unknown_names_are_refused_at_every_level():
    target = code({"db": 1}, a=None)
    config = {"opps": {}, "ops": {"aa": {}, "a": {"confg": 1}}, "resources": {"bd": {}, "db": {"cfg": 1}}}
    assert errors(target, config, resource_keys=["db"]) == [
        ((), "FIELD_NOT_DEFINED"),
        (("ops",), "FIELD_NOT_DEFINED"),
        (("ops", "a"), "FIELD_NOT_DEFINED"),
        (("resources",), "FIELD_NOT_DEFINED"),
        (("resources", "db"), "FIELD_NOT_DEFINED"),
    ]


def test_sections_of_the_wrong_type_are_refused():
    assert errors(code(a=None), {"ops": [1], "resources": "x", "loggers": 3}) == [
        (("ops",), "RUNTIME_TYPE_MISMATCH"),
        (("resources",), "RUNTIME_TYPE_MISMATCH"),
        (("loggers",), "RUNTIME_TYPE_MISMATCH"),
    ]


def test_config_of_what_does_not_run_is_ignored():
    target = code({"unused": dg.ResourceDefinition(lambda: 1, config_schema=int)}, a={"n": int}, b={"n": int})
    config = {
        "ops": {"a": {"config": {"n": 1}}, "b": {"config": "wrong"}},
        "resources": {"unused": {"config": "x"}},
    }
    assert resolve_run_config(target, ["a"], config).op_config == {"a": {"n": 1}}


def test_ops_inside_of_graphs_stand_in_their_graph():
    target = code(outer__inner={"n": int}, top=None)
    config = {"ops": {"outer": {"ops": {"inner": {"config": {"n": 1}}}}}}
    assert resolve_run_config(target, target.ops, config).op_config == {"outer.inner": {"n": 1}}
    wrong = {"ops": {"outer": {"ops": {"inner": {"config": {"n": "x"}}}}}}
    assert errors(target, wrong) == [
        (("ops", "outer", "ops", "inner", "config", "n"), "RUNTIME_TYPE_MISMATCH")
    ]


def test_all_errors_of_ops_and_resources_come_at_once(monkeypatch):
    """B15: unknown field, wrong type, missing variable, enum off by case."""
    monkeypatch.delenv("UNSET", raising=False)

    class Db(dg.ConfigurableResource):
        url: str
        mode: str = "r"

    target = code(
        {"db": Db(url=dg.EnvVar("UNSET"))},
        a={"mode": dg.Enum("Mode", [dg.EnumValue("FAST")]), "n": int},
    )
    found = errors(
        target, {"ops": {"a": {"config": {"mode": "fast", "m": 1, "n": "x"}}}}, resource_keys=["db"]
    )
    assert found == [
        (("ops", "a", "config"), "FIELD_NOT_DEFINED"),
        (("ops", "a", "config", "mode"), "RUNTIME_TYPE_MISMATCH"),
        (("ops", "a", "config", "n"), "RUNTIME_TYPE_MISMATCH"),
        (("resources", "db", "config", "url"), "FAILED_POST_PROCESSING"),
    ]


def test_inputs_and_outputs_are_handed_on():
    config = {"ops": {"a": {"inputs": {"x": {"value": 1}}, "outputs": [{"result": {"path": "p"}}]}}}
    resolved = resolve_run_config(code(a=None), ["a"], config)
    assert resolved.inputs == {"a": {"x": {"value": 1}}}
    assert resolved.outputs == {"a": [{"result": {"path": "p"}}]}


def test_five_megabytes_of_config_are_checked():
    """B15."""
    rows = [{"name": "x" * 40, "n": at} for at in range(60_000)]
    config = {"ops": {"a": {"config": {"rows": [*rows, {"name": 1, "n": "x"}]}}}}
    found = errors(code(a={"rows": [{"name": str, "n": int}]}), config)
    assert found == [
        (("ops", "a", "config", "rows", 60_000, "n"), "RUNTIME_TYPE_MISMATCH"),
        (("ops", "a", "config", "rows", 60_000, "name"), "RUNTIME_TYPE_MISMATCH"),
    ] or found == [
        (("ops", "a", "config", "rows", 60_000, "name"), "RUNTIME_TYPE_MISMATCH"),
        (("ops", "a", "config", "rows", 60_000, "n"), "RUNTIME_TYPE_MISMATCH"),
    ]


def test_a_job_can_be_asked_without_running_it():
    target = code(
        {"db": dg.ResourceDefinition(lambda: 1, config_schema={"n": dg.Field(int, default_value=2)})},
        a={"n": int},
    )
    job = SimpleNamespace(
        run_config=None,
        standard_config=lambda given: given,
        config_target=lambda: (target, ["a"], ["db"]),
        executor_settings=lambda given: given,
    )
    assert validate_run_config(job, {"ops": {"a": {"config": {"n": 1}}}}) == {
        "ops": {"a": {"config": {"n": 1}}},
        "resources": {"db": {"config": {"n": 2}}},
        "execution": {},
        "loggers": {},
    }
