"""The part of the schema language for one of a few texts."""

from collections.abc import Sequence
from typing import Any

from treadle.core.errors import InvalidConfigDefinitionError, did_you_mean
from treadle.define.config.environment import EnvVar
from treadle.define.config.problems import ConfigErrorReason, ConfigProblems, Path
from treadle.define.config.scalars import INVALID, ConfigType, read_env_vars, shown


class EnumValue:
    """One value of an `Enum`.

    Args:
        config_value: the text in config.
        python_value: what user code gets; the text itself if not given.
        description: for people.
    """

    def __init__(self, config_value: str, python_value: Any = None, description: str | None = None) -> None:
        if not isinstance(config_value, str):
            raise InvalidConfigDefinitionError(f"EnumValue: config_value must be text, got {config_value!r}")
        self.config_value = config_value
        self.python_value = config_value if python_value is None else python_value
        self.description = description


class Enum(ConfigType):
    """One of a few texts.

    Args:
        name: for people.
        enum_values: the `EnumValue`s.
    """

    def __init__(self, name: str, enum_values: Sequence[EnumValue]) -> None:
        self.name = name
        self.enum_values = list(enum_values)
        self._by_text: dict[Any, EnumValue] = {getattr(v, "config_value", None): v for v in self.enum_values}
        if None in self._by_text or len(self._by_text) != len(self.enum_values):
            raise InvalidConfigDefinitionError(f"Enum `{name}` takes `EnumValue`s, none of them twice")
        self.type_name = "one of " + ", ".join(self._by_text)

    @property
    def config_values(self) -> list[str]:
        """The texts."""
        return list(self._by_text)

    @classmethod
    def from_python_enum(cls, enum: Any, name: str | None = None) -> "Enum":
        """An Enum of the members' names; user code gets the members."""
        return cls(name or enum.__name__, [EnumValue(member.name, member) for member in enum])

    @classmethod
    def from_python_enum_direct_values(cls, enum: Any, name: str | None = None) -> "Enum":
        """An Enum of the members' names; user code gets the members' values."""
        return cls(name or enum.__name__, [EnumValue(member.name, member.value) for member in enum])

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if isinstance(value, EnvVar):
            value = read_env_vars(value, path, problems)
            if value is INVALID:
                return INVALID
        found = self._by_text.get(value) if isinstance(value, str) else None
        if found is not None:
            return found.python_value
        hint = did_you_mean(value, self._by_text) if isinstance(value, str) else None
        problems.report(
            path,
            ConfigErrorReason.RUNTIME_TYPE_MISMATCH,
            f"expected {self.type_name}, got {shown(value, path)}" + (f"; {hint}" if hint else ""),
        )
        return INVALID
