"""Metadata: which raw value becomes which kind, what is refused, and the wire form."""

import datetime
import decimal
import enum
import json
import math
import pathlib
from pathlib import Path

import msgspec
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle.core.errors import InvalidArgumentError, InvalidMetadataError, TreadleError
from treadle.core.json_values import MAX_JSON_DEPTH
from treadle.core.metadata import KINDS, MetadataValue
from treadle.core.metadata_entries import (
    definition_metadata,
    event_metadata,
    metadata_from_wire,
    metadata_to_wire,
    metadata_value,
    oversized,
    shown_metadata,
)

FACTS = json.loads((Path(__file__).parents[1] / "data/facts/names_and_metadata.json").read_text())


class Col(enum.Enum):
    R = 1


NAMES = {"dg": dg, "datetime": datetime, "decimal": decimal, "pathlib": pathlib, "Col": Col}


def recorded(value):
    """A value as the tables write it."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, dg.AssetKey):
        return {"asset_key": value.path}
    if isinstance(value, (dg.TableSchema, dg.TableColumnLineage, MetadataValue)):
        return {"repr_type": type(value).__name__}
    return value


@pytest.mark.parametrize("row", FACTS["metadata_inference"]["rows"], ids=lambda row: row["value_source"][:60])
def test_a_raw_value_gets_its_kind(row):
    if not row["ok"]:
        with pytest.raises(TreadleError):
            event_metadata({"k": eval(row["value_source"], NAMES)})
        return
    entry = event_metadata({"k": eval(row["value_source"], NAMES)})["k"]
    assert isinstance(entry, getattr(dg, row["kind"]))
    branded = row["value"].get("repr_type", "") if isinstance(row["value"], dict) else ""
    if branded.startswith("Dagster"):
        assert isinstance(entry.value, getattr(dg, branded))
        return
    assert recorded(entry.value) == row["value"]
    if not branded:
        assert type(entry.value).__name__ == row["value_python_type"]


def test_keys_may_be_any_text():
    for row in FACTS["metadata_keys"]["rows"]:
        if row["ok"]:
            assert list(event_metadata({row["input"]: 1})) == row["value"]
        else:
            with pytest.raises(InvalidArgumentError, match="argument `metadata`"):
                event_metadata({row["input"]: 1})


def test_column_defaults():
    for row in FACTS["table_column_defaults"]["rows"]:
        column = eval(row["source"], NAMES)
        assert (column.name, column.type) == (row["name"], row["type"])
        assert column.constraints.nullable is row["nullable"]
        assert column.constraints.unique is row["unique"]
        assert column.constraints.other == row["other"]


def cyclic():
    data = {}
    data["self"] = data
    return data


def nested():
    data = []
    for _ in range(10_000):
        data = [data]
    return data


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        b"x",
        cyclic(),
        nested(),
        datetime.datetime(2024, 1, 1),
        {"a": {"b": object()}},
        {(1, 2): 3},
    ],
    ids=["object", "set", "bytes", "cyclic", "nested", "naive datetime", "deep object", "tuple key"],
)
def test_what_cannot_be_stored_is_refused_naming_the_key(value):
    """B11."""
    with pytest.raises(InvalidMetadataError, match="metadata `rows`") as caught:
        event_metadata({"fine": 1, "rows": value})
    assert caught.value.code == "invalid-metadata"
    assert caught.value.key == "rows"
    assert len(str(caught.value)) < 500


def test_a_key_that_is_too_long_is_refused_shortened():
    """B11."""
    with pytest.raises(InvalidMetadataError, match="at most 1000 characters") as caught:
        event_metadata({"k" * 10_000: 1})
    assert len(str(caught.value)) < 300


def test_a_numpy_number_is_refused_with_the_way_out():
    with pytest.raises(InvalidMetadataError, match=r"call its `\.item\(\)`"):
        event_metadata({"rows": numpy.int64(3)})
    assert event_metadata({"mean": numpy.float64(1.5)})["mean"] == MetadataValue.float(1.5)


def test_a_timestamp_needs_a_zone():
    with pytest.raises(InvalidArgumentError, match="needs a time zone"):
        MetadataValue.timestamp(datetime.datetime(2024, 1, 1))


def test_results_refuse_metadata_where_it_is_given():
    """B11: before the output is reported."""
    for result in (dg.MaterializeResult, dg.ObserveResult, dg.AssetCheckResult, dg.Output):
        needed = {"passed": True} if result is dg.AssetCheckResult else {}
        needed |= {"value": 1} if result is dg.Output else {}
        with pytest.raises(InvalidMetadataError, match="metadata `m`"):
            result(metadata={"m": object()}, **needed)


def test_definition_metadata_may_hold_any_object():
    marker = object()
    kept = definition_metadata({"marker": marker, "rows": 3})
    assert kept["marker"] is marker
    assert kept["rows"] == 3
    shown = shown_metadata(kept)
    assert shown["rows"] == MetadataValue.int(3)
    assert shown["marker"].value.startswith("<object object")
    with pytest.raises(InvalidArgumentError):
        definition_metadata({1: 2})


EVERY_KIND = [
    MetadataValue.text("t\ud800é"),
    MetadataValue.url("https://a.b"),
    MetadataValue.path("/a"),
    MetadataValue.notebook("n.ipynb"),
    MetadataValue.md("# a"),
    MetadataValue.json({"a": [1, None, {"$float": "x"}, float("inf"), 2**70], "é": "\ud800"}),
    MetadataValue.float(1.5),
    MetadataValue.float(None),
    MetadataValue.int(2**70),
    MetadataValue.bool(True),
    MetadataValue.timestamp(1.5),
    MetadataValue.null(),
    MetadataValue.python_artifact(dict),
    MetadataValue.dagster_run("r"),
    MetadataValue.job("j", "l", repository_name="r"),
    MetadataValue.asset(dg.AssetKey(["a", "b"])),
    MetadataValue.pool("p"),
    MetadataValue.table([dg.TableRecord({"a": 1, "b": None, "c": 2.5})]),
    MetadataValue.table_schema(
        dg.TableSchema(
            [dg.TableColumn("a", "int", "d", dg.TableColumnConstraints(False, True, ["x"]), {"k": "v"})],
            dg.TableConstraints(["y"]),
        )
    ),
    MetadataValue.column_lineage(dg.TableColumnLineage({"c": [dg.TableColumnDep(dg.AssetKey("a"), "d")]})),
    dg.CodeReferencesMetadataValue(
        code_references=[
            dg.LocalFileCodeReference(file_path="/a", line_number=3),
            dg.UrlCodeReference(url="u"),
        ]
    ),
]


def test_the_list_above_has_every_kind():
    assert {value.kind for value in EVERY_KIND} == set(KINDS)


@pytest.mark.parametrize("value", EVERY_KIND, ids=lambda value: value.kind)
@pytest.mark.parametrize("codec", [msgspec.json, msgspec.msgpack], ids=["json", "msgpack"])
def test_every_kind_is_read_back_from_the_wire(value, codec):
    wire = metadata_to_wire({"k": value})
    assert set(wire["k"]) == {"kind", "value"}
    assert metadata_from_wire(codec.decode(codec.encode(wire))) == {"k": value}


def test_nan_keeps_the_json_valid():
    """B11."""
    wire = msgspec.json.encode(metadata_to_wire(event_metadata({"x": float("nan"), "y": [float("-inf")]})))
    json.loads(wire, parse_constant=pytest.fail)
    back = metadata_from_wire(msgspec.json.decode(wire))
    assert math.isnan(back["x"].value)
    assert back["y"].value == [float("-inf")]


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["$float", "$dict", "$int"]), inner)
    ),
)


@given(json_data)
def test_any_json_is_read_back(data):
    value = MetadataValue.json(data)
    assert value.data == data
    back = metadata_from_wire(msgspec.json.decode(msgspec.json.encode(metadata_to_wire({"k": value}))))
    assert back["k"] == value


def test_json_is_copied_so_later_changes_do_not_reach_the_value():
    data = {"a": [1]}
    value = metadata_value(data)
    data["a"].append(2)
    assert value.value == {"a": [1]}


def test_json_may_be_nested_to_the_limit():
    data = 1
    for _ in range(MAX_JSON_DEPTH):
        data = [data]
    assert MetadataValue.json(data).data == data
    with pytest.raises(InvalidMetadataError, match="nested deeper"):
        MetadataValue.json([data])


def test_the_largest_entries_of_an_oversized_event_are_picked():
    """B12."""
    sizes = {"small": 10, "large": 600, "larger": 900}
    assert oversized(sizes, sizes, limit=1_000) == ["larger"]
    assert oversized(sizes, sizes, limit=100) == ["larger", "large"]
    assert oversized(sizes, sizes, limit=2_000) == []


def test_an_unknown_kind_on_the_wire_is_said_to_be_one():
    with pytest.raises(InvalidMetadataError, match="unknown kind 'hologram'"):
        metadata_from_wire({"k": {"kind": "hologram", "value": 1}})


def test_a_local_path_becomes_one_in_source_control():
    mapping = dg.AnchorBasedFilePathMapping(Path("/home/me/flights/defs.py"), "src/flights/defs.py")
    assert (
        mapping.convert_to_source_control_path(Path("/home/me/flights/assets/raw.py"))
        == "src/flights/assets/raw.py"
    )
    assert mapping.convert_to_source_control_path(Path("/home/me/other.py")) == "src/other.py"
    assert isinstance(mapping, dg.FilePathMapping)
