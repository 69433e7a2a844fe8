"""Plays the recorded scenarios of `facts/automation.json` step by step."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import treadle as dg
from tests.store.making import begin, finish, planned
from treadle.core.run_states import RunStatus

VERSION_TAG = "dagster/data_version"


class Player:
    """One scenario.

    Args:
        source: the program that defines `build(v)`.
    """

    def __init__(self, source: str) -> None:
        self.names: dict[str, Any] = {"dg": dg}
        exec(compile(source, "scenario", "exec"), self.names)
        self.instance = dg.Instance.ephemeral()
        self.time: datetime | None = None
        self.cursor: Any = None
        self.leases: dict[str, Any] = {}
        self.build(0)

    def build(self, version: int) -> None:
        self.defs = self.names["build"](version)

    def step(self, verb: str, *given: Any) -> dict[str, list[Any]] | None:
        if verb == "time":
            self.time = datetime.fromisoformat(given[0])
        else:
            if self.time is not None:
                self.time += timedelta(milliseconds=1)
            if verb == "evaluate":
                return self.evaluate(*given)
            getattr(self, verb)(*given)
        return None

    def evaluate(self, keys: list[str] | None = None) -> dict[str, list[Any]]:
        selection = None if keys is None else dg.AssetSelection.assets(*keys)
        result = dg.evaluate_automation_conditions(
            self.defs, self.instance, selection, self.time, cursor=self.cursor
        )
        self.cursor = result.cursor
        found = {}
        for subset in result.results:
            partitions = result.get_requested_partitions(subset.key)
            if not partitions:
                continue
            is_asset = isinstance(subset.key, dg.AssetKey)
            name = subset.key.to_user_string() if is_asset else f"check:{subset.key.to_user_string()}"
            found[name] = sorted(partitions, key=str)
        return found

    def materialize(self, key: str, partition: str | None) -> None:
        self.instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))

    def materialize_dv(self, key: str, version: str) -> None:
        told = dg.AssetMaterialization(key, tags={VERSION_TAG: version})
        self.instance.report_runless_asset_event(told)

    def observe(self, key: str, version: str) -> None:
        self.instance.report_runless_asset_event(dg.AssetObservation(key, tags={VERSION_TAG: version}))

    def check(self, key: str, name: str, passed: bool) -> None:
        told = dg.AssetCheckEvaluation(asset_key=dg.AssetKey(key), check_name=name, passed=passed)
        self.instance.report_runless_asset_event(told)

    def wipe(self, key: str) -> None:
        self.instance.wipe_assets([dg.AssetKey(key)])

    def add_partition(self, name: str, key: str) -> None:
        self.instance.add_dynamic_partitions(name, [key])

    def delete_partition(self, name: str, key: str) -> None:
        self.instance.delete_dynamic_partition(name, key)

    def env(self, name: str, value: str) -> None:
        os.environ[name] = value

    def run(self, keys: list[str], partition: str | None) -> None:
        assets = [self.defs.get_asset_def(dg.AssetKey(key)) for key in keys]
        dg.materialize(assets, instance=self.instance, partition_key=partition, raise_on_error=False)

    def start_run(self, keys: list[str], partition: str | None, handle: str) -> None:
        events = [planned(handle, asset=dg.AssetKey(key)) for key in keys]
        self.leases[handle] = begin(self.instance.store, handle, *events)

    def finish_run(self, handle: str, status: str) -> None:
        finish(self.instance.store, self.leases[handle], RunStatus(status))


def play(case: dict[str, Any]) -> Iterator[tuple[int, Any, Any]]:
    """The number of each step that evaluates, what it gave, and what is recorded."""
    player = Player(case["source"])
    try:
        for number, recorded in enumerate(case["steps"]):
            step = recorded["step"]
            if step[0] == "defs":
                player.build(step[1])
                continue
            found = player.step(*step)
            if found is not None:
                yield number, found, recorded["result"]["requested"]
    finally:
        player.instance.dispose()
