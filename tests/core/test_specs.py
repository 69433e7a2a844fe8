"""Specs: what they accept, normalise and refuse; how they are changed; what they cost."""

import copy
import pickle
import sys
import types

import pytest

import treadle as dg
from treadle.core.values import NO_ITEMS, NO_MAPPING

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


class Definition:
    """Stands for what a decorator makes."""

    def __init__(self, *keys):
        self.keys = set(map(dg.AssetKey, keys))

    def __call__(self):
        raise AssertionError("a definition is not called to learn its key")


def test_deps_take_everything_that_names_an_asset():
    """S1-12, S2-D01a."""
    spec = dg.AssetSpec(
        "report",
        deps=["a", ["raw", "b"], dg.AssetKey("c"), dg.AssetSpec("d"), dg.AssetDep("e"), Definition("f")],
    )
    assert [dep.asset_key.to_user_string() for dep in spec.deps] == ["a", "raw/b", "c", "d", "e", "f"]


def test_a_definition_with_several_keys_stands_for_all_of_them():
    spec = dg.AssetSpec("report", deps=[Definition("a", "b")])
    assert {dep.asset_key for dep in spec.deps} == {dg.AssetKey("a"), dg.AssetKey("b")}
    with pytest.raises(
        dg.DagsterInvalidDefinitionError, match="one asset is expected here; this definition has 2"
    ):
        dg.AssetDep(Definition("a", "b"))


def test_a_function_in_deps_refers_to_an_asset_defined_below():
    """S2-D01c."""
    spec = dg.AssetSpec("report", deps=[lambda: later])
    (dep,) = spec.deps
    assert dep.is_late
    later = Definition("later")
    assert dep.asset_key == dg.AssetKey("later")
    assert not dep.is_late
    assert pickle.loads(pickle.dumps(dep)) == dg.AssetDep("later")


@pytest.mark.parametrize("deps", ["abc", dg.AssetKey("a"), {"a": 1}, 3])
def test_deps_that_are_no_list_are_refused(deps):
    """B04: `deps="abc"` is not three assets."""
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="argument `deps` must be a list") as caught:
        dg.AssetSpec("report", deps=deps)
    assert caught.value.code == "invalid-argument"


def test_an_asset_is_named_once_in_deps():
    assert len(dg.AssetSpec("r", deps=["a", dg.AssetKey("a"), dg.AssetDep("a")]).deps) == 1
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="names asset a twice"):
        dg.AssetSpec("r", deps=["a", dg.AssetDep("a", partition_mapping=dg.AllPartitionMapping())])


def test_kinds_are_kept_among_the_tags():
    spec = dg.AssetSpec("a", kinds={"duckdb"}, tags={"team": "x"})
    assert spec.tags == {"team": "x", "dagster/kind/duckdb": ""}
    assert spec.kinds == {"duckdb"}
    assert spec.replace_attributes(tags={"b": "c"}).tags == {"b": "c", "dagster/kind/duckdb": ""}
    assert spec.replace_attributes(kinds={"pandas"}).tags == {"team": "x", "dagster/kind/pandas": ""}
    assert spec.replace_attributes(kinds=None, tags=None).tags == {}


def test_attributes_are_replaced_or_kept():
    spec = dg.AssetSpec("a", deps=["b"], group_name="g", owners=["team:x"])
    changed = spec.replace_attributes(key=["p", "a"], group_name=None)
    assert (changed.key, changed.group_name) == (dg.AssetKey(["p", "a"]), None)
    assert changed.deps == spec.deps
    assert changed.owners == ["team:x"]
    assert spec.group_name == "g"


def test_attributes_are_merged():
    spec = dg.AssetSpec("a", deps=["b"], metadata={"x": 1}, owners=["team:x"], kinds={"k"}, tags={"t": "1"})
    merged = spec.merge_attributes(
        deps=["c"], metadata={"y": 2}, owners=["team:y"], kinds={"l"}, tags={"u": "2"}
    )
    assert [dep.asset_key.to_user_string() for dep in merged.deps] == ["b", "c"]
    assert merged.metadata == {"x": 1, "y": 2}
    assert merged.owners == ["team:x", "team:y"]
    assert merged.kinds == {"k", "l"}
    assert merged.tags.items() >= {"t": "1", "u": "2"}.items()


def test_the_io_manager_key_is_kept():
    assert dg.AssetSpec("a").with_io_manager_key("warehouse").io_manager_key == "warehouse"


def test_older_arguments_mean_what_stands_for_them_now():
    spec = dg.AssetSpec(
        "a",
        auto_materialize_policy=dg.AutoMaterializePolicy.eager(),
        legacy_freshness_policy=dg.LegacyFreshnessPolicy(maximum_lag_minutes=5),
    )
    assert spec.automation_condition.label == "auto_materialize_policy"
    assert spec.legacy_freshness_policy.maximum_lag_minutes == 5.0
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="not both"):
        dg.AssetSpec(
            "a",
            automation_condition=dg.AutomationCondition.eager(),
            auto_materialize_policy=dg.AutoMaterializePolicy.eager(),
        )


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("automation_condition", "eager"),
        ("freshness_policy", 3),
        ("description", 3),
        ("code_version", 1),
        ("skippable", "no"),
        ("metadata", [1]),
        ("tags", "a"),
        ("owners", "team:a"),
        ("kinds", "duckdb"),
        ("group_name", 3),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(argument, value):
    """B04."""
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=f"argument `{argument}` must be") as caught:
        dg.AssetSpec("a", **{argument: value})
    assert caught.value.code == "invalid-argument"


