"""The repository as the tests of this folder see it: its tracked files, its rooms, the imports of each module."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "treadle"


@dataclass(frozen=True)
class Import:
    """One module imported at one place; `inside` is the function around it, if any."""

    file: str
    line: int
    module: str
    inside: str | None
    for_types_only: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


@cache
def source_files() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git tracks, or would track: so that a file is judged before it is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file())


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """The folder under `src/treadle` that a file lives in; '' for files at the top."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@cache
def imports_in(path: Path) -> tuple[Import, ...]:
    return tuple(imports_of_text(path.read_text("utf-8"), relative(path), _package_of(path)))


def imports_of_text(text: str, file: str, package: str) -> Iterator[Import]:
    yield from _walk(ast.parse(text), file, package, inside=None, for_types=False)


def _package_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).parent.parts)


def _walk(node: ast.AST, file: str, package: str, inside: str | None, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(file, child.lineno, alias.name, inside, for_types)
        elif isinstance(child, ast.ImportFrom):
            for module in _modules_of(child, package):
                yield Import(file, child.lineno, module, inside, for_types)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _walk(child, file, package, child.name, for_types)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            yield from _walk(child, file, package, inside, True)
        elif isinstance(
            child, ast.stmt | ast.excepthandler | ast.match_case
        ):  # no expression holds an import
            yield from _walk(child, file, package, inside, for_types)


def _modules_of(node: ast.ImportFrom, package: str) -> list[str]:
    base = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    return [f"{base}.{alias.name}" for alias in node.names]
