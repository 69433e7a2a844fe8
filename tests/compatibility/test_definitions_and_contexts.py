"""What definitions and contexts answer, in the spellings that projects use."""

from typing import Any

import treadle as dg


def test_assets_without_a_group_are_in_the_group_default() -> None:
    defs = dg.Definitions(assets=[dg.AssetSpec("a"), dg.AssetSpec("b", group_name="marts")])
    groups = {spec.key.to_user_string(): spec.group_name for spec in defs.resolve_all_asset_specs()}
    assert groups == {"a": "default", "b": "marts"}


def test_a_context_gives_the_run_under_its_older_name() -> None:
    @dg.asset
    def orders(context: dg.AssetExecutionContext) -> Any:
        return context.dagster_run.run_id == context.run_id

    assert dg.materialize([orders]).output_for_node("orders")
