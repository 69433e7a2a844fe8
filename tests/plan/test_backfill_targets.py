"""Which partitions of each asset a backfill makes, and in which runs."""

import pytest

import treadle as dg
from treadle.core.errors import UnknownPartitionError
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.define.build_catalog import build_code
from treadle.plan.backfill import plan_backfill

DAYS = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-03-01")
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2024-01-01", end_date="2024-04-01")
LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
OTHERS = dg.StaticPartitionsDefinition(["b", "c", "d", "e"])


def asset(name: str, partitions_def=None, deps=(), **given):
    @dg.asset(name=name, partitions_def=partitions_def, deps=list(deps), **given)
    def made() -> None: ...

    return made


def planned(*assets, **asked) -> list[tuple[str, str]]:
    """Each run in short."""
    catalog = build_code(assets=assets).catalog
    plan = plan_backfill(catalog, list(catalog.assets), **asked)
    return [
        (
            "+".join(key.to_user_string() for key in chunk.asset_keys),
            "" if chunk.partitions is None else ",".join(chunk.partitions),
        )
        for chunk in plan.chunks
    ]


def test_what_reads_follows_by_the_mapping_that_was_declared() -> None:
    mapping = dg.StaticPartitionMapping({"a": ["c"], "b": ["d", "e"]})
    up = asset("up", LETTERS)
    down = asset("down", OTHERS, [dg.AssetDep(up, partition_mapping=mapping)])
    last = asset("last", OTHERS, [down])
    assert planned(up, down, last, keys=["b"]) == [("up", "b"), ("down+last", "d"), ("down+last", "e")]


def test_offsets_of_a_time_mapping_count() -> None:
    mapping = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    day = asset("day", DAYS)
    month = asset("month", MONTHS, [dg.AssetDep(day, partition_mapping=mapping)])
    assert planned(day, month, keys=["2024-01-15"]) == [("day", "2024-01-15"), ("month", "2024-02-01")]


def test_what_is_read_follows_from_what_was_asked_for() -> None:
    """The key belongs to the asset below; above it only what that needs is made."""
    mapping = dg.StaticPartitionMapping({"a": ["c"], "b": ["d", "e"]})
    up = asset("up", LETTERS)
    down = asset("down", OTHERS, [dg.AssetDep(up, partition_mapping=mapping)])
    assert planned(up, down, keys=["e"]) == [("up", "b"), ("down", "e")]


def test_a_mapping_of_ones_own_that_says_only_what_is_read() -> None:
    class Neighbour(dg.PartitionMapping):
        def upstream_of(self, downstream, upstream):
            wanted = [{"b": "a", "c": "b"}.get(key) for key in downstream]
            keys = upstream.of_keys([key for key in wanted if key])
            return dg.UpstreamPartitionsResult(keys, upstream.empty())

        @property
        def description(self) -> str:
            return "the neighbour"

    up = asset("up", LETTERS)
    down = asset("down", OTHERS, [dg.AssetDep(up, partition_mapping=Neighbour())])
    assert planned(up, down, keys=["b"]) == [("up", "b"), ("down", "c")]


def test_assets_that_nothing_joins_are_asked_for_apart() -> None:
    with pytest.raises(UnknownPartitionError, match="which partitions of `there` are meant"):
        planned(asset("here", LETTERS), asset("there", OTHERS), keys=["a"])
    by_time = planned(
        asset("day", DAYS), asset("month", MONTHS), key_range=PartitionKeyRange("2024-01-31", "2024-02-01")
    )
    assert by_time[2:] == [("month", "2024-01-01"), ("month", "2024-02-01")]


def test_what_stands_behind_an_asset_without_partitions_is_made_whole() -> None:
    events = asset("events", DAYS)
    model = asset("model", None, [events])
    scores = asset("scores", LETTERS, [model])
    month = asset("month", MONTHS, [model])
    runs = planned(events, model, scores, month, keys=["2024-01-02"])
    assert runs[:2] == [("events", "2024-01-02"), ("model", "")]
    assert sorted(runs[2:]) == [("month", "2024-01-01"), ("scores", "a"), ("scores", "b")]
    stores = asset("stores", LETTERS)
    lookup = asset("lookup", None, [stores])
    sales = asset("sales", DAYS, [lookup])
    runs = planned(stores, lookup, sales, keys=["2024-01-02"])
    assert runs == [("stores", "a"), ("stores", "b"), ("lookup", ""), ("sales", "2024-01-02")]


