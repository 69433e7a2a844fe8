"""Every row of the recorded table; DEVIATIONS has our answer where it differs on purpose.

docs/compatibility.d/selection.md says why. (MISSION S2-14)
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.core.selection.selection_example_graph import build_graph, definitions_namespace
from treadle.core.errors import TreadleError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.asset_selection import AssetSelection

TABLE = json.loads((Path(__file__).parents[2] / "data/facts/selection.json").read_text(encoding="utf-8"))
GRAPH = build_graph(TABLE["graph_edges"], TABLE["graph_checks"])
# selection -> what of the row we answer differently
DEVIATIONS: dict[str, dict[str, object]] = {
    # Levels as a number are read for a bare name too.
    "1+w": {"str": '1+key:"w"', "keys": ["w", "z"], "checks": []},
    "2+w": {"str": '2+key:"w"', "keys": ["w", "y", "z"], "checks": []},
    "x+1": {"str": 'key:"x"+1', "keys": ["m1", "x", "y"], "checks": ["x:inline", "x:x_check"]},
    "x+2": {"str": 'key:"x"+2', "keys": ["m1", "x", "y", "z"], "checks": ["x:inline", "x:x_check"]},
    "1+y+1": {
        "str": '1+key:"y" or key:"y"+1',
        "keys": ["x", "y", "z"],
        "checks": ["x:inline", "x:x_check"],
    },
    "2+z+1": {
        "str": '2+key:"z" or key:"z"+1',
        "keys": ["w", "x", "y", "z"],
        "checks": ["x:inline", "x:x_check"],
    },
    # All levels are printed as such.
    "*z": {"str": '+key:"z"'},
    "z*": {"str": 'key:"z"+'},
    "*z*": {"str": '+key:"z" or key:"z"+'},
    "*x*": {"str": '+key:"x" or key:"x"+'},
    "x*": {"str": 'key:"x"+'},
    'A.from_coercible("*x")': {"str": '+key:"x"'},
    # What is printed can be read again, and means the same.
    "key_substring:users": {
        "str": 'key_substring:"users"',
        "keys": ["dim_users", "raw/users", "stg/users"],
        "checks": ["dim_users:inline", "dim_users:users_unique", "raw/users:raw_check"],
    },
    'key_substring:"raw/"': {
        "str": 'key_substring:"raw/"',
        "keys": ["raw/events", "raw/items", "raw/orders", "raw/users"],
        "checks": ["raw/users:raw_check"],
    },
    'tag:"pii"=': {
        "str": 'tag:"pii"',
        "keys": ["dim_users", "raw/users"],
        "checks": ["dim_users:inline", "dim_users:users_unique", "raw/users:raw_check"],
    },
    "not (kind:python or kind:dbt)": {"str": 'not (kind:"python" or kind:"dbt")'},
    'key:"ml/*" and not key:"ml/model"': {"str": 'key:"ml/*" and not key:"ml/model"'},
    "A.assets()": {"str": "not *"},
    # `<null>` means "has none" everywhere.
    "owner:<null>": {"keys": "without an owner", "checks": "default"},
    "A.owner(None)": {"keys": "without an owner", "checks": "default"},
    "tag:<null>": {"str": "tag:<null>", "keys": "without a tag", "checks": "default"},
    # Refused: it can only be a mistake.
    'A.assets("x").upstream(-1)': {"error": "DagsterInvalidInvocationError", "error_at": "build"},
    # The peer's order here is that of a hash set.
    'A.assets("x", ns["multi"])': {"str": 'key:"x" or key:"m1" or key:"m2"'},
}


def materializable_keys_without(attribute: str) -> list[str]:
    read = {"an owner": GRAPH.owners, "a tag": GRAPH.tags}[attribute]
    return [key.to_user_string() for key in GRAPH.materializable_keys if not read(key)]


def expected_of(name: str, row: dict) -> dict:
    changes = DEVIATIONS.get(name, {})
    expected = {**row, **changes}
    if "error" in changes:
        return {"error": changes["error"], "error_at": changes["error_at"]}
    if "keys" in changes:
        expected.pop("error", None)
        if isinstance(changes["keys"], str):
            expected["keys"] = materializable_keys_without(changes["keys"].removeprefix("without "))
    if "str" in changes:
        expected["selection_str"] = changes["str"]
    if expected.get("checks") == "default":
        expected["checks"] = [
            check for check in TABLE["graph_checks"] if check.split(":")[0] in expected["keys"]
        ]
    return expected


def shown(key: AssetKey | AssetCheckKey) -> str:
    if isinstance(key, AssetKey):
        return key.to_user_string()
    return f"{key.asset_key.to_user_string()}:{key.name}"


def check_row(name: str, row: dict, build) -> None:
    expected = expected_of(name, row)
    if expected.get("error_at") == "build" and "error" in expected:
        with pytest.raises(TreadleError):
            build()
        return
    selection = build()
    if expected.get("str") is not None:
        assert str(selection) == expected["str"]
    if "selection_str" in expected:
        assert selection.to_selection_str() == expected["selection_str"]
    else:
        with pytest.raises(NotImplementedError):
            selection.to_selection_str()
    if "error" in expected:
        with pytest.raises(TreadleError):
            selection.resolve(GRAPH)
        return
    assert sorted(map(shown, selection.resolve(GRAPH))) == sorted(expected["keys"])
    assert sorted(map(shown, selection.resolve_checks(GRAPH))) == sorted(expected["checks"])


@pytest.mark.parametrize("row", TABLE["selection_strings"], ids=lambda row: repr(row["selection"]))
def test_a_selection_text_means_what_the_table_says(row: dict) -> None:
    check_row(row["selection"], row, lambda: AssetSelection.from_string(row["selection"]))


@pytest.mark.filterwarnings("ignore:.AssetSelection.keys. is deprecated")
@pytest.mark.parametrize("row", TABLE["expressions"], ids=lambda row: row["expression"])
def test_an_expression_means_what_the_table_says(row: dict) -> None:
    names = {
        "A": AssetSelection,
        "dg": SimpleNamespace(AssetKey=AssetKey, AssetCheckKey=AssetCheckKey),
        "ns": definitions_namespace(),
    }
    check_row(row["expression"], row, lambda: eval(row["expression"], names))


def test_every_deviation_is_a_row_of_the_table() -> None:
    names = {row["selection"] for row in TABLE["selection_strings"]}
    names |= {row["expression"] for row in TABLE["expressions"]}
    assert names >= DEVIATIONS.keys()
    assert len(names) == 129 + 81
