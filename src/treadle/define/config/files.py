"""Run config from files: YAML or JSON, several merged into one."""

import glob
import importlib.resources
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from treadle.core.errors import InvalidConfigError, InvariantViolationError, shortened
from treadle.define.config.text_files import read_text_file
from treadle.define.config.yaml_text import YamlError, read_yaml


def config_from_files(config_files: Sequence[str | os.PathLike[str]]) -> dict[str, Any]:
    """Run config from YAML or JSON files; a later file's values win.

    Args:
        config_files: paths, or patterns such as `config/*.yaml`, each of which must match a file.

    Raises:
        InvariantViolationError: a pattern matches no file.
        ConfigurationError: a file can not be read, or is not UTF-8.
        InvalidConfigError: a file is not valid; names the file, line and column.
    """
    documents = []
    for pattern in config_files:
        paths = sorted(glob.glob(os.fspath(pattern)))
        if not paths:
            text = os.fspath(pattern)
            inline = text.lstrip().startswith("{")
            raise InvariantViolationError(
                f"no config file matches `{shortened(text)}`",
                hint="config that is written out goes to --config-json"
                if inline
                else f"paths are relative to {os.getcwd()}",
            )
        documents += [(path, read_text_file(Path(path))) for path in paths]
    return merged_documents(documents)


def config_from_yaml_strings(yaml_strings: Iterable[str]) -> dict[str, Any]:
    """Run config from YAML or JSON texts; a later one's values win.

    Args:
        yaml_strings: documents.

    Raises:
        InvalidConfigError: one is not valid; with line and column.

    Example:
        >>> config_from_yaml_strings(["ops: {a: {config: 1}}", "ops: {b: {config: 2}}"])
        {'ops': {'a': {'config': 1}, 'b': {'config': 2}}}
    """
    return merged_documents((f"document {at}", text) for at, text in enumerate(yaml_strings, 1))


def config_from_pkg_resources(pkg_resource_defs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Run config from files inside of packages; a later one's values win.

    Args:
        pkg_resource_defs: (package name, file name) pairs.

    Raises:
        InvariantViolationError: a package or file is not there.
        InvalidConfigError: a file is not valid.
    """
    documents = []
    for package, name in pkg_resource_defs:
        try:
            text = importlib.resources.files(package).joinpath(name).read_text(encoding="utf-8")
        except (ModuleNotFoundError, FileNotFoundError, UnicodeDecodeError) as error:
            raise InvariantViolationError(f"cannot read `{name}` of package `{package}`: {error}") from error
        documents.append((f"{package}/{name}", text))
    return merged_documents(documents)


def merged_documents(documents: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """One dict from (name, text) pairs, merged level by level."""
    merged: dict[str, Any] = {}
    for source, text in documents:
        try:
            data = read_yaml(text, source)
        except YamlError as error:
            if error.line is not None:
                error.where = error.where or f"{source}:{error.line}:{error.column}"
            raise
        if data is None:
            continue
        if not isinstance(data, Mapping):
            raise InvalidConfigError(f"{source}: run config must be a dict, got {type(data).__name__}")
        merged = _merge(merged, data)
    return merged


def _merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(first)
    for key, value in second.items():
        known = merged.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(known, value) if both else value  # type: ignore[arg-type]
    return merged
