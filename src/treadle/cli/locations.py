"""Which definitions a command is about: from its options, else the project's settings, else the folder."""

import importlib
import importlib.util
import os
import shlex
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import attrs
import click
from msgspec.structs import replace

from treadle.cli import exit_codes
from treadle.cli.failing import CommandError, fail
from treadle.cli.option_groups import with_group
from treadle.core.errors import TreadleError, did_you_mean
from treadle.core.problem import Problem
from treadle.define.code import Code, CodeOrigin
from treadle.define.config.text_files import read_text_file
from treadle.define.definitions import Definitions
from treadle.define.lint.lint import lint
from treadle.define.load_code import NAMEABLE, LoadError, import_module, load_definitions
from treadle.define.validation.errors import DefinitionsError
from treadle.store.dotenv_file import environment_with_dotenv
from treadle.store.settings import CodeLocationSetting, Settings, process_settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


@attrs.frozen(kw_only=True)
class TargetOptions:
    """What the user said of where the definitions are."""

    module_name: str | None = None
    file: str | None = None
    package_name: str | None = None
    working_directory: str | None = None
    workspace: str | None = None
    location: str | None = None
    names: tuple[str, ...] = ()
    """`-a`: an attribute of the module that is a `Definitions` or a job, else assets."""

    @property
    def says_where(self) -> bool:
        """Whether any option names a place."""
        return any((self.module_name, self.file, self.package_name, self.workspace))

    @property
    def text(self) -> str:
        """The same as text for a shell, with a space before it; nothing where nothing was said."""
        return f" {shlex.join(self.arguments())}" if self.arguments() else ""

    def arguments(self) -> list[str]:
        """The same as command-line arguments, for a process that works along."""
        given = [
            ("-m", self.module_name),
            ("-f", self.file),
            ("--package-name", self.package_name),
            ("-d", self.working_directory),
            ("-w", self.workspace),
            ("--location", self.location),
        ]
        return [part for option, value in given if value for part in (option, value)]


@attrs.frozen(kw_only=True)
class Location:
    """One place of definitions, imported; they are resolved when `code` is asked for."""

    name: str
    definitions: Definitions
    asset_names: tuple[str, ...] = ()
    """What `-a` names besides the attribute."""
    refused: DefinitionsError | None = None
    """Raised while the definitions were made: they do not load, and their problems are known."""

    def code(self, *, strict: bool = False) -> Code:
        """The definitions, resolved. Ends the command where they do not load."""
        return _or_not_loaded(lambda: self._resolved(strict))

    def problems(self, *, advice: bool = False) -> list[Problem]:
        """All that is wrong or doubtful; with `advice` also what could be better."""
        if self.refused is not None:
            found = self.refused.found or self.refused.problems
            return [problem for problem in found if advice or problem.severity != "info"]
        return _or_not_loaded(lambda: lint(self.definitions, advice))

    def end_if_refused(self) -> None:
        """End the command where the definitions could not be made."""
        if self.refused is not None:
            self.code()

    def _resolved(self, strict: bool) -> Code:
        if self.refused is not None:
            raise self.refused
        return _strict(self.definitions).resolve() if strict else self.definitions.resolve()


def target_options(command: _Command) -> _Command:
    """Adds the options that say where definitions are, passed on as `target`."""
    options = [
        click.option("-m", "--module-name", metavar="MODULE", help="A module with the definitions."),
        click.option(
            "-f", "--python-file", "file", metavar="FILE", help="A Python file with the definitions."
        ),
        click.option("--package-name", metavar="PACKAGE", help="A package with the definitions."),
        click.option(
            "-d", "--working-directory", metavar="FOLDER", help="Where imports start; by default here."
        ),
        click.option("-w", "--workspace", metavar="FILE", help="A workspace.yaml that lists code locations."),
        click.option("-l", "--location", metavar="NAME", help="One of several code locations."),
        click.option(
            "-a",
            "names",
            multiple=True,
            metavar="NAME",
            help="The Definitions or job of that name in the module, else an asset; repeatable.",
        ),
    ]
    return with_group(command, "target", TargetOptions, options)


def enter_project() -> Settings:
    """The settings of the project; the variables of its `.env` hold from here on, and the alias is switched on."""
    settings = process_settings()
    added = environment_with_dotenv(settings.project_root, os.environ)
    if added.get("TREADLE_HOME"):
        # As the file means it, from its own folder, also in processes that are started elsewhere.
        added["TREADLE_HOME"] = str(settings.home)
    os.environ.update(added)
    if settings.compat and importlib.util.find_spec("treadle.compat") is not None:
        install = getattr(importlib.import_module("treadle.compat"), "install", None)
        if install is not None:
            install()
    return settings


def find_locations(target: TargetOptions, settings: Settings) -> list[Location]:
    """Import every code location that the options, settings or folder name."""
    origins = _origins(target, settings)
    if target.location is not None:
        known = [name for name, _ in origins]
        origins = [(name, origin) for name, origin in origins if name == target.location]
        if not origins:
            fail(
                f"There is no code location `{target.location}`.",
                code="not-found",
                hint=did_you_mean(target.location, known),
            )
    return [_load(name, origin, target.names) for name, origin in origins]