def test_what_is_found_by_its_times_leads_on() -> None:
    report = asset("report", MONTHS)
    sales = asset("sales", dg.MultiPartitionsDefinition({"day": DAYS, "letter": LETTERS}))
    by_letter = asset(
        "by_letter",
        LETTERS,
        [dg.AssetDep(sales, partition_mapping=dg.MultiToSingleDimensionPartitionMapping("letter"))],
    )
    runs = planned(report, sales, by_letter, keys=["2024-02-01"])
    assert [name for name, _ in runs] == ["report"] + ["sales"] * 58 + ["by_letter"] * 2


def test_assets_of_different_policies_are_never_in_one_run() -> None:
    """S1-28: a range in one run stays one run, whatever is made beside it."""
    bulk = asset("bulk", LETTERS, backfill_policy=dg.BackfillPolicy.single_run())
    one = asset("one", LETTERS, [bulk])
    alike = asset("alike", LETTERS, [one])
    assert planned(bulk, one, alike) == [("bulk", "a,b"), ("one+alike", "a"), ("one+alike", "b")]
    assert planned(bulk, one, alike, one_run_a_range=True) == [("bulk+one+alike", "a,b")]


def test_a_function_that_can_be_subset_is_run_for_each_of_its_definitions() -> None:
    @dg.multi_asset(
        specs=[
            dg.AssetSpec("x", partitions_def=DAYS),
            dg.AssetSpec("y", partitions_def=LETTERS, deps=["x"]),
            dg.AssetSpec("z", partitions_def=DAYS),
            dg.AssetSpec("n", deps=["y"]),
        ],
        can_subset=True,
    )
    def mixed() -> None: ...

    runs = planned(mixed, asset("reads", LETTERS, ["y"]))
    assert [name for name, _ in runs] == ["x+z"] * 60 + ["y+reads"] * 2 + ["n"]


def test_what_is_left_out_of_a_stage_does_not_join_it_with_the_one_before() -> None:
    letters = asset("letters", LETTERS)
    others = asset("others", OTHERS, [dg.AssetDep(letters, partition_mapping=dg.AllPartitionMapping())])
    whole = asset("whole", None, [letters])
    catalog = build_code(assets=[letters, others, whole]).catalog

    def made(key, definition):
        space = definition.space()
        return space.all() if key == others.key else space.empty()

    plan = plan_backfill(catalog, list(catalog.assets), excluded=made)
    assert [len(chunk.asset_keys) for chunk in plan.chunks] == [1, 1, 1]
    assert plan.stage_ends == (2, 3), "`whole` waits for both letters"


def one_go(name: str, **partitions):
    """A function that makes these assets, each with its partitions or None, and can not make one alone."""
    specs = [dg.AssetSpec(key, partitions_def=of_it) for key, of_it in partitions.items()]

    @dg.multi_asset(name=name, specs=specs)
    def made():
        for spec in specs:
            yield dg.MaterializeResult(spec.key)

    return made


@pytest.mark.parametrize("order", ["yz", "zy"])
def test_what_has_no_partitions_and_is_made_along_belongs_to_the_first_run(order: str) -> None:
    both = one_go("both", **{key: LETTERS if key == "y" else None for key in order})
    after, beside = asset("after", deps=["z"]), asset("beside", LETTERS, deps=["z"])
    runs = planned(both, after, beside)
    assert runs[:2] == [("+".join(order), "a"), ("y", "b")]
    assert sorted(runs[2:]) == [("after", ""), ("beside", "a"), ("beside", "b")], "once `z` is what it stays"


def test_what_has_no_partitions_and_is_made_is_left_out_on_demand() -> None:
    assets = [asset("y", LETTERS), asset("z", deps=["y"]), asset("w", deps=["z"])]
    made = {dg.AssetKey("z")}
    assert planned(*assets, is_excluded=made.__contains__) == [("y", "a"), ("y", "b"), ("w", "")]
    made.add(dg.AssetKey("w"))
    assert planned(*assets, is_excluded=made.__contains__) == [("y", "a"), ("y", "b")]


def test_a_run_is_left_for_what_is_made_along_and_missing() -> None:
    both = one_go("both", y=LETTERS, z=None)

    def everything(key, definition):
        return definition.space().all()

    assert planned(both, excluded=everything) == [("y+z", "b")]
    assert planned(both, excluded=everything, is_excluded=lambda key: True) == []
    assert planned(both, is_excluded=lambda key: True) == [("y+z", "a"), ("y", "b")]
