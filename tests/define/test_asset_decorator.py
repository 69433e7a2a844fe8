"""`@asset`: its arguments, keys, dependencies and refusals (S0-20, S1-10…S1-12, S2-D01a/c/e, S4-01, S4-04, B04)."""

import json
import warnings
from pathlib import Path

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, TreadleError

FACTS = json.loads((Path(__file__).parents[1] / "data/facts/names_and_metadata.json").read_text())


def fn_name(): ...


def rows(table):
    return [pytest.param(row, id=repr(row["input"])[:40]) for row in FACTS[table]["rows"]]


def refused(make):
    try:
        return None, make()
    except TreadleError as error:
        return error, None


@pytest.mark.parametrize("row", rows("asset_name"))
def test_names_are_those_of_the_recorded_table(row):
    error, made = refused(lambda: dg.asset(name=row["input"])(fn_name))
    # A newline at the end passes the peer's rule; ours refuses it (docs/compatibility.d/values.md).
    assert (error is None) is (row["ok"] and row["input"] != "a\n")
    if made is not None:
        assert made.key.to_user_string() == row["value"]
    else:
        assert error.where.startswith(__file__)


@pytest.mark.parametrize("row", rows("asset_key_prefix"))
def test_prefixes_are_those_of_the_recorded_table(row):
    error, made = refused(lambda: dg.asset(name="x", key_prefix=row["input"])(fn_name))
    assert (error is None) is row["ok"]
    assert made is None or made.key.path == row["value"]


@pytest.mark.parametrize("row", rows("asset_key_decorator"))
def test_keys_are_those_of_the_recorded_table(row):
    error, made = refused(lambda: dg.asset(key=row["input"])(fn_name))
    assert (error is None) is row["ok"]
    assert made is None or made.key.path == row["value"]


@pytest.mark.parametrize("row", rows("asset_op_name"))
def test_step_names_are_those_of_the_recorded_table(row):
    error, made = refused(lambda: dg.asset(key=row["input"])(fn_name))
    assert (error is None) is row["ok"]
    assert made is None or made.op.name == row["value"]


@pytest.mark.parametrize("row", rows("group_name"))
def test_groups_are_those_of_the_recorded_table(row):
    error, made = refused(lambda: dg.asset(name="x", group_name=row["input"])(fn_name))
    assert (error is None) is row["ok"]
    assert made is None or made.group_names_by_key[made.key] == row["value"]


@pytest.mark.parametrize("row", rows("compute_kind"))
def test_compute_kind_is_an_op_tag_as_at_the_peer(row):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = dg.asset(name="x", compute_kind=row["input"])(fn_name)
    assert dict(made.op.tags) == row["value"]["op_tags"]
    assert sorted(made.get_asset_spec().kinds) == row["value"]["kinds"]


def test_an_asset_behaves_like_its_function():
    """S2-D01e, S1-01"""

    @dg.asset
    def orders():
        """All orders."""

    assert (orders.__name__, orders.__doc__, orders.__module__) == ("orders", "All orders.", __name__)
    assert orders.__wrapped__() is None
    assert orders.get_asset_spec().description == "All orders."


def test_everything_of_the_spec_passes_through():
    """S0-20, S1-10, S4-01"""
    condition, policy = dg.AutomationCondition.eager(), dg.RetryPolicy(max_retries=2)

    @dg.asset(
        name="passport_scores",
        key_prefix="gitcoin",
        group_name="scores",
        description="Scores.",
        tags={"tier": "gold"},
        owners=["team:data"],
        kinds={"duckdb"},
        metadata={"any": object},
        code_version="2",
        automation_condition=condition,
        retry_policy=policy,
        op_tags={"size": 3},
        pool="db",
        timeout=30,
        io_manager_key="warehouse",
        partitions_def=dg.StaticPartitionsDefinition(["a"]),
        backfill_policy=dg.BackfillPolicy.single_run(),
        output_required=False,
    )
    def scores() -> int: ...

    spec = scores.get_asset_spec()
    assert spec.key.to_user_string() == "gitcoin/passport_scores"
    assert (spec.group_name, spec.description, spec.code_version) == ("scores", "Scores.", "2")
    assert spec.tags == {"tier": "gold", "dagster/kind/duckdb": ""}
    assert list(spec.owners) == ["team:data"]
    assert spec.metadata["any"] is object
    assert spec.automation_condition is condition
    assert (scores.op.retry_policy, scores.op.pool, scores.op.timeout) == (policy, "db", 30.0)
    assert scores.op.tags == {"size": "3"}
    assert spec.partitions_def == scores.partitions_def
    (output,) = scores.outputs
    assert (output.io_manager_key, output.is_required, output.type_name) == ("warehouse", False, "int")


def test_a_timeout_may_be_a_timedelta():
    from datetime import timedelta

    assert dg.asset(timeout=timedelta(minutes=1))(fn_name).op.timeout == 60


def test_annotated_none_stores_no_value():
    @dg.asset
    def nothing() -> None: ...

    @dg.asset
    def something(): ...

    assert [nothing.outputs[0].stores_value, something.outputs[0].stores_value] == [False, True]


def test_results_with_a_type_tell_the_type():
    @dg.asset
    def a() -> dg.MaterializeResult: ...

    @dg.asset
    def b() -> dg.Output[int]: ...

    assert (a.outputs[0].type_name, b.outputs[0].type_name) == (None, "int")


