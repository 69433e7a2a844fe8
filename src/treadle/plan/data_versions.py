"""Data versions: what stands for the content of an asset when its code gives none."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from treadle.core.ports import MadePiece

NO_DATA_VERSION: Final = "INITIAL"
"""The data version of an asset that was never materialized or observed."""


def derived_data_version(
    code_version: str, input_versions: Mapping[str, str], config_version: str | None = None
) -> str:
    """The data version that follows from the code, its config and what it read: SHA-256, in hex.

    Args:
        code_version: declared by the asset, else the run's id.
        input_versions: asset key text to the data version read.
        config_version: see `versions_of_configs`.
    """
    digest = hashlib.sha256(code_version.encode())
    if config_version is not None:
        digest.update(f"\x02{config_version}".encode())
    for name in sorted(input_versions):
        digest.update(f"\x00{name}\x01{input_versions[name]}".encode())
    return digest.hexdigest()


def asset_computation(name: str) -> str:
    """The computation that makes assets of which this one is a part: of a graph's op, the graph; else itself."""
    return name.partition(".")[0]


def versions_of_configs(op_configs: Mapping[str, Any]) -> dict[str, str]:
    """What stands for the completed config of each computation that has any: SHA-256, in hex.

    The config of a graph's ops counts as the graph's.

    Args:
        op_configs: op -> its config, defaults filled in.

    Example:
        >>> list(versions_of_configs({"orders": {"limit": 5}, "plain": None}))
        ['orders']
    """
    parts: dict[str, dict[str, Any]] = {}
    for name, config in op_configs.items():
        if config not in (None, {}):
            parts.setdefault(asset_computation(name), {})[name] = config
    return {
        name: hashlib.sha256(json.dumps(part, sort_keys=True, default=repr).encode()).hexdigest()
        for name, part in parts.items()
    }


def version_of_pieces(pieces: Iterable[MadePiece]) -> str:
    """One data version for partitions that are read together: SHA-256, in hex, of which of them exist and their versions.

    How many events made them does not matter: neighbours of the same version count as one piece.

    Args:
        pieces: in order of slice and place, without overlap.

    Example:
        >>> one = MadePiece(slice="", lo=0, hi=2, event_id=5, data_version="a")
        >>> two = [MadePiece(slice="", lo=n, hi=n + 1, event_id=n, data_version="a") for n in (0, 1)]
        >>> version_of_pieces([one]) == version_of_pieces(two)
        True
    """
    digest = hashlib.sha256()
    current: tuple[str, int, int, str] | None = None
    for piece in pieces:
        # Events from outside of runs may carry no version: then each of them is a new one.
        version = piece.data_version if piece.data_version is not None else f"#{piece.event_id}"
        if (
            current is not None
            and current[0] == piece.slice
            and current[2] == piece.lo
            and current[3] == version
        ):
            current = (piece.slice, current[1], piece.hi, version)
            continue
        if current is not None:
            digest.update(_encoded(current))
        current = (piece.slice, piece.lo, piece.hi, version)
    if current is None:
        return NO_DATA_VERSION
    digest.update(_encoded(current))
    return digest.hexdigest()


def _encoded(run: tuple[str, int, int, str]) -> bytes:
    name, lo, hi, version = run
    return f"{name}\x01{lo}\x01{hi}\x01{version}\x00".encode()
