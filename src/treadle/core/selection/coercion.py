"""Which assets and checks a user meant: names, keys, or definitions, told apart by what they offer."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.errors import InvalidInvocationError
from treadle.core.keys import AssetCheckKey, AssetKey, keys_of_definition


def key_of(name: Any) -> AssetKey:
    """The key that a name, a sequence of parts or a key means; slashes in a name part it."""
    if isinstance(name, AssetKey):
        return name
    if isinstance(name, str):
        return AssetKey.from_user_string(name)
    if isinstance(name, Sequence) and name and all(isinstance(part, str) for part in name):
        return AssetKey(list(name))
    raise InvalidInvocationError(
        f"{_shown(name)} does not name an asset", hint="give a name, an AssetKey, or the parts of one"
    )


def keys_of(named: Any) -> tuple[AssetKey, ...]:
    """The keys of an asset that was named or passed itself; a definition may have several.

    Raises:
        InvalidInvocationError: it is neither a name nor an asset.
    """
    if isinstance(named, AssetKey | str):
        return (key_of(named),)
    if not isinstance(named, Mapping | AssetCheckKey):
        found = keys_of_definition(named)
        if found is not None:
            return (
                tuple(sorted(found))
                if isinstance(getattr(named, "keys", None), AbstractSet)
                else tuple(found)
            )
    if callable(named) and hasattr(named, "__name__"):
        raise InvalidInvocationError(
            f"`{named.__name__}` is a plain function, not an asset", hint="decorate it with `@asset`"
        )
    return (key_of(named),)


def check_keys_of(named: Any) -> tuple[AssetCheckKey, ...]:
    """The keys of a check that was given by its key, its spec, or the definition that has it."""
    if isinstance(named, AssetCheckKey):
        return (named,)
    several = getattr(named, "check_keys", None)
    if several is not None and not callable(several):
        return tuple(sorted(several))
    one = getattr(named, "key", None)
    if isinstance(one, AssetCheckKey):
        return (one,)
    raise InvalidInvocationError(
        f"{_shown(named)} is not a check", hint="give an `@asset_check` function or an AssetCheckKey"
    )


def unique(keys: Iterable[Any]) -> tuple[Any, ...]:
    """Without repeats, in the order of first sight."""
    return tuple(dict.fromkeys(keys))


def _shown(thing: Any) -> str:
    text = repr(thing)
    return text if len(text) <= 60 else f"{text[:57]}..."
