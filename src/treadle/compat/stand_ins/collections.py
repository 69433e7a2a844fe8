"""`dagster._utils` and `_utils.merger`: small things with files and dicts."""

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def merge_dicts(*parts: Mapping[Any, Any]) -> dict[Any, Any]:
    """One dict of all; later ones win.

    Example:
        >>> merge_dicts({"a": 1}, {"a": 2, "b": 3})
        {'a': 2, 'b': 3}
    """
    return {key: value for part in parts for key, value in part.items()}


def deep_merge_dicts(onto: Mapping[Any, Any], other: Mapping[Any, Any]) -> dict[Any, Any]:
    """One dict of both; where both have a dict under a key, these are merged too, else the second wins."""
    merged = dict(onto)
    for key, value in other.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = deep_merge_dicts(merged[key], value) if both else value
    return merged


def dict_without_keys(whole: Mapping[Any, Any], *keys: Any) -> dict[Any, Any]:
    """A copy without these keys."""
    return {key: value for key, value in whole.items() if key not in keys}


def mkdir_p(path: str) -> str:
    """Make a folder and those above it; returns its path."""
    os.makedirs(path, exist_ok=True)
    return path


ensure_dir = mkdir_p


def touch_file(path: str) -> None:
    """Make an empty file, and the folder for it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()


def ensure_file(path: str) -> str:
    """As `touch_file`; returns the path."""
    touch_file(path)
    return path


@contextlib.contextmanager
def safe_tempfile_path() -> Iterator[str]:
    """The path of a file that does not exist yet and is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield os.path.join(folder, "file")


@contextlib.contextmanager
def pushd(path: str) -> Iterator[str]:
    """Work in another folder for a while."""
    with contextlib.chdir(path):
        yield path


def get_system_temp_directory() -> str:
    """Where temporary files go, without symbolic links."""
    return os.path.realpath(tempfile.gettempdir())


def find_free_port() -> int:
    """A TCP port that nobody listens on now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def parse_env_var(text: str) -> tuple[str, str]:
    """Name and value of `NAME=value`; `NAME` alone is read from the environment.

    Raises:
        Exception: it is neither.
    """
    name, given, value = text.partition("=")
    if given:
        return name, value
    if name not in os.environ:
        raise Exception(f"The environment variable {name} is not set.")
    return name, os.environ[name]
