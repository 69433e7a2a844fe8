"""Asset keys and check keys: text forms, order, and what is refused."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.core.errors import InvalidArgumentError
from treadle.core.keys import AssetCheckKey, AssetJobKey, AssetKey
from treadle.core.specs import AssetSpec

FACTS = json.loads((Path(__file__).parents[1] / "data/facts/names_and_metadata.json").read_text())

parts = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).filter(
        lambda part: ".." not in part
    )
)


@pytest.mark.parametrize("row", FACTS["asset_key_text"]["rows"], ids=lambda row: repr(row["input"]))
def test_text_forms(row):
    if not row["ok"] if "ok" in row else "error" in row:
        with pytest.raises(InvalidArgumentError):
            AssetKey(row["input"])
        return
    key = AssetKey(row["input"])
    assert key.path == key.parts == row["path"]["value"]
    assert key.to_user_string() == row["to_user_string"]["value"]
    assert key.to_escaped_user_string() == row["to_escaped_user_string"]["value"]
    assert key.to_string() == row["to_string"]["value"]
    assert key.to_python_identifier() == row["to_python_identifier"]["value"]
    assert key.to_python_identifier("s") == row["to_python_identifier_suffix"]["value"]


@pytest.mark.parametrize(
    "table", ["from_user_string", "from_escaped_user_string", "from_db_string", "from_coercible"]
)
def test_reading(table):
    read = getattr(AssetKey, table)
    for row in FACTS[f"asset_key_{table}"]["rows"]:
        if "error" in row:
            with pytest.raises(InvalidArgumentError):
                read(row["input"])
            continue
        key = read(row["input"])
        assert (key and key.path) == row["value"] if row["value"] is not None else key is None


def test_keys_of_specs_take_any_text():
    for row in FACTS["asset_spec_key"]["rows"]:
        assert AssetSpec(row["input"]).key.path == row["value"]


def test_order():
    for row in FACTS["asset_key_order"]["rows"]:
        assert [key.to_user_string() for key in sorted(map(AssetKey, row["input"]))] == row["value"]


def test_prefixes():
    for row in FACTS["asset_key_has_prefix"]["rows"]:
        assert AssetKey(["a", "b", "c"]).has_prefix(row["input"]) is row["value"]
    assert not AssetKey("a").has_prefix("a")
    assert AssetKey("c").with_prefix(["a", "b"]) == AssetKey(["a", "b", "c"])


@given(parts)
def test_every_key_is_read_back_from_its_text_forms(path):
    key = AssetKey(path)
    assert AssetKey.from_db_string(key.to_string()) == key
    assert pickle.loads(pickle.dumps(key)) == key
    if path and path != [""]:
        assert AssetKey.from_escaped_user_string(key.to_escaped_user_string()) == key


def test_the_parts_can_be_read_in_order():
    """S3-09."""
    key = AssetKey(["labs", "source", "members"])
    assert key.parts == ["labs", "source", "members"]
    assert key.to_user_string() == "labs/source/members"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../secrets", "may not step up a folder"),
        (["a", ".."], "may not step up a folder"),
        ("a/../../b", "may not step up a folder"),
        ("a\0b", "may not hold NUL"),
        ("x" * 5_000, "at most 1000 characters"),
    ],
)
def test_a_key_that_leaves_its_folder_or_is_too_long_is_refused(path, said):
    """B04, and bad input of the spine."""
    with pytest.raises(InvalidArgumentError, match=said) as caught:
        AssetKey(path)
    assert caught.value.code == "invalid-argument"
    assert len(str(caught.value)) < 300


def test_dots_within_a_part_are_no_step_up():
    assert AssetKey("v1..v2").path == ["v1..v2"]


def test_a_key_is_immutable_and_unpacks_like_the_peers():
    key = AssetKey("a")
    with pytest.raises(AttributeError):
        key.path = ["b"]
    (path,) = key
    assert path == ["a"]
    assert key._asdict() == {"path": ["a"]}
    assert key._replace(path="b") == AssetKey("b")


def test_check_keys_have_a_text_form():
    key = AssetCheckKey(AssetKey(["raw", "orders"]), "no_nulls")
    assert key.to_user_string() == "raw/orders:no_nulls"
    assert AssetCheckKey.from_user_string("raw/orders:no_nulls") == key
    assert AssetCheckKey.from_db_string(key.to_db_string()) == key
    assert AssetCheckKey.from_db_string("nonsense") is None
    assert key.with_asset_key_prefix("lake").asset_key == AssetKey(["lake", "raw", "orders"])
    assert key.replace_key(AssetKey("b")) == AssetCheckKey(AssetKey("b"), "no_nulls")
    assert repr(key) == "AssetCheckKey(asset_key=AssetKey(['raw', 'orders']), name='no_nulls')"
    asset_key, name = key
    assert (asset_key, name) == (key.asset_key, "no_nulls")


def test_check_keys_take_what_names_an_asset():
    assert AssetCheckKey(AssetSpec("orders"), "c") == AssetCheckKey(AssetKey("orders"), "c")
    with pytest.raises(InvalidArgumentError, match="argument `name` must be text"):
        AssetCheckKey(AssetKey("orders"), 3)


def test_job_keys():
    assert AssetJobKey("nightly").job_name == "nightly"
