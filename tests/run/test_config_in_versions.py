"""Config is part of what makes an asset: with another one it is made again, and so is what reads it."""

from pathlib import Path
from typing import Any

import pytest

import treadle as dg
from treadle.run.launch import prepare_run
from treadle.store.instance import Instance

made: list[str] = []


class Limit(dg.Config):
    limit: int = 10


@dg.asset(code_version="1")
def orders(config: Limit) -> int:
    made.append(f"orders {config.limit}")
    return config.limit


@dg.asset(code_version="1")
def total(orders: int) -> int:
    made.append("total")
    return orders


@dg.op
def one(config: Limit) -> int:
    made.append(f"one {config.limit}")
    return config.limit


@dg.op
def two(number: int) -> int:
    return number


@dg.graph_asset
def from_graph() -> int:
    return two(one())


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    made.clear()
    with Instance.at(tmp_path / "home") as opened:
        yield opened


def limited(limit: int, name: str = "orders") -> dict[str, Any]:
    return {"ops": {name: {"config": {"limit": limit}}}}


def made_by(instance: Instance, *assets: Any, config: Any = None) -> list[str]:
    """What a run that leaves out what is unchanged makes."""
    made.clear()
    assert dg.materialize(assets, instance=instance, run_config=config, skip_unchanged=True).success
    return list(made)


def test_another_config_makes_the_asset_and_what_reads_it_again(instance: Instance) -> None:
    assert made_by(instance, orders, total) == ["orders 10", "total"]
    assert made_by(instance, orders, total) == []
    assert made_by(instance, orders, total, config=limited(5)) == ["orders 5", "total"]
    assert made_by(instance, orders, total, config=limited(5)) == []
    assert made_by(instance, orders, total) == ["orders 10", "total"]


def test_a_default_that_is_written_out_is_the_same_config(instance: Instance) -> None:
    made_by(instance, orders)
    assert made_by(instance, orders, config=limited(10)) == []


def test_what_reads_the_asset_is_stale_when_only_the_asset_ran_with_another_config(
    instance: Instance,
) -> None:
    made_by(instance, orders, total)
    assert made_by(instance, orders, config=limited(5)) == ["orders 5"]
    assert made_by(instance, orders, total, config=limited(5)) == ["total"]


def test_the_config_of_a_graphs_ops_is_that_of_its_asset(instance: Instance) -> None:
    nested = {"ops": {"from_graph": {"ops": {"one": {"config": {"limit": 5}}}}}}
    assert made_by(instance, from_graph) == ["one 10"]
    assert made_by(instance, from_graph) == []
    assert made_by(instance, from_graph, config=nested) == ["one 5"]
    assert made_by(instance, from_graph, config=nested) == []


@pytest.mark.parametrize("how", ["execute_job", "execute_in_process"])
def test_a_jobs_config_counts(instance: Instance, how: str) -> None:
    for limit, again in ((5, ["orders 5"]), (5, []), (6, ["orders 6"])):
        job = dg.define_asset_job("job", selection="orders", config=limited(limit), skip_unchanged=True)
        resolved = dg.Definitions(assets=[orders], jobs=[job]).resolve_job_def("job")
        made.clear()
        if how == "execute_job":
            assert dg.execute_job(resolved, instance=instance, executor="in_process").success
        else:
            assert resolved.execute_in_process(instance=instance).success
        assert made == again


def test_the_plan_says_that_the_config_is_another(instance: Instance) -> None:
    made_by(instance, orders)
    code = dg.Definitions(assets=[orders]).resolve()
    plan = prepare_run(code, [orders.key], None, instance, explain=True, run_config=limited(5)).plan
    (step,) = plan.steps
    assert str(step.reason) == "config changed: orders: its config is not the one with which it was made"


def test_config_that_does_not_fit_is_told_also_where_nothing_else_is_to_be_made(instance: Instance) -> None:
    made_by(instance, orders, total)
    with pytest.raises(dg.DagsterInvalidConfigError, match="limit"):
        made_by(instance, orders, total, config={"ops": {"orders": {"config": {"limit": "many"}}}})


def test_an_asset_without_config_has_the_data_version_that_it_always_had(instance: Instance) -> None:
    @dg.asset(code_version="1")
    def plain() -> None: ...

    dg.materialize([plain], instance=instance)
    (state,) = instance.latest_states([(plain.key, None)]).values()
    assert state.config_version is None
    assert (
        state.data_version == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    )  # SHA-256 of "1"


def test_config_of_resources_is_not_compared(instance: Instance) -> None:
    class Shop(dg.ConfigurableResource):
        url: str = "a"

    @dg.asset(code_version="1")
    def from_shop(config: Limit, shop: Shop) -> str:
        made.append(shop.url)
        return shop.url

    for url, again in (("b", ["b"]), ("c", [])):
        made.clear()
        dg.materialize(
            [from_shop],
            instance=instance,
            resources={"shop": Shop.configure_at_launch()},
            run_config={"resources": {"shop": {"config": {"url": url}}}},
            skip_unchanged=True,
        )
        assert made == again


def test_a_fresh_asset_that_needs_config_is_left_out_where_none_is_given(instance: Instance) -> None:
    class Needed(dg.Config):
        limit: int

    @dg.asset(code_version="1")
    def needs(config: Needed) -> None:
        made.append("needs")

    assert made_by(instance, needs, config=limited(5, "needs")) == ["needs"]
    assert made_by(instance, needs) == []
