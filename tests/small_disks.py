"""A fixture for tests of disks that are full or can not be written: file systems of a few megabytes in memory."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest


@attrs.frozen
class SmallDisk:
    """A disk of its own, mounted at a folder."""

    folder: Path

    def fill(self) -> Path:
        """Leave no room at all; the file that takes it is given back."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                return ballast

    def freeze(self) -> None:
        """Let nobody write there any more."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)


MakeDisk = Callable[[int], SmallDisk]


@pytest.fixture
def make_disk(tmp_path: Path) -> Iterator[MakeDisk]:
    """Makes a disk of so many megabytes, where this user may mount one; else the test is skipped."""
    made: list[SmallDisk] = []

    def make(megabytes: int) -> SmallDisk:
        folder = tmp_path / f"disk{len(made)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        if (
            shutil.which("mount") is None
            or os.geteuid() != 0
            or subprocess.run(command, capture_output=True).returncode
        ):
            pytest.skip("only who may mount can have a disk of its own")
        made.append(SmallDisk(folder))
        return made[-1]

    yield make
    for disk in made:
        is_let_go = subprocess.run(["umount", str(disk.folder)], capture_output=True).returncode == 0
        if not is_let_go:
            subprocess.run(["umount", "-l", str(disk.folder)], check=True)
        assert is_let_go, "a file on the disk is still open"
