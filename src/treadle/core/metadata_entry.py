"""`MetadataEntry`: one entry of metadata with its label, as older code gives it."""

from typing import Any

from treadle.core.deprecation import deprecated
from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import metadata_value
from treadle.core.values import TupleValue, set_field


@deprecated("give metadata as a dictionary of labels and values")
class MetadataEntry(TupleValue):
    """One entry of metadata. Newer code passes `metadata={label: value}`.

    Args:
        label: its name.
        description: for a person.
        entry_data: the value, as it was called before `value`.
        value: a raw value or a MetadataValue.

    Raises:
        InvalidArgumentError: no value, or two.
    """

    __slots__ = ("description", "entry_data", "label")
    label: str
    description: str | None
    entry_data: MetadataValue[Any]

    def __init__(
        self, label: str, description: str | None = None, entry_data: Any = None, value: Any = None
    ) -> None:
        if not isinstance(label, str):
            raise wrong_type("label", "text", label, "MetadataEntry")
        if (entry_data is None) == (value is None):
            raise InvalidArgumentError("MetadataEntry: give `value`, and not `entry_data` too")
        set_field(self, "label", label)
        set_field(self, "description", description)
        set_field(self, "entry_data", metadata_value(value if value is not None else entry_data))

    @property
    def value(self) -> MetadataValue[Any]:
        """The value."""
        return self.entry_data
