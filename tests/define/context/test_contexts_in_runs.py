"""What contexts answer while a run is on."""

from pdb import Pdb

import pytest

import treadle as dg

DAILY = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-10")


def test_an_asset_knows_its_key_run_and_partition():
    """S1-07."""
    seen = {}

    @dg.asset(partitions_def=DAILY, key_prefix=["raw", "shop"])
    def orders(context: dg.AssetExecutionContext):
        seen.update(
            key=context.asset_key.path,
            run=context.run_id == context.run.run_id,
            has=(context.has_partition_key, context.has_partition_key_range, context.has_partitions),
            partition=context.partition_key,
            range=context.partition_key_range,
            old_range=context.asset_partition_key_range,
            window=context.partition_time_window.start.isoformat(),
            keys=list(context.partition_keys),
            output=context.asset_key_for_output(),
            name=context.output_for_asset_key(context.asset_key),
            tag=context.get_tag("team"),
            attempt=context.retry_number,
        )

    assert dg.materialize([orders], partition_key="2024-01-03", tags={"team": "sales"}).success
    assert seen == {
        "key": ["raw", "shop", "orders"],
        "run": True,
        "has": (True, False, True),
        "partition": "2024-01-03",
        "range": ("2024-01-03", "2024-01-03"),
        "old_range": ("2024-01-03", "2024-01-03"),
        "window": "2024-01-03T00:00:00+00:00",
        "keys": ["2024-01-03"],
        "output": dg.AssetKey(["raw", "shop", "orders"]),
        "name": "result",
        "tag": "sales",
        "attempt": 0,
    }


def test_a_partition_key_asked_of_a_run_without_one_is_an_error_that_says_so():
    """S1-07."""

    @dg.asset
    def plain(context):
        assert not context.has_partition_key
        return context.partition_key

    with pytest.raises(
        dg.DagsterInvariantViolationError, match=r"context\.partition_key.*no partition"
    ) as error:
        dg.materialize([plain])
    assert "--partition" in str(error.value.hint)


def test_metadata_given_through_the_context_stands_on_the_materialization():
    """S4-03."""

    @dg.asset
    def report(context):
        context.add_output_metadata(
            {"rows": 3, "ratio": 0.5, "names": ["a"], "note": dg.MetadataValue.md("**b**")}
        )
        context.add_asset_metadata({"more": 1})

    result = dg.materialize([report])
    (event,) = result.asset_materializations_for_node("report")
    assert {"rows", "ratio", "names", "note", "more"} <= set(event.metadata)
    assert event.metadata["note"].md_str == "**b**"


def test_metadata_for_an_asset_or_partition_that_is_not_this_steps_is_refused():
    @dg.asset(partitions_def=DAILY)
    def orders(context):
        with pytest.raises(dg.DagsterInvariantViolationError, match="does not make `other`"):
            context.add_asset_metadata({"a": 1}, asset_key="other")
        with pytest.raises(dg.DagsterInvariantViolationError, match="2024-01-09"):
            context.add_asset_metadata({"a": 1}, partition_key="2024-01-09")
        with pytest.raises(dg.DagsterInvariantViolationError, match="no output `resutl`"):
            context.add_output_metadata({"a": 1}, output_name="resutl")

    assert dg.materialize([orders], partition_key="2024-01-01").success


def test_provenance_tells_code_version_and_inputs_of_the_last_time():
    seen = []

    @dg.asset(code_version="1")
    def up():
        return 1

    @dg.asset(code_version="7")
    def down(context, up):
        seen.append(context.get_asset_provenance(context.asset_key))

    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            dg.materialize([up, down], instance=instance)
    first, second = seen
    assert first is None
    assert second.code_version == "7"
    assert list(second.input_data_versions) == [dg.AssetKey("up")]


def test_the_running_context_is_found_without_being_passed():
    def deep_inside():
        return dg.AssetExecutionContext.get().asset_key

    found = []

    @dg.asset
    def outer():
        found.append(deep_inside())

    dg.materialize([outer])
    assert found == [dg.AssetKey("outer")]
    with pytest.raises(dg.DagsterInvariantViolationError, match="No step is running"):
        dg.OpExecutionContext.get()


def test_the_partitions_of_inputs_are_told_by_name():
    seen = {}
    january = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")

    @dg.asset(partitions_def=january)
    def days():
        return 1

    @dg.asset(partitions_def=dg.WeeklyPartitionsDefinition("2024-01-01", end_date="2024-02-01"))
    def weeks(context, days):
        seen["keys"] = context.asset_partition_keys_for_input("days")
        seen["range"] = context.asset_partition_key_range_for_input("days")
        seen["window"] = context.asset_partitions_time_window_for_input("days")
        seen["def"] = context.asset_partitions_def_for_input("days") == january
        with pytest.raises(dg.DagsterInvariantViolationError, match="has 7"):
            context.asset_partition_key_for_input("days")

    with dg.DagsterInstance.ephemeral() as instance:
        for day in range(7, 14):
            dg.materialize([days], partition_key=f"2024-01-{day:02}", instance=instance)
        dg.materialize([days, weeks], selection=[weeks], partition_key="2024-01-07", instance=instance)
    assert len(seen["keys"]) == 7 and seen["def"]
    assert (seen["range"].start, seen["range"].end) == (seen["keys"][0], seen["keys"][-1])
    assert seen["window"].seconds == 7 * 86400


