"""The project that a folder belongs to: its root, and the package of its definitions."""

import importlib
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import attrs

from treadle.core.errors import ConfigurationError, did_you_mean

_FILES: Final = ("dg.toml", "pyproject.toml")
_KEYS: Final = frozenset(
    {
        "root_module",
        "defs_module",
        "code_location_name",
        "code_location_target_module",
        "registry_modules",
        "autoload_defs",
        "python_environment",
        "agent_queue",
        "image",
        "build",
        "container_context",
    }
)


@attrs.frozen
class Project:
    """A project, as its `pyproject.toml` or `dg.toml` tells."""

    root: Path
    root_module: str
    defs_module: str
    code_location_name: str
    registry_modules: tuple[str, ...] = ()

    def import_defs_module(self) -> ModuleType:
        """The package of the definitions; the project's folder is put on the import path where it is not installed.

        Raises:
            ConfigurationError: there is no such package.
        """
        self.make_importable()
        try:
            return importlib.import_module(self.defs_module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{self.defs_module}.".startswith(f"{error.name}."):
                raise
            raise ConfigurationError(
                f"there is no package `{self.defs_module}` for the definitions of {self.root}.",
                code="load-failed",
                where=str(self.root),
                hint=f"make the folder {self.defs_module.replace('.', '/')}, or name another: "
                "[tool.dg.project] defs_module",
            ) from error

    def make_importable(self) -> None:
        """Put the project's sources on the import path."""
        for folder in (self.root / "src", self.root):
            if (folder / self.root_module.partition(".")[0]).exists() and str(folder) not in sys.path:
                sys.path.insert(0, str(folder))
                return


def find_project(path: Path) -> Project:
    """The project that a path lies in.

    Args:
        path: a folder or file in it; the nearest `dg.toml` or `pyproject.toml` upwards is the project's.

    Raises:
        ConfigurationError: there is none, or it names no package.
    """
    start = path.resolve()
    for folder in (start, *start.parents):
        for name in _FILES:
            file = folder / name
            if file.is_file() and (found := _read(file, start)) is not None:
                return found
    raise ConfigurationError(
        f"{path} lies in no project: there is no pyproject.toml or dg.toml in it or above it.",
        code="load-failed",
        hint="make a project with `treadle project scaffold --name NAME`",
    )


def _read(file: Path, start: Path) -> Project | None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"`{file}` is not valid TOML: {error}", code="config-file-unreadable", where=str(file)
        ) from error
    tool = _table(content, "tool")
    settings = _table(content if file.name == "dg.toml" else _table(tool, "dg"), "project")
    for key in settings:
        if key not in _KEYS and (hint := did_you_mean(key, _KEYS)) is not None:
            raise ConfigurationError(
                f"`{key}` is not a setting of [tool.dg.project].",
                code="unknown-setting",
                where=str(file),
                hint=hint,
            )
    root_module = settings.get("root_module") or _root_module(file.parent, tool, start)
    if root_module is None:
        if "project" not in content and not tool.get("dg"):
            return None  # a workspace's or tool's own file
        raise ConfigurationError(
            f"{file} does not say which package holds the definitions.",
            code="load-failed",
            where=str(file),
            hint='add [tool.dg.project] with root_module = "your_package"',
        )
    return Project(
        root=file.parent,
        root_module=root_module,
        defs_module=settings.get("defs_module") or f"{root_module}.defs",
        code_location_name=settings.get("code_location_name") or file.parent.name,
        registry_modules=tuple(settings.get("registry_modules") or ()),
    )


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tables.get(name)
    return found if isinstance(found, Mapping) else {}


def _root_module(root: Path, tool: Mapping[str, Any], start: Path) -> str | None:
    """The package where no setting names it: that of another tool's table, the one a path lies in, or the only one."""
    ours = _table(tool, "treadle").get("code_locations") or [{}]
    first_location = ours[0] if isinstance(ours, list) and isinstance(ours[0], Mapping) else {}
    for named in (_table(tool, "dagster").get("module_name"), first_location.get("module_name")):
        if isinstance(named, str):
            return named.partition(".")[0]
    for base in (root / "src", root):
        if start != base and start.is_relative_to(base):
            first = start.relative_to(base).parts[0]
            if (base / first).is_dir() and first.isidentifier() and first != "src":
                return first
        packages = [path.parent.name for path in base.glob("*/defs") if path.is_dir()]
        if len(packages) == 1:
            return packages[0]
    return None
