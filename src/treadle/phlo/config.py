"""Settings of a project by attribute, from the environment and the `.env` beside it."""

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from treadle.core.errors import did_you_mean
from treadle.store.dotenv_file import environment_with_dotenv
from treadle.store.settings import process_settings

_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}


class Config:
    """Environment variables as attributes, each read as what it looks like.

    `true`, `false`, `1` and `0` are bools (and as numbers 1 and 0), other whole numbers ints, all else text. Digits with a
    leading zero stay text.

    Args:
        variables: by name.

    Example:
        >>> config = Config({"BATCH_SIZE": "500", "USE_CACHE": "true", "API_BASE_URL": "https://example.org"})
        >>> config.BATCH_SIZE, config.USE_CACHE, config.API_BASE_URL
        (500, True, 'https://example.org')
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)

    def __getattr__(self, name: str) -> bool | int | str:
        variables: dict[str, str] = self.__dict__.get("_variables", {})
        if name in variables:
            return _read(variables[name])
        hint = None if name.startswith("_") else did_you_mean(name, variables)
        raise AttributeError(
            f"no setting is called `{name}`: no environment variable and no line of `.env` has that name"
            + (f" ({hint})" if hint else "")
        )

    def __dir__(self) -> Iterable[str]:
        return sorted(self._variables)

    def __repr__(self) -> str:
        return f"Config({len(self._variables)} variables)"  # values may be secrets


@lru_cache(maxsize=1)
def get_config() -> Config:
    """The settings of this process, read once; `get_config.cache_clear()` reads them again.

    Example:
        >>> import os
        >>> os.environ["TREADLE_EXAMPLE_SIZE"] = "20"
        >>> get_config.cache_clear()
        >>> get_config().TREADLE_EXAMPLE_SIZE
        20
    """
    added = environment_with_dotenv(process_settings().project_root, os.environ)
    return Config({**added, **os.environ})


def _read(text: str) -> bool | int | str:
    flag = _FLAGS.get(text.strip().lower())
    if flag is not None:
        return flag
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and not (len(digits) > 1 and digits[0] == "0"):
        return int(text)
    return text
