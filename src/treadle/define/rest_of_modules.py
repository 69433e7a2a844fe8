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
from contextlib import contextmanager, suppress
from types import FrameType, ModuleType, TracebackType
from typing import Any, Final

import attrs

from treadle.core.errors import TreadleError
from treadle.define.misspelt import hint_for_name
from treadle.define.where import is_own_file

_MOST: Final = 100
"""Mistakes after which nobody reads on."""
_OWN_PACKAGE: Final = __name__.partition(".")[0]
_LIBRARIES: Final = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")})
_FUTURE_FLAGS: Final = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_WORD: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r"`(\w+)`")


def mistakes_of_import(error: BaseException) -> list[BaseException]:
    """The error of an import, and those that the rest of its modules raises; not those that only follow from others.

    Args:
        error: as the import raised it, with its traceback.
    """
    places = module_places(error)
    if not places:
        return [error]
    rest = _Rest()
    with _same_modules():
        rest.take_up(error, places)
    return rest.found


def is_of_library(filename: str) -> bool:
    """Whether a file belongs to Python or to an installed package."""
    return filename.startswith((*_LIBRARIES, "<"))


@attrs.frozen
class ModulePlace:
    """How far a module of the user's came that was being imported."""

    frame: FrameType
    line: int
    column: int | None

    @classmethod
    def of(cls, traceback: TracebackType) -> "ModulePlace":
        """Where a frame of a traceback stands."""
        code, instruction = traceback.tb_frame.f_code, traceback.tb_lasti // 2
        positions = [*code.co_positions()]
        column = positions[instruction][2] if instruction < len(positions) else None
        return cls(traceback.tb_frame, traceback.tb_lineno, column)

    def statements(self) -> tuple[ast.stmt, list[ast.stmt]] | None:
        """The statement that failed, and those after it; None where the file does not have them."""
        filename = self.frame.f_code.co_filename
        if self.frame.f_globals.get("__file__") != filename:
            return None
        linecache.checkcache(filename)
        with suppress(SyntaxError, ValueError):
            body = ast.parse("".join(linecache.getlines(filename))).body
            for index, statement in enumerate(body):
                if self._is_in(statement):
                    return statement, body[index + 1 :]
        return None

    def _is_in(self, statement: ast.stmt) -> bool:
        decorators = getattr(statement, "decorator_list", None)
        first = decorators[0].lineno if decorators else statement.lineno
        last, last_column = statement.end_lineno or first, statement.end_col_offset
        if not first <= self.line <= last:
            return False
        return self.line < last or self.column is None or last_column is None or self.column < last_column


def module_places(error: BaseException) -> list[ModulePlace]:
    """The user's modules that were being imported when an exception came up, the outermost first."""
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if (
            code.co_name == "<module>"
            and not is_of_library(code.co_filename)
            and not is_own_file(code.co_filename)
        ):
            found.append(ModulePlace.of(traceback))
        traceback = traceback.tb_next
    return found


