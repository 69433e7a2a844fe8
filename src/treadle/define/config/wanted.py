"""What a run config lacks, in words: the fields that an op or resource wants, and an example of config that has them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from treadle.define.config.schema import Field, Shape
from treadle.define.config.skeleton import config_of_field, place_config

_MOST = 5
"""How many ops or fields a message names."""


class Wanted:
    """The ops and resources whose config is required, and missing as a whole."""

    def __init__(self) -> None:
        self._ops: dict[str, Field] = {}
        self._resources: dict[str, Field] = {}

    def op(self, name: str, field: Field | None) -> None:
        """Note an op, by its name with those of the graphs around it."""
        if field is not None:
            self._ops[name] = field

    def resource(self, key: str, field: Field | None) -> None:
        """Note a resource."""
        if field is not None:
            self._resources[key] = field

    def by_ops(self, names: Iterable[str]) -> str:
        """` (op `load` wants `table`)`, for these of the ops."""
        return _why(_told("op", {name: self._ops[name] for name in names}))

    def by_all(self) -> str:
        """The same for all ops and resources."""
        return _why([*_told("op", self._ops), *_told("resource", self._resources)])

    def hint(self) -> str | None:
        """An example with all that is missing; None where nothing was noted."""
        example: dict[str, Any] = {}
        for name, field in list(self._ops.items())[:_MOST]:
            place_config(example, name, config_of_field(field, required_only=True))
        for key, field in list(self._resources.items())[:_MOST]:
            example.setdefault("resources", {})[key] = {"config": config_of_field(field, required_only=True)}
        if not example:
            return None
        return "give run config such as " + json.dumps(example, default=repr, ensure_ascii=False)


def _told(kind: str, fields: Mapping[str, Field]) -> list[str]:
    return [f"{kind} `{name}` wants {_names(field)}" for name, field in fields.items()]


def _why(told: list[str]) -> str:
    rest = [f"and {len(told) - _MOST} more"] if len(told) > _MOST else []
    return f" ({'; '.join(told[:_MOST] + rest)})" if told else ""


def _names(field: Field) -> str:
    kind = field.config_type
    if not isinstance(kind, Shape):
        return kind.type_name
    required = [f"`{name}`" for name, each in kind.fields.items() if each.is_required]
    return ", ".join(required[:_MOST]) + (", …" if len(required) > _MOST else "") or kind.type_name
