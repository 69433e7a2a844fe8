"""Repositories name the sensor of conditions for which none was written, as the peer's do."""

import pytest

import treadle as dg

NAME = "default_automation_condition_sensor"
EAGER = dg.AutomationCondition.eager()


@dg.asset(automation_condition=EAGER)
def a(): ...


@dg.asset(automation_condition=EAGER)
def b(): ...


@dg.asset
def plain(): ...


@dg.asset_check(asset="plain", automation_condition=EAGER)
def check():
    return dg.AssetCheckResult(passed=True)


@dg.observable_source_asset(automation_condition=EAGER)
def seen():
    return dg.DataVersion("1")


def repository(**given):
    return dg.Definitions(**given).get_repository_def()


def sensor(name, target):
    return dg.AutomationConditionSensorDefinition(name, target=target)


def selected(repository):
    graph = repository.catalog.selectable_graph
    selection = repository.get_sensor_def(NAME).asset_selection
    return {key.to_user_string() for key in selection.resolve(graph)}


def test_a_repository_has_a_sensor_for_conditions_that_have_none():
    found = repository(assets=[a, b])
    assert [each.name for each in found.sensor_defs] == [NAME]
    assert found.has_sensor_def(NAME)
    assert found.get_sensor_def(NAME).default_status is dg.DefaultSensorStatus.STOPPED
    assert dg.Definitions(assets=[a]).get_sensor_def(NAME).minimum_interval_seconds == 30


@pytest.mark.parametrize(
    "given",
    [
        {"assets": [plain]},
        {"assets": [dg.AssetSpec("external", automation_condition=EAGER)]},
        {"assets": [a], "sensors": [sensor("mine", "*")]},
        {"assets": [plain], "asset_checks": [check], "sensors": [sensor("mine", "*")]},
        {"assets": [a, b], "sensors": [sensor("m", "a"), sensor("n", "b")]},
    ],
    ids=["no condition", "external", "covered", "check covered", "covered by two"],
)
def test_there_is_none_where_nothing_is_left_for_it(given):
    assert not repository(**given).has_sensor_def(NAME)
    with pytest.raises(dg.InvariantViolationError):
        repository(**given).get_sensor_def(NAME)


def test_it_evaluates_what_the_others_leave():
    found = repository(assets=[a, b, plain], sensors=[sensor("mine", "a")])
    assert [each.name for each in found.sensor_defs] == [NAME, "mine"]
    assert selected(found) == {"b", "plain"}


def test_it_evaluates_checks_and_observable_assets():
    found = repository(assets=[plain, seen], asset_checks=[check])
    assert "seen" in selected(found)
    checks = found.get_sensor_def(NAME).asset_selection.resolve_checks(found.catalog.selectable_graph)
    assert [key.name for key in checks] == ["check"]


def test_a_sensor_of_that_name_stays():
    mine = sensor(NAME, "a")
    assert repository(assets=[a, b], sensors=[mine]).sensor_defs == [mine]
