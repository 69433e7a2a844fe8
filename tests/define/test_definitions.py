"""`Definitions`: lazy, merged, read by name (S0-24, S1-21, S1-53, S1-56, S3-04, S3-21, S4-18, S4-23)."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, InvariantViolationError
from treadle.define.definitions import LazyDefinitions


@dg.asset
def orders(): ...


@dg.asset
def report(orders): ...


def names(found):
    return [key.to_user_string() for key in found]


def test_making_definitions_resolves_nothing():
    """S2-D01c: what a late reference names may not exist yet."""

    def refuses():
        raise AssertionError("called too early")

    dg.Definitions(assets=[dg.asset(name="a", deps=[refuses])(lambda: 1)])


def test_wrong_shapes_are_refused_at_once():
    with pytest.raises(InvalidArgumentError, match="assets"):
        dg.Definitions(assets=orders)
    with pytest.raises(InvalidArgumentError, match="resources"):
        dg.Definitions(resources=["a"])


def test_assets_may_be_nested_lists_and_stand_twice():
    defs = dg.Definitions(assets=[orders, [report, [orders]], dg.AssetSpec("external")])
    assert names(defs.resolve_all_asset_keys()) == ["orders", "report", "external"]


def test_merge_joins_the_graph():
    """S1-56"""
    joined = dg.Definitions.merge(dg.Definitions(assets=[orders]), dg.Definitions(assets=[report]))
    assert joined.problems() == []
    assert names(joined.resolve().catalog.parents_of(report.key)) == ["orders"]


def test_merge_refuses_one_key_with_two_resources():
    """S1-21"""
    one, other = object(), object()
    same = dg.Definitions.merge(dg.Definitions(resources={"db": one}), dg.Definitions(resources={"db": one}))
    assert list(same.resources) == ["db"]
    with pytest.raises(InvariantViolationError, match="db"):
        dg.Definitions.merge(dg.Definitions(resources={"db": one}), dg.Definitions(resources={"db": other}))


def test_resources_are_added_and_never_replaced():
    defs = dg.Definitions([orders], resources={"db": 1})
    assert defs.with_resources({"db": 1, "api": 2}).resources == {"db": 1, "api": 2}
    assert defs.with_resources(None) == defs
    with pytest.raises(InvariantViolationError, match="db"):
        defs.with_resources({"db": 2})


def test_merge_refuses_two_executors():
    with pytest.raises(InvariantViolationError, match="executors"):
        dg.Definitions.merge(
            dg.Definitions(executor=dg.in_process_executor), dg.Definitions(executor=dg.multiprocess_executor)
        )


def test_definitions_of_the_same_things_are_equal():
    one, other = dg.Definitions([orders], metadata={"team": "shop"}), dg.Definitions([report], jobs=[])
    both = dg.Definitions([orders, report], metadata={"team": dg.MetadataValue.text("shop")}, asset_checks=[])

    assert dg.Definitions.merge(one, other) == both
    assert both != one and one != "definitions" and len({one, both}) == 2
    assert both.get_repository_def().metadata == {"team": dg.MetadataValue.text("shop")}


def test_no_job_may_be_called_as_the_job_of_all_assets():
    job = dg.define_asset_job("__ASSET_JOB", [orders])
    with pytest.raises(InvalidDefinitionError, match="__ASSET_JOB") as caught:
        dg.Definitions([orders], jobs=[job]).resolve()
    assert caught.value.code == "invalid-name"


def test_one_asset_twice_among_deps_in_different_ways_is_either_error():
    last = dg.AssetDep("orders", partition_mapping=dg.LastPartitionMapping())
    for kind in (InvalidDefinitionError, InvariantViolationError):
        with pytest.raises(kind, match="orders"):
            dg.AssetSpec("late", deps=[last, "orders"])


def test_a_definitions_function_runs_once_when_loaded():
    """S3-04"""
    calls = []

    @dg.definitions
    def defs():
        calls.append(1)
        return dg.Definitions(assets=[orders])

    assert isinstance(defs, LazyDefinitions) and calls == []
    assert defs() is defs.load() and calls == [1]


def test_a_definitions_function_must_return_definitions():
    with pytest.raises(InvariantViolationError, match="must return Definitions"):
        dg.definitions(lambda: 3)()


def test_assets_are_read_by_name():
    """S1-53"""
    nested = dg.asset(name="members", key_prefix=["labs", "source"])(lambda: 1)
    defs = dg.Definitions(assets=[orders, nested])
    assert defs.get_asset_def("orders") is orders
    assert defs.get_asset_def("members") is nested
    assert defs.get_asset_def("labs/source/members") is nested
    assert defs.get_asset_def(nested.key) is nested
    with pytest.raises(InvariantViolationError, match="did you mean `orders`") as caught:
        defs.get_asset_def("ordrs")
    assert caught.value.code == "unknown-asset"


def test_jobs_schedules_and_sensors_are_read_by_name():
    job = dg.define_asset_job("nightly", selection="orders")
    schedule = dg.ScheduleDefinition(job=job, cron_schedule="@daily")

    @dg.sensor(job=job)
    def watch(): ...

    defs = dg.Definitions(assets=[orders], schedules=[schedule], sensors=[watch])
    assert names(defs.get_job_def("nightly").asset_keys) == ["orders"]
    assert defs.get_schedule_def("nightly_schedule") is schedule
    assert defs.get_sensor_def("watch") is watch
    with pytest.raises(InvariantViolationError, match="did you mean `nightly`"):
        defs.get_job_def("nightl")


def test_the_job_of_everything():
    @dg.asset_check(asset=orders)
    def full(): ...

    job = dg.Definitions(
        assets=[orders, dg.AssetSpec("x")], asset_checks=[full]
    ).get_implicit_global_asset_job_def()
    assert (job.name, names(job.asset_keys), names(job.check_keys)) == (
        "__ASSET_JOB",
        ["orders"],
        ["orders:full"],
    )


def test_specs_can_be_changed_all_at_once():
    defs = dg.Definitions(assets=[orders, report])
    changed = defs.map_asset_specs(
        func=lambda spec: spec.replace_attributes(group_name="g"), selection="orders"
    )
    assert [spec.group_name for spec in changed.resolve_all_asset_specs()] == ["g", "default"]
    moved = defs.map_asset_specs(func=lambda spec: spec.replace_attributes(key=spec.key.with_prefix("p")))
    assert names(moved.resolve_all_asset_keys()) == ["p/orders", "p/report"]


def test_a_bare_parameter_finds_the_one_asset_of_its_group_that_ends_so():
    """As at the peer: exactly one, in the same group, not its own."""
    up = dg.asset(key_prefix=["long", "path"], name="up", group_name="g")(lambda: 1)

    @dg.asset(group_name="g", key_prefix="other")
    def down(up): ...

    catalog = dg.Definitions(assets=[up, down]).resolve().catalog
    assert names(catalog.parents_of(down.key)) == ["long/path/up"]
    assert catalog.computations["other__down"].inputs[0].asset_key == up.key
    twin = dg.asset(key_prefix="twin", name="up", group_name="g")(lambda: 1)
    assert [problem.code for problem in dg.Definitions(assets=[up, twin, down]).problems()] == [
        "unknown-input"
    ]


def test_a_parameter_with_a_default_that_names_no_asset_keeps_it():
    """S1-42: `table=table` binds a loop variable early; the peer takes it for an asset and refuses."""

    def make(table):
        @dg.asset(name=f"copy_{table}")
        def copy(table=table):
            return table

        return copy

    code = dg.Definitions(assets=[make("a"), make("b")]).resolve()
    assert code.catalog.problems == ()
    assert code.catalog.parents_of(dg.AssetKey("copy_a")) == ()


def test_instances_of_a_factory_do_not_clash():
    """S0-27, S1-45"""

    def make(table):
        @dg.multi_asset(specs=[dg.AssetSpec(["raw", table])])
        def ingest(): ...

        return ingest

    code = dg.Definitions(assets=[make("a"), make("b")]).resolve()
    assert list(code.assets_defs) == ["ingest", "ingest_2"]


def test_secrets_are_not_needed_to_load():
    """S4-23"""

    class Database(dg.ConfigurableResource):
        password: str

    @dg.asset
    def table(db: Database): ...

    defs = dg.Definitions(assets=[table], resources={"db": Database(password=dg.EnvVar("NOT_SET_ANYWHERE"))})
    node = defs.resolve().catalog.resources["db"]
    assert (node.type_name, node.used_by) == ("Database", ("table",))
    assert "NOT_SET_ANYWHERE" in str(node.config)
