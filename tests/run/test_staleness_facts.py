"""Staleness and its causes, as recorded; and what `skip_unchanged` makes of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from treadle import AssetKey, DataVersion, Output, asset, materialize, observable_source_asset, observe
from treadle.define.build_catalog import build_code
from treadle.plan.staleness import why
from treadle.store.instance import Instance

ROWS = json.loads(
    (Path(__file__).parents[1] / "data" / "facts" / "names_and_metadata.json").read_text(encoding="utf-8")
)["staleness"]["rows"]


def definitions(code_versions: dict[str, Any], given: dict[str, str]) -> list[Any]:
    def make(name: str, deps: list[str]) -> Any:
        @asset(name=name, deps=deps, code_version=code_versions.get(name))
        def made():
            return Output(1, data_version=DataVersion(given[name])) if name in given else 1

        return made

    return [make("a", []), make("b", ["a"]), make("c", ["b"])]


@pytest.mark.parametrize("row", ROWS, ids=[row["description"] for row in ROWS])
def test_a_recorded_story_ends_in_the_same_status(row: dict[str, Any], tmp_path: Path) -> None:
    instance = Instance.ephemeral(tempdir=str(tmp_path))
    versions: dict[str, Any] = dict(row["code_versions"])
    for step in row["steps"]:
        if isinstance(step, list) and step[0] == "code":
            versions[step[1]] = step[2]
            continue
        name, given = (step[1], {step[1]: step[2]}) if isinstance(step, list) else (step, {})
        materialize(definitions(versions, given), selection=[name], instance=instance)
    catalog = build_code(assets=definitions(versions, {})).catalog
    found = {name: why(catalog, AssetKey(name), instance) for name in "abc"}
    assert {name: status.status for name, status in found.items()} == row["status"]
    assert {name: told(status.causes) for name, status in found.items()} == row["causes"]
    assert {name: told(status.root_causes) for name, status in found.items()} == row["root_causes"]


def told(causes: Any) -> list[list[str | None]]:
    return [
        [
            cause.asset_key.to_user_string(),
            cause.category,
            cause.dependency and cause.dependency.to_user_string(),
        ]
        for cause in causes
    ]


def test_skip_unchanged_runs_what_changed_and_what_is_below_it(tmp_path: Path) -> None:
    """Issue: `materialize(skip_unchanged=True)`."""
    instance = Instance.ephemeral(tempdir=str(tmp_path))
    versions = {"a": "1", "b": "1", "c": "1"}
    materialize(definitions(versions, {}), instance=instance)
    same = materialize(definitions(versions, {}), instance=instance, skip_unchanged=True)
    assert same.success
    assert same.plan.steps == ()
    assert [left.reason.code for left in same.plan.skipped] == ["unchanged"] * 3
    changed = materialize(definitions({**versions, "b": "2"}, {}), instance=instance, skip_unchanged=True)
    assert [(s.key, s.reason.code) for s in changed.plan.steps] == [
        ("b", "code-version-changed"),
        ("c", "upstream-newer"),
    ]


def test_why_tells_it_in_words(tmp_path: Path) -> None:
    instance = Instance.ephemeral(tempdir=str(tmp_path))
    materialize(definitions({"a": "1"}, {}), instance=instance)
    catalog = build_code(assets=definitions({"a": "2"}, {})).catalog
    assert "code version is `2`, it was made by `1`" in str(why(catalog, AssetKey("a"), instance))


def test_an_observed_source_that_changed_makes_what_reads_it_stale(tmp_path: Path) -> None:
    version = ["1"]

    @observable_source_asset
    def source():
        return DataVersion(version[0])

    @asset(deps=[source])
    def reader():
        return 1

    instance = Instance.ephemeral(tempdir=str(tmp_path))
    observe([source], instance=instance)
    materialize([source, reader], instance=instance)
    catalog = build_code(assets=[source, reader]).catalog
    assert why(catalog, AssetKey("reader"), instance).status == "FRESH"
    version[0] = "2"
    observe([source], instance=instance)
    stale = why(catalog, AssetKey("reader"), instance)
    assert told(stale.causes) == [["reader", "DATA", "source"]]