class _Rest:
    """What was found so far, and what is missing because of it."""

    def __init__(self) -> None:
        self.found: list[BaseException] = []
        self._missing: set[str] = set()
        """Names that failed statements would have given."""
        self._taken_up: set[str] = set()
        """Files of modules whose rest was run: no module is taken up twice, so the search ends."""

    def take_up(self, error: BaseException, places: list[ModulePlace]) -> bool:
        """Keep a mistake, and run what follows it in each module through which it came up, the innermost first.

        Returns:
            Whether what imports the outermost of these modules may go on.
        """
        if not self._goes_on_after(error):
            return False
        for depth, place in enumerate(reversed(places)):
            filename = place.frame.f_code.co_filename
            statements = place.statements()
            if filename in self._taken_up or statements is None:
                return False
            self._taken_up.add(filename)
            failed, after = statements
            again = self._again(error, failed) if depth == 0 else self._anew(failed)
            if not self._run([*again, *after], place.frame):
                return False
        return True

    def _goes_on_after(self, error: BaseException) -> bool:
        if self._follows(error):
            return True
        is_of_definition = _is_of_definition(error)
        # Any other exception after the first may come of what is missing by then.
        if is_of_definition or not self.found or isinstance(error, NameError | ModuleNotFoundError):
            self.found.append(error)
        return is_of_definition and len(self.found) < _MOST

    def _run(self, statements: list[ast.stmt], frame: FrameType) -> bool:
        """Run the rest of a module; False where something stopped it."""
        _put_back(frame)
        waiting = statements[::-1]
        while waiting:
            statement = waiting.pop()
            try:
                _execute(statement, frame)
            except SystemExit:
                return False
            except Exception as error:  # noqa: BLE001 - a module may raise anything
                inner = module_places(error)[1:]
                if not inner:
                    if not self._goes_on_after(error):
                        return False
                    waiting += self._again(error, statement)
                elif self.take_up(error, inner):
                    waiting += self._anew(statement)
                else:
                    return False
        return True

    def _again(self, error: BaseException, failed: ast.stmt) -> list[ast.stmt]:
        """What of a statement that failed can be run nevertheless: an import, without the name that is not there."""
        if isinstance(failed, ast.ImportFrom) and isinstance(error, ImportError):
            words = set(_WORD.findall(str(error)))
            names = [alias for alias in failed.names if alias.name not in words & self._missing]
            if names and len(names) < len(failed.names):
                self._missing.update(_names_given(failed))
                kept = ast.ImportFrom(failed.module, names, failed.level)
                self._missing.difference_update(_names_given(kept))
                return [ast.copy_location(kept, failed)]
        self._missing.update(_names_given(failed))
        return []

    def _anew(self, statement: ast.stmt) -> list[ast.stmt]:
        """A statement whose import had failed, now that the module is there; nothing that does more than import."""
        if _only_imports(statement):
            return [statement]
        self._missing.update(_names_given(statement))
        return []

    def _follows(self, error: BaseException) -> bool:
        """Whether an error says only that a name is not there that a failed statement would have given."""
        if isinstance(error, NameError | AttributeError) and error.name is not None:
            return error.name in self._missing
        words = _QUOTED if isinstance(error, TreadleError) else _WORD
        return not self._missing.isdisjoint(words.findall(str(error)))


def _is_of_definition(error: BaseException) -> bool:
    """Whether a definition is wrong, rather than what it needs at hand (a file, a variable, a package)."""
    if isinstance(error, TreadleError):
        return True
    if isinstance(error, AttributeError):
        return type(error.obj).__module__.partition(".")[0] == _OWN_PACKAGE or _is_raised_here(error)
    if isinstance(error, TypeError):
        return hint_for_name(error) is not None
    return type(error).__name__ == "ValidationError" and type(error).__module__.startswith("pydantic_core.")


def _is_raised_here(error: AttributeError) -> bool:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and is_own_file(traceback.tb_frame.f_code.co_filename)


def _execute(statement: ast.stmt, frame: FrameType) -> None:
    code = frame.f_code
    flags = code.co_flags & _FUTURE_FLAGS
    compiled = compile(ast.Module([statement], []), code.co_filename, "exec", flags=flags, dont_inherit=True)
    exec(compiled, frame.f_globals)


def _only_imports(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.If():
            inner = [*statement.body, *statement.orelse]
        case ast.Try():
            handled = [each for handler in statement.handlers for each in handler.body]
            inner = [*statement.body, *handled, *statement.orelse, *statement.finalbody]
        case _:
            return False
    return all(_only_imports(each) for each in inner)


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


_OF_IMPORT: Final = ("__spec__", "__loader__", "__package__", "__path__", "__file__", "__doc__")


class _Unfinished(ModuleType):
    """A module whose import failed. Its names are those that its functions see: the module itself died with the import,
    and a new one can not be given the old names.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        ModuleType.__setattr__(self, "_Unfinished__names", names)
        super().__init__(names["__name__"])
        for name in _OF_IMPORT:
            if name in names:
                ModuleType.__setattr__(self, name, names[name])

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        names: dict[str, Any] = ModuleType.__getattribute__(self, "_Unfinished__names")
        return names

    def __getattr__(self, name: str) -> Any:
        names = self.__dict__
        if name in names:
            return names[name]
        if "__getattr__" in names:
            return names["__getattr__"](name)
        raise AttributeError(f"module {names['__name__']!r} has no attribute {name!r}", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        del self.__dict__[name]


def _put_back(frame: FrameType) -> None:
    """Put a module whose import failed where those find it that import it."""
    module = _Unfinished(frame.f_globals)
    name = module.__name__
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)


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
                parent, _, child = name.rpartition(".")
                if parent in before and vars(before[parent]).get(child) is module:
                    delattr(before[parent], child)
