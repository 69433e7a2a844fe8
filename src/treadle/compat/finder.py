"""The import finders: the peer's module names to modules of ours."""

import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType
from typing import Any, Final

from treadle.compat.modules import AliasModule, file_of, module_for
from treadle.compat.names import (
    DOCS,
    PACKAGE,
    PUBLIC_SUBMODULES,
    PUBLISHED,
    below_project_root,
    exists,
    integration_home,
    is_integration,
    is_private,
    private_modules,
    project_home,
)
from treadle.compat.stand_ins import COMPONENTS_STAND_IN, KNOWN_SUBMODULES, STAND_INS

SAID_VARIABLE: Final = "TREADLE_COMPAT_SAID"
"""Set once a process has told that the real package is installed too: its children need not say it again."""

STANDS_FOR: Final = "take_the_place_of(__name__)"
"""Stands in packages of ours that bear the peer's name (distribution treadle-dagster); tells them from the peer's."""


class AliasFinder(MetaPathFinder):
    """Comes first: the peer's names that Treadle has."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for the peer's names that we have; None for all others, so that Python looks on."""
        if fullname == "dagster.__main__":
            return _main_spec()
        homes = _homes(fullname)
        if homes is None or (not _is_known_module(fullname, homes) and _asked_by_from_list()):
            return None
        return ModuleSpec(fullname, AliasLoader(fullname, homes), origin=file_of(homes), is_package=True)

    def find_distributions(self, context: Any = None) -> Iterable[Any]:
        """What `importlib.metadata` is told of the peer: its name, and the release whose names we have."""
        # Slow to import, and whoever asks this has done so already.
        distributions = importlib.import_module("treadle.compat.distributions")
        found: Iterable[Any] = distributions.distributions_for(getattr(context, "name", None))
        return found


class MissingFinder(MetaPathFinder):
    """Comes last: what nobody has, said in a way that helps; and names of other projects that we answer to."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for modules of `phlo` and `oso_dagster.factories` that are not installed.

        Raises:
            ModuleNotFoundError: an import asks for a module of the peer's project that is neither here nor installed.
        """
        if below_project_root(fullname):
            return _project_spec(fullname)
        if _is_of_the_peers_project(fullname) and _asked_by_import() and not _asked_by_from_list():
            raise ModuleNotFoundError(_missing_module(fullname), name=fullname)
        return None


class AliasLoader(Loader):
    """Makes the module object; there is nothing to execute."""

    def __init__(self, name: str, homes: tuple[str, ...]) -> None:
        self._name = name
        self._homes = homes

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module that finds each name when it is used."""
        return module_for(self._name, self._homes)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: names come when they are used."""


_first, _last = AliasFinder(), MissingFinder()


def install() -> None:
    """Make the peer's module names resolve to Treadle in this process. Calling it again changes nothing.

    Says so once on standard error where the real package is installed as well: ours wins in this process.

    Raises:
        ImportError: the real package is already imported in this process.

    Example:
        >>> import treadle.compat
        >>> treadle.compat.install()
        >>> import dagster
        >>> dagster.asset is treadle.asset
        True
    """
    if is_installed():
        return
    imported = sys.modules.get("dagster")
    if imported is not None and not _is_ours(imported):
        raise ImportError(
            "The real `dagster` is already imported in this process; call `treadle.compat.install()` before that.",
            name="dagster",
        )
    if real_is_installed() and SAID_VARIABLE not in os.environ:
        os.environ[SAID_VARIABLE] = "1"
        sys.stderr.write("treadle: `dagster` is installed too; in this process the name means Treadle.\n")
    sys.meta_path.insert(0, _first)
    sys.meta_path.append(_last)


def is_installed() -> bool:
    """Whether the peer's names resolve to Treadle in this process."""
    return _first in sys.meta_path


def uninstall() -> None:
    """Undo `install`, also for names that were imported since."""
    for finder in (_first, _last):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    for name in [name for name, module in sys.modules.items() if isinstance(module, AliasModule)]:
        del sys.modules[name]


