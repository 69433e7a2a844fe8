"""What goes wrong with factories."""

from treadle.core.errors import InvalidDefinitionError


class FactoryError(InvalidDefinitionError):
    """A factory that failed, or that is not one; says which, and where it stands."""

    default_code = "factory-failed"
