"""From what a command line names (a module, file, package, attribute) to `Code`."""

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NoReturn

from msgspec.structs import replace

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, TreadleError, did_you_mean
from treadle.core.problem import Problem
from treadle.define.code import Code, CodeOrigin
from treadle.define.definitions import Definitions, LazyDefinitions
from treadle.define.graphs.graph_definition import GraphDefinition
from treadle.define.job_definition import JobDefinition
from treadle.define.loading import definitions_of
from treadle.define.misspelt import hint_for_name
from treadle.define.module_contents import contents_of, modules_of_package
from treadle.define.repository import RepositoryDefinition
from treadle.define.rest_of_modules import is_of_library, mistakes_of_import, module_places
from treadle.define.validation.errors import ErrorOfProblems
from treadle.define.where import is_own_file


class LoadError(ErrorOfProblems):
    """User code that could not be imported. `user_traceback` is its own traceback, cut to the user's frames;
    `problems` has every mistake, where there are several.
    """

    default_code = "load-failed"
    counted = "mistakes in what is imported"
    problems: tuple[Problem, ...] = ()
    user_traceback: str = ""


def load_code(
    target: str | Path | CodeOrigin | None = None,
    *,
    module_name: str | None = None,
    file: str | Path | None = None,
    package_name: str | None = None,
    attribute: str | None = None,
    working_directory: str | Path | None = None,
    strict: bool = False,
) -> Code:
    """Import user code and resolve what it defines.

    Args:
        target: a module name, a path, or an origin; in place of the named arguments.
        module_name: a module to import.
        file: a Python file to run as a module.
        package_name: a package, read whole unless it has a `Definitions`.
        attribute: the `Definitions` in it, a job or graph, or a function that returns one of them; found by itself
            where not given.
        working_directory: put first on the import path; the current directory where not given.
        strict: refuse what is a warning otherwise, too.

    Raises:
        LoadError: the import failed.
        DefinitionsError: with everything that is wrong with the definitions.
        InvariantViolationError: several `Definitions`, or none of the name given.
    """
    definitions = load_definitions(
        target,
        module_name=module_name,
        file=file,
        package_name=package_name,
        attribute=attribute,
        working_directory=working_directory,
    )
    if strict and not definitions.strict:
        definitions = definitions.with_origin(definitions.origin, strict=True)
    return definitions.resolve()


def load_definitions(
    target: str | Path | CodeOrigin | None = None,
    *,
    module_name: str | None = None,
    file: str | Path | None = None,
    package_name: str | None = None,
    attribute: str | None = None,
    working_directory: str | Path | None = None,
) -> Definitions:
    """As `load_code`, without resolving: `problems()` of the result tells what is wrong."""
    origin = _origin(target, module_name, file, package_name, attribute, working_directory)
    module = import_module(origin)
    found, name = _definitions_in(module, origin)
    return found.with_origin(replace(origin, attribute=origin.attribute or name))


def _origin(
    target: str | Path | CodeOrigin | None,
    module_name: str | None,
    file: str | Path | None,
    package_name: str | None,
    attribute: str | None,
    working_directory: str | Path | None,
) -> CodeOrigin:
    if isinstance(target, CodeOrigin):
        return target
    if target is not None:
        text = str(target)
        if isinstance(target, Path) or text.endswith(".py") or os.sep in text:
            path = Path(text)
            if path.is_dir():
                working_directory = working_directory or path.resolve().parent
                package_name = path.resolve().name
            else:
                file = path
        else:
            module_name = text
    given = [name for name in (module_name, file, package_name) if name is not None]
    if len(given) != 1:
        raise InvalidDefinitionError(
            "name one module, file or package to load.",
            code="invalid-argument",
            hint="give one of -m, -f, --package-name",
        )
    return CodeOrigin(
        module_name=module_name,
        file=None if file is None else str(Path(file).resolve()),
        package_name=package_name,
        attribute=attribute,
        working_directory=str(Path(working_directory or Path.cwd()).resolve()),
    )


def import_module(origin: CodeOrigin) -> ModuleType:
    """Import what an origin names.

    Raises:
        LoadError: with the traceback of the user's own code.
    """
    if origin.working_directory and origin.working_directory not in sys.path:
        sys.path.insert(0, origin.working_directory)
    name = origin.module_name or origin.package_name
    with _mistakes_told(origin):
        return _import_file(origin.file) if origin.file is not None else importlib.import_module(str(name))


