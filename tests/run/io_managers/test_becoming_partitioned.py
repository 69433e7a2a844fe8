"""An asset that became partitioned, or no longer is, and what it stored before."""

from pathlib import Path
from typing import Any

import pytest
from upath import UPath

import treadle as dg

KEYS = dg.StaticPartitionsDefinition(["x", "y"])
BOTH = dg.MultiPartitionsDefinition({"p": KEYS, "q": KEYS})


class TextManager(dg.UPathIOManager):
    fails = False

    def dump_to_path(self, context: Any, obj: Any, path: UPath) -> None:
        assert not path.parent.is_file()
        if self.fails:
            raise ValueError("no luck")
        path.write_text(str(obj))

    def load_from_path(self, context: Any, path: UPath) -> str:
        return path.read_text()


def made(partitions_def: Any = None, key: Any = "a") -> Any:
    @dg.asset(key=key, partitions_def=partitions_def)
    def one() -> int:
        return 1 if partitions_def is None else 2

    return one


@pytest.fixture(params=["text", "memory", "pickle"])
def manager(request: Any, tmp_path: Path) -> Any:
    if request.param == "pickle":
        return dg.FilesystemIOManager(base_dir=str(tmp_path))
    root = f"memory://treadle-test-{tmp_path.name}" if request.param == "memory" else tmp_path
    return TextManager(UPath(root))


@pytest.fixture
def instance() -> Any:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def run(asset: Any, manager: Any, instance: Any, partition_key: str | None = None, **others: Any) -> Any:
    resources = {"io_manager": manager}
    return dg.materialize(
        [asset], instance=instance, resources=resources, partition_key=partition_key, **others
    )


def names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def test_an_asset_that_became_partitioned_is_stored_without_a_hand(
    manager: Any, instance: Any, tmp_path: Path
) -> None:
    assert run(made(), manager, instance).success
    assert run(made(KEYS), manager, instance, "x").success
    assert run(made(KEYS), manager, instance, "y").success
    if not isinstance(manager, TextManager) or manager._base_path.protocol == "":
        assert names(tmp_path) == ["a", "a/x", "a/y"]


@pytest.mark.parametrize("before", [None, KEYS])
def test_partitions_of_two_dimensions_take_the_place_of_what_was(
    before: Any, instance: Any, tmp_path: Path
) -> None:
    manager = dg.FilesystemIOManager(base_dir=str(tmp_path))
    run(made(before), manager, instance, None if before is None else "x")
    assert run(made(BOTH), manager, instance, "x|y").success
    assert names(tmp_path) == ["a", "a/x", "a/x/y"]


def test_where_the_new_value_can_not_be_written_the_old_one_is_put_back(
    instance: Any, tmp_path: Path
) -> None:
    manager = TextManager(UPath(tmp_path))
    run(made(), manager, instance)
    manager.fails = True
    assert not run(made(KEYS), manager, instance, "x", raise_on_error=False).success
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "1"


def test_an_old_value_is_never_put_over_what_another_run_wrote(tmp_path: Path, instance: Any) -> None:
    class Overtaken(TextManager):
        def dump_to_path(self, context: Any, obj: Any, path: UPath) -> None:
            (path.parent / "y").write_text("of another run")
            raise ValueError("no luck")

    run(made(), TextManager(UPath(tmp_path)), instance)
    failed = run(made(KEYS), Overtaken(UPath(tmp_path)), instance, "x", raise_on_error=False)
    assert not failed.success
    (kept,) = tmp_path.glob(".treadle-old-a-*")
    assert kept.read_text() == "1"
    assert (tmp_path / "a" / "y").read_text() == "of another run"


@pytest.mark.parametrize("kind", ["text", "pickle"])
def test_an_asset_that_is_partitioned_no_longer_is_told_of_its_folder(
    kind: str, instance: Any, tmp_path: Path
) -> None:
    manager = (
        TextManager(UPath(tmp_path)) if kind == "text" else dg.FilesystemIOManager(base_dir=str(tmp_path))
    )
    run(made(KEYS), manager, instance, "x")
    with pytest.raises(
        dg.TreadleError, match="a folder stands there, as for an asset with partitions"
    ) as error:
        run(made(), manager, instance)
    assert error.value.code == "path-taken"
    assert error.value.hint is not None
    assert "move or remove the folder" in error.value.hint
    assert "beginning of another" not in error.value.hint
    assert names(tmp_path) == ["a", "a/x"]


@pytest.mark.parametrize("kind", ["text", "pickle"])
@pytest.mark.parametrize(("first", "second"), [("a", ["a", "b"]), (["a", "b"], "a")])
def test_two_assets_in_one_place_are_told_of_each_other(
    kind: str, first: Any, second: Any, instance: Any, tmp_path: Path
) -> None:
    manager = (
        TextManager(UPath(tmp_path)) if kind == "text" else dg.FilesystemIOManager(base_dir=str(tmp_path))
    )
    run(made(key=first), manager, instance)
    with pytest.raises(dg.TreadleError, match=f"of `{dg.AssetKey(first).to_user_string()}`") as error:
        run(made(key=second), manager, instance)
    assert error.value.hint is not None
    assert "beginning of another's" in error.value.hint


def test_the_value_of_another_asset_is_not_taken_for_an_old_one(instance: Any, tmp_path: Path) -> None:
    manager = dg.FilesystemIOManager(base_dir=str(tmp_path))
    run(made(key=["a", "x"]), manager, instance)
    with pytest.raises(dg.TreadleError, match="of `a/x`") as error:
        run(made(BOTH), manager, instance, "x|y")
    assert error.value.code == "path-taken"
    assert names(tmp_path) == ["a", "a/x"]
