"""`dagster._serdes`: classes that `dagster.yaml` names by module, class and configuration."""

import abc
import importlib
from typing import Any, NamedTuple, Self


class ConfigurableClassData(NamedTuple):
    """Where a class of the instance's configuration is, and its configuration as YAML."""

    module_name: str
    class_name: str
    config_yaml: str

    @property
    def config_dict(self) -> dict[str, Any]:
        """The configuration."""
        yaml = importlib.import_module("yaml")
        config: dict[str, Any] = yaml.safe_load(self.config_yaml) or {}
        return config

    def rehydrate(self, as_type: type[Any] | None = None) -> Any:
        """An object of that class."""
        cls = getattr(importlib.import_module(self.module_name), self.class_name)
        return cls.from_config_value(self, self.config_dict)


class ConfigurableClass(abc.ABC):
    """A base for classes that `dagster.yaml` can name."""

    @property
    @abc.abstractmethod
    def inst_data(self) -> ConfigurableClassData | None:
        """Where the object came from."""

    @classmethod
    @abc.abstractmethod
    def config_type(cls) -> Any:
        """The schema of its configuration."""

    @classmethod
    @abc.abstractmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """An object for a configuration."""


def whitelist_for_serdes(cls: Any = None, **_: Any) -> Any:
    """A mark that a class may be stored; nothing to do here."""
    return (lambda decorated: decorated) if cls is None else cls
