"""Keys as paths: inside the base folder, distinct for distinct keys, or refused (reliability B09)."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle.run.io_managers.atomic import TEMPORARY_PREFIX
from treadle.run.io_managers.filesystem import PickledObjectFilesystemIOManager
from treadle.run.io_managers.paths import is_case_blind, key_path, path_component

HOSTILE = [
    *[
        "../../x",
        "/etc/x",
        "..",
        ".",
        "",
        "a/b",
        "a%2Fb",
        "v1.0",
        "v1",
        "CON",
        "con.txt",
        "a.",
        "a ",
        "a",
        "%",
        "~",
    ],
    *[
        "x" * 300,
        "x" * 299 + "y",
        "caf\u00e9",
        "cafe\u0301",
        "\\\\host\\share",
        "C:",
        "a:b",
        "-rf",
        TEMPORARY_PREFIX + "1",
    ],
]


def test_hostile_partition_keys_each_keep_their_own_value_inside_the_base_folder(tmp_path):
    base = tmp_path / "base"
    manager = PickledObjectFilesystemIOManager(str(base))
    keys = dg.StaticPartitionsDefinition(HOSTILE)
    given = {"asset_key": dg.AssetKey("a"), "asset_partitions_def": keys}
    for number, key in enumerate(HOSTILE):
        manager.handle_output(dg.build_output_context(partition_key=key, **given), number)
    for number, key in enumerate(HOSTILE):
        assert manager.load_input(dg.build_input_context(partition_key=key, **given)) == number
    written = [os.path.join(folder, name) for folder, _, names in os.walk(tmp_path) for name in names]
    assert len(written) == len(HOSTILE)
    assert all(os.path.realpath(path).startswith(os.path.realpath(base) + os.sep) for path in written)


@pytest.mark.parametrize("parts", [["../../x"], ["..", "..", "x"], ["a\0b"]])
def test_asset_keys_that_would_lead_out_are_refused_when_they_are_made(parts):
    with pytest.raises(dg.TreadleError):
        dg.AssetKey(parts)


@pytest.mark.parametrize("parts", [["a", "/etc/x"], ["."], ["a", ".", "b"]])
def test_asset_keys_do_not_lead_out_either(tmp_path, parts):
    base = tmp_path / "deep" / "base"
    manager = PickledObjectFilesystemIOManager(str(base))
    manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey(parts)), 1)
    assert manager.load_input(dg.build_input_context(asset_key=dg.AssetKey(parts))) == 1
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["base"]


def test_a_nul_is_refused_before_it_becomes_a_path():
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="Invalid partition key"):
        dg.StaticPartitionsDefinition(["a\0b"])
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="cannot be a file name") as error:
        path_component("a\0b")
    assert error.value.code == "invalid-partition-key"


@given(st.lists(st.text(max_size=12), min_size=2, max_size=6, unique=True), st.booleans())
def test_distinct_keys_are_distinct_names_also_where_case_and_unicode_form_are_not_told_apart(
    keys, case_blind
):
    import unicodedata

    names = []
    for key in keys:
        try:
            names.append(path_component(key, case_blind=case_blind))
        except dg.DagsterInvalidDefinitionError:
            assert "\0" in key or any("\ud800" <= character <= "\udfff" for character in key)
    seen = [unicodedata.normalize("NFC", name) for name in names]
    seen = [name.casefold() for name in seen] if case_blind else seen
    assert len(set(seen)) == len(names)
    for name in names:
        assert name not in ("", ".", "..") and os.sep not in name and len(name.encode()) < 240


def test_ordinary_keys_stay_as_they_are():
    keys = ["orders", "2024-01-01", "2024-01-01-00:00"]
    assert list(key_path(keys)) == ["orders", "2024-01-01", "2024-01-01-00%3A00"]


def test_whether_a_disk_tells_case_apart_is_asked_of_the_disk(tmp_path):
    twin = tmp_path / "CASE"
    twin.mkdir()
    (tmp_path / "case").mkdir(exist_ok=True)
    expected = os.path.samefile(twin, tmp_path / "case")
    assert is_case_blind(str(twin)) is expected
    assert is_case_blind(str(twin / "not" / "there" / "yet")) is expected


def test_a_link_that_leads_out_of_the_storage_folder_is_refused(tmp_path):
    """Reliability B10."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "value").write_bytes(b"not yours")
    base = tmp_path / "base"
    base.mkdir()
    (base / "out").symlink_to(secret)
    (base / "file").symlink_to(secret / "value")
    manager = PickledObjectFilesystemIOManager(str(base))
    for key in (["out", "value"], ["file"]):
        with pytest.raises(dg.TreadleError, match="symbolic link") as error:
            manager.load_input(dg.build_input_context(asset_key=dg.AssetKey(key)))
        assert error.value.code == "path-escapes"
    with pytest.raises(dg.TreadleError, match="symbolic link"):
        manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey(["out", "new"])), 1)
    assert [path.name for path in secret.iterdir()] == ["value"]


def test_links_within_the_folder_and_to_the_folder_are_fine(tmp_path):
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "b").symlink_to(tmp_path / "real" / "a")
    manager = PickledObjectFilesystemIOManager(str(tmp_path / "link"))
    manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey(["b", "x"])), 5)
    assert manager.load_input(dg.build_input_context(asset_key=dg.AssetKey(["a", "x"]))) == 5
