"""Runs code blocks of tutorials as they stand there; tests/data/seeds/<source>/ has them."""

import itertools
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "seeds"
STAND_INS = Path(__file__).parent / "stand_ins"
_numbers = itertools.count()


def file_of(source: str, number: int) -> Path:
    """The file of one block."""
    (found,) = (DATA / source).glob(f"{number:02d}.*")
    return found


def text_of(source: str, number: int) -> str:
    """One block's text."""
    return file_of(source, number).read_text("utf-8")


class Blocks:
    """Runs blocks of one source one after the other in a module of their own. Its names are attributes here.

    Args:
        source: a folder of tests/data/seeds.
        names: what the blocks use and their text leaves out.
    """

    def __init__(self, source: str, **names: Any) -> None:
        module = ModuleType(f"blocks_of_{source}_{next(_numbers)}")
        sys.modules[module.__name__] = module
        self.__dict__.update(source=source, module=module)
        self.define(**names)

    def define(self, **names: Any) -> "Blocks":
        """Give the blocks names."""
        vars(self.module).update(names)
        return self

    def run(self, number: int, changed: Mapping[str, str] | None = None) -> "Blocks":
        """Run one block.

        Args:
            number: which.
            changed: pieces of its text, each standing there once, and what is run for them.
        """
        path = file_of(self.source, number)
        text = path.read_text("utf-8")
        for old, new in (changed or {}).items():
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
            text = text.replace(old, new)
        exec(compile(text, str(path), "exec"), vars(self.module))
        return self

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self.module)[name]
        except KeyError:
            raise AttributeError(name) from None


class Shell:
    """Runs blocks of shell in a folder where `dagster` is our command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        command = bin_folder / "dagster"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m treadle.cli.main "$@"\n')
        command.chmod(0o755)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("TREADLE_HOME", "DAGSTER_HOME", "TREADLE_STORE_URL")
        }
        self.environment = {
            **kept,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(folder)]),
            "COLUMNS": "200",
        }

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, text: str) -> "subprocess.CompletedProcess[str]":
        """Run it; what it printed is in `stdout`, errors too."""
        return subprocess.run(
            ["sh", "-ec", text],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )
