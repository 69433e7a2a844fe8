"""RunConfig: the config of a run as an object, with config and resource objects in it."""

from collections.abc import Mapping
from typing import Any

from treadle.core.errors import wrong_type
from treadle.define.config.markers import ConfigClassMark


class RunConfig:
    """The config of a run.

    Args:
        ops: asset or op name to a `Config` object, or to what run config has for it (`{"config": …}`).
        resources: resource key to a resource object whose fields are the config, or to `{"config": …}`.
        loggers: logger name to its config.
        execution: config of the executor.

    Example:
        >>> RunConfig(ops={"orders": {"config": {"limit": 5}}}).to_config_dict()["ops"]
        {'orders': {'config': {'limit': 5}}}
    """

    def __init__(
        self,
        ops: Mapping[str, Any] | None = None,
        resources: Mapping[str, Any] | None = None,
        loggers: Mapping[str, Any] | None = None,
        execution: Mapping[str, Any] | None = None,
    ) -> None:
        self.ops = _named(ops, "ops")
        self.resources = _named(resources, "resources")
        self.loggers = _named(loggers, "loggers")
        self.execution = execution

    def to_config_dict(self) -> dict[str, Any]:
        """The same as plain dicts, as YAML would have it."""
        return {
            "loggers": self.loggers,
            "resources": {name: _plain(value) for name, value in self.resources.items()},
            "ops": {name: _plain(value) for name, value in self.ops.items()},
            "execution": dict(self.execution or {}),
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunConfig) and self.to_config_dict() == other.to_config_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"RunConfig(ops={self.ops!r}, resources={self.resources!r})"


def _named(values: Mapping[str, Any] | None, argument: str) -> dict[str, Any]:
    if values is not None and not isinstance(values, Mapping):
        raise wrong_type(argument, "a dict of name to config", values, "RunConfig")
    return dict(values or {})


def _plain(value: Any) -> Any:
    if isinstance(value, ConfigClassMark):
        return {"config": value.to_config_value()}
    if isinstance(value, Mapping) and isinstance(value.get("ops"), Mapping):
        return {**value, "ops": {name: _plain(inner) for name, inner in value["ops"].items()}}
    return value


def run_config_dict(run_config: Any) -> dict[str, Any]:
    """Run config as plain dicts, from a `RunConfig`, a dict, or None."""
    if run_config is None:
        return {}
    if isinstance(run_config, RunConfig):
        return run_config.to_config_dict()
    if not isinstance(run_config, Mapping):
        raise wrong_type("run_config", "a RunConfig or a dict", run_config)
    plain = dict(run_config)
    for section in ("ops", "resources"):
        if isinstance(plain.get(section), Mapping):
            plain[section] = {name: _plain(value) for name, value in plain[section].items()}
    return plain


def with_defaults(given: Any, default: Any) -> dict[str, Any]:
    """Run config, completed with a job's own: op by op, resource by resource; what is given wins.

    Args:
        given: a RunConfig, a dict, or None.
        default: the same.
    """
    own, plain = run_config_dict(default), run_config_dict(given)
    found = {**own, **{name: section for name, section in plain.items() if section or name not in own}}
    for section in ("resources", "loggers", "inputs"):
        if isinstance(own.get(section), Mapping) and isinstance(plain.get(section), Mapping):
            found[section] = {**own[section], **plain[section]}
    if isinstance(own.get("ops"), Mapping) and isinstance(plain.get("ops"), Mapping):
        found["ops"] = _merged_ops(plain["ops"], own["ops"])
    return found


def _merged_ops(given: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    found = {**default, **given}
    for name, entry in given.items():
        own = default.get(name)
        if isinstance(own, Mapping) and isinstance(entry, Mapping):
            found[name] = {**own, **entry}
            if isinstance(own.get("ops"), Mapping) and isinstance(entry.get("ops"), Mapping):
                found[name]["ops"] = _merged_ops(entry["ops"], own["ops"])
    return found
