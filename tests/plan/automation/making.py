"""What tests of conditions make and ask of it."""

from typing import Any

import treadle as dg


def names(result: dg.EvaluateAutomationConditionsResult) -> set[str]:
    return {one.key.to_user_string() for one in result.requested_subsets}


def report(instance: Any, key: str, partition: str | None = None) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))
