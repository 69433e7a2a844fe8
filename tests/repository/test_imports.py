"""What the import contracts in pyproject.toml cannot say: lazy imports, import cost, rooms that use public names only."""

import subprocess
import sys

import pytest

from tests.repository.source_tree import (
    PACKAGE,
    ROOT,
    imports_in,
    imports_of_text,
    relative,
    room_of,
    source_files,
)

# Optional or slow to import, so loaded where they are first needed.
MAY_BE_IMPORTED_LATE = {
    "cloudpickle",
    "dotenv",
    "duckdb",
    "fsspec",
    "matplotlib",
    "numpy",
    "pandas",
    "polars",
    "psutil",
    "psycopg",
    "psycopg_pool",
    "pyarrow",
    "pydantic",
    "rich",
    "tzdata",
    "upath",
    "yaml",
}

# file -> (modules it may import late, why). Anything else late is a sign that a room is missing.
LATE_IMPORTS_WITH_A_REASON: dict[str, tuple[set[str], str]] = {
    "src/treadle/_public_names.py": ({"pathlib"}, "only when run as a script, at the end of the file"),
    "src/treadle/define/resources/definition.py": (
        {"unittest.mock"},
        "slow to load, only where a mock is asked for",
    ),
}

PUBLIC_USERS = {"integrations"}

HEAVY = {
    "aiosql",
    "asyncio",
    "click",
    "cloudpickle",
    "duckdb",
    "fsspec",
    "litestar",
    "matplotlib",
    "multiprocessing",
    "numpy",
    "pandas",
    "polars",
    "psycopg",
    "pyarrow",
    "pydantic",
    "rich",
    "sqlite3",
    "upath",
    "uvicorn",
}


def top(module: str) -> str:
    return module.partition(".")[0]


def test_imports_inside_functions_are_of_optional_third_parties_only() -> None:
    late = [
        str(found)
        for path in source_files()
        for found in imports_in(path)
        if found.inside is not None
        and top(found.module) not in MAY_BE_IMPORTED_LATE
        and found.module not in LATE_IMPORTS_WITH_A_REASON.get(relative(path), (set(), ""))[0]
        and room_of(path) != "integrations"
    ]
    assert late == []


def test_integrations_use_public_names_only_even_inside_functions() -> None:
    inward = [
        str(found)
        for path in source_files()
        if room_of(path) in PUBLIC_USERS
        for found in imports_in(path)
        if found.module.startswith("treadle.")
        and not found.module.startswith(("treadle.integrations.", "treadle.factories."))
        and found.module.count(".") > 1
    ]
    assert inward == []


def test_the_spine_names_the_module_it_takes_from_not_the_public_door() -> None:
    spine = {"core", "define", "plan", "store", "run", "host", "control", "server"}
    through_the_door = [
        str(found)
        for path in source_files()
        if room_of(path) in spine
        for found in imports_in(path)
        if found.module == "treadle"
        or (found.module.startswith("treadle.") and not _is_a_module_path(found.module))
    ]
    assert through_the_door == []


def _is_a_module_path(dotted: str) -> bool:
    """`treadle.core.keys.AssetKey` and `treadle.core.keys` are; `treadle.AssetKey` is a public name."""
    second = dotted.split(".")[1]
    return (
        second in {"_public_names", "__version__"}
        or (PACKAGE / second).is_dir()
        or (PACKAGE / f"{second}.py").is_file()
    )


def modules_loaded_by(statement: str) -> set[str]:
    return {top(module) for module in full_names_loaded_by(statement)}


def full_names_loaded_by(statement: str) -> set[str]:
    printed = subprocess.run(
        [sys.executable, "-I", "-c", f"{_HEAD}; {statement}; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(printed.stdout.split())


_HEAD = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})"


def test_importing_the_package_loads_nothing_but_itself() -> None:
    bare = modules_loaded_by("pass")
    ours = modules_loaded_by("import treadle") - bare
    third_parties = ours - set(sys.stdlib_module_names) - {"treadle"}
    assert third_parties == set()
    assert ours & (HEAVY | {"collections", "re", "typing"}) == set()


def test_a_file_of_assets_loads_nothing_that_generates_code_or_serves_messages_only() -> None:
    names = "AssetExecutionContext, Definitions, MaterializeResult, asset, asset_check"
    ours = modules_loaded_by(f"from treadle import {names}") - modules_loaded_by("import msgspec")
    unwanted = {
        "attr",
        "attrs",
        "calendar",
        "dataclasses",
        "difflib",
        "hashlib",
        "logging",
        "pathlib",
        "random",
    }
    assert ours & unwanted == set()
    assert ours & HEAVY == set()


def test_a_file_of_assets_loads_nothing_that_only_resolving_or_running_needs() -> None:
    names = (
        "AssetExecutionContext, AssetSelection, Definitions, MaterializeResult, ScheduleDefinition, "
        "ScheduleEvaluationContext, asset, asset_check, define_asset_job"
    )
    ours = {
        name for name in full_names_loaded_by(f"from treadle import {names}") if name.startswith("treadle.")
    }
    rooms = {name.split(".")[1] for name in ours}
    assert rooms <= {"_loading", "_public_names", "core", "define"}
    assert not {
        name for name in ours if name.startswith(("treadle.define.validation", "treadle.define.graphs"))
    }
    verbs = {
        "treadle.core.events",
        "treadle.core.partitions.definition",
        "treadle.core.wire",
        "treadle.define.build_catalog",
        "treadle.define.config.schema",
        "treadle.define.context.log",
        "treadle.define.job_definition",
        "treadle.define.resources.opening",
    }
    assert ours & verbs == set()


def test_the_default_io_manager_loads_no_heavy_module() -> None:
    loaded = modules_loaded_by("import treadle.run.io_managers.filesystem, treadle.run.io_managers.memory")
    assert loaded & HEAVY <= {"sqlite3"}  # which every run's store loads anyway


def test_importing_all_of_core_loads_no_heavy_module() -> None:
    modules = [
        relative(path).removeprefix("src/").removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in source_files()
        if room_of(path) == "core"
    ]
    assert modules_loaded_by("import " + ", ".join(modules)) & HEAVY == set()


@pytest.mark.parametrize(
    ("text", "module", "inside"),
    [
        ("import a.b", "a.b", None),
        ("def f():\n    from a import b", "a.b", "f"),
        ("async def f():\n    if 1:\n        import a", "a", "f"),
        ("class A:\n    def f(self):\n        from . import c", "treadle.core.c", "f"),
        ("from ..store import x", "treadle.store.x", None),
    ],
)
def test_the_finder_sees_imports_wherever_they_stand(text: str, module: str, inside: str | None) -> None:
    (found,) = imports_of_text(text, "f.py", "treadle.core")
    assert (found.module, found.inside) == (module, inside)
