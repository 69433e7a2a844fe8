"""Settings of a project: where its home and store are, its code locations, pools and retention.

Read from `treadle.toml`, or the `[tool.treadle]` table of `pyproject.toml`; `workspace.yaml`, `[tool.dagster]` and
`[tool.dg]` are read where they map. Each effective setting remembers its source. Reading never changes a file.
"""

import math
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from treadle.core.errors import ConfigurationError, InvariantViolationError, did_you_mean
from treadle.store.deployment_settings import DEPLOYMENT_FILE, read_deployment_file
from treadle.store.deployment_values import STORE_FILE, acted_on
from treadle.store.dotenv_file import DOTENV_FILE, environment_with_dotenv
from treadle.store.sqlite import Durability

_PROJECT_FILES = ("treadle.toml", "pyproject.toml")


class RelativeHomeError(ConfigurationError, InvariantViolationError):
    """The home depends on the folder from which a process is started."""


@attrs.frozen
class Setting:
    """One effective setting, for people: its name, value and where it comes from."""

    name: str
    value: Any
    source: str


@attrs.frozen(kw_only=True)
class CodeLocationSetting:
    """Where a code location's definitions are."""

    name: str | None = None
    module_name: str | None = None
    python_file: str | None = None
    package_name: str | None = None
    attribute: str | None = None
    working_directory: str | None = None
    executable_path: str | None = None


@attrs.frozen(kw_only=True)
class Settings:
    """All settings of a project, checked.

    Args:
        home: the folder that holds the store, stored values and captured logs.
        store_url: `sqlite:///…`, `postgresql://…` or `memory:`.
        durability: `process` survives the death of any process; `power` also a power cut (SQLite).
        retention_days: how long step, engine and log events are kept; None keeps them for ever.
        pools: pool name -> how many steps may hold it at once.
        default_pool_limit: the limit of pools that are not named; None means no limit.
        max_concurrent: processes side by side in one run; None means as many as cores.
        compat: whether `import dagster` resolves to Treadle in processes that the command line starts.
    """

    project_root: Path
    home: Path
    store_url: str
    durability: Durability = "process"
    retention_days: float | None = 30.0
    pools: Mapping[str, int] = attrs.field(factory=dict)
    default_pool_limit: int | None = None
    max_concurrent: int | None = None
    compat: bool = True
    code_locations: tuple[CodeLocationSetting, ...] = ()
    sources: Mapping[str, str] = attrs.field(factory=dict)

    def effective(self) -> Iterator[Setting]:
        """Every setting with its value and source, in order of name; passwords in URLs are hidden."""
        values = attrs.asdict(self, recurse=False)
        for name in sorted(values):
            if name in ("sources", "project_root"):
                continue
            value = values[name]
            if name == "store_url":
                value = hide_password(value)
            if name == "code_locations":
                value = [
                    {key: found for key, found in attrs.asdict(location).items() if found is not None}
                    for location in value
                ]
            yield Setting(
                name, str(value) if isinstance(value, Path) else value, self.sources.get(name, "default")
            )


def load_settings(start: Path, environ: Mapping[str, str]) -> Settings:
    """The settings that hold for a process started in `start`.

    Args:
        start: the folder to look from; the nearest folder upwards with a project file is the project.
        environ: the environment; `TREADLE_HOME`, `TREADLE_STORE_URL` and `DAGSTER_HOME` count, also where they stand
            in the project's `.env` alone. A `dagster.yaml` in the home says where the store is, and the limit of
            pools, where nothing else does.

    Raises:
        ConfigurationError: a file that does not parse, an unknown key, or a value of the wrong type
            (codes `config-file-unreadable`, `unknown-setting`, `invalid-setting`).
    """
    root, table, source = _find_table(start.resolve())
    values, sources = _read_table(table, source)
    variables = _Variables(root, environ)
    home, home_source = _home(root, values.pop("home", None), source, variables)
    sources["home"] = home_source
    if url := variables.get("TREADLE_STORE_URL"):
        values["store_url"], sources["store_url"] = url, variables.source("TREADLE_STORE_URL")
    file = deployment_file(home, home_source)
    for name, value in acted_on(
        read_deployment_file(file), str(file), {**os.environ, **variables.all}
    ).items():
        if values.get(name) is None:
            values[name], sources[name] = value, str(file)
    values.setdefault("store_url", f"sqlite:///{home / STORE_FILE}")
    return Settings(project_root=root, home=home, sources=sources, **values)


class _Variables:
    """The environment of a project: that of the process, and what its `.env` adds."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        self._in_file = environment_with_dotenv(root, environ)
        self.all = {**self._in_file, **environ}

    def get(self, name: str) -> str | None:
        return self.all.get(name)

    def source(self, name: str) -> str:
        return f"{self._root / DOTENV_FILE if name in self._in_file else 'environment'} {name}"

    def start_of_paths(self, name: str) -> Path:
        """Where a relative path in a variable starts: a file means its own folder, whoever reads it from where."""
        return self._root if name in self._in_file else Path.cwd()


def deployment_file(home: Path, source: str) -> Path:
    """Where a `dagster.yaml` of this home would be: in it, or in DAGSTER_HOME where the home is its subfolder."""
    return (home.parent if source.endswith("DAGSTER_HOME") else home) / DEPLOYMENT_FILE


def hide_password(url: str) -> str:
    """A URL with its password, if any, replaced by `***`."""
    scheme, mark, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not at or ":" not in credentials:
        return url
    return f"{scheme}{mark}{credentials.partition(':')[0]}:***@{place}"


def _find_table(start: Path) -> tuple[Path, Mapping[str, Any], str]:
    """The project's folder, its settings table and the table's name; the start folder where there is no project."""
    for folder in (start, *start.parents):
        for file_name in _PROJECT_FILES:
            path = folder / file_name
            if path.is_file():
                content = _parse(path)
                if file_name == "treadle.toml":
                    return folder, content, str(path)
                tool = _table_in(content, "tool")
                table = tool.get("treadle", {})
                if not isinstance(table, dict):
                    raise _refuse("tool.treadle", table, str(path), "a table")
                table = dict(table)
                if "code_locations" not in table and (location := _peer_location(tool, folder)):
                    table["code_locations"] = [location]
                return folder, table, f"{path} [tool.treadle]"
    return start, {}, "default"


def _table_in(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of another tool; empty where there is none, or something else: that is for the other tool to say."""
    found = tables.get(name)
    return found if isinstance(found, Mapping) else {}


