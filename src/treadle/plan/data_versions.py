"""Data versions: what stands for the content of an asset when its code gives none."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

NO_DATA_VERSION: Final = "INITIAL"
"""The data version of an asset that was never materialized or observed."""


def derived_data_version(code_version: str, input_versions: Mapping[str, str]) -> str:
    """The data version that follows from the code and from what it read: SHA-256, in hex.

    Args:
        code_version: declared by the asset, else the run's id.
        input_versions: asset key text to the data version read.
    """
    digest = hashlib.sha256(code_version.encode())
    for name in sorted(input_versions):
        digest.update(f"\x00{name}\x01{input_versions[name]}".encode())
    return digest.hexdigest()


def combined_data_version(versions: Iterable[tuple[str, str]]) -> str:
    """One data version for many partitions read together, given as (partition key, data version)."""
    digest = hashlib.sha256()
    for key, version in sorted(versions):
        digest.update(f"{key}\x01{version}\x00".encode())
    return digest.hexdigest()
