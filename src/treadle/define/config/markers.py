"""Base classes that tell config classes apart without importing pydantic."""

from typing import Any


class ConfigClassMark:
    """Base of `Config`: a parameter annotated with a subclass gets the step's config."""

    __slots__ = ()

    def to_config_value(self) -> dict[str, Any]:
        """What would have to stand in run config to make this object."""
        raise NotImplementedError

    def with_variables_read(self, path: tuple[Any, ...], problems: list[Any]) -> Any:
        """The same object with the values of environment variables in their place."""
        raise NotImplementedError


def is_config_annotation(annotation: Any) -> bool:
    """True if a parameter with this annotation gets config built by the class."""
    return isinstance(annotation, type) and issubclass(annotation, ConfigClassMark)