def test_deps_take_functions_keys_texts_specs_and_late_references():
    """S1-12, S2-D01a, S2-D01c"""

    @dg.asset
    def first(): ...

    @dg.multi_asset(specs=[dg.AssetSpec("m1"), dg.AssetSpec("m2")])
    def several(): ...

    @dg.asset(
        deps=[
            first,
            "by_text",
            dg.AssetKey(["a", "b"]),
            ["c", "d"],
            dg.AssetSpec("spec"),
            dg.AssetDep("dep"),
            several,
            lambda: later,
        ]
    )
    def report(): ...

    @dg.asset
    def later(): ...

    assert [dep.asset_key.to_user_string() for dep in report.get_asset_spec().deps] == [
        "first", "by_text", "a/b", "c/d", "spec", "dep", "m1", "m2", "later",
    ]  # fmt: skip
    assert [node.loads_value for node in report.inputs] == [False] * 9


def test_a_dependency_that_is_also_a_parameter_means_the_parameter():
    """S4-04, and its mapping is kept"""
    mapping = dg.AllPartitionMapping()

    @dg.asset(deps=["raw_orders", dg.AssetDep("other", partition_mapping=mapping)])
    def orders(raw_orders, other): ...

    assert [(node.name, node.loads_value, node.partition_mapping) for node in orders.inputs] == [
        ("raw_orders", True, None),
        ("other", True, mapping),
    ]
    assert len(orders.get_asset_spec().deps) == 2


def test_inputs_by_name_key_and_prefix():
    @dg.asset(ins={"b": dg.AssetIn(key=["x", "y"]), "c": dg.AssetIn(key_prefix="p", input_manager_key="m")})
    def orders(a, b: int, c): ...

    assert {name: key.to_user_string() for name, key in orders.keys_by_input_name.items()} == {
        "a": "a",
        "b": "x/y",
        "c": "p/c",
    }
    assert orders.inputs[2].io_manager_key == "m"


def test_an_input_that_carries_nothing_need_not_be_a_parameter():
    @dg.asset(ins={"a": dg.AssetIn(dagster_type=dg.Nothing)})
    def orders(): ...

    assert [(node.name, node.loads_value) for node in orders.inputs] == [("a", False)]


def test_ins_that_are_no_parameter_are_refused_with_the_nearest():
    with pytest.raises(InvalidDefinitionError) as caught:

        @dg.asset(ins={"ordes": dg.AssetIn("x")})
        def report(orders): ...

    assert caught.value.code == "unknown-input"
    assert "did you mean `orders`?" in str(caught.value)
    assert f"{__file__}:" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"deps": "abc"}, "deps"),
        ({"tags": {1: None}}, "tags"),
        ({"retry_policy": 3}, "retry_policy"),
        ({"owners": "team:a"}, "owners"),
        ({"timeout": "5"}, "timeout"),
        ({"timeout": 0}, "timeout"),
        ({"ins": ["a"]}, "ins"),
        ({"required_resource_keys": "db"}, "required_resource_keys"),
        ({"check_specs": "x"}, "check_specs"),
        ({"automation_condition": 3}, "automation_condition"),
    ],
)
def test_a_wrong_argument_is_refused_when_decorating_and_named(arguments, argument):
    """B04"""
    with pytest.raises(InvalidArgumentError) as caught:
        dg.asset(**arguments)(fn_name)
    assert argument in str(caught.value)
    assert caught.value.where.startswith(__file__)


@pytest.mark.parametrize("key", [["x" * 5000], ["a\0b"], ["..", "etc"]])
def test_a_key_that_could_not_be_a_path_is_refused(key):
    with pytest.raises(InvalidDefinitionError):
        dg.asset(key=key)(fn_name)


def test_old_spellings_are_taken_with_one_warning():
    with pytest.warns(DeprecationWarning, match="non_argument_deps.*deps") as caught:

        @dg.asset(compute_kind="duckdb", non_argument_deps={"a"})
        def orders(): ...

    assert len(caught) == 1 and caught[0].filename == __file__
    assert [dep.asset_key.to_user_string() for dep in orders.get_asset_spec().deps] == ["a"]


def test_old_spellings_of_which_the_peer_says_nothing_are_taken_silently():
    @dg.asset(compute_kind="duckdb")
    def orders(): ...

    @dg.multi_asset(outs={"a": dg.AssetOut()}, compute_kind="duckdb", allow_arbitrary_check_specs=True)
    def several(): ...

    assert orders.op.tags["dagster/compute_kind"] == "duckdb"


def test_an_unknown_keyword_is_a_type_error():
    with pytest.raises(TypeError, match="grop_name"):
        dg.asset(grop_name="x")


def test_a_whole_key_excludes_name_and_prefix():
    with pytest.raises(InvalidDefinitionError, match="key argument is provided"):
        dg.asset(key="a", name="b")(fn_name)


def test_an_io_manager_given_as_an_object_has_a_key_of_its_own():
    manager = dg.mem_io_manager

    @dg.asset(key_prefix="p", io_manager_def=manager)
    def orders(): ...

    assert orders.outputs[0].io_manager_key == "p__orders__io_manager"
    assert orders.resource_defs == {"p__orders__io_manager": manager}


def test_async_functions_and_generators_are_told_apart():
    @dg.asset
    async def a(): ...

    @dg.asset
    def b():
        yield 1

    @dg.asset
    async def c():
        yield 1

    assert [(one.op.is_async, one.op.is_generator) for one in (a, b, c)] == [
        (True, False),
        (False, True),
        (True, True),
    ]


def test_the_place_is_the_line_of_def_not_of_the_decorator():
    @dg.asset(
        group_name="g",
    )
    def orders(): ...

    line = orders.__wrapped__.__code__.co_firstlineno + 3
    assert orders.op.where == f"{__file__}:{line}"
