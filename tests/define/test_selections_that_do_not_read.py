"""A slip in the text of a selection is told with all else that is wrong, not in its place."""

from typing import Any

import pytest

import treadle as dg
from treadle.define.validation.errors import DefinitionsError


@dg.asset
def orders() -> int:
    return 1


@dg.asset
def wants_what_is_not_there(nothing: int) -> None: ...


def problems_of(**definitions: Any) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionsError) as raised:
        dg.Definitions(**definitions).resolve()
    assert all(problem.where and __file__ in problem.where for problem in raised.value.problems)
    return [(problem.code, problem.message) for problem in raised.value.problems]


def test_every_selection_that_does_not_read_is_told_beside_other_mistakes() -> None:
    @dg.sensor(target="or orders")
    def follows() -> None: ...

    @dg.schedule(cron_schedule="@daily", target="(orders")
    def nightly() -> None: ...

    found = problems_of(
        assets=[orders, wants_what_is_not_there],
        jobs=[
            dg.define_asset_job("open", selection="orders and ("),
            dg.define_asset_job("listed", selection=["orders", "group:("]),
            dg.define_asset_job("misspelt", selection="ordrs"),
        ],
        sensors=[follows, dg.AutomationConditionSensorDefinition("automation", target="orders and and")],
        schedules=[nightly],
    )
    assert [code for code, _ in found].count("unknown-input") == 1
    said = [message for code, message in found if code == "invalid-selection"]
    for owner in ("`open`", "`listed`", "`misspelt`", "sensor `automation`", "follows", "nightly"):
        assert any(owner in message for message in said), owner
    assert any("orders and (\n" in message and message.endswith("^") for message in said)


def test_one_alone_is_told_too() -> None:
    ((code, message),) = problems_of(
        assets=[orders], jobs=[dg.define_asset_job("open", selection="orders and (")]
    )
    assert code == "invalid-selection" and "`open`" in message


def test_what_is_no_selection_at_all_is_refused_at_once() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError):
        dg.define_asset_job("number", selection=3)
    with pytest.raises(dg.DagsterInvalidSubsetError):
        dg.define_asset_job("nothing", selection=[])


def test_a_selection_that_does_not_read_can_be_printed_and_says_why_when_it_is_resolved() -> None:
    job = dg.define_asset_job("open", selection="orders and (")
    assert str(job.selection) == "orders and ("
    for selection in (job.selection, job.selection | dg.AssetSelection.all()):
        with pytest.raises(dg.DagsterInvalidSubsetError, match="ends too soon"):
            selection.resolve([orders])
        with pytest.raises(dg.DagsterInvalidSubsetError, match="ends too soon"):
            selection.resolve_checks([orders])