def one_location(target: TargetOptions, settings: Settings) -> Location:
    """The one code location that the command acts on. Ends the command where there are several."""
    found = find_locations(target, settings)
    if len(found) > 1:
        names = ", ".join(location.name for location in found)
        fail(
            f"There are {len(found)} code locations: {names}.",
            code="no-target",
            hint="say which with --location NAME",
        )
    return found[0]


def location_of(origin: CodeOrigin) -> Location:
    """The code location that an origin tells of."""
    return _load(_name_of(origin), origin, ())


def _origins(target: TargetOptions, settings: Settings) -> list[tuple[str, CodeOrigin]]:
    given = [
        value for value in (target.module_name, target.file, target.package_name, target.workspace) if value
    ]
    if len(given) > 1:
        fail("Give one of -m, -f, --package-name and -w.")
    folder = str(Path(target.working_directory or Path.cwd()).resolve())
    if not Path(folder).is_dir():
        fail(f"There is no folder {folder}.", code="no-target")
    if target.file is not None and Path(target.file).is_dir():
        fail(
            f"{target.file} is a folder, and -f takes a file.",
            hint="for a package give --package-name PACKAGE; for a folder with a definitions.py give -d FOLDER",
        )
    if target.file is not None and not Path(target.file).is_file():
        fail(f"There is no file {target.file}.", code="no-target", hint=f"paths are relative to {Path.cwd()}")
    if target.workspace is not None:
        return workspace_origins(Path(target.workspace))
    if given:
        if target.working_directory is None:
            folder = _import_folder(Path(folder), target.module_name or target.package_name)
        origin = CodeOrigin(
            module_name=target.module_name,
            file=str(Path(target.file).resolve()) if target.file else None,
            package_name=target.package_name,
            working_directory=folder,
        )
        return [(_name_of(origin), origin)]
    if settings.code_locations:
        return [_from_setting(each, settings.project_root) for each in settings.code_locations]
    return [_in_folder(Path(folder))]


def _import_folder(folder: Path, module: str | None) -> str:
    """Where a module's package lies: here, or in `src`, where many projects keep theirs without installing it."""
    top = (module or "").partition(".")[0]
    is_below = top and (folder / "src" / top).is_dir() and not (folder / top).exists()
    return str(folder / "src" if is_below else folder)


def _from_setting(setting: CodeLocationSetting, root: Path) -> tuple[str, CodeOrigin]:
    _refuse_other_interpreter(setting.executable_path, setting.name)
    origin = CodeOrigin(
        module_name=setting.module_name,
        file=str((root / setting.python_file).resolve()) if setting.python_file else None,
        package_name=setting.package_name,
        attribute=setting.attribute,
        working_directory=str((root / (setting.working_directory or "")).resolve()),
    )
    if not (origin.module_name or origin.file or origin.package_name):
        fail("A code location in the settings names no module_name, python_file or package_name.")
    return setting.name or _name_of(origin), origin


def _in_folder(folder: Path) -> tuple[str, CodeOrigin]:
    """A `definitions.py` in the folder, else its only package."""
    if (folder / "definitions.py").is_file():
        origin = CodeOrigin(file=str(folder / "definitions.py"), working_directory=str(folder))
        return _name_of(origin), origin
    for base in (folder, folder / "src"):
        packages = [
            path.parent.name
            for path in sorted(base.glob("*/__init__.py"))
            if path.parent.name.isidentifier() and path.parent.name != "tests"
        ]
        if len(packages) == 1:
            name = packages[0]
            has_module = (base / name / "definitions.py").is_file()
            origin = CodeOrigin(
                module_name=f"{name}.definitions" if has_module else None,
                package_name=None if has_module else name,
                working_directory=str(base),
            )
            return _name_of(origin), origin
        if len(packages) > 1:
            fail(
                f"There are several packages in {base}: {', '.join(packages)}.",
                code="no-target",
                hint="say which with --package-name, or list `code_locations` in treadle.toml",
            )
    return fail(
        f"Nothing says which definitions are meant: there is no definitions.py and no package in {folder}.",
        code="no-target",
        hint="give -f FILE, -m MODULE or --package-name PACKAGE, or start a project with `treadle new NAME`",
    )


def workspace_origins(path: Path) -> list[tuple[str, CodeOrigin]]:
    """The code locations of a `workspace.yaml`."""
    if not path.is_file():
        fail(f"There is no file {path}.", code="config-file-unreadable")
    # PyYAML is imported only by those who have a workspace file.
    read_yaml = importlib.import_module("treadle.define.config.yaml_text").read_yaml
    document = read_yaml(read_text_file(path), str(path))
    entries = document.get("load_from") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or not entries:
        fail(f"{path} has no list `load_from`.", code="invalid-setting")
    return [_from_workspace(entry, path) for entry in entries]