def _peer_location(tool: Mapping[str, Any], root: Path) -> dict[str, Any] | None:
    """A code location from `[tool.dagster]` or `[tool.dg]`, where they name one."""
    dagster = _table_in(tool, "dagster")
    if module := dagster.get("module_name"):
        return {
            "module_name": module,
            "name": dagster.get("code_location_name"),
            "working_directory": _sources(root, module),
        }
    project = _table_in(_table_in(tool, "dg"), "project")
    if root_module := project.get("root_module"):
        module = project.get("code_location_target_module") or f"{root_module}.definitions"
        return {
            "module_name": module,
            "name": project.get("code_location_name"),
            "working_directory": _sources(root, root_module),
        }
    return None


def _sources(root: Path, module: str) -> str | None:
    """`src` where a project keeps its package there."""
    return "src" if (root / "src" / module.partition(".")[0]).exists() else None


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"`{path}` is not valid TOML: {error}", code="config-file-unreadable", where=str(path)
        ) from error


def _home(root: Path, given: str | None, source: str, variables: _Variables) -> tuple[Path, str]:
    if home := variables.get("TREADLE_HOME"):
        start = variables.start_of_paths("TREADLE_HOME")
        return (start / Path(home).expanduser()).resolve(), variables.source("TREADLE_HOME")
    if given is not None:
        return (root / Path(given).expanduser()).resolve(), source
    if home := variables.get("DAGSTER_HOME"):
        source = variables.source("DAGSTER_HOME")
        if not Path(home).expanduser().is_absolute():
            raise RelativeHomeError(
                f"DAGSTER_HOME is {home!r}, which is not an absolute path: each folder would have a store of its own.",
                where=source,
                hint="write the whole path",
            )
        return Path(home).expanduser().resolve() / "treadle", source
    return root / ".treadle", "default"


_LOCATION_KEYS = frozenset(field.name for field in attrs.fields(CodeLocationSetting))


def _read_table(table: Mapping[str, Any], source: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The table's values, checked, and where each comes from."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _CHECKS:
            raise ConfigurationError(
                f"`{key}` is not a setting.",
                code="unknown-setting",
                where=source,
                hint="in `treadle.toml` settings stand at the top, without a `[tool.treadle]`"
                if key == "tool"
                else did_you_mean(key, _CHECKS) or "Settings: " + ", ".join(sorted(_CHECKS)),
            )
        values[key] = _CHECKS[key](key, value, source)
    return values, dict.fromkeys(values, source)


def _refuse(key: str, value: Any, source: str, wanted: str) -> ConfigurationError:
    return ConfigurationError(
        f"Setting `{key}` must be {wanted}, not {value!r}.", code="invalid-setting", where=source
    )


_MOST = 2**31 - 1


def _text(key: str, value: Any, source: str) -> str:
    if not isinstance(value, str) or not value:
        raise _refuse(key, value, source, "a text")
    if "\0" in value:
        raise _refuse(key, value, source, "a text without NUL")
    return value


def _flag(key: str, value: Any, source: str) -> bool:
    if not isinstance(value, bool):
        raise _refuse(key, value, source, "true or false")
    return value


def _count(key: str, value: Any, source: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _refuse(key, value, source, "a whole number of at least 1")
    if value > _MOST:
        raise _refuse(key, value, source, f"at most {_MOST}")
    return value


def _days(key: str, value: Any, source: str) -> float | None:
    if value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise _refuse(key, value, source, "a number of days above 0, or false to keep everything")
    return float(value)


def _durability(key: str, value: Any, source: str) -> str:
    if value not in ("process", "power"):
        raise _refuse(key, value, source, '"process" or "power"')
    return str(value)


def _pools(key: str, value: Any, source: str) -> dict[str, int]:
    if not isinstance(value, dict):
        raise _refuse(key, value, source, "a table of pool names and limits")
    return {name: _count(f"{key}.{name}", limit, source) for name, limit in value.items()}


def _locations(key: str, value: Any, source: str) -> tuple[CodeLocationSetting, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _refuse(key, value, source, "a list of tables")
    found = []
    for item in value:
        for name in item:
            if name not in _LOCATION_KEYS:
                raise ConfigurationError(
                    f"`{name}` is not a setting of a code location.",
                    code="unknown-setting",
                    where=source,
                    hint=did_you_mean(name, _LOCATION_KEYS),
                )
        found.append(
            CodeLocationSetting(**{name: given for name, given in item.items() if given is not None})
        )
    return tuple(found)


_CHECKS: dict[str, Any] = {
    "home": _text,
    "store_url": _text,
    "durability": _durability,
    "retention_days": _days,
    "pools": _pools,
    "default_pool_limit": _count,
    "max_concurrent": _count,
    "compat": _flag,
    "code_locations": _locations,
}


def process_settings() -> Settings:
    """The settings of this process: from its working directory, its environment and the project's `.env`."""
    return load_settings(Path.cwd(), os.environ)
