"""Base classes that tell config classes apart without importing pydantic."""

from typing import Any


class ConfigClassMark:
    """Base of `Config`: a parameter annotated with a subclass gets the step's config."""

    __slots__ = ()


def is_config_annotation(annotation: Any) -> bool:
    """True if a parameter with this annotation gets config built by the class."""
    return isinstance(annotation, type) and issubclass(annotation, ConfigClassMark)
