"""Paths beside a source file."""

from pathlib import Path


def file_relative_path(dunderfile: str, relative_path: str) -> str:
    """The path of a file that lies beside a source file.

    Args:
        dunderfile: `__file__` of the source file.
        relative_path: from its folder.

    Example:
        >>> file_relative_path("/project/assets.py", "data/orders.csv")
        '/project/data/orders.csv'
    """
    return str(Path(dunderfile).parent / relative_path)
