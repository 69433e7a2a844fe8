"""Where generated objects are kept between starts: one JSON file an object, its name says what it was made from."""

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any, Final, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from treadle.core.errors import TreadleError
from treadle.define.where import code_of
from treadle.run.io_managers.atomic import atomic_write

_FORMAT: Final = 1
_NO_PART_OF_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_Model = TypeVar("_Model", bound=BaseModel)


class CacheEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one generator in a load."""

    factory: str
    generator: str
    path: Path
    was_made: bool
    """False where the object was read from the cache."""
    seconds: float


class GeneratorCache:
    """Objects that generators made, in a folder.

    A damaged, foreign or outdated file counts as not there. A folder that can not be written keeps nothing, and nothing fails.

    Args:
        folder: made on the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[CacheEntry] = []

    def path_of(self, factory: str, generator: str, key: str) -> Path:
        """The file of an object; other keys of the same generator stand beside it."""
        return self.folder / _file_name(factory) / f"{_file_name(generator)}-{key[:32]}.json"

    def read(self, path: Path, kind: type[_Model]) -> _Model | None:
        """The object in a file, or None where there is none that can be used."""
        try:
            stored = json.loads(path.read_bytes())
            if stored["format"] != _FORMAT:
                return None
            return kind.model_validate(stored["value"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError):
            return None

    def write(self, path: Path, value: BaseModel) -> None:
        """Keep an object in place of earlier ones of the same generator."""
        text = json.dumps({"format": _FORMAT, "value": value.model_dump(mode="json")})
        with contextlib.suppress(OSError, TreadleError):
            with atomic_write(str(path)) as file:
                file.write(text.encode())
            for other in self._others(path):
                other.unlink(missing_ok=True)

    def _others(self, path: Path) -> Iterator[Path]:
        beginning = path.stem.rpartition("-")[0]
        for other in path.parent.glob("*.json"):
            if other != path and other.stem.rpartition("-")[0] == beginning:
                yield other

    def note(self, factory: str, generator: str, path: Path, was_made: bool, started: float) -> None:
        """Remember what became of a generator."""
        self.entries.append(
            CacheEntry(
                factory=factory,
                generator=generator,
                path=path,
                was_made=was_made,
                seconds=time.perf_counter() - started,
            )
        )


def cache_key(*, generator: Any, kind: type[BaseModel], factory: str, name: str, metadata: Any) -> str:
    """SHA-256, in hex, of all that an object is made from: the generator's code, the object's schema, extra metadata.

    Where the code stands in its file does not count.
    """
    digest = hashlib.sha256()
    code = code_of(generator)
    parts = (
        str(_FORMAT),
        factory,
        name,
        "" if code is None else _code_text(code),
        json.dumps(kind.model_json_schema(), sort_keys=True),
        json.dumps(_plain(metadata), sort_keys=True, default=str),
    )
    for part in parts:
        digest.update(part.encode() + b"\x00")
    return digest.hexdigest()


def _code_text(code: CodeType) -> str:
    """What a function does, without where it stands."""
    constants = [
        _code_text(each) if isinstance(each, CodeType) else _constant(each) for each in code.co_consts
    ]
    return repr((code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, constants))


def _constant(value: Any) -> str:
    # The order of a frozenset differs between processes.
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


def _plain(metadata: Any) -> Any:
    if isinstance(metadata, BaseModel):
        return metadata.model_dump(mode="json")
    if isinstance(metadata, Mapping):
        return {str(key): _plain(value) for key, value in metadata.items()}
    return metadata


def _file_name(name: str) -> str:
    """A name as part of a path, never outside of its folder."""
    plain = _NO_PART_OF_NAMES.sub("_", name).lstrip(".") or "_"
    if plain == name and len(name) <= 100:
        return plain
    return f"{plain[:80]}_{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"
