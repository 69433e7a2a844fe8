"""The error of an asset that stands twice among the dependencies of another."""

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError


class DepNamedTwiceError(InvalidDefinitionError, InvariantViolationError):
    """One asset stands twice among the dependencies of another, read in different ways."""
