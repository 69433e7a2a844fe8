"""The mixin of definitions that take config, and so have `.configured(…)`."""

from typing import TYPE_CHECKING, Any, Self

from treadle.core.errors import InvalidDefinitionError
from treadle.core.names import check_name
from treadle.define.doors import open_door

if TYPE_CHECKING:
    from treadle.define.config.schema import Field


class Configurable:
    """Mixin of definitions that take config; anything fits where `config_schema` is None."""

    __slots__ = ()

    config_schema: "Field | None"

    def configured(
        self,
        config_or_config_fn: Any,
        name: str | None = None,
        config_schema: Any = None,
        description: str | None = None,
    ) -> Self:
        """The same definition with config given: a value, or a function from new config to the old.

        Args:
            config_or_config_fn: config, or a function that makes it from the config that a run gives.
            name: a new name, for definitions that have one.
            config_schema: schema of the function's argument; without it the function takes anything.
            description: a new description.

        Raises:
            InvalidDefinitionError: a schema was given without a function.
        """
        subject = f"`{name or getattr(self, 'name', None) or type(self).__name__}`"
        field = open_door("configured_field")(self.config_schema, config_or_config_fn, config_schema, subject)
        return self.copy_configured(name, description, field)

    def copy_configured(self, name: str | None, description: str | None, config_schema: "Field") -> Self:
        """A copy with another schema; what each kind of definition supplies."""
        raise NotImplementedError


def required_name(subject: str, name: str | None, kind: str) -> str:
    """The name of a configured op or graph; it stands beside the plain one, so it needs its own.

    Raises:
        InvalidDefinitionError: none was given, or it is no name.
    """
    if name is None:
        raise InvalidDefinitionError(
            f"configured {subject}: it needs a name of its own.", hint='give `name="..."`'
        )
    return check_name(name, kind)
