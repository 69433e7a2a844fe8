"""What a context raises where it is asked for what it does not know."""

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError


class NotKnownHereError(InvariantViolationError):
    """A context was asked for what it does not know, as one that was built for a test does not know its run."""


class NoAssetHereError(InvalidDefinitionError, NotKnownHereError):
    """The context of a step that makes no asset was asked for its asset."""
