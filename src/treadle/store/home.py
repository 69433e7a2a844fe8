"""Where state is kept: the home folder and the store URL of a project."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from treadle.store.errors import StoreError
from treadle.store.sqlite import Durability


@attrs.frozen
class Home:
    """The home of a project, and its store.

    Args:
        folder: what Treadle writes lies here.
        store_url: of the store.
        durability: of a SQLite store.
        source: what decided the folder, for people.
    """

    folder: Path
    store_url: str
    durability: Durability
    source: str

    @property
    def storage(self) -> Path:
        """Where IO managers put outputs by default."""
        return self.folder / "storage"


def find_home(environment: Mapping[str, str], directory: Path) -> Home:
    """The home: TREADLE_HOME, else $DAGSTER_HOME/treadle, else `.treadle` beside the project's pyproject.toml.

    Args:
        environment: usually `os.environ`.
        directory: where the search for the project begins, going up.

    Example:
        >>> find_home({"TREADLE_HOME": "/srv/treadle"}, Path("/")).store_url
        'sqlite:////srv/treadle/treadle.db'
    """
    project = _project(directory)
    if environment.get("TREADLE_HOME"):
        folder, source = Path(environment["TREADLE_HOME"]).expanduser(), "TREADLE_HOME"
    elif environment.get("DAGSTER_HOME"):
        folder, source = Path(environment["DAGSTER_HOME"]).expanduser() / "treadle", "DAGSTER_HOME"
    else:
        folder, source = project / ".treadle", str(project)
    folder = folder.absolute()
    table = _store_table(project)
    url = str(table.get("url") or f"sqlite:///{folder / 'treadle.db'}")
    durability: Durability = "power" if table.get("durability") == "power" else "process"
    return Home(folder, url, durability, source)


def _project(directory: Path) -> Path:
    for folder in (directory, *directory.parents):
        if (folder / "pyproject.toml").is_file() or (folder / "treadle.toml").is_file():
            return folder
    return directory


def _store_table(project: Path) -> Mapping[str, Any]:
    for path, keys in (
        (project / "treadle.toml", ("store",)),
        (project / "pyproject.toml", ("tool", "treadle", "store")),
    ):
        if not path.is_file():
            continue
        try:
            table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"{path} does not parse: {error}", code="invalid-config") from error
        for key in keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if table:
            return table if isinstance(table, dict) else {"url": table}
    return {}
