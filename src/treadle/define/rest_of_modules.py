"""What else is wrong in modules whose import failed: what follows the statement that failed is run, too.

Only where a definition failed: after any other exception an author does not expect the rest of a module to run.
"""

import __future__

import ast
import linecache
import re
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any, Final

from treadle.core.errors import TreadleError
from treadle.define.misspelt import hint_for_name
from treadle.define.where import is_own_file

_MOST: Final = 100
"""Mistakes after which nobody reads on."""
_OWN_PACKAGE: Final = __name__.partition(".")[0]
_LIBRARIES: Final = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")})
_FUTURE_FLAGS: Final = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_NOT_IN_MODULE: Final = re.compile(r"cannot import name '(\w+)'")


def mistakes_of_import(error: BaseException) -> list[BaseException]:
    """The error of an import, and those that the rest of its modules raises; not those that only follow from others.

    Args:
        error: as the import raised it, with its traceback.
    """
    rest = _Rest()
    with _same_modules():
        rest.take_up(error, _module_frames(error))
    return rest.found


def is_of_library(filename: str) -> bool:
    """Whether a file belongs to Python or to an installed package."""
    return filename.startswith((*_LIBRARIES, "<"))


class _Rest:
    """What was found so far, and what is missing because of it."""

    def __init__(self) -> None:
        self.found: list[BaseException] = []
        self._missing: dict[str, set[str]] = {}
        """Names that failed statements would have given, by module."""

    def take_up(self, error: BaseException, frames: list[tuple[FrameType, int]]) -> bool:
        """Keep a mistake, and run what follows it in each module through which it came up, the innermost first.

        Returns:
            Whether what imports the outermost of these modules may go on.
        """
        if any(_is_same(error, known) for known in self.found):
            return False
        self.found.append(error)
        if not _is_of_definition(error):
            return False
        for depth, (frame, line) in enumerate(reversed(frames)):
            statements = _statements(frame.f_code.co_filename)
            failed = next((index for index, one in enumerate(statements) if _spans(one, line)), None)
            if failed is None:
                return False
            if depth == 0:
                self._miss(frame.f_globals["__name__"], statements[failed])
                failed += 1
            if not self._run(statements[failed:], frame):
                return False
        return True

    def _run(self, statements: list[ast.stmt], frame: FrameType) -> bool:
        """Run the rest of a module; False where something stopped it."""
        with _in_sys_modules(frame.f_globals):
            waiting = statements[::-1]
            while waiting:
                statement = waiting.pop()
                try:
                    _execute(statement, frame)
                except SystemExit:
                    return False
                except Exception as error:  # noqa: BLE001 - a module may raise anything
                    again = self._after(error, statement, frame.f_globals["__name__"])
                    if again is None:
                        return False
                    waiting += again
        return True

    def _after(self, error: Exception, statement: ast.stmt, module: str) -> list[ast.stmt] | None:
        """What of a statement that failed is to be run again; None where the module stops here."""
        missing = self._missing_name(error)
        if missing is not None:
            if not isinstance(statement, ast.ImportFrom) or not isinstance(error, ImportError):
                self._miss(module, statement)
                return []
            self._missing.setdefault(module, set()).add(missing)
            names = [alias for alias in statement.names if alias.name != missing]
            kept = ast.ImportFrom(statement.module, names, statement.level)
            return [ast.copy_location(kept, statement)] if names else []
        if len(self.found) >= _MOST:
            return None
        inner = _module_frames(error)[1:]
        if inner:
            return [statement] if self.take_up(error, inner) else None
        self._miss(module, statement)
        return [] if self.take_up(error, []) else None

    def _missing_name(self, error: Exception) -> str | None:
        """The name that a failed statement should have given, where an error says that it is not there."""
        module, name = None, None
        if isinstance(error, NameError):
            module, name = _innermost(error).f_globals.get("__name__"), error.name
        elif isinstance(error, ImportError) and (found := _NOT_IN_MODULE.match(str(error))):
            module, name = error.name, found[1]
        elif isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
            module, name = error.obj.__name__, error.name
        return name if name in self._missing.get(module or "", ()) else None

    def _miss(self, module: str, statement: ast.stmt) -> None:
        self._missing.setdefault(module, set()).update(_names_given(statement))


def _is_of_definition(error: BaseException) -> bool:
    """Whether a definition is wrong, rather than what it needs at hand (a file, a variable, a package)."""
    if isinstance(error, TreadleError):
        return True
    if isinstance(error, AttributeError):
        return type(error.obj).__module__.partition(".")[0] == _OWN_PACKAGE or is_own_file(
            _innermost(error).f_code.co_filename
        )
    if isinstance(error, TypeError):
        return hint_for_name(error) is not None
    return type(error).__name__ == "ValidationError" and type(error).__module__.startswith("pydantic_core.")


def _is_same(error: BaseException, other: BaseException) -> bool:
    return type(error) is type(other) and str(error) == str(other) and _place(error) == _place(other)


def _place(error: BaseException) -> tuple[str, int] | None:
    frames = _module_frames(error)
    return (frames[-1][0].f_code.co_filename, frames[-1][1]) if frames else None


def _module_frames(error: BaseException) -> list[tuple[FrameType, int]]:
    """The user's modules that were being imported, the outermost first, and the line of each."""
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if (
            code.co_name == "<module>"
            and not is_of_library(code.co_filename)
            and not is_own_file(code.co_filename)
        ):
            found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found


def _innermost(error: BaseException) -> FrameType:
    traceback = error.__traceback__
    assert traceback is not None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame


def _statements(filename: str) -> list[ast.stmt]:
    linecache.checkcache(filename)
    return ast.parse("".join(linecache.getlines(filename))).body


def _spans(statement: ast.stmt, line: int) -> bool:
    decorators = getattr(statement, "decorator_list", None)
    first = decorators[0].lineno if decorators else statement.lineno
    return first <= line <= (statement.end_lineno or first)


def _execute(statement: ast.stmt, frame: FrameType) -> None:
    code = frame.f_code
    flags = code.co_flags & _FUTURE_FLAGS
    compiled = compile(ast.Module([statement], []), code.co_filename, "exec", flags=flags, dont_inherit=True)
    exec(compiled, frame.f_globals)


def _names_given(node: ast.AST) -> Iterator[str]:
    """What a statement binds in its module."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _names_given(child)


@contextmanager
def _in_sys_modules(module_globals: dict[str, Any]) -> Iterator[None]:
    """A module whose import failed, as those find it that import it again meanwhile."""
    name = module_globals["__name__"]
    module = sys.modules.get(name)
    if module is None or vars(module) is not module_globals:
        module = sys.modules[name] = ModuleType(name)
        vars(module).update(module_globals)
    try:
        yield
    finally:
        vars(module).update(module_globals)


@contextmanager
def _same_modules() -> Iterator[None]:
    """Leaves no module behind that was imported beside a broken one."""
    before = dict(sys.modules)
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if name in before:
                sys.modules[name] = before[name]
            elif not is_of_library(getattr(module, "__file__", None) or "<built-in>"):
                del sys.modules[name]
