"""Completed config of a resource class as contexts tell it: plain values, whatever objects stand in its fields."""

import enum
from collections.abc import Mapping
from typing import Any

import pydantic
from pydantic.fields import FieldInfo

from treadle.define.config.config_class import Config


def told_fields(model_class: type[pydantic.BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field name or alias, as plain ones.

    A union of config classes is `{choice: its other fields}`, an enum its value, a model a dict with its defaults.
    """
    by_key = {field.alias or name: field for name, field in model_class.model_fields.items()}
    return {key: _told(value, by_key.get(key)) for key, value in values.items()}


def _told(value: Any, field: FieldInfo | None = None) -> Any:
    if isinstance(value, Config):
        fields = type(value).model_fields
        inner = told_fields(
            type(value), {each.alias or name: getattr(value, name) for name, each in fields.items()}
        )
        if field is not None and isinstance(field.discriminator, str):
            return {inner.pop(field.discriminator): inner}
        return inner
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, pydantic.SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: _told(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return value
