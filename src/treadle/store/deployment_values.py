"""What of a `dagster.yaml` decides something here: where the store is, the limit of pools, and where files are put."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from treadle.core.errors import ConfigurationError, InvalidConfigError


class DeploymentConfigError(ConfigurationError, InvalidConfigError):
    """A `dagster.yaml`, or settings given in its place, that can not be meant."""


STORE_FILE: Final = "treadle.db"


def acted_on(
    settings: Mapping[str, Any], source: str, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Treadle's own settings that a deployment's settings decide: `store_url` and `default_pool_limit`.

    Args:
        settings: of a `dagster.yaml`, by name.
        source: the file, for errors.
        environ: where variables that it names are looked up; by default the process's.

    Raises:
        ConfigurationError: a value that can not be meant, or a variable that is not set (`invalid-setting`).
    """
    values: dict[str, Any] = {}
    if url := _store_url(_group(settings, "storage"), source, environ):
        values["store_url"] = url
    concurrency = _group(settings, "concurrency")
    limit = _group(concurrency, "pools").get("default_limit", concurrency.get("default_op_concurrency_limit"))
    if limit is not None:
        values["default_pool_limit"] = _whole_number(
            "concurrency.pools.default_limit", limit, source, environ
        )
    return values


def base_folder(settings: Mapping[str, Any], name: str, class_name: str, source: str) -> Path | None:
    """The `base_dir` of a group that names a class; None where it names another class, or no folder.

    Args:
        name: `compute_logs` or `local_artifact_storage`.
        class_name: the class whose `base_dir` has a meaning here.
    """
    group = _group(settings, name)
    if group.get("class") != class_name:
        return None
    folder = _text(f"{name}.config.base_dir", _group(group, "config").get("base_dir"), source)
    return Path(folder).expanduser().absolute() if folder else None


def _group(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = settings.get(name)
    return found if isinstance(found, Mapping) else {}


def _store_url(storage: Mapping[str, Any], source: str, environ: Mapping[str, str] | None) -> str | None:
    if "sqlite" in storage:
        folder = _text("storage.sqlite.base_dir", _group(storage, "sqlite").get("base_dir"), source, environ)
        return f"sqlite:///{Path(folder).expanduser().absolute() / STORE_FILE}" if folder else None
    if "postgres" not in storage:
        return None
    postgres = _group(storage, "postgres")
    url = _text("storage.postgres.postgres_url", postgres.get("postgres_url"), source, environ)
    if url is not None:
        return url
    parts = _group(postgres, "postgres_db")
    told = {
        name: _text(f"storage.postgres.postgres_db.{name}", parts.get(name), source, environ)
        for name in ("username", "password", "hostname", "db_name", "port")
    }
    for name in ("username", "password", "hostname", "db_name"):
        if told[name] is None:
            raise _refuse(f"storage.postgres.postgres_db.{name}", "is missing", source)
    user, password, database = (
        quote(told[name] or "", safe="") for name in ("username", "password", "db_name")
    )
    query = f"?{urlencode(parts['params'])}" if isinstance(parts.get("params"), Mapping) else ""
    return f"postgresql://{user}:{password}@{told['hostname']}:{told['port'] or 5432}/{database}{query}"


def _text(name: str, value: Any, source: str, environ: Mapping[str, str] | None = None) -> str | None:
    """A text; `{"env": "NAME"}` is read from the environment."""
    if isinstance(value, Mapping) and set(value) == {"env"}:
        variable = str(value["env"])
        environ = os.environ if environ is None else environ
        if variable not in environ:
            raise _refuse(name, f"is the variable {variable}, which is not set", source)
        return environ[variable]
    if isinstance(value, Mapping | list | tuple | bool):
        raise _refuse(name, f"must be a text, not {type(value).__name__}", source)
    return None if value is None else str(value)


def _whole_number(name: str, value: Any, source: str, environ: Mapping[str, str] | None) -> int:
    text = _text(name, value, source, environ)
    if text is None or not text.isdecimal():
        raise _refuse(name, f"must be a whole number, not {value!r}", source)
    return int(text)


def _refuse(name: str, why: str, source: str) -> DeploymentConfigError:
    return DeploymentConfigError(f"Setting `{name}` {why}.", code="invalid-setting", where=source)
