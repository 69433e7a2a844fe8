"""Assets that a loaded module defines and no `Definitions` has (S1-50)."""

import sys
from collections.abc import Iterable, Iterator
from itertools import takewhile
from types import ModuleType
from typing import Final

from treadle.core.problem import Problem
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.code import Code
from treadle.define.module_contents import place_of

_OWN_PACKAGE: Final = __name__.partition(".")[0]


def not_deployed(code: Code) -> Iterator[Problem]:
    """Advice for each asset at the top of a module of the user's that these definitions leave out."""
    deployed = {id(definition) for definition in code.assets_defs.values()}
    known = set(code.catalog.assets)
    told: set[int] = set()
    for module in _modules_of(code):
        for value in list(vars(module).values()):
            if not isinstance(value, AssetsDefinition) or isinstance(value, AssetChecksDefinition):
                continue
            if id(value) in deployed or id(value) in told or known.intersection(value.keys):
                continue
            told.add(id(value))
            for key in value.ordered_keys:
                yield Problem(
                    code="not-deployed",
                    message=f"asset `{key.to_user_string()}` is defined in `{module.__name__}`, and no Definitions has it.",
                    asset_key=key,
                    where=place_of(value),
                    suggestion="add it to `Definitions(assets=[...])`, or load the module by `load_assets_from_modules`",
                    severity="info",
                )


def _modules_of(code: Code) -> Iterable[ModuleType]:
    """The modules that the definitions come from, and those loaded beside them in the package that all of them share."""
    homes = {definition.__module__ for definition in code.assets_defs.values()}
    if code.origin is not None and code.origin.module_name:
        homes.add(code.origin.module_name)
    homes = {home for home in homes if home.partition(".")[0] != _OWN_PACKAGE}
    shared = ".".join(_common([home.split(".") for home in homes]))
    for name, module in list(sys.modules.items()):
        within = bool(shared) and (name == shared or name.startswith(f"{shared}."))
        if isinstance(module, ModuleType) and (name in homes or within):
            yield module


def _common(paths: list[list[str]]) -> list[str]:
    alike = takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))
    return [parts[0] for parts in alike]
