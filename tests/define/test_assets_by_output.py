"""`AssetsDefinition.from_op` and `from_graph` read what they are told by input and output alike."""

from typing import Any

import pytest

from treadle import (
    AllPartitionMapping,
    AssetKey,
    AssetsDefinition,
    GraphOut,
    InvalidDefinitionError,
    Out,
    StaticPartitionsDefinition,
    graph,
    op,
)


@op(out={"a": Out(), "b": Out()})
def both(x):
    return 1, 2


@graph(out={"a": GraphOut(), "b": GraphOut()})
def around(x):
    a, b = both(x)
    return {"a": a, "b": b}


def of_op(**told: Any) -> AssetsDefinition:
    return AssetsDefinition.from_op(both, **told)


def of_graph(**told: Any) -> AssetsDefinition:
    return AssetsDefinition.from_graph(around, **told)


either = pytest.mark.parametrize("make", [of_op, of_graph])


def deps_of(made: AssetsDefinition) -> dict[str, list[str]]:
    return {
        key.to_user_string(): sorted(dep.to_user_string() for dep in deps)
        for key, deps in made.asset_deps.items()
    }


@either
def test_a_prefix_stands_before_keys_that_were_given_too(make: Any) -> None:
    made = make(keys_by_output_name={"a": AssetKey("first"), "b": AssetKey(["z", "second"])}, key_prefix="p")
    assert [key.to_user_string() for key in made.ordered_keys] == ["p/first", "p/z/second"]


@either
def test_an_output_without_internal_deps_of_its_own_has_none_where_others_have_some(make: Any) -> None:
    assert deps_of(make(internal_asset_deps={"a": {AssetKey("x")}})) == {"a": ["x"], "b": []}
    assert deps_of(make(internal_asset_deps={"a": {AssetKey("x")}, "b": {AssetKey("a")}})) == {
        "a": ["x"],
        "b": ["a"],
    }
    assert deps_of(make()) == {"a": ["x"], "b": ["x"]}


@either
def test_inputs_keep_their_keys_and_partition_mappings(make: Any) -> None:
    made = make(
        keys_by_input_name={"x": AssetKey("up")},
        partition_mappings={"x": AllPartitionMapping()},
        partitions_def=StaticPartitionsDefinition(["q"]),
    )
    for spec in made.specs:
        assert [(dep.asset_key, dep.partition_mapping) for dep in spec.deps] == [
            (AssetKey("up"), AllPartitionMapping())
        ]


@either
def test_attributes_go_to_the_assets_of_their_outputs(make: Any) -> None:
    made = make(
        group_names_by_output_name={"a": "own"},
        descriptions_by_output_name={"b": "the second"},
        tags_by_output_name={"a": {"team": "sales"}},
    )
    first, second = made.specs
    assert (first.group_name, second.group_name) == ("own", None)
    assert (first.description, second.description) == (None, "the second")
    assert (dict(first.tags), dict(second.tags)) == ({"team": "sales"}, {})


@either
@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("keys_by_input_name", "input"),
        ("partition_mappings", "input"),
        ("keys_by_output_name", "output"),
        ("auto_materialize_policies_by_output_name", "output"),
        ("metadata_by_output_name", "output"),
        ("automation_conditions_by_output_name", "output"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_its_argument(make: Any, argument: str, kind: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=f"`{argument}` names the {kind} `zz`"):
        make(**{argument: {"zz": None}})
