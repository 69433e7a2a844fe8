"""From the `type` that a YAML file names to its class."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from treadle.components.component import Component
from treadle.components.resolution.errors import ResolutionError
from treadle.core.errors import did_you_mean
from treadle.define.module_contents import modules_of_package

_PEER: Final = ("dagster", "dagster.components")


def component_class(type_name: str, where: str | None = None) -> type[Component]:
    """The component class of a dotted name.

    Args:
        type_name: `package.module.Class`; `dagster.…` means Treadle's own.
        where: the place of the name, for errors.

    Raises:
        ResolutionError: no such module or class, or it is no component; says what was probably meant.
    """
    module_name, _, name = type_name.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in type_name.split(".")):
        raise _unknown(
            f"`{type_name}` is no component type: it is written `package.module.Class`",
            where,
            _own_types(type_name),
        )
    module = _module("treadle.components" if module_name in _PEER else module_name, type_name, where)
    found = getattr(module, name, None)
    if found is None and module_name in _PEER:
        found = getattr(importlib.import_module("treadle"), name, None)
    if found is None:
        raise _unknown(
            f"`{module_name}` has no component `{name}`", where, did_you_mean(name, _component_names(module))
        )
    if not (isinstance(found, type) and issubclass(found, Component)):
        raise _unknown(f"`{type_name}` is no subclass of Component", where, None)
    if inspect.isabstract(found):
        missing = ", ".join(f"`{each}`" for each in sorted(found.__abstractmethods__))
        raise _unknown(f"`{type_name}` is not finished: it lacks {missing}", where, None)
    return found


def _module(module_name: str, type_name: str, where: str | None) -> Any:
    parts = module_name.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            parent = importlib.import_module(".".join(parts[: depth - 1])) if depth > 1 else None
            known = [] if parent is None else [each.name for each in pkgutil.iter_modules(parent.__path__)]
            raise _unknown(
                f"there is no module `{name}` for the type `{type_name}`",
                where,
                did_you_mean(parts[depth - 1], known)
                or f"is the package that holds it installed, or named right? {Path.cwd()} is the working directory",
            ) from error
        if depth < len(parts) and not hasattr(module, "__path__"):
            raise _unknown(
                f"`{name}` is a module, not a package, so it holds no `{parts[depth]}`", where, None
            )
    return module


def _component_names(module: Any) -> list[str]:
    return [
        name
        for name in dir(module)
        if isinstance(getattr(module, name, None), type) and issubclass(getattr(module, name), Component)
    ]


def _own_types(name: str) -> str | None:
    own = _component_names(importlib.import_module("treadle.components"))
    return f"did you mean `dagster.{name}`?" if name in own else None


def _unknown(message: str, where: str | None, hint: str | None) -> ResolutionError:
    return ResolutionError.one(message, code="unknown-component-type", where=where, hint=hint)


def registered_types(modules: Iterable[str]) -> list[tuple[str, type[Component]]]:
    """The component types of modules, and Treadle's own, by their dotted names.

    Args:
        modules: names; `package.components.*` means the package and all modules in it. What does not exist is left out.
    """
    own = importlib.import_module("treadle.components")
    found = {
        f"treadle.{name}": getattr(own, name)
        for name in _component_names(own)
        if not inspect.isabstract(getattr(own, name))
    }
    for pattern in modules:
        name = pattern.removesuffix(".*")
        if not _exists(name):
            continue
        module = importlib.import_module(name)
        for each in modules_of_package(module) if pattern.endswith(".*") else [module]:
            for inner in _component_names(each):
                cls = getattr(each, inner)
                if not inspect.isabstract(cls) and not cls.__module__.startswith("treadle."):
                    found.setdefault(f"{cls.__module__}.{cls.__qualname__}", cls)
    return sorted(found.items())


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
