"""Values of inputs that run config gives: each part is read as its type says, and what does not fit is told before the run."""

import json
import pickle
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from treadle.core.errors import shortened
from treadle.define.config.problems import ConfigErrorReason, ConfigProblems
from treadle.define.config.problems import Path as ConfigPath
from treadle.define.config.schema import Field, normalize_config_schema, process_config
from treadle.define.type_definition import TypeDefinition, TypeLoader
from treadle.define.types import ANY, resolve_type

_SCALARS = {int: "an integer", float: "a number", str: "text", bool: "true or false"}


def loaded_value(wanted: TypeDefinition, config: Any, context: Any) -> Any:
    """The value that config stands for: made by the type's loader, from what a file holds, or as it is written.

    Items of lists and values of dictionaries are read the same way, so `[{"value": 1}, 2]` is `[1, 2]` for `list[int]`.

    Args:
        wanted: the input's type.
        config: as given for the input.
        context: what loaders are called with.

    Raises:
        InvalidConfigError: a loader refuses it.
    """
    if wanted.loader is not None:
        schema = _schema_of(wanted.loader)
        if schema is not None:
            config = process_config(schema, config, f"config of type `{wanted.display_name}`")
        return wanted.loader.construct_from_config_value(context, config)
    form, inner = _form_of(wanted)
    if form is tuple and isinstance(config, list) and len(config) == len(arguments := _arguments_of(wanted)):
        pairs = zip(arguments, config, strict=True)
        return tuple(loaded_value(resolve_type(each), item, context) for each, item in pairs)
    if form in (list, set) and isinstance(config, list):
        return form(loaded_value(inner, item, context) for item in config)
    if form is dict and isinstance(config, Mapping) and not _is_whole(config):
        return {key: loaded_value(inner, item, context) for key, item in config.items()}
    if form is None and inner is not ANY:  # one type, or None
        return None if config is None else loaded_value(inner, config, context)
    if isinstance(config, Mapping) and len(config) == 1:
        (kind, content), *_ = config.items()
        if _is_file(kind, content):
            data = Path(content["path"]).read_bytes()
            return json.loads(data) if kind == "json" else pickle.loads(data)
        if kind == "value":
            config = content
    is_whole_number = isinstance(config, int) and not isinstance(config, bool)
    return float(config) if is_whole_number and wanted.typing_type is float else config


def report_wrong_values(
    wanted: TypeDefinition, config: Any, path: ConfigPath, problems: ConfigProblems
) -> None:
    """Report what can be no value of the type: only numbers, texts and bools are looked at, and what holds them."""
    if wanted.loader is not None:
        schema = _schema_of(wanted.loader)
        if schema is not None:
            schema.resolve(config, path, problems)
        return
    form, inner = _form_of(wanted)
    if form is not None and not isinstance(config, (dict if form is dict else list) | Mapping):
        what = "a dict" if form is dict else "a list"
        problems.report(path, ConfigErrorReason.RUNTIME_TYPE_MISMATCH, _told(what, config))
    elif form in (list, set) and isinstance(config, list):
        for at, item in enumerate(config):
            report_wrong_values(inner, item, (*path, at), problems)
    elif form is dict and isinstance(config, Mapping) and not _is_whole(config):
        for key, item in config.items():
            report_wrong_values(inner, item, (*path, {"map_value": key}), problems)
    elif form is None and inner is not ANY:
        if config is not None:
            report_wrong_values(inner, config, path, problems)
    elif wanted.is_builtin and wanted.typing_type in _SCALARS:
        _report_wrong_scalar(wanted.typing_type, config, path, problems)


def _schema_of(loader: TypeLoader) -> Field | None:
    """What config a loader reads; a class of the user's may say so by its `schema_type` alone."""
    return normalize_config_schema(loader.schema_type)


def _report_wrong_scalar(python_type: type, config: Any, path: ConfigPath, problems: ConfigProblems) -> None:
    value = config
    if isinstance(config, Mapping) and len(config) == 1:
        (kind, content), *_ = config.items()
        if _is_file(kind, content):
            return
        if kind == "value":
            value, path = content, (*path, "value")
    fits = isinstance(value, python_type) and not (isinstance(value, bool) and python_type is int)
    if not fits and not (python_type is float and isinstance(value, int) and not isinstance(value, bool)):
        problems.report(path, ConfigErrorReason.RUNTIME_TYPE_MISMATCH, _told(_SCALARS[python_type], value))


def _told(wanted: str, value: Any) -> str:
    return f"expected {wanted}, got {shortened(repr(value))} ({type(value).__name__})"


def _form_of(wanted: TypeDefinition) -> tuple[Any, TypeDefinition]:
    """`list`, `set` or `dict` and the type inside; None and a type for "that or nothing"; None and `ANY` for others."""
    annotation = wanted.typing_type if wanted.is_builtin else Any
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (list, set) and arguments:
        return origin, resolve_type(arguments[0])
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return tuple, ANY
    if origin is dict and len(arguments) == 2:
        return dict, resolve_type(arguments[1])
    if origin is typing.Union or origin is types.UnionType:
        inner = [each for each in arguments if each is not type(None)]
        if len(inner) == 1 and len(arguments) == 2:
            return None, resolve_type(inner[0])
    return None, ANY


def _arguments_of(wanted: TypeDefinition) -> tuple[Any, ...]:
    return typing.get_args(wanted.typing_type)


def _is_whole(config: Mapping[Any, Any]) -> bool:
    """Whether all of a dictionary stands under `value`, or in a file."""
    if len(config) != 1:
        return False
    (kind, content), *_ = config.items()
    return (kind == "value" and isinstance(content, Mapping)) or _is_file(kind, content)


def _is_file(kind: Any, content: Any) -> bool:
    return kind in ("json", "pickle") and isinstance(content, Mapping) and "path" in content