_WORKSPACE_KINDS = {
    "python_file": ("file", "relative_path"),
    "python_module": ("module_name", "module_name"),
    "python_package": ("package_name", "package_name"),
}


_WORKSPACE_TEXTS = frozenset(
    {
        "attribute",
        "executable_path",
        "location_name",
        "module_name",
        "package_name",
        "relative_path",
        "working_directory",
    }
)


def _from_workspace(entry: Any, path: Path) -> tuple[str, CodeOrigin]:
    kind = next(iter(entry)) if isinstance(entry, Mapping) and len(entry) == 1 else None
    if kind not in _WORKSPACE_KINDS:
        fail(
            f"{path}: a code location must be one of {', '.join(_WORKSPACE_KINDS)}, not {kind or entry!r}.",
            hint=did_you_mean(str(kind), _WORKSPACE_KINDS),
        )
    field, own_name = _WORKSPACE_KINDS[kind]
    said = entry[kind] if isinstance(entry[kind], Mapping) else {own_name: entry[kind]}
    for name, each in said.items():
        if name in _WORKSPACE_TEXTS and (not isinstance(each, str) or "\0" in each):
            fail(f"{path}: `{name}` of `{kind}` must be a text, not {each!r}.", code="invalid-setting")
    value = said.get(own_name)
    if value is None:
        fail(f"{path}: `{kind}` names no {own_name}.")
    _refuse_other_interpreter(said.get("executable_path"), said.get("location_name") or value)
    base = path.resolve().parent
    folder = str((base / said.get("working_directory", "")).resolve())
    origin = CodeOrigin(
        **{field: str((base / value).resolve()) if field == "file" else value},
        attribute=said.get("attribute"),
        working_directory=folder,
    )
    return said.get("location_name") or _name_of(origin), origin


def _refuse_other_interpreter(executable: str | None, name: str | None) -> None:
    if executable is None or Path(executable).resolve() == Path(sys.executable).resolve():
        return
    fail(
        f"Code location `{name}` wants the interpreter {executable}; this command can only load those of its own.",
        hint=f"run the command with that interpreter, or leave executable_path out (this is {sys.executable})",
    )


def _name_of(origin: CodeOrigin) -> str:
    if origin.file is not None:
        return Path(origin.file).name
    return origin.module_name or origin.package_name or "definitions"


def _load(name: str, origin: CodeOrigin, names: Sequence[str]) -> Location:
    """Imports a location; `-a` is its attribute where there is a `Definitions`, repository, job or graph of that name."""

    def load() -> Location:
        nonlocal origin
        asset_names = tuple(names)
        if names:
            module = import_module(origin)
            named = [each for each in names if isinstance(getattr(module, each, None), NAMEABLE)]
            if named:
                origin = replace(origin, attribute=named[0])
                asset_names = tuple(each for each in names if each != named[0])
        return Location(name=name, definitions=load_definitions(origin), asset_names=asset_names)

    def load_or_keep_problems() -> Location:
        try:
            return load()
        except DefinitionsError as error:
            return Location(name=name, definitions=Definitions(), refused=error)

    return _or_not_loaded(load_or_keep_problems)


_T = TypeVar("_T")


def _or_not_loaded(load: Callable[[], _T]) -> _T:
    """What `load` gives; where it can not, says why with the user's own traceback, and ends the command."""
    try:
        return load()
    except DefinitionsError as error:
        raise CommandError(
            error.message, code=error.code, problems=error.problems, exit_code=exit_codes.NOT_LOADED
        ) from None
    except LoadError as error:
        _end_not_loaded(error, error.user_traceback, error.problems)
    except TreadleError as error:
        _end_not_loaded(error)
    except (click.exceptions.Exit, click.ClickException, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - a function that makes definitions may raise anything
        raise CommandError(
            f"{type(error).__name__}: {error}",
            code="load-failed",
            traceback=users_traceback(error),
            exit_code=exit_codes.NOT_LOADED,
        ) from None


def _end_not_loaded(
    error: TreadleError, traceback: str | None = None, problems: Sequence[Problem] = ()
) -> NoReturn:
    raise CommandError(
        error.message,
        code=error.code,
        hint=error.hint,
        where=error.where,
        problems=problems,
        traceback=traceback or None,
        exit_code=exit_codes.NOT_LOADED,
    ) from None


_OWN_FOLDER = str(Path(__file__).resolve().parents[1])


def users_traceback(error: BaseException) -> str:
    """The traceback of an exception, cut to the user's own frames."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_OWN_FOLDER, "<attrs "))
    ]
    lines = traceback.format_list(frames) + traceback.format_exception_only(error)
    return ("Traceback (most recent call last):\n" if frames else "") + "".join(lines).rstrip()


def _strict(definitions: Definitions) -> Definitions:
    return definitions if definitions.strict else definitions.with_origin(definitions.origin, strict=True)
