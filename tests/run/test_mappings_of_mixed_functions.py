"""One function makes assets with and without partitions: each of them reads by a mapping that fits its own."""

import pytest

import treadle as dg
from treadle.plan.staleness import why

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-06")
LETTERS = dg.StaticPartitionsDefinition(["x", "y"])
NUMBERS = dg.StaticPartitionsDefinition(["1", "2"])
GRID = dg.MultiPartitionsDefinition({"letter": LETTERS, "number": NUMBERS})


def source(definition):
    @dg.asset(partitions_def=definition)
    def src() -> None: ...

    return src


def of_both_kinds(definition, deps_of_p, deps_of_u=()):
    """`p` by partition and `u` without."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("p", partitions_def=definition, deps=deps_of_p),
            dg.AssetSpec("u", deps=deps_of_u),
        ]
    )
    def both():
        yield dg.MaterializeResult("p")
        yield dg.MaterializeResult("u")

    return both


def days_before(first: int, last: int) -> dg.TimeWindowPartitionMapping:
    return dg.TimeWindowPartitionMapping(start_offset=-first, end_offset=-last)


def by(mapping, key: str = "src") -> dg.AssetDep:
    return dg.AssetDep(key, partition_mapping=mapping)


def errors_of(*assets) -> list[tuple[str, str]]:
    problems = dg.lint(dg.Definitions(list(assets)))
    return [(each.code, each.message.split(" (")[0]) for each in problems if each.severity == "error"]


@pytest.mark.parametrize(
    ("above", "below", "mapping"),
    [
        (DAYS, DAYS, days_before(1, 0)),
        (DAYS, DAYS, dg.IdentityPartitionMapping()),
        (LETTERS, NUMBERS, dg.StaticPartitionMapping({"x": "1", "y": "2"})),
        (GRID, LETTERS, dg.MultiToSingleDimensionPartitionMapping("letter")),
    ],
    ids=["days", "identity", "static", "dimension"],
)
def test_a_mapping_that_fits_the_asset_that_reads_is_taken(above, below, mapping) -> None:
    assert errors_of(source(above), of_both_kinds(below, [by(mapping)])) == []
    assert errors_of(source(above), of_both_kinds(below, [by(mapping)], ["src"])) == []


def test_an_asset_reads_earlier_partitions_of_its_own_beside_another_dependency() -> None:
    itself = by(days_before(1, 1), "p")
    assert errors_of(source(DAYS), of_both_kinds(DAYS, [itself, "src"], ["p"])) == []


def test_a_mapping_that_fits_the_other_asset_only_is_refused() -> None:
    refused = [("invalid-partition-mapping", "asset `u`")]
    assert errors_of(source(DAYS), of_both_kinds(DAYS, [], [by(days_before(1, 0))])) == refused
    refused = [("invalid-partition-mapping", "asset `p`")]
    assert errors_of(source(LETTERS), of_both_kinds(NUMBERS, [by(days_before(1, 0))])) == refused
    assert errors_of(source(LETTERS), of_both_kinds(DAYS, ["src"])) == [("partition-mismatch", "asset `p`")]


@pytest.mark.parametrize("deps_of_u", [[], ["src"]], ids=["u_reads_nothing", "u_reads_all"])
def test_each_asset_is_stale_by_what_it_reads_itself(deps_of_u) -> None:
    src, both = source(DAYS), of_both_kinds(DAYS, [by(days_before(1, 0))], deps_of_u)
    catalog = dg.Definitions([src, both]).resolve().catalog
    with dg.DagsterInstance.ephemeral() as instance:

        def status(key: str, day: str | None = None) -> str:
            return why(catalog, dg.AssetKey(key), instance, partition_key=day).status

        for day in DAYS.get_partition_keys():
            assert dg.materialize([src], partition_key=day, instance=instance).success
        for day in ("2024-01-03", "2024-01-05"):
            made = dg.materialize([src, both], selection=["p", "u"], partition_key=day, instance=instance)
            assert made.success
        assert {status("p", "2024-01-03"), status("p", "2024-01-05"), status("u")} == {"FRESH"}
        assert dg.materialize([src], partition_key="2024-01-02", instance=instance).success
        assert (status("p", "2024-01-03"), status("p", "2024-01-05")) == ("STALE", "FRESH")
        assert status("u") == ("STALE" if deps_of_u else "FRESH")


@pytest.mark.parametrize("deps_of_u", [[], ["src"]], ids=["u_reads_nothing", "u_reads_all"])
def test_an_asset_that_is_made_alone_does_not_read_by_the_mapping_of_another(deps_of_u) -> None:
    src = source(DAYS)

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("p", partitions_def=DAYS, deps=[by(days_before(1, 0))]),
            dg.AssetSpec("u", deps=deps_of_u),
        ],
        can_subset=True,
    )
    def both(context):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(key)

    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize([src, both], selection=["u"], instance=instance).success
        alone = dg.materialize([src, both], selection=["p"], instance=instance, partition_key="2024-01-02")
        assert alone.success


def test_each_step_reads_by_the_mapping_of_the_assets_that_it_makes() -> None:
    @dg.asset(partitions_def=DAYS)
    def src(context) -> str:
        return context.partition_key

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("p", partitions_def=DAYS, deps=["src"]),
            dg.AssetSpec("u", deps=[by(dg.LastPartitionMapping())]),
        ],
        ins={"src": dg.AssetIn("src")},
        can_subset=True,
    )
    def both(context, src):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(key, metadata={"read": str(src)})

    def read(result) -> str:
        (event,) = result.get_asset_materialization_events()
        return event.materialization.metadata["read"].value

    with dg.DagsterInstance.ephemeral() as instance:
        for day in DAYS.get_partition_keys():
            assert dg.materialize([src], partition_key=day, instance=instance).success
        made = dg.materialize([src, both], selection=["p"], instance=instance, partition_key="2024-01-02")
        assert read(made) == "2024-01-02"
        made = dg.materialize([src, both], selection=["u"], instance=instance)
        assert read(made) == "2024-01-05"
