"""Assets whose files would be those of another's partitions."""

import pytest

import treadle as dg

PARTS = dg.StaticPartitionsDefinition(["b", "c"])


@pytest.mark.parametrize(("last", "clashes"), [("b", True), ("d", False)])
def test_an_asset_at_the_place_of_a_partition_is_a_problem(last: str, clashes: bool) -> None:
    @dg.asset(partitions_def=PARTS)
    def a() -> int:
        return 1

    @dg.asset(key=["a", last])
    def nested() -> int:
        return 2

    found = [problem.code for problem in dg.lint(dg.Definitions(assets=[a, nested]))]
    assert ("path-clash" in found) is clashes


def codes(*assets: dg.AssetsDefinition) -> list[str]:
    return [problem.code for problem in dg.lint(dg.Definitions(assets=list(assets)))]


def asset_at(*key: str, partitions: dg.PartitionsDefinition | None = None) -> dg.AssetsDefinition:
    @dg.asset(key=list(key), partitions_def=partitions)
    def compute() -> int:
        return 1

    return compute


@pytest.mark.parametrize(
    ("last", "clashes"),
    [
        ("2026-01-02", True),
        ("2031-01-02", True),
        ("2025-12-31", False),
        ("2026-1-2", False),
        ("latest", False),
    ],
)
def test_days_clash_whether_they_are_over_or_still_to_come(last: str, clashes: bool) -> None:
    days = dg.DailyPartitionsDefinition("2026-01-01")
    assert ("path-clash" in codes(asset_at("a", partitions=days), asset_at("a", last))) is clashes


def test_days_after_the_end_and_days_left_out_clash_with_nothing() -> None:
    days = dg.TimeWindowPartitionsDefinition(
        "2026-01-01", "%Y-%m-%d", end="2026-01-11", cron_schedule="@daily", exclusions=["0 0 3 * *"]
    )
    clashing = [
        day
        for day in ("2026-01-02", "2026-01-03", "2026-01-10", "2026-01-11")
        if "path-clash" in codes(asset_at("a", partitions=days), asset_at("a", day))
    ]
    assert clashing == ["2026-01-02", "2026-01-10"]


@pytest.mark.parametrize(
    ("below", "clashes"),
    [
        (("b", "2026-01-02"), True),
        (("2026-01-02", "b"), False),
        (("d", "2026-01-02"), False),
        (("b",), False),
        (("b", "2026-01-02", "more"), False),
    ],
)
def test_partitions_of_two_dimensions_lie_two_folders_down_in_the_order_of_their_names(
    below: tuple[str, ...], clashes: bool
) -> None:
    both = dg.MultiPartitionsDefinition({"day": dg.DailyPartitionsDefinition("2026-01-01"), "color": PARTS})
    assert ("path-clash" in codes(asset_at("a", partitions=both), asset_at("a", *below))) is clashes


def test_the_place_that_is_warned_of_is_the_one_that_files_have(tmp_path) -> None:
    """What is told is true: the second value takes the place of the first."""
    both = dg.MultiPartitionsDefinition({"day": dg.DailyPartitionsDefinition("2026-01-01"), "color": PARTS})
    files = {"io_manager": dg.FilesystemIOManager(base_dir=str(tmp_path))}
    cell = dg.MultiPartitionKey({"day": "2026-01-02", "color": "b"})
    dg.materialize([asset_at("a", partitions=both)], partition_key=cell, resources=files)
    (before,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    dg.materialize([asset_at("a", "b", "2026-01-02")], resources=files)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [before]