def real_is_installed() -> bool:
    """Whether the peer's own package could be imported here. A folder that is only called so does not count."""
    spec = PathFinder.find_spec("dagster")
    if spec is None or spec.origin is None:
        return False
    return not _hands_over(spec.origin)


def _homes(name: str) -> tuple[str, ...] | None:
    """The modules of ours that answer for a name of the peer's; None where we have none."""
    if name == "dagster":
        return ("treadle",)
    if is_private(name):
        return () if name in STAND_INS or name in KNOWN_SUBMODULES or name in private_modules() else None
    if is_integration(name):
        home = integration_home(name)
        top = integration_home(name.partition(".")[0])
        return None if home is None or top is None else tuple(dict.fromkeys((home, top)))
    for root, home in PUBLIC_SUBMODULES.items():
        if name == root or name.startswith(root + "."):
            inner = home + name[len(root) :]
            homes = [each for each in (inner, home) if exists(each)]
            beside = [COMPONENTS_STAND_IN] if name.startswith("dagster.components.") else []
            return tuple(dict.fromkeys((*homes, "treadle", *beside)))
    return None


def _main_spec() -> ModuleSpec | None:
    """For `python -m dagster`."""
    spec_from_file_location = importlib.import_module("importlib.util").spec_from_file_location
    spec: ModuleSpec | None = spec_from_file_location("dagster.__main__", str(PACKAGE / "__main__.py"))
    return spec


def _project_spec(name: str) -> ModuleSpec | None:
    """For names of other projects; `oso_dagster` itself is empty, for what is below it."""
    home = project_home(name)
    if home is None:
        return ModuleSpec(name, AliasLoader(name, ()), is_package=True)
    by_from_list = _asked_by_from_list()
    if exists(home) and not (by_from_list and home.rpartition(".")[2] != name.rpartition(".")[2]):
        return ModuleSpec(name, AliasLoader(name, (home,)), is_package=True)
    if _asked_by_import() and not by_from_list:
        raise ModuleNotFoundError(
            f"Treadle has no `{home}` for `{name}` yet; {DOCS} lists what is missing", name=name
        )
    return None


def _is_known_module(name: str, homes: tuple[str, ...]) -> bool:
    """Whether a name is surely that of a module: `from package import name` might mean a missing attribute."""
    if "." not in name or name in KNOWN_SUBMODULES:
        return True
    return bool(homes) and homes[0].rpartition(".")[2] == name.rpartition(".")[2]


def _is_of_the_peers_project(name: str) -> bool:
    top = name.partition(".")[0]
    return top in ("dagster", "dagster_shared", "dagstermill") or top in PUBLISHED


def _missing_module(name: str) -> str:
    top = name.partition(".")[0]
    if top in ("dagster", "dagster_shared") and name != top:
        return f"Treadle has no module `{name}` (yet); {DOCS} lists what is missing"
    return f"Treadle has no integration `{top}` yet, and it is not installed; {DOCS} lists those that it has"


def _import_frames() -> list[FrameType]:
    """The frames of the import system that called a finder, the innermost first."""
    frames = []
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back  # type: ignore[assignment]
    while frame is not None and frame.f_code.co_filename == "<frozen importlib._bootstrap>":
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


def _asked_by_import() -> bool:
    """Whether an import needs the module, and not a mere question such as `importlib.util.find_spec`."""
    return any(frame.f_code.co_name == "_find_and_load_unlocked" for frame in _import_frames())


def _asked_by_from_list() -> bool:
    """Whether `from package import name` tries the name as a module because it is no attribute."""
    return any(frame.f_code.co_name == "_handle_fromlist" for frame in _import_frames())


def _is_ours(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(module, AliasModule) or (file is not None and _hands_over(file))


def _hands_over(file: str) -> bool:
    """Whether a package's first file is one of the distribution treadle-dagster."""
    try:
        with open(file, encoding="utf-8", errors="replace") as text:
            return STANDS_FOR in text.read(1000)
    except OSError:
        return False
