"""ConfigMapping: the config of a graph or job in terms of its own, mapped to the config of the ops inside."""

from collections.abc import Callable, Mapping
from typing import Any

from treadle.core.errors import ConfigMappingFunctionError, InvalidConfigError, InvalidDefinitionError
from treadle.define.config.configured import config_class_of, configured_field
from treadle.define.config.problems import ConfigProblems, Path
from treadle.define.config.run_config import run_config_dict
from treadle.define.config.scalars import ANY, NOT_GIVEN
from treadle.define.config.schema import Field, normalize_config_schema

ConfigFn = Callable[[Any], Any]


class ConfigMapping:
    """A function from the config that a user gives to the config of the ops inside.

    Args:
        config_fn: config -> run config (`{"ops": …}`, or for a graph the dict of its ops), or a `RunConfig`.
        config_schema: schema of the function's argument; without one anything is taken.
        receive_processed_config_values: whether the function gets completed values (defaults filled in,
            variables
            read); True if not given.

    Example:
        >>> mapping = ConfigMapping(lambda n: {"load": {"config": n}}, config_schema=int)
        >>> mapping.resolve(3)
        {'load': {'config': 3}}
    """

    config_fn: ConfigFn
    receive_processed_config_values: bool | None

    def __init__(
        self,
        config_fn: ConfigFn,
        config_schema: Any = None,
        receive_processed_config_values: bool | None = None,
    ) -> None:
        if not callable(config_fn):
            raise InvalidDefinitionError(f"ConfigMapping: config_fn must be a function, got {config_fn!r}")
        self.config_fn = config_fn
        self._config_class = config_class_of(config_fn, config_schema, "a config mapping")
        schema = config_schema if config_schema is not None else self._config_class
        self._schema = normalize_config_schema(schema)
        self.receive_processed_config_values = receive_processed_config_values

    @property
    def config_schema(self) -> Field | None:
        """Schema of the function's argument."""
        return self._schema

    def resolve(
        self, given: Any = NOT_GIVEN, subject: str = "a config mapping", path: Path = ()
    ) -> dict[str, Any]:
        """The config of the ops inside.

        Args:
            given: what the user says.
            subject: whose mapping it is, for errors.
            path: where it stands in run config, for errors.

        Raises:
            InvalidConfigError: what was given does not fit; has every path.
            ConfigMappingFunctionError: the function raised.
        """
        processed = self._completed(given, path)
        takes_processed = self.receive_processed_config_values in (True, None) or given is NOT_GIVEN
        argument = processed if takes_processed else given
        try:
            mapped = self.config_fn(
                argument if self._config_class is None else self._config_class(**argument)
            )
        except InvalidConfigError:
            raise
        except Exception as error:
            raise ConfigMappingFunctionError(f"{subject} raised {type(error).__name__}") from error
        if mapped is not None and not isinstance(mapped, Mapping) and not hasattr(mapped, "to_config_dict"):
            raise InvalidConfigError(f"{subject} must return a dict, got {type(mapped).__name__}")
        return run_config_dict(mapped)

    def _completed(self, given: Any, path: Path) -> Any:
        """What is given, against the schema; nothing given is the same as `{}` where the schema has no default."""
        field = self._schema or Field(ANY, default_value={})
        problems = ConfigProblems()
        completed = (
            field.resolve_missing(path, problems)
            if given is NOT_GIVEN
            else field.resolve(given, path, problems)
        )
        if completed is NOT_GIVEN:
            completed = field.resolve({}, path, problems)
        problems.raise_any("config", given)
        return completed


class ConfiguredMapping(ConfigMapping):
    """A graph's config mapping with some of its config given.

    Args:
        inner: the graph's own mapping.
        config_or_config_fn: config, or a function that makes it from new config.
        config_schema: schema of the function's argument.
        subject: the graph, for messages.
    """

    def __init__(
        self, inner: ConfigMapping, config_or_config_fn: Any, config_schema: Any, subject: str
    ) -> None:
        super().__init__(inner.config_fn)
        self._inner = inner
        self._schema = configured_field(inner.config_schema, config_or_config_fn, config_schema, subject)

    def resolve(
        self, given: Any = NOT_GIVEN, subject: str = "a config mapping", path: Path = ()
    ) -> dict[str, Any]:
        return self._inner.resolve(self._completed(given, path), subject, path)


def config_mapping(
    config_fn: ConfigFn | None = None,
    *,
    config_schema: Any = None,
    receive_processed_config_values: bool | None = None,
) -> Any:
    """Decorator: a function from config to the config of the ops inside becomes a `ConfigMapping`.

    Args:
        config_fn: the function, where it stands without parentheses.
        config_schema: schema of its argument.
        receive_processed_config_values: whether it gets completed values; True if not given.
    """

    def decorate(function: ConfigFn) -> ConfigMapping:
        return ConfigMapping(function, config_schema, receive_processed_config_values)

    return decorate if config_fn is None else decorate(config_fn)
