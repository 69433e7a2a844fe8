"""Old names of arguments."""

from typing import Any

from treadle.core.deprecation import tell_user
from treadle.core.errors import InvalidDefinitionError


def renamed(old_name: str, old: Any, name: str, value: Any) -> Any:
    """The value of an argument that may be given under its old name, with one warning.

    Raises:
        InvalidDefinitionError: both are given.
    """
    if old is None:
        return value
    if value is not None:
        raise InvalidDefinitionError(f"give one of `{name}` and `{old_name}`.", code="invalid-argument")
    tell_user(f"`{old_name}` is deprecated; use `{name}`")
    return old
