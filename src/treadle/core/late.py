"""Modules that a file of assets is imported without: `late.difflib` is imported when it is first asked for.

They take milliseconds to load, and serve messages, digests, chance, ids, logs, paths and the wire. Write
`from treadle.core import late`.
"""

from typing import TYPE_CHECKING, Any, Final

from treadle._loading import load

if TYPE_CHECKING:
    import calendar as calendar
    import difflib as difflib
    import hashlib as hashlib
    import logging as logging
    import pathlib as pathlib
    import pickle as pickle
    import random as random
    import uuid as uuid

    from treadle.core import wire as wire

_STANDARD: Final = ("calendar", "difflib", "hashlib", "logging", "pathlib", "pickle", "random", "uuid")
_MODULES: Final = {
    **{name: name for name in _STANDARD},
    "logging_config": "logging.config",
    "wire": "treadle.core.wire",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"`{__name__}` has no module `{name}`", name=name, obj=None)
    module = globals()[name] = load(_MODULES[name])
    return module
