"""A first run config for a job: everything that it takes, with defaults or a value of the right kind to be replaced."""

from collections.abc import Mapping
from enum import Enum as PythonEnum
from typing import TYPE_CHECKING, Any

from treadle.define.config.enums import Enum
from treadle.define.config.environment import EnvVar
from treadle.define.config.scalars import ConfigType, Scalar, Source
from treadle.define.config.schema import (
    Array,
    Field,
    Map,
    Noneable,
    ScalarUnion,
    Selector,
    Shape,
)

if TYPE_CHECKING:
    from treadle.define.config.resolve import HasConfigTarget


def config_skeleton(job_def: "HasConfigTarget", *, required_only: bool = False) -> dict[str, Any]:
    """Run config of a job with each field that it takes. It is plain data, and is accepted where no validator asks for more.

    Args:
        job_def: a job.
        required_only: leave out what need not be given.
    """
    mapping = getattr(job_def, "config_mapping", None)
    if mapping is not None and getattr(mapping, "config_schema", None) is not None:
        found = config_of_field(mapping.config_schema.as_field(), required_only)
        return found if isinstance(found, dict) else {}
    code, computations, resource_keys = job_def.config_target()
    skeleton: dict[str, Any] = {}
    for name in computations:
        field = code.ops[name].config_schema
        if field is not None and _is_wanted(field, required_only):
            place_config(skeleton, name, config_of_field(field, required_only))
    for key in resource_keys:
        field = getattr(code.resources.get(key), "config_schema", None)
        if isinstance(field, Field) and _is_wanted(field, required_only):
            skeleton.setdefault("resources", {})[key] = {"config": config_of_field(field, required_only)}
    return skeleton


def _is_wanted(field: Field, required_only: bool) -> bool:
    if field.is_required:
        return True
    return not required_only and not (isinstance(field.config_type, Shape) and not field.config_type.fields)


def place_config(skeleton: dict[str, Any], op: str, config: Any) -> None:
    """Put an op's config where run config has it; `op` is its name with those of the graphs around it."""
    place = skeleton
    for part in op.split("."):
        place = place.setdefault("ops", {}).setdefault(part, {})
    place["config"] = config


def config_of_field(field: Field, required_only: bool) -> Any:
    """The default, or a value of the right kind to be replaced."""
    known = isinstance(field.config_type, Shape) and field.config_type.fields
    return (
        _plain(field.default_value)
        if field.default_provided and not known
        else _of_type(field.config_type, required_only)
    )


def _of_type(kind: ConfigType, required_only: bool) -> Any:
    match kind:
        case Shape():
            return {
                name: config_of_field(field, required_only)
                for name, field in kind.fields.items()
                if field.is_required or not required_only
            }
        case Selector():
            name, field = next(iter(kind.fields.items()))
            return {name: config_of_field(field, required_only)}
        case Noneable():
            return None
        case Array():
            return []
        case Map():
            return {}
        case Enum():
            return kind.config_values[0]
        case ScalarUnion():
            return _of_type(kind.scalar_type, required_only)
        case Source():
            return _of_type(kind.scalar, required_only)
        case Scalar():
            return kind.python_type()
        case _:
            return ""


def _plain(value: Any) -> Any:
    """A default as it would be written in YAML."""
    if isinstance(value, EnvVar):
        return {"env": value.env_var_name}
    if isinstance(value, PythonEnum):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value