@contextmanager
def _mistakes_told(origin: CodeOrigin | None = None) -> Iterator[None]:
    """Around an import of user code: raises as `import_module` does. Without an origin: around a function of the user's,
    whose own exceptions stay as they are, unless modules that it imports have several mistakes.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except (
        BaseException
    ) as error:  # also SystemExit: a script that ends itself must not look like definitions
        mistakes = mistakes_of_import(error)
        if len(mistakes) > 1:
            raise _error_of_all(mistakes) from error
        if origin is None:
            raise
        if not isinstance(error, TreadleError):
            raise _load_error(origin, error) from error
        error.where = error.where or _place_in_user_code(error)
        raise


def _import_file(path: str) -> ModuleType:
    name = Path(path).stem
    if not Path(path).is_file():
        raise LoadError(
            f"there is no file {path}", hint="check the path, or the working directory", user_traceback=""
        )
    folder = str(Path(path).parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == path:
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadError(f"{path} is no Python file", user_traceback="")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if known is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = known
        raise
    return module


def _error_of_all(mistakes: Sequence[BaseException]) -> LoadError:
    problems: list[Problem] = []
    told: set[tuple[str | None, str]] = set()
    for error in mistakes:
        where = _place_in_user_code(error)
        if (where, str(error)) in told:  # of a function that several places call
            where = _place_of_module(error) or where
        told.add((where, str(error)))
        if isinstance(error, ErrorOfProblems) and error.problems:
            problems += (problem.with_place(where) for problem in error.problems)
        elif isinstance(error, TreadleError):
            problems.append(Problem.of(error, where))
        else:
            hint = hint_for_name(error) if isinstance(error, AttributeError | TypeError) else None
            problems.append(Problem("load-failed", _what(error), where=where, suggestion=hint))
    return LoadError.of(problems)


def _what(error: BaseException) -> str:
    """An exception in a line; of a pydantic model, what is wrong with which field."""
    if (
        type(error).__name__ == "ValidationError"
        and isinstance(error, ValueError)
        and hasattr(error, "errors")
    ):
        fields = "; ".join(f"`{'.'.join(map(str, each['loc']))}`: {each['msg']}" for each in error.errors())
        return f"{getattr(error, 'title', 'model')}: {fields}"
    return f"{type(error).__name__}: {error}"


def _load_error(origin: CodeOrigin, error: BaseException) -> LoadError:
    what = origin.file or origin.module_name or origin.package_name
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    lines = traceback.format_list(frames) + traceback.format_exception_only(error)
    text = ("Traceback (most recent call last):\n" if frames else "") + "".join(lines)
    hint = None
    if isinstance(error, ModuleNotFoundError) and error.name == what:
        hint = f"looked in {origin.working_directory}; is it the folder that holds `{what}`?"
    elif isinstance(error, AttributeError | TypeError):
        hint = hint_for_name(error)
    return LoadError(
        f"{what} could not be imported: {_what(error)}",
        where=_place_in_user_code(error),
        hint=hint,
        user_traceback=text,
    )


_LOADABLE: Final = (Definitions, LazyDefinitions, RepositoryDefinition)
NAMEABLE: Final = (*_LOADABLE, JobDefinition, GraphDefinition)
"""What an attribute that is named may be."""


def _is_users(filename: str) -> bool:
    return (
        not is_own_file(filename)
        and not filename.startswith("<frozen ")
        and f"{os.sep}importlib{os.sep}" not in filename
    )


def _place_in_user_code(error: BaseException) -> str | None:
    """The last line of the user's own code, rather than of a library that it called."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    own = [frame for frame in frames if not is_of_library(frame.filename)] or frames
    return f"{own[-1].filename}:{own[-1].lineno}" if own else None


def _place_of_module(error: BaseException) -> str | None:
    """The line of the module that was being imported, whatever it called."""
    places = module_places(error)
    return f"{places[-1].frame.f_code.co_filename}:{places[-1].line}" if places else None


def _definitions_in(module: ModuleType, origin: CodeOrigin) -> tuple[Definitions, str | None]:
    """The one `Definitions` of a module under whatever name; else all that it defines."""
    if origin.attribute is not None:
        return _definitions_at(module, origin.attribute), origin.attribute
    named = {name: value for name, value in vars(module).items() if isinstance(value, _LOADABLE)}
    different = {id(value): name for name, value in named.items()}
    if len(different) > 1:
        names = ", ".join(_with_place(named[name], name) for name in sorted(different.values()))
        raise InvariantViolationError(
            f"{module.__name__} has several Definitions: {names}.",
            code="mixed-definitions",
            hint="name the one to load, or join them with `Definitions.merge`",
        )
    if named:
        name, value = next(iter(named.items()))
        return _loaded(value), name
    with _mistakes_told(origin):
        inner = _definitions_module(module)
        modules = [*modules_of_package(module)] if inner is None and hasattr(module, "__path__") else [module]
    if inner is not None:
        return _definitions_in(inner, replace(origin, attribute=None))[0], None
    return definitions_of(contents_of(modules)), None


def _with_place(value: Any, name: str) -> str:
    where = getattr(value, "where", None)
    return f"`{name}` ({where})" if where else f"`{name}`"


def _definitions_module(package: ModuleType) -> ModuleType | None:
    """`package.definitions`, where a package keeps its `Definitions` there."""
    if not hasattr(package, "__path__"):
        return None
    name = f"{package.__name__}.definitions"
    if importlib.util.find_spec(name) is None:
        return None
    module = importlib.import_module(name)
    has_any = any(isinstance(value, _LOADABLE) for value in vars(module).values())
    return module if has_any else None


def _definitions_at(module: ModuleType, attribute: str) -> Definitions:
    if not hasattr(module, attribute):
        names = [name for name, value in vars(module).items() if isinstance(value, _LOADABLE)]
        raise InvariantViolationError(
            f"{module.__name__} has no `{attribute}`.", code="not-found", hint=did_you_mean(attribute, names)
        )
    return _loaded(getattr(module, attribute))


def _loaded(value: Any) -> Definitions:
    if isinstance(value, LazyDefinitions):
        with _mistakes_told():
            return value.load()
    if isinstance(value, RepositoryDefinition):
        return value.definitions
    if callable(value) and not isinstance(value, NAMEABLE):
        with _mistakes_told():
            value = value()
        return _loaded(value) if isinstance(value, NAMEABLE) else _not_loadable(value)
    if isinstance(value, GraphDefinition):
        value = value.to_job()
    if isinstance(value, JobDefinition):
        return Definitions(jobs=[value])
    return value if isinstance(value, Definitions) else _not_loadable(value)


def _not_loadable(value: Any) -> NoReturn:
    raise InvariantViolationError(
        f"expected Definitions, a job or a function that returns them, got {type(value).__name__}.",
        code="load-failed",
    )
