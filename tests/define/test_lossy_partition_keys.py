"""Formats of time partitions that give two windows one key (N2): accepted by the peer, so a warning; refused under strict."""

import pytest

import treadle as dg

DAYLONG = dg.HourlyPartitionsDefinition("2026-01-01", fmt="%Y-%m-%d")
HOURS = dg.HourlyPartitionsDefinition("2026-01-01-00:00")


def lossy(*assets, **arguments) -> list[dg.Problem]:
    found = dg.Definitions(assets=list(assets), **arguments).problems()
    return [problem for problem in found if problem.code == "lossy-partition-keys"]


@dg.asset(partitions_def=DAYLONG)
def events() -> None: ...


def test_it_is_a_warning_with_its_place_both_windows_and_a_better_format():
    (problem,) = lossy(events)
    assert problem.severity == "warning"
    assert problem.asset_key == events.key
    assert problem.where is not None and "test_lossy_partition_keys.py:" in problem.where
    assert "2026-01-01 00:00 and 2026-01-01 01:00 are both partition `2026-01-01`" in problem.message
    assert 'fmt="%Y-%m-%d-%H:%M"' in (problem.suggestion or "")


def test_under_strict_it_is_refused():
    with pytest.raises(dg.DefinitionsError, match="both partition `2026-01-01`"):
        dg.Definitions(assets=[events], strict=True)


def test_a_key_that_can_not_be_read_is_told_as_such():
    @dg.asset(
        partitions_def=dg.TimeWindowPartitionsDefinition("2026-W01", "%Y-W%W", cron_schedule="0 0 * * 1")
    )
    def weekly() -> None: ...

    (problem,) = lossy(weekly)
    assert "does not say when its window begins" in problem.message


def test_usual_formats_are_not_mentioned():
    @dg.asset(partitions_def=HOURS)
    def hourly() -> None: ...

    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01", timezone="Europe/Berlin"))
    def daily() -> None: ...

    assert lossy(hourly, daily) == []


def test_dimensions_and_external_assets_count_and_a_step_is_told_of_once():
    both = dg.MultiPartitionsDefinition({"hour": DAYLONG, "color": dg.StaticPartitionsDefinition(["red"])})

    @dg.multi_asset(specs=[dg.AssetSpec("x"), dg.AssetSpec("y")], partitions_def=both)
    def pair() -> None: ...

    found = lossy(pair, dg.AssetSpec("outside", partitions_def=DAYLONG))
    assert [problem.asset_key for problem in found] == [dg.AssetKey("x"), dg.AssetKey("outside")]
