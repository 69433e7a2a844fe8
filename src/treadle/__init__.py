"""Treadle: declare the data you want to exist; Treadle plans, runs and remembers it.

Every public name is loaded on first use (PEP 562), so `import treadle` costs next to nothing.
"""

from treadle._loading import load
from treadle._public_names import name_table

__version__ = "0.1.0"

_TABLE = name_table()


def __getattr__(name: str) -> object:
    if name == "__all__":  # only `from treadle import *` asks, and then all are loaded
        return list(_TABLE)
    try:
        module, inner = _TABLE[name]
    except KeyError:
        raise _unknown_name(name) from None
    value = globals()[name] = getattr(load(module), inner)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_TABLE])


def _unknown_name(name: str) -> AttributeError:
    difflib = load("difflib")
    spellings: dict[str, list[str]] = {}
    for known in sorted(_TABLE):  # capitals first
        spellings.setdefault(known.casefold(), []).append(known)
    folded = difflib.get_close_matches(name.casefold(), spellings, n=1, cutoff=0.6)
    near = max(
        spellings[folded[0]] if folded else [""],
        key=lambda known: difflib.SequenceMatcher(None, known, name).ratio(),
    )
    hint = f"; did you mean `{near}`?" if near else ""
    return AttributeError(f"treadle has no public name `{name}`{hint}", name=name, obj=None)
