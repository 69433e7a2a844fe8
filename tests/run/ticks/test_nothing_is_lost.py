"""A control loop with crashes in it: no event is read twice, none is lost, a run key has one run (S0-22, S1-38)."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import treadle as dg
from treadle.core.asset_cursors import AssetCursor
from treadle.run.ticks.evaluate import evaluate_tick

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


days = dg.StaticPartitionsDefinition(["a", "b", "c"])
ASSET = dg.AssetKey("watched")


@dg.asset(name="watched", partitions_def=days)
def watched(): ...


@dg.asset
def target(): ...


job = dg.define_asset_job("job", selection=[target])
defs = dg.Definitions(assets=[watched, target], jobs=[job])


class Loop:
    """As much of a control loop as counts here: cursor, run keys and runs change together or not at all."""

    def __init__(self, sensor):
        self.sensor = sensor
        self.cursor = None
        self.runs = {}

    def tick(self, instance, *, crash):
        context = dg.build_sensor_context(instance, self.cursor, definitions=defs)
        result = evaluate_tick(self.sensor, context, raise_on_error=False)
        if crash or result.error is not None:
            return result
        for request in result.new_requests(set(self.runs)):
            self.runs[request.run_key] = request
        self.cursor = result.cursor
        return result


class AssetSensors(RuleBasedStateMachine):
    """One sensor reads each event; another reads, of two watched partitions, what is there for both."""

    @initialize()
    def start(self):
        self.instance = dg.Instance.ephemeral()
        self.fails = False
        self.made = []

        @dg.asset_sensor(ASSET, job=job)
        def each(context, event):
            yield dg.RunRequest(f"{context.cursor} {event.dagster_event.partition}", partition_key=None)
            if self.fails:
                raise ValueError("fails")

        @dg.multi_asset_sensor([ASSET], job=job)
        def pairs(context):
            new = context.latest_materialization_records_by_partition(ASSET)
            if "a" in new and "b" in new:
                context.advance_cursor({ASSET: [new["a"], new["b"]]})
                yield dg.RunRequest(f"{new['a'].storage_id} {new['b'].storage_id}")
            if self.fails:
                raise ValueError("fails")

        self.each, self.pairs = Loop(each), Loop(pairs)
        # A sensor starts with the latest event, so there is one before it looks first.
        self.make(["c"])
        self.each.tick(self.instance, crash=False)

    @rule(partitions=st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
    def make(self, partitions):
        for partition in partitions:
            self.instance.report_runless_asset_event(dg.AssetMaterialization(ASSET, partition=partition))
            self.made.append(partition)

    @rule(crash=st.booleans())
    def tick(self, crash):
        self.each.tick(self.instance, crash=crash)
        self.pairs.tick(self.instance, crash=crash)

    @rule()
    def tick_that_raises(self):
        self.fails = True
        assert self.each.tick(self.instance, crash=False).run_requests == []
        self.pairs.tick(self.instance, crash=False)
        self.fails = False

    @invariant()
    def each_event_has_at_most_one_run(self):
        read = [key.split()[1] for key in self.each.runs]
        assert read == self.made[: len(read)]

    @invariant()
    def partitions_are_paired_with_the_latest_there_was(self):
        """What was paired is gone; what was passed over is still there."""
        if self.pairs.cursor is None:
            return
        context = dg.build_multi_asset_sensor_context(
            monitored_assets=[ASSET], instance=self.instance, cursor=self.pairs.cursor, definitions=defs
        )
        new = context.latest_materialization_records_by_partition(ASSET)
        used = [int(number) for key in self.pairs.runs for number in key.split()]
        assert not {record.storage_id for record in new.values()} & set(used)
        latest = {partition: number for number, partition in enumerate(self.made, 1)}
        unread = {partition: number for partition, number in latest.items() if number not in used}
        assert {partition: record.storage_id for partition, record in new.items()} == unread

    def teardown(self):
        if not hasattr(self, "instance"):
            return
        self.each.tick(self.instance, crash=False)
        assert [key.split()[1] for key in self.each.runs] == self.made
        self.instance.dispose()


AssetSensors.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestAssetSensors = AssetSensors.TestCase


class Cursors(RuleBasedStateMachine):
    """`AssetCursor` against a list of events with a mark on each that was read."""

    @initialize()
    def start(self):
        self.cursor = AssetCursor()
        self.events = []
        self.read = set()

    @rule(partition=st.sampled_from("abc"))
    def happens(self, partition):
        self.events.append((len(self.events) + 1, partition))

    @rule(data=st.data())
    def reads(self, data):
        unread = [event for event in self.events if self.cursor.is_unread(*event)]
        read = set(data.draw(st.lists(st.sampled_from(unread), unique=True))) if unread else set()
        after = self.cursor.event_id or 0
        self.cursor = self.cursor.advanced([event for event in self.events if event[0] > after], read)
        self.read |= read

    @invariant()
    def the_latest_of_each_partition_is_unread_until_it_was_read(self):
        latest = {partition: (number, partition) for number, partition in self.events}
        for event in latest.values():
            assert self.cursor.is_unread(*event) == (event not in self.read)

    @invariant()
    def what_was_read_does_not_come_back(self):
        assert not any(self.cursor.is_unread(*event) for event in self.read)


Cursors.TestCase.settings = settings(max_examples=100, deadline=None)
TestCursors = Cursors.TestCase
