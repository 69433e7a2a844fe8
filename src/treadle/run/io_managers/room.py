"""A file where a folder must come, or a folder where a file must: what an asset leaves that became partitioned, or no
longer is, and two assets of which one's key begins the other's."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from treadle.core.keys import AssetKey
from treadle.define.context.output_context import OutputContext
from treadle.run.io_managers.atomic import PathTakenError

SET_ASIDE_PREFIX = ".treadle-old-"
"""What the names of old values begin with while new ones are written in their place."""


@contextlib.contextmanager
def room_for_partition(context: OutputContext, folder: Any, path: Any) -> Iterator[None]:
    """Within the block no file of the asset itself stands where a folder on the way to `path` must be.

    Such a file is the value from before the asset was partitioned. It is set aside, removed once the block has written
    the new value, and put back where the block fails. What is killed between leaves it beside its place.

    Args:
        context: of the value that is to be stored.
        folder: the asset's, as a `Path` or a `UPath`.
        path: the partition's, below it.
    """
    file = _file_on_the_way(context, folder, path)
    aside = (
        None if file is None else file.parent / f"{SET_ASIDE_PREFIX}{file.name[:100]}-{uuid.uuid4().hex[:8]}"
    )
    if file is None or aside is None or not _set_aside(file, aside):
        yield
        return
    try:
        yield
    except BaseException as error:
        if not _put_back(aside, file, path):
            error.add_note(f"The value from before it was partitioned is kept at `{aside}`.")
        raise
    with contextlib.suppress(OSError):  # the new value is stored, so nothing is lost with this one
        aside.unlink()


def path_taken(context: OutputContext, path: str, *, needs_folder: bool) -> PathTakenError:
    """The error of a value that can not be stored, with a hint that fits what stands there; raise it `from` its cause.

    Args:
        context: of the value.
        path: where it was to be stored.
        needs_folder: True: a file stands where the folder of `path` must be; False: a folder stands at `path`.
    """
    name = context.asset_key.to_user_string() if context.has_asset_key else context.name
    others = _neighbours(context)
    there = "a file stands where its folder must be" if needs_folder else "a folder stands there"
    said = f"`{name}` can not be stored at `{path}`: {there}"
    if others:
        known = ", ".join(f"`{other.to_user_string()}`" for other in others[:3])
        return PathTakenError(
            f"{said}, of {known}.",
            hint="An asset key that is the beginning of another's needs an IO manager or `base_dir` of its own.",
        )
    if needs_folder:
        hint = "Move or remove the file, if nothing needs it any more, or use another `base_dir`."
    else:
        said += ", as for an asset with partitions, which this one is not"
        hint = (
            "If it was partitioned before and nothing needs those values any more, move or remove the folder; "
            "else use another `base_dir`."
        )
    return PathTakenError(f"{said}.", hint=hint)


def _neighbours(context: OutputContext) -> list[AssetKey]:
    """Assets that were made and whose keys begin with this one's, or the reverse."""
    instance = context._instance
    if not context.has_asset_key or instance is None:
        return []
    own = list(context.asset_key.path)
    above = [AssetKey(own[:count]) for count in range(1, len(own))]
    below = [key for key in instance.get_asset_keys(prefix=own) if len(key.path) > len(own)]
    return [*(key for key in above if instance.has_asset_key(key)), *below]


def _file_on_the_way(context: OutputContext, folder: Any, path: Any) -> Any:
    """The file that stands at the asset's folder or below it, on the way to `path`, if it is no other asset's."""
    parts = path.parent.parts[len(folder.parts) :]
    for count in range(len(parts) + 1):
        place = folder.joinpath(*parts[:count])
        if place.is_file():
            other = AssetKey([*context.asset_key.path, *parts[:count]]) if count else None
            instance = context._instance
            is_others = other is not None and instance is not None and instance.has_asset_key(other)
            return None if is_others else place
    return None


def _set_aside(file: Any, aside: Any) -> bool:
    """Whether this call moved the file: another run may have done so just now, and have a folder there."""
    if not isinstance(file, Path):
        file.rename(aside)
        return True
    try:
        os.link(file, aside)  # unlike a move it never takes the folder that another run has just made
    except (FileNotFoundError, IsADirectoryError):
        return False
    except OSError:
        if not file.is_file():
            return False
        file.rename(aside)  # a file system without links
        return True
    try:
        file.unlink()
    except OSError:
        aside.unlink()
        if file.is_file():
            raise
        return False
    return True


def _put_back(aside: Any, file: Any, path: Any) -> bool:
    """Whether the old value is where it was: not where something was written below, by this run or another."""
    with contextlib.suppress(OSError):
        for place in path.parents:
            if place != file and file not in place.parents:
                break
            place.rmdir()
    if file.exists():
        return False
    try:
        aside.rename(file)
    except OSError:
        return False
    return True
