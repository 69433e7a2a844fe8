"""What a step gives for its outputs, expectations and type checks: `Output`, `DynamicOutput` and the rest."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic

from treadle.core.data_versions import DataVersion
from treadle.core.deprecation import deprecated
from treadle.core.errors import InvalidArgumentError, shortened, wrong_type
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import event_metadata
from treadle.core.values import NO_MAPPING, TupleValue, Value, set_field

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)  # bare, it is one of anything
else:
    from typing import TypeVar

    T = TypeVar("T")

DEFAULT_OUTPUT: Final = "result"
"""The name of the output of a function that names none."""

_MAPPING_KEY = re.compile(r"[A-Za-z0-9_]+")


class Output(Value, Generic[T]):
    """A value for one of a step's outputs, with what should be known about it.

    Args:
        value: what is handed on and stored.
        output_name: which output, where there are several.
        metadata: raw values are given their kind.
        data_version: of an asset's data; by default computed.
        tags: of an asset's materialization; text to text.

    Example:
        >>> Output(3, metadata={"rows": 10}).metadata["rows"].value
        10
    """

    __slots__ = ("data_version", "metadata", "output_name", "tags", "value")
    value: T
    output_name: str
    metadata: Mapping[str, MetadataValue[Any]]
    data_version: DataVersion | None
    tags: Mapping[str, str]

    def __init__(
        self,
        value: T,
        output_name: str | None = DEFAULT_OUTPUT,
        metadata: Mapping[str, Any] | None = None,
        data_version: DataVersion | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        set_field(self, "value", value)
        set_field(self, "output_name", _output_name(output_name, "Output"))
        set_field(self, "metadata", event_metadata(metadata))
        set_field(self, "data_version", checked_data_version(data_version, "Output"))
        set_field(self, "tags", event_tags(tags, "Output"))

    def with_metadata(self, metadata: Mapping[str, Any] | None) -> "Output[T]":
        """A copy with this metadata in place of its own."""
        return self._replace(metadata=metadata)


class DynamicOutput(Value, Generic[T]):
    """One of any number of values of an output: what is downstream runs once for each.

    Args:
        value: what is handed on and stored.
        mapping_key: names it among the others: letters, digits and underscores.
        output_name: which output, where there are several.
        metadata: raw values are given their kind.
    """

    __slots__ = ("mapping_key", "metadata", "output_name", "value")
    value: T
    mapping_key: str
    output_name: str
    metadata: Mapping[str, MetadataValue[Any]]

    def __init__(
        self,
        value: T,
        mapping_key: str,
        output_name: str | None = DEFAULT_OUTPUT,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(mapping_key, str):
            raise wrong_type("mapping_key", "text", mapping_key, "DynamicOutput")
        if not _MAPPING_KEY.fullmatch(mapping_key):
            raise InvalidArgumentError(
                f"argument `mapping_key` may hold only letters, digits and underscores (A-Z a-z 0-9 _), "
                f"got {shortened(repr(mapping_key))}"
            )
        set_field(self, "value", value)
        set_field(self, "mapping_key", mapping_key)
        set_field(self, "output_name", _output_name(output_name, "DynamicOutput"))
        set_field(self, "metadata", event_metadata(metadata))


@deprecated("give an `AssetCheckResult` from an `@asset_check`")
class ExpectationResult(TupleValue):
    """Whether data is as it should be. Asset checks are the newer way to say it.

    Args:
        success: whether it is.
        label: a short name.
        description: for a person.
        metadata: raw values are given their kind.
    """

    __slots__ = ("description", "label", "metadata", "success")
    success: bool
    label: str | None
    description: str | None
    metadata: Mapping[str, MetadataValue[Any]]

    def __init__(
        self,
        success: bool,
        label: str | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        set_field(self, "success", truth("success", success, "ExpectationResult"))
        set_field(self, "label", label if label is not None else "result")
        set_field(self, "description", description)
        set_field(self, "metadata", event_metadata(metadata))


class TypeCheck(TupleValue):
    """What a type's check function found.

    Args:
        success: whether the value is of the type.
        description: why not.
        metadata: raw values are given their kind.
    """

    __slots__ = ("description", "metadata", "success")
    success: bool
    description: str | None
    metadata: Mapping[str, MetadataValue[Any]]

    def __init__(
        self, success: bool, description: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        set_field(self, "success", truth("success", success, "TypeCheck"))
        set_field(self, "description", description)
        set_field(self, "metadata", event_metadata(metadata))


def _output_name(name: Any, owner: str) -> str:
    if name is None:
        return DEFAULT_OUTPUT
    if not isinstance(name, str):
        raise wrong_type("output_name", "text", name, owner)
    return name


def truth(argument: str, value: Any, owner: str) -> bool:
    """A bool, also NumPy's."""
    if isinstance(value, bool):
        return value
    if type(value).__name__ in ("bool", "bool_") and type(value).__module__ == "numpy":
        return bool(value)
    raise wrong_type(argument, "a bool", value, owner)


def checked_data_version(version: Any, owner: str) -> DataVersion | None:
    """A data version, or None."""
    if version is not None and not isinstance(version, DataVersion):
        raise wrong_type("data_version", "a DataVersion", version, owner)
    return version


def event_tags(tags: Any, owner: str) -> Mapping[str, str]:
    """Tags of an event: any text to any text."""
    if tags is None:
        return NO_MAPPING
    if not isinstance(tags, Mapping):
        raise wrong_type("tags", "a mapping of text to text", tags, owner)
    for key, value in tags.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise wrong_type("tags", "a mapping of text to text", {key: value}, owner)
    return dict(tags) if tags else NO_MAPPING