def test_a_spec_is_immutable_and_compared_by_value():
    spec = dg.AssetSpec("a", metadata={"x": 1})
    with pytest.raises(AttributeError, match=r"use `_replace\(key="):
        spec.key = dg.AssetKey("b")
    with pytest.raises(TypeError):
        dg.AssetSpec("b").metadata["x"] = 1
    assert spec == dg.AssetSpec("a", metadata={"x": 1})
    assert hash(spec) == hash(dg.AssetSpec("a", metadata={"x": 1}))
    assert spec != dg.AssetSpec("a", metadata={"x": 2})
    assert pickle.loads(pickle.dumps(spec)) == copy.deepcopy(spec) == spec


class TeamSpec(dg.AssetSpec):
    def __init__(self, name, team):
        super().__init__(["teams", team, name], owners=[f"team:{team}"])
        self.team = team


def test_users_subclasses_keep_what_is_theirs():
    spec = TeamSpec("orders", "sales")
    changed = spec._replace(group_name="g")
    assert isinstance(changed, TeamSpec)
    assert (changed.team, changed.group_name, changed.key) == ("sales", "g", spec.key)
    back = pickle.loads(pickle.dumps(spec))
    assert (back, back.team) == (spec, "sales")


def test_check_specs():
    spec = dg.AssetCheckSpec(
        "no_nulls", asset=Definition("orders"), additional_deps=["customers"], blocking=True
    )
    assert spec.key == dg.AssetCheckKey(dg.AssetKey("orders"), "no_nulls")
    assert spec.get_python_identifier() == "orders_no_nulls"
    assert spec._replace(asset_key="other").asset_key == dg.AssetKey("other")
    assert spec.replace_key(dg.AssetCheckKey("a", "b")).key == dg.AssetCheckKey("a", "b")
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="names its own asset"):
        dg.AssetCheckSpec("c", asset="orders", additional_deps=["orders"])


def test_specs_are_mapped_over_and_definitions_map_themselves():
    definition = types.SimpleNamespace(map_asset_specs=lambda func: "mapped")
    mapped = list(
        dg.map_asset_specs(
            lambda spec: spec.replace_attributes(group_name="g"), [dg.AssetSpec("a"), definition]
        )
    )
    assert mapped == [dg.AssetSpec("a", group_name="g"), "mapped"]


def test_asset_in_takes_a_key_or_a_prefix():
    assert dg.AssetIn(key=["labs", "members"]).key == dg.AssetKey(["labs", "members"])
    assert dg.AssetIn(key_prefix="raw").key_prefix == ["raw"]
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="not both"):
        dg.AssetIn(key="a", key_prefix="b")
    key, *_ = dg.AssetIn(key="a")
    assert key == dg.AssetKey("a")


def test_asset_out_becomes_a_spec_once_its_key_is_known():
    out = dg.AssetOut(io_manager_key="lake", group_name="labs", is_required=False, kinds={"csv"})
    assert out.key is None
    spec = out.to_spec(dg.AssetKey(["labs", "x"]), deps=[dg.AssetDep("up")])
    assert (spec.key.path, spec.group_name, spec.skippable) == (["labs", "x"], "labs", True)
    assert (spec.io_manager_key, spec.kinds) == ("lake", {"csv"})
    assert dg.AssetOut(key="a").key == dg.AssetKey("a")
    assert out._replace(group_name="other").group_name == "other"
    assert pickle.loads(pickle.dumps(out)) == out


def test_asset_out_is_made_from_a_spec():
    spec = dg.AssetSpec("a", description="d", tags={"x": "y"}, skippable=True)
    out = dg.AssetOut.from_spec(spec)
    assert (out.key, out.description, out.tags, out.is_required) == (spec.key, "d", {"x": "y"}, False)
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="has `deps`"):
        dg.AssetOut.from_spec(dg.AssetSpec("a", deps=["b"]))
    letters, digits = (dg.StaticPartitionsDefinition(list(keys)) for keys in ("ab", "12"))
    of_letters = dg.AssetOut.from_spec(dg.AssetSpec("a", partitions_def=letters))
    assert of_letters.to_spec(spec.key).partitions_def == letters
    assert of_letters.to_spec(spec.key, partitions_def=digits).partitions_def == digits
    assert of_letters != dg.AssetOut.from_spec(dg.AssetSpec("a"))
    assert of_letters._replace(group_name="other").to_spec(spec.key).partitions_def == letters


def test_a_plain_spec_shares_what_is_empty():
    spec = dg.AssetSpec("a")
    assert spec.deps is NO_ITEMS
    assert spec.owners is NO_ITEMS
    assert spec.metadata is NO_MAPPING
    assert spec.tags is NO_MAPPING
    assert not hasattr(spec, "__dict__")
    assert sys.getsizeof(spec) < 200
