"""What hangs on an asset (S2-02)."""

import pytest

from treadle import AssetKey, Definitions, ScheduleDefinition, asset, asset_check, define_asset_job
from treadle.core.errors import InvalidSubsetError
from treadle.plan.impact import impact_of


@asset
def raw():
    return 1


@asset
def clean(raw):
    return raw


@asset(deps=[clean])
def report():
    return 1


@asset
def bystander():
    return 1


@asset_check(asset=clean)
def clean_is_good(clean): ...


def test_what_loads_it_fails_and_what_only_follows_goes_stale() -> None:
    job = define_asset_job("nightly", selection=[clean])
    other = define_asset_job("other", selection=[bystander])
    code = Definitions(
        assets=[raw, clean, report, bystander],
        asset_checks=[clean_is_good],
        jobs=[job, other],
        schedules=[ScheduleDefinition(job=job, cron_schedule="0 3 * * *")],
    ).resolve()
    impact = impact_of(code.catalog, [AssetKey("raw")])
    assert impact.failing_assets == (AssetKey("clean"),)
    assert impact.stale_assets == (AssetKey("report"),)
    assert [check.name for check in impact.checks] == ["clean_is_good"]
    assert impact.jobs == ("nightly",)
    assert impact.schedules == ("nightly_schedule",)
    assert "1 asset that would fail: clean" in str(impact)


def test_an_unknown_asset_has_no_impact_but_an_error() -> None:
    code = Definitions(assets=[raw]).resolve()
    with pytest.raises(InvalidSubsetError, match="did you mean `raw`"):
        impact_of(code.catalog, [AssetKey("row")])
