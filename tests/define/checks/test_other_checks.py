"""Checks of column schemas and of bounds of metadata (issue 4)."""

from typing import Any

import pytest

from treadle import (
    AssetMaterialization,
    AssetSelection,
    AssetSpec,
    InvalidDefinitionError,
    TableColumn,
    TableSchema,
    asset,
    build_column_schema_change_checks,
    build_metadata_bounds_checks,
    materialize,
    multi_asset,
)
from treadle.store.instance import Instance


@pytest.fixture
def instance() -> Any:
    with Instance.ephemeral() as made:
        yield made


@asset
def table() -> None: ...


def evaluated(checks: Any, instance: Instance) -> Any:
    result = materialize([table, *checks], selection=AssetSelection.checks(*checks), instance=instance)
    assert result.success
    found = result.get_asset_check_evaluations()
    assert len(found) == 1
    return found[0]


def made(instance: Instance, *columns: tuple[str, str]) -> None:
    schema = TableSchema([TableColumn(name, kind) for name, kind in columns])
    instance.report_runless_asset_event(
        AssetMaterialization("table", metadata={"dagster/column_schema": schema})
    )


def test_columns_are_compared_with_the_materialization_before(instance: Instance) -> None:
    checks = build_column_schema_change_checks(assets=[table])
    assert checks[0].name == "column_schema_change"
    assert evaluated(checks, instance).passed
    made(instance, ("x", "int"), ("y", "str"))
    assert "no two materializations" in evaluated(checks, instance).description
    made(instance, ("y", "str"), ("x", "int"))
    assert evaluated(checks, instance).passed
    made(instance, ("x", "float"), ("z", "str"))
    changed = evaluated(checks, instance)
    assert not changed.passed
    assert changed.severity.value == "WARN"
    assert changed.description.splitlines()[2:] == [
        "- added: z (str)",
        "- removed: y (str)",
        "- type of x: int -> float",
    ]


@pytest.mark.parametrize("which", ["latest", "previous"])
def test_a_schema_that_is_missing_fails(which: str, instance: Instance) -> None:
    bare = lambda: instance.report_runless_asset_event(AssetMaterialization("table"))  # noqa: E731
    steps = [lambda: made(instance, ("x", "int")), bare]
    for step in steps if which == "latest" else reversed(steps):
        step()
    found = evaluated(build_column_schema_change_checks(assets=["table"]), instance)
    assert not found.passed
    assert f"The {which} materialization" in found.description


@pytest.mark.parametrize(
    ("bounds", "value", "passed"),
    [
        ({"min_value": 5}, 5, True),
        ({"min_value": 5, "exclusive_min": True}, 5, False),
        ({"min_value": 5}, 4.9, False),
        ({"max_value": 5}, 5, True),
        ({"max_value": 5, "exclusive_max": True}, 5, False),
        ({"max_value": 5}, 5.1, False),
        ({"min_value": 1, "max_value": 3}, 2, True),
        ({"min_value": 1, "max_value": 3}, float("nan"), False),
        ({"min_value": 0}, "text", False),
        ({"min_value": 0}, True, False),
        ({"min_value": 0}, None, False),
    ],
)
def test_bounds(bounds: Any, value: Any, passed: bool, instance: Instance) -> None:
    instance.report_runless_asset_event(AssetMaterialization("table", metadata={"rows": value}))
    checks = build_metadata_bounds_checks(assets=[table], metadata_key="rows", **bounds)
    assert checks[0].name == "rows_bounds_check"
    found = evaluated(checks, instance)
    assert found.passed is passed


def test_bounds_that_no_number_keeps_are_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="min_value is 4, max_value 1"):
        build_metadata_bounds_checks(assets=[table], metadata_key="rows", min_value=4, max_value=1)
    assert build_metadata_bounds_checks(assets=[table], metadata_key="rows", min_value=1, max_value=1)


def test_bounds_of_what_is_not_there(instance: Instance) -> None:
    checks = build_metadata_bounds_checks(assets=[table], metadata_key="rows", max_value=1)
    assert "never materialized" in evaluated(checks, instance).description
    instance.report_runless_asset_event(AssetMaterialization("table"))
    assert "no metadata `rows`" in evaluated(checks, instance).description


def test_checks_of_several_keys_of_one_asset_stand_side_by_side(instance: Instance) -> None:
    instance.report_runless_asset_event(
        AssetMaterialization("table", metadata={"a": 1, "dagster/row_count": 2})
    )
    one = build_metadata_bounds_checks(assets=[table], metadata_key="a", min_value=0)
    other = build_metadata_bounds_checks(assets=[table], metadata_key="dagster/row_count", min_value=0)
    checks = [*one, *other]
    result = materialize([table, *checks], selection=AssetSelection.checks(*checks), instance=instance)
    assert sorted(check.check_name for check in result.get_asset_check_evaluations()) == [
        "a_bounds_check",
        "dagster_row_count_bounds_check",
    ]


def test_bounds_need_a_bound() -> None:
    with pytest.raises(InvalidDefinitionError, match="`min_value`, `max_value` or both"):
        build_metadata_bounds_checks(assets=[table], metadata_key="rows")
    with pytest.raises(InvalidDefinitionError, match="a number"):
        build_metadata_bounds_checks(assets=[table], metadata_key="rows", min_value="1")  # type: ignore[arg-type]


def test_checks_of_a_multi_asset_stand_in_the_order_of_its_assets():
    names = [f"table_{letter}" for letter in "hgfedcba"]

    @multi_asset(specs=[AssetSpec(name) for name in names])
    def tables(): ...

    (checks,) = build_column_schema_change_checks(assets=[tables])
    assert [spec.asset_key.to_user_string() for spec in checks.check_specs] == names
