"""Asset keys and partition keys as paths: inside the base directory, reversible, distinct for distinct keys."""

import functools
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from treadle.core.errors import InvalidDefinitionError, TreadleError

TEMPORARY_PREFIX = ".treadle-tmp-"
"""What the names of half-written files begin with; no key's name does."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,200}")

_ALWAYS_ENCODED = frozenset('%/\\:*?"<>|') | {chr(code) for code in range(32)} | {"\x7f"}
_DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)
_LONGEST_NAME = 200
"""Bytes; file systems allow 255, and an extension and a temporary suffix must still fit."""


def path_component(text: str, *, case_blind: bool = False) -> str:
    """One key as one file or folder name.

    Ordinary text stays as it is. Characters that some file system gives a meaning are percent-encoded, as are
    names that are special (`.`, `..`, ``, `CON`), text that is not in Unicode's composed form, and capital letters
    where the disk does not tell them apart. A name too long ends in a hash of the whole.

    Raises:
        InvalidDefinitionError: the text has a NUL or a lone surrogate, which no name can hold.

    Example:
        >>> path_component("2024-01-01"), path_component("../x"), path_component("a/b")
        ('2024-01-01', '..%2Fx', 'a%2Fb')
    """
    if not case_blind and _PLAIN.fullmatch(text):
        return text if text.lower() not in _DEVICE_NAMES else _encode(text[0]) + text[1:]
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidDefinitionError(f"The key {text!r} cannot be a file name.", code="invalid-partition-key")
    composed = unicodedata.is_normalized("NFC", text)
    name = "".join(
        _encode(character)
        if character in _ALWAYS_ENCODED
        or (not composed and not character.isascii())
        or (case_blind and character != character.casefold())
        else character
        for character in text
    )
    if name == "":
        return "%"
    if (
        name in (".", "..")
        or name.startswith(TEMPORARY_PREFIX)
        or name.split(".")[0].lower() in _DEVICE_NAMES
    ):
        name = _encode(name[0]) + name[1:]
    if name[-1] in ". ":
        name = name[:-1] + _encode(name[-1])
    if len(name.encode()) > _LONGEST_NAME:
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        name = f"{name.encode()[:120].decode(errors='ignore')}%~{digest}"
    return name


def key_path(parts: Iterable[str], *, case_blind: bool = False) -> Sequence[str]:
    """The parts of a key, each as a path component."""
    return [path_component(part, case_blind=case_blind) for part in parts]


@functools.cache
def is_case_blind(directory: str) -> bool:
    """Whether the disk that holds `directory`, which need not exist yet, takes `A` and `a` for the same name."""
    place = os.path.abspath(directory)
    while not os.path.exists(place) or os.path.basename(place).swapcase() == os.path.basename(place):
        above = os.path.dirname(place)
        if above == place:
            return False
        place = above
    twin = os.path.join(os.path.dirname(place), os.path.basename(place).swapcase())
    return os.path.exists(twin) and os.path.samefile(place, twin)


def check_inside(base: str, path: str) -> None:
    """Refuse a path below `base` that a symbolic link leads out of it. `base` itself may be a link.

    Raises:
        TreadleError: code `path-escapes`.
    """
    place = path
    while len(place) > len(base):
        if os.path.islink(place) and not _is_below(os.path.realpath(base), os.path.realpath(place)):
            raise TreadleError(
                f"`{place}` is a symbolic link that leads out of the storage folder `{base}`.",
                code="path-escapes",
                hint="Make the folder's target the IO manager's `base_dir`, or remove the link.",
            )
        place = os.path.dirname(place)


def _is_below(base: str, path: str) -> bool:
    return path == base or path.startswith(base.rstrip(os.sep) + os.sep)


def _encode(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
