"""Modules of the standard library that few programs need: `late.difflib` is imported when it is first asked for.

They are the ones that take milliseconds to load and serve messages, digests and chance; a file of assets is
imported without them. Write `from treadle.core import late`.
"""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import calendar as calendar
    import difflib as difflib
    import hashlib as hashlib
    import pickle as pickle
    import random as random

_MODULES: Final = frozenset({"calendar", "difflib", "hashlib", "pickle", "random"})


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"`{__name__}` has no module `{name}`", name=name, obj=None)
    module = globals()[name] = importlib.import_module(name)
    return module
