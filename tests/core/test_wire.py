"""Every value comes back from JSON and MessagePack as it was."""

import datetime
import pathlib
import warnings
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle import AutomationCondition as AC
from treadle.core.catalog import AssetNode
from treadle.core.errors import TreadleError
from treadle.core.opaque import Opaque, UserCode
from treadle.core.wire import (
    dec_hook,
    decode_json,
    decode_msgpack,
    enc_hook,
    encode_json,
    encode_msgpack,
    from_wire,
    to_wire,
)

DAYS = dg.DailyPartitionsDefinition(start_date="2024-01-01", timezone="Europe/Berlin")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    WITH_OLD_ARGUMENTS = dg.AssetSpec(
        "a",
        deps=["b", dg.AssetDep("c", partition_mapping=dg.LastPartitionMapping())],
        description="d",
        metadata={
            "raw": 3,
            "kind": dg.MetadataValue.md("# x"),
            "path": pathlib.Path("/x"),
            "$": {"y": (1, 2)},
        },
        group_name="g",
        automation_condition=AC.eager() & AC.in_latest_time_window(datetime.timedelta(hours=3)),
        owners=["team:x"],
        kinds={"duckdb"},
        partitions_def=DAYS,
        freshness_policy=dg.FreshnessPolicy.time_window(datetime.timedelta(hours=1)),
        auto_materialize_policy=None,
        legacy_freshness_policy=dg.LegacyFreshnessPolicy(maximum_lag_minutes=3),
    )
    WITH_OLD_POLICY = dg.AssetSpec("a", auto_materialize_policy=dg.AutoMaterializePolicy.eager())

    VALUES = [
        dg.AssetKey(["a", "b/c"]),
        dg.AssetCheckKey("a", "c"),
        dg.AssetDep("a", partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-1), metadata={"x": 1}),
        WITH_OLD_ARGUMENTS,
        WITH_OLD_POLICY,
        dg.AssetCheckSpec("c", asset="a", additional_deps=["b"], blocking=True, metadata={"x": None}),
        dg.AssetIn("a", key_prefix=None, metadata={"x": 1}, partition_mapping=dg.AllPartitionMapping()),
        dg.AssetOut(key="a", io_manager_key="m", is_required=False, kinds={"csv"}),
        dg.AssetOut(),
        dg.AssetMaterialization("a", "d", {"x": 1.5, "nan": float("inf")}, "p", {"t": "u"}),
        dg.AssetObservation("a"),
        dg.AssetCheckResult(passed=True, metadata={"x": "é\ud800"}, severity=dg.AssetCheckSeverity.WARN),
        dg.AssetCheckEvaluation(
            "a",
            "c",
            True,
            target_materialization_data=dg.AssetCheckEvaluationTargetMaterializationData(3, "r", 1.5),
        ),
        dg.MaterializeResult("a", {}, [dg.AssetCheckResult(passed=False)], dg.DataVersion("1"), {"t": "u"}),
        dg.MaterializeResult(value=None),
        dg.ObserveResult(),
        dg.Output(3, metadata={"x": 1}),
        dg.DynamicOutput([1, 2], "k"),
        dg.ExpectationResult(True),
        dg.TypeCheck(False, "no"),
        dg.DataVersionsByPartition({"a": "1"}),
        dg.DataProvenance("1", {dg.AssetKey("a"): dg.DataVersion("2")}, {dg.AssetKey("a"): None}, False),
        dg.RetryPolicy(3, 1.5, dg.Backoff.EXPONENTIAL, dg.Jitter.FULL),
        dg.BackfillPolicy.single_run(),
        dg.FreshnessPolicy.cron("@daily", datetime.timedelta(hours=1)),
        dg.RunRequest(
            "k",
            {"ops": {"a": 2**70}},
            {"a": "b"},
            asset_selection=["a"],
            asset_check_keys=[dg.AssetCheckKey("a", "c")],
        ),
        dg.SkipReason("none"),
        dg.SensorResult([dg.RunRequest("k")], cursor="c", asset_events=[dg.AssetObservation("a")]),
        dg.StaticPartitionsDefinition(["a", "b"]),
        dg.DynamicPartitionsDefinition(name="d"),
        dg.MultiPartitionsDefinition({"day": DAYS, "s": dg.StaticPartitionsDefinition(["x", "y"])}),
        dg.PartitionKeyRange("a", "b"),
        dg.LocalFileCodeReference(file_path="/a", line_number=3),
        UserCode("partition_mapping", "m:x", "X"),
        Opaque("a.B", "<B>"),
        AC.asset_matches("a", AC.missing()).allow({"group": "g"}),
        datetime.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime.date(2024, 1, 1),
        [frozenset({1, 2}), {"a"}, (1, (2,)), {3: "x"}],
    ]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(("encode", "decode"), [(encode_json, decode_json), (encode_msgpack, decode_msgpack)])
