"""What contexts answer while a run is on."""

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
        with pytest.raises(dg.DagsterInvariantViolationError, match="makes 2 assets"):
            _ = context.asset_key
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key)

    dg.materialize([both], selection=["b"])
    assert seen["keys"] == {dg.AssetKey("b")} and seen["subset"] and len(seen["names"]) == 1
