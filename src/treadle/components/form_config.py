"""How a user interface shows a component's fields, and what a component type says of itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class ComponentFormConfig:
    """How a form shows a component or one of its fields. Nothing else reads it.

    Args:
        label: the name that people see.
        editable: whether the form may change it.
        hidden: True: left out of the form.
        placeholder: text in an empty field.
        multiline: True: a field of several lines.
        widget: the name of a special editor.
        advanced: True: behind "more".
        id_source: True: the field gives an item's id.
    """

    label: str | None = None
    editable: bool = False
    hidden: bool | None = None
    placeholder: str | None = None
    multiline: bool | None = None
    widget: str | None = None
    advanced: bool | None = None
    id_source: bool | None = None

    def of_field(self) -> dict[str, Any]:
        """What of it is set, as keywords for the JSON schema of a field."""
        widget = "hidden" if self.hidden else self.widget or ("textarea" if self.multiline else None)
        told = {
            "title": self.label,
            "ui:placeholder": self.placeholder,
            "ui:widget": widget,
            "ui:advanced": self.advanced or None,
            "ui:idSource": self.id_source or None,
        }
        return {name: value for name, value in told.items() if value is not None}

    def of_component(self) -> dict[str, Any]:
        """What of it is set, as keywords for the JSON schema of a component."""
        label = {} if self.label is None else {"title": self.label}
        return {**label, "x-app-managed": True} if self.editable else label


def _texts(value: Sequence[str] | None) -> list[str]:
    return list(value or ())


def _mapping(value: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict(value or {})


@attrs.frozen
class ComponentTypeSpec:
    """What a component type says of itself.

    Args:
        description: text for people; by default its docstring.
        tags: words to find it by.
        owners: who keeps it.
        metadata: anything else.
        produces: the kinds of what it makes.
    """

    description: str | None = None
    tags: Sequence[str] = attrs.field(default=None, converter=_texts)
    owners: Sequence[str] = attrs.field(default=None, converter=_texts)
    metadata: Mapping[str, Any] = attrs.field(default=None, converter=_mapping)
    produces: Sequence[str] = attrs.field(default=None, converter=_texts)
