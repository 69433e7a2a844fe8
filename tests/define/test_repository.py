"""`@repository`: the peer's older container, and the doors that lead upstairs."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError
from treadle.define.doors import DOORS, open_door


@dg.asset
def orders(): ...


@dg.asset_check(asset=orders)
def full(): ...


def test_a_repository_sorts_what_it_is_given():
    nightly = dg.define_asset_job("nightly")

    @dg.repository
    def shop():
        """A shop."""
        return [
            [orders, dg.AssetSpec("outside")],
            full,
            nightly,
            dg.ScheduleDefinition(job=nightly, cron_schedule="@daily"),
        ]

    assert (shop.name, shop.description, shop.job_names) == (
        "shop",
        "A shop.",
        ["nightly", "__ASSET_JOB"],
    )
    assert shop.assets_defs_by_key == {orders.key: orders}
    assert list(shop.source_assets_by_key) == [dg.AssetKey("outside")]
    assert shop.asset_checks_defs_by_key == {full.check_key: full}
    assert shop.has_schedule_def("nightly_schedule") and not shop.has_sensor_def("x")


def test_a_repository_refuses_what_it_cannot_hold():
    with pytest.raises(InvalidDefinitionError, match="int"):
        dg.repository(name="x")(lambda: [3])


def test_a_repository_from_the_arguments_of_definitions():
    made = dg.create_repository_using_definitions_args("shop", assets=[orders])
    assert made.get_job("__ASSET_JOB").asset_keys == (orders.key,)


@pytest.mark.parametrize("name", DOORS)
def test_every_door_leads_somewhere(name):
    assert callable(open_door(name))
