"""Module objects that answer to the peer's names with ours, one name at a time."""

import importlib
import sys
from opcode import opmap
from types import ModuleType
from typing import Any, Final

from treadle.compat.names import API_VERSION, DOCS, PACKAGE, PUBLIC_SUBMODULES, is_private
from treadle.compat.stand_ins import (
    ELSEWHERE,
    KNOWN_SUBMODULES,
    OF_COMPONENTS,
    OF_INTEGRATIONS,
    STAND_INS,
    WORDS,
)

_IMPORT_FROM: Final = opmap["IMPORT_FROM"]
_PUBLIC: Final = "treadle"


class AliasModule(ModuleType):
    """Stands for one module of the peer's. A name is looked up where it is first used, and kept.

    Args:
        name: the peer's.
        homes: modules of ours that may have its names, in this order.
    """

    __path__: list[str]

    def __init__(self, name: str, homes: tuple[str, ...]) -> None:
        super().__init__(name, f"Names of Treadle for code that imports `{name}`.")
        self.__path__ = []
        self._treadle_homes = homes

    def __getattr__(self, name: str) -> Any:
        """The name's meaning here.

        Raises:
            AttributeError: there is none; for `from … import …` it is an ImportError that says so.
        """
        if name == "__all__":
            return sorted({each for home in self._treadle_homes for each in _public_names_of(home)})
        if name == "__version__":
            return API_VERSION
        if name == "__file__":
            return file_of(self._treadle_homes)
        if name.startswith("__"):
            raise AttributeError(name)
        inner = f"{self.__name__}.{name}"
        if inner in PUBLIC_SUBMODULES or inner in KNOWN_SUBMODULES:
            return importlib.import_module(inner)
        try:
            value = self._look_up(name)
        except AttributeError:
            frame = sys._getframe(1)
            if frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM:
                raise ImportError(self._missing(name), name=self.__name__) from None
            raise AttributeError(self._missing(name), name=name, obj=None) from None
        self.__dict__[name] = value
        return value

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *self.__all__})

    def _look_up(self, name: str) -> Any:
        for home in self._treadle_homes:
            try:
                return getattr(importlib.import_module(home), name)
            except AttributeError:
                continue
        if name in OF_COMPONENTS and self.__name__.startswith("dagster.components."):
            module, _, ours = OF_COMPONENTS[name].partition(":")
            return getattr(importlib.import_module(module), ours)
        if name in OF_INTEGRATIONS and self.__name__.startswith(OF_INTEGRATIONS[name][0]):
            _, module, ours = OF_INTEGRATIONS[name]
            return getattr(importlib.import_module(module), ours)
        raise AttributeError(name)

    def _missing(self, name: str) -> str:
        hint = _nearest(name, dir(self))
        return f"Treadle has no `{self.__name__}.{name}` (yet); {DOCS} lists what is missing{hint}"


class PrivateModule(AliasModule):
    """Stands for a private module of the peer's: public names are found under any of them, and a few others.

    Projects import public classes from where the peer keeps them. Names that we have nowhere are not made up.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, (*_stand_ins_for(name), _PUBLIC, "treadle.components"))

    def _look_up(self, name: str) -> Any:
        if name in WORDS:
            return WORDS[name]
        if name in ELSEWHERE:
            module, _, ours = ELSEWHERE[name].partition(":")
            return getattr(importlib.import_module(module), ours)
        for home in self._treadle_homes:
            try:
                return getattr(importlib.import_module(home), name)
            except (AttributeError, ModuleNotFoundError):
                continue
        raise AttributeError(name)

    def __dir__(self) -> list[str]:
        return sorted(self.__dict__)

    def _missing(self, name: str) -> str:
        hint = _nearest(name, _public_names_of(_PUBLIC))
        return (
            f"`{self.__name__}` is private at the peer; of its names Treadle has those that are public, and "
            f"`{name}` is not one of them; see {DOCS}{hint}"
        )


def module_for(name: str, homes: tuple[str, ...]) -> AliasModule:
    """The module object for a name of the peer's."""
    return PrivateModule(name) if is_private(name) else AliasModule(name, homes)


def file_of(homes: tuple[str, ...]) -> str:
    """The file of ours that answers first for a module of the peer's."""
    parts = homes[0].split(".")[1:] if homes else []
    found = PACKAGE.joinpath(*parts)
    return str(found / "__init__.py" if found.is_dir() else found.with_suffix(".py"))


def _stand_ins_for(name: str) -> list[str]:
    """Our modules for a private one: its own, or the nearest above."""
    while name.count("."):
        if name in STAND_INS:
            return [f"treadle.compat.stand_ins.{STAND_INS[name]}"]
        name = name.rpartition(".")[0]
    return []


def _public_names_of(home: str) -> list[str]:
    try:
        module = importlib.import_module(home)
    except ModuleNotFoundError:
        return []
    listed = getattr(module, "__all__", None)
    return list(listed) if listed is not None else [name for name in dir(module) if not name.startswith("_")]


def _nearest(name: str, known: list[str]) -> str:
    difflib = importlib.import_module("difflib")  # only a wrong name needs it
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    return f"; did you mean `{near[0]}`?" if near else ""
