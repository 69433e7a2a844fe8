"""Assets that depend on themselves, and jobs that are given partitions: only what can run is accepted."""

from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError

DAYS = dg.DailyPartitionsDefinition("2024-01-01")
LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
BOTH = dg.MultiPartitionsDefinition({"day": DAYS, "letter": LETTERS})


def days(start: int, end: int) -> dg.TimeWindowPartitionMapping:
    return dg.TimeWindowPartitionMapping(start_offset=start, end_offset=end)


def by_day(mapping: Any) -> dg.MultiPartitionMapping:
    same = dg.DimensionPartitionMapping("letter", dg.IdentityPartitionMapping())
    return dg.MultiPartitionMapping({"day": dg.DimensionPartitionMapping("day", mapping), "letter": same})


def load(definition: Any, mapping: Any) -> None:
    @dg.asset(partitions_def=definition, deps=[dg.AssetDep("chain", partition_mapping=mapping)])
    def chain(): ...

    dg.Definitions.validate_loadable(dg.Definitions(assets=[chain]))


@pytest.mark.parametrize(
    ("definition", "mapping"),
    [(DAYS, days(-1, -1)), (DAYS, days(-7, -1)), (BOTH, by_day(days(-1, -1)))],
)
def test_a_partition_may_read_earlier_ones_of_its_own_asset(definition: Any, mapping: Any) -> None:
    load(definition, mapping)


@pytest.mark.parametrize(
    ("definition", "mapping"),
    [
        (DAYS, days(0, 0)),
        (DAYS, days(-1, 0)),
        (DAYS, dg.IdentityPartitionMapping()),
        (DAYS, dg.AllPartitionMapping()),
        (DAYS, dg.LastPartitionMapping()),
        (BOTH, by_day(days(-1, 0))),
        (BOTH, dg.MultiPartitionMapping({})),
        (DAYS, None),
    ],
)
def test_a_partition_may_not_read_itself(definition: Any, mapping: Any) -> None:
    with pytest.raises(InvalidDefinitionError, match="chain -> chain"):
        load(definition, mapping)


@pytest.mark.filterwarnings("ignore:.partitions_def. of define_asset_job")
def test_a_job_can_not_have_partitions_that_none_of_its_assets_has() -> None:
    @dg.asset(partitions_def=LETTERS)
    def lettered(): ...

    def job(definition: Any) -> Any:
        return dg.Definitions(
            assets=[lettered], jobs=[dg.define_asset_job("j", partitions_def=definition)]
        ).resolve_job_def("j")

    assert job(LETTERS).partitions_def == LETTERS
    with pytest.raises(InvalidDefinitionError, match="lettered"):
        job(DAYS)


def test_a_job_asks_for_all_that_a_function_makes_together() -> None:
    def job(selection: Any, can_subset: bool) -> Any:
        @dg.multi_asset(outs={name: dg.AssetOut(is_required=False) for name in "ab"}, can_subset=can_subset)
        def both(): ...

        defs = dg.Definitions(assets=[both], jobs=[dg.define_asset_job("j", selection)])
        return defs.resolve_job_def("j").asset_layer.executable_asset_keys

    assert len(job(["a", "b"], can_subset=False)) == 2
    assert len(job(["a"], can_subset=True)) == 1
    with pytest.raises(InvalidDefinitionError, match="`both` makes together with `b`"):
        job(["a"], can_subset=False)