def test_a_check_knows_its_spec():
    seen = []

    @dg.asset
    def orders():
        return 1

    @dg.asset_check(asset=orders)
    def positive(context: dg.AssetCheckExecutionContext):
        seen.append((context.check_spec.name, context.selected_asset_check_keys))
        return dg.AssetCheckResult(passed=True)

    dg.materialize([orders, positive])
    assert seen == [("positive", {dg.AssetCheckKey(dg.AssetKey("orders"), "positive")})]


def test_a_subset_of_a_multi_asset_knows_what_is_asked_of_it():
    seen = {}

    @dg.multi_asset(specs=[dg.AssetSpec("a"), dg.AssetSpec("b")], can_subset=True)
    def both(context):
        seen.update(
            keys=context.selected_asset_keys, names=context.selected_output_names, subset=context.is_subset
        )
        if len(seen["keys"]) == 1:
            assert seen["keys"] == {context.asset_key}
        else:
            with pytest.raises(dg.DagsterInvariantViolationError, match="makes 2 assets"):
                _ = context.asset_key
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key)

    dg.materialize([both], selection=["b"])
    assert seen["keys"] == {dg.AssetKey("b")} and seen["subset"] and len(seen["names"]) == 1
    dg.materialize([both])
    assert len(seen["keys"]) == 2 and not seen["subset"]


LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
WEEKLY = dg.WeeklyPartitionsDefinition("2024-01-07")


class Remembering(dg.IOManager):
    def __init__(self):
        self.seen = {}

    def handle_output(self, context, obj):
        self.seen[context.asset_key.to_user_string()] = (
            context.has_partition_key and context.partition_key,
            context.has_asset_partitions,
        )

    def load_input(self, context):
        name = context.step_key if hasattr(context, "step_key") else ""
        self.seen[f"read {name}"] = context.has_partition_key and context.partition_key
        return 1


def test_a_step_without_partitions_is_told_those_of_its_run():
    """A check or an asset without `partitions_def` beside a partitioned asset, as several published projects have it."""
    told, manager = {}, Remembering()

    def remember(name, context):
        told[name] = (context.has_partition_key, context.partition_key, list(context.partition_keys))

    @dg.asset(partitions_def=LETTERS)
    def orders():
        return 1

    @dg.asset_check(asset=orders)
    def fine(context: dg.AssetCheckExecutionContext, orders):
        remember("check", context)
        return dg.AssetCheckResult(passed=True)

    @dg.asset
    def summary(context: dg.AssetExecutionContext, orders):
        remember("asset", context)
        context.add_output_metadata({"letter": context.partition_key})
        return 2

    defs = dg.Definitions(assets=[orders, summary], asset_checks=[fine], resources={"io_manager": manager})
    job = defs.resolve_implicit_global_asset_job_def()
    instance = dg.DagsterInstance.ephemeral()
    result = job.execute_in_process(partition_key="b", instance=instance)
    assert told == {"check": (True, "b", ["b"]), "asset": (True, "b", ["b"])}
    assert manager.seen["orders"] == ("b", True) and manager.seen["summary"] == ("b", False)
    assert {value for name, value in manager.seen.items() if name.startswith("read")} == {"b"}
    [made] = [m for m in result.asset_materializations_for_node("summary")]
    assert made.partition is None, "the asset itself stays unpartitioned"
    assert result.get_asset_check_evaluations()[0].partition is None


def test_a_step_without_partitions_is_told_the_range_and_the_key_that_was_asked_for():
    told = []

    @dg.asset(partitions_def=WEEKLY)
    def weekly() -> None:
        pass

    @dg.asset(partitions_def=DAILY, deps=[weekly], backfill_policy=dg.BackfillPolicy.single_run())
    def daily() -> None:
        pass

    @dg.asset(deps=[daily, weekly])
    def after(context: dg.AssetExecutionContext):
        keys = context.partition_key_range
        told.append((context.has_partition_key_range, keys.start, keys.end))

    tags = {
        "dagster/asset_partition_range_start": "2024-01-02",
        "dagster/asset_partition_range_end": "2024-01-03",
    }
    instance = dg.DagsterInstance.ephemeral()
    assert dg.materialize([daily, after], tags=tags, instance=instance, selection=[daily, after]).success
    assert dg.materialize([weekly, daily, after], partition_key="2024-01-09", instance=instance).success
    assert told == [(True, "2024-01-02", "2024-01-03"), (False, "2024-01-09", "2024-01-09")]


def test_a_step_without_partitions_is_told_none_where_its_run_has_none():
    asked = []

    @dg.asset(partitions_def=LETTERS)
    def orders():
        pass

    @dg.asset(deps=[orders])
    def after(context: dg.AssetExecutionContext):
        asked.append(context.has_partition_key or context.has_partitions)

    assert dg.materialize([after]).success
    assert asked == [False]


def test_a_debugger_is_at_hand_in_a_run_and_in_a_direct_call():
    given = []

    @dg.op
    def look(context):
        given.append(context.pdb)

    @dg.asset
    def looked(context: dg.AssetExecutionContext):
        given.append(context.pdb)

    @dg.job
    def looking():
        look()

    looking.execute_in_process()
    dg.materialize([looked])
    look(dg.build_op_context())
    assert [isinstance(one, Pdb) for one in given] == [True, True, True]