def test_values_come_back_equal(value, encode, decode):
    back = decode(encode(value))
    assert type(back) is type(value)
    assert back == value


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.datetimes()
    | st.timedeltas(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.dictionaries(st.text() | st.just("$") | st.integers(), inner)
        | st.frozensets(st.integers())
    ),
)


@given(plain)
def test_any_plain_python_value_comes_back_equal(value):
    assert decode_json(encode_json(value)) == value
    assert decode_msgpack(encode_msgpack(value)) == value


def test_what_only_the_host_has_goes_as_its_type_and_a_short_text():
    back = decode_json(encode_json(dg.AssetSpec("a", metadata={"fn": len, "obj": object()})))
    assert back.metadata["fn"] == Opaque("builtins.builtin_function_or_method", "len")
    assert back.metadata["obj"].type == "builtins.object"


class Exploding:
    def __repr__(self):
        raise RuntimeError


def test_an_object_that_cannot_even_be_shown_does_no_harm():
    assert from_wire(to_wire(Exploding())).text == "..."


class IsWeekday(dg.AutomationCondition):
    pass


def test_a_condition_of_the_users_goes_as_a_question_within_its_tree():
    back = decode_json(encode_json(IsWeekday() & AC.missing()))
    question, missing = back.children
    assert missing == AC.missing()
    assert question.operator == "user_code"
    assert question.params["code"] == UserCode("automation_condition", f"{__name__}:IsWeekday", "IsWeekday")
    assert str(back) == "(IsWeekday & missing)"


class MyMapping(dg.PartitionMapping):
    def __repr__(self):
        return "MyMapping()"


def test_a_partition_mapping_of_the_users_goes_as_a_question():
    dep = dg.AssetDep("a", partition_mapping=MyMapping())
    back = decode_json(encode_json(dep)).partition_mapping
    assert back == UserCode("partition_mapping", f"{__name__}:MyMapping", "MyMapping()")


class SpecOfOurOwn(dg.AssetSpec):
    pass


def test_a_subclass_of_the_users_goes_as_the_class_it_stands_on():
    assert decode_json(encode_json(SpecOfOurOwn("a"))) == dg.AssetSpec("a")


def test_a_late_dependency_is_resolved_when_it_is_sent():
    assert decode_json(encode_json(dg.AssetDep(lambda: dg.AssetSpec("later")))) == dg.AssetDep("later")


def test_structs_of_ours_come_back_with_all_they_hold():
    node = AssetNode(spec=dg.AssetSpec("a", partitions_def=DAYS), computation="a", where="a.py:3")
    assert decode_msgpack(encode_msgpack({"nodes": [node]})) == {"nodes": [node]}


class Holder(msgspec.Struct):
    key: dg.AssetKey
    keys: frozenset[dg.AssetKey]
    spec: dg.AssetSpec
    metadata: dict[str, dg.MetadataValue[Any]]
    check: dg.AssetCheckKey


def test_structs_with_typed_fields_use_the_hooks():
    held = Holder(
        dg.AssetKey(["a", "b"]),
        frozenset({dg.AssetKey("c")}),
        dg.AssetSpec("a", deps=["b"]),
        {"x": dg.MetadataValue.int(1)},
        dg.AssetCheckKey("a", "c"),
    )
    data = msgspec.json.encode(held, enc_hook=enc_hook)
    assert b'"key":["a","b"]' in data
    assert msgspec.json.decode(data, type=Holder, dec_hook=dec_hook) == held
    wrong = msgspec.json.encode({**msgspec.json.decode(data), "spec": {"$": "SkipReason"}})
    with pytest.raises(msgspec.ValidationError, match="expected AssetSpec"):
        msgspec.json.decode(wrong, type=Holder, dec_hook=dec_hook)


@pytest.mark.parametrize("tag", ["NoSuchValue", "os:system", "core.wire:encode_json", "asset", ":x"])
def test_a_tag_that_is_no_value_is_refused(tag):
    with pytest.raises(TreadleError, match="is no value") as caught:
        from_wire({"$": tag})
    assert caught.value.code == "corrupt-record"


def test_what_is_left_at_its_default_is_not_sent():
    assert to_wire(dg.AssetSpec("a")) == {"$": "AssetSpec", "key": {"$": "AssetKey", "path": ["a"]}}


def test_the_second_pass_of_a_repeated_hour_stays_the_second():
    moment = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    assert decode_json(encode_json(moment)).timestamp() == moment.timestamp()
