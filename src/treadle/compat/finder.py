"""The import finder: `dagster…` names to modules of ours."""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from treadle.compat.names import LEFT_ALONE, MODULES
from treadle.compat.private import PrivateModule, is_private

_DOCS = "docs/compatibility.md"


class AliasFinder(MetaPathFinder):
    """Finds every `dagster` and `dagster_*` module, ours or an error that says which is missing."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for the peer's names; None for all others, so that Python looks on."""
        top = fullname.partition(".")[0]
        if (top.startswith("dagster_") or top == "dagster") and top not in LEFT_ALONE:
            return ModuleSpec(fullname, AliasLoader(fullname), is_package=is_private(fullname))
        return None


class AliasLoader(Loader):
    """Puts our module in the place of the name that was asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """An empty module, which `exec_module` replaces; a private one stays."""
        return PrivateModule(self._name) if is_private(self._name) else None

    def exec_module(self, module: ModuleType) -> None:
        """Replace the new module by ours.

        Raises:
            ModuleNotFoundError: there is none of ours for this name yet.
        """
        if is_private(self._name):
            return
        ours = MODULES.get(self._name)
        if ours is None:
            raise ModuleNotFoundError(
                f"Treadle has no module for `{self._name}` yet; {_DOCS} lists those that it has: "
                + ", ".join(sorted(MODULES)),
                name=self._name,
            )
        sys.modules[self._name] = importlib.import_module(ours)


_finder = AliasFinder()


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
    real = sys.modules.get("dagster")
    if real is not None and real.__name__ != "treadle":
        raise ImportError(
            "The real `dagster` is already imported in this process; call `treadle.compat.install()` before that.",
            name="dagster",
        )
    if PathFinder.find_spec("dagster") is not None:
        sys.stderr.write("treadle: `dagster` is installed too; in this process the name means Treadle.\n")
    sys.meta_path.insert(0, _finder)


def is_installed() -> bool:
    """Whether the peer's names resolve to Treadle in this process."""
    return _finder in sys.meta_path


def uninstall() -> None:
    """Undo `install`, also for names that were imported since."""
    if is_installed():
        sys.meta_path.remove(_finder)
    for name in [name for name in sys.modules if name.partition(".")[0] in MODULES or name in MODULES]:
        module = sys.modules[name]
        if isinstance(module, PrivateModule) or module.__name__.partition(".")[0] == "treadle":
            del sys.modules[name]
