"""What a `dagster.yaml` says, for code that asks an instance about it. Treadle's own settings are in `treadle.toml`."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from treadle.core.errors import did_you_mean
from treadle.define.config.text_files import read_text_file
from treadle.store.deployment_values import DeploymentConfigError, base_folder

DEPLOYMENT_FILE: Final = "dagster.yaml"

_KEYS: Final = frozenset(
    {
        "auto_materialize",
        "backfills",
        "code_servers",
        "compute_logs",
        "concurrency",
        "custom_instance_class",
        "defs_state_storage",
        "event_log_storage",
        "freshness",
        "instance_class",
        "local_artifact_storage",
        "nux",
        "python_logs",
        "retention",
        "run_coordinator",
        "run_launcher",
        "run_monitoring",
        "run_queue",
        "run_retries",
        "run_storage",
        "schedule_storage",
        "scheduler",
        "schedules",
        "secrets",
        "sensors",
        "storage",
        "telemetry",
    }
)


def checked_settings(given: Mapping[str, Any] | None, source: str) -> Mapping[str, Any]:
    """Settings of a deployment, by name.

    Raises:
        DeploymentConfigError: a name that there is not (`unknown-setting`).
    """
    settings = dict(given or {})
    for key in settings:
        if key not in _KEYS:
            raise DeploymentConfigError(
                f"`{key}` is not a setting of a deployment.",
                code="unknown-setting",
                where=source,
                hint=did_you_mean(str(key), _KEYS) or "Settings: " + ", ".join(sorted(_KEYS)),
            )
    return settings


def read_deployment_file(file: Path) -> Mapping[str, Any]:
    """The settings of a file; none where it is not there.

    Raises:
        DeploymentConfigError: it is not YAML (`config-file-unreadable`), is no mapping, or has an unknown name.
    """
    if not file.is_file():
        return {}
    text = read_text_file(file)
    # PyYAML is imported by those who have such a file only.
    yaml_text = importlib.import_module("treadle.define.config.yaml_text")
    try:
        found = yaml_text.read_yaml(text, str(file))
    except yaml_text.YamlError as error:
        raise _unreadable(file, error.message) from error
    if found is not None and not isinstance(found, Mapping):
        raise _unreadable(file, "it holds no settings by name")
    return checked_settings(found, str(file))


def _unreadable(file: Path, why: str) -> DeploymentConfigError:
    return DeploymentConfigError(
        f"`{file}` can not be read: {why}", code="config-file-unreadable", where=str(file)
    )


class DeploymentSettings:
    """What `Instance` answers about a deployment's settings. `deployment_values` has those that decide something here."""

    _deployment: Mapping[str, Any] | Path = MappingProxyType({})
    """The settings, or the file that has them; it is read when it is first asked for."""

    def get_settings(self, settings_key: str) -> Any:
        """The settings of that name; empty where there are none.

        Args:
            settings_key: e.g. `run_retries`.
        """
        if isinstance(self._deployment, Path):
            self._deployment = read_deployment_file(self._deployment)
        found = self._deployment.get(settings_key)
        return {} if found is None else found

    def _setting(self, group: str, name: str, otherwise: Any) -> Any:
        found = self.get_settings(group)
        return found.get(name, otherwise) if isinstance(found, Mapping) else otherwise

    def artifact_folder(self) -> Path | None:
        """Where the settings put the folder `storage`; None where they do not say."""
        return self._base_folder("local_artifact_storage", "LocalArtifactStorage")

    def printed_folder(self) -> Path | None:
        """Where the settings want what steps print; None where they do not say."""
        return self._base_folder("compute_logs", "LocalComputeLogManager")

    def _base_folder(self, group: str, class_name: str) -> Path | None:
        return base_folder({group: self.get_settings(group)}, group, class_name, DEPLOYMENT_FILE)

    @property
    def run_retries_enabled(self) -> bool:
        """Whether failed runs are to be tried again."""
        return bool(self._setting("run_retries", "enabled", False))

    @property
    def run_retries_max_retries(self) -> int:
        """How often a failed run is tried again, unless its tag `dagster/max_retries` says otherwise."""
        return int(self._setting("run_retries", "max_retries", 0))

    @property
    def run_retries_retry_on_asset_or_op_failure(self) -> bool:
        """Whether that holds for runs of which a step failed, not only for runs whose process was lost."""
        return bool(self._setting("run_retries", "retry_on_asset_or_op_failure", True))

    @property
    def run_monitoring_enabled(self) -> bool:
        """Whether a monitor is asked for in the settings. Treadle looks after the processes of runs in any case."""
        return bool(self._setting("run_monitoring", "enabled", False))

    @property
    def telemetry_enabled(self) -> bool:
        """False: Treadle tells nobody how it is used, whatever the settings say."""
        return False

    @property
    def python_log_level(self) -> str | None:
        """The least level of log lines that the settings ask for."""
        found = self._setting("python_logs", "python_log_level", None)
        return None if found is None else str(found)

    @property
    def managed_python_loggers(self) -> list[str]:
        """Loggers whose lines the settings want in the logs of runs."""
        return list(self._setting("python_logs", "managed_python_loggers", ()))

    @property
    def python_log_handlers(self) -> Mapping[str, Any]:
        """Formatters, filters and handlers that the settings want for what runs log."""
        found = self._setting("python_logs", "dagster_handler_config", None)
        return found if isinstance(found, Mapping) else {}
