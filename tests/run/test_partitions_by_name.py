"""One run over several partitions definitions (S2-D10), and its config where it is of several partitions."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidInvocationError, UnknownPartitionError

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-03-01")


@dg.asset(partitions_def=DAYS)
def daily() -> None: ...


@dg.asset(partitions_def=dg.MonthlyPartitionsDefinition("2024-01-01", end_date="2024-03-01"))
def monthly() -> None: ...


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
def stores(context) -> None:
    context.log.info(context.partition_key)


@dg.asset
def plain() -> None: ...


def made(result) -> dict[str, str | None]:
    return {event.step_key: event.partition for event in result.get_asset_materialization_events()}


def test_a_day_its_month_and_no_partition_in_one_run():
    result = dg.materialize([daily, monthly, plain], partition_key="2024-01-15")
    assert made(result) == {"daily": "2024-01-15", "monthly": "2024-01-01", "plain": None}


@pytest.mark.parametrize("key", ["2024-01-15", "a"])
def test_a_mix_without_a_mapping_says_exactly_what_to_give(key: str):
    with pytest.raises(UnknownPartitionError) as caught:
        dg.materialize([daily, monthly, stores, plain], partition_key=key)
    day, store = ("2024-01-15", "b") if key != "a" else ("2024-02-29", "a")
    assert f'partition_key={{"daily": "{day}", "stores": "{store}"}}' in caught.value.hint
    assert f"--partition 'daily={day},stores={store}'" in caught.value.hint


def test_keys_by_name_survive_reexecution():
    keys = {"daily": "2024-01-15", "stores": "a"}
    wanted = {"daily": "2024-01-15", "monthly": "2024-01-01", "stores": "a", "plain": None}
    job = dg.define_asset_job("all_of_it")
    found = dg.Definitions(assets=[daily, monthly, stores, plain], jobs=[job]).get_job_def("all_of_it")
    with dg.instance_for_test() as instance:
        result = found.execute_in_process(partition_key=keys, instance=instance)
        assert made(result) == wanted
        options = dg.ReexecutionOptions(parent_run_id=result.run_id)
        again = dg.execute_job(found, instance, reexecution_options=options)
        assert made(again) == wanted
        assert instance.get_materialized_partitions(stores.key) == {"a"}


def test_keys_by_the_name_of_dynamic_partitions():
    cities = dg.DynamicPartitionsDefinition(name="cities")

    @dg.asset(partitions_def=cities)
    def weather() -> None: ...

    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("cities", ["oslo"])
        keys = {"cities": "oslo", "daily": "2024-01-02"}
        result = dg.materialize([weather, daily], partition_key=keys, instance=instance)
    assert made(result) == {"weather": "oslo", "daily": "2024-01-02"}


@pytest.mark.parametrize(
    ("keys", "error", "said"),
    [
        ({"daly": "2024-01-15", "stores": "a"}, UnknownPartitionError, "did you mean `daily`"),
        ({"daily": "2024-01-15"}, UnknownPartitionError, "stores=b"),
        ({"daily": "2025-01-15", "stores": "a"}, UnknownPartitionError, ""),
        ({}, InvalidInvocationError, "daily"),
        ({"daily": 3}, InvalidInvocationError, ""),
    ],
)
def test_what_is_no_key_by_name_is_refused(keys, error, said):
    with pytest.raises(error) as caught:
        dg.materialize([daily, stores], partition_key=keys)
    assert said in (caught.value.hint or "")


def test_a_key_that_looks_like_json_is_a_key():
    odd = dg.StaticPartitionsDefinition(['{"a": "b"}'])

    @dg.asset(partitions_def=odd)
    def strange() -> None: ...

    assert made(dg.materialize([strange], partition_key='{"a": "b"}')) == {"strange": '{"a": "b"}'}


RANGE = {
    "dagster/asset_partition_range_start": "2024-01-01",
    "dagster/asset_partition_range_end": "2024-01-03",
}


class Mode(dg.Config):
    mode: str = "none"


def job_of_modes(mode):
    seen = []

    @dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
    def moded(config: Mode) -> None:
        seen.append(config.mode)

    config = dg.PartitionedConfig(
        DAYS,
        run_config_for_partition_key_fn=lambda key: {"ops": {"moded": {"config": {"mode": mode(key)}}}},
    )
    job = dg.define_asset_job("moded_job", selection=[moded], config=config)
    return dg.Definitions(assets=[moded], jobs=[job]).get_job_def("moded_job"), seen


def test_a_run_of_a_range_has_the_config_that_all_its_partitions_have():
    job, seen = job_of_modes(lambda key: key[:7])
    assert job.execute_in_process(tags=RANGE).success
    assert seen == ["2024-01"]


def test_a_run_of_a_range_whose_partitions_have_different_configs_is_refused():
    job, seen = job_of_modes(lambda key: key)
    with pytest.raises(InvalidInvocationError, match="`2024-01-01` and `2024-01-02` differ") as caught:
        job.execute_in_process(tags=RANGE)
    assert caught.value.code == "config-of-range"
    given = {"ops": {"moded": {"config": {"mode": "mine"}}}}
    assert job.execute_in_process(tags=RANGE, run_config=given).success
    assert seen == ["mine"]
