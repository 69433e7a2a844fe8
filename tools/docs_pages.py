"""Pages of the documentation site that are made from the code: the API reference and the index of error codes.

mkdocs calls the `on_*` functions (`hooks:` in mkdocs.yml). Nothing of Treadle runs but the two tables that are read.
"""

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from treadle._public_names import MODULES  # noqa: E402
from treadle.core.error_codes import CODES  # noqa: E402

AREAS: dict[str, tuple[str, ...]] = {
    "Assets and checks": (
        "define.decorators",
        "define.asset_definition",
        "define.asset_checks_definition",
        "define.source_asset",
        "define.checks",
        "define.freshness",
        "core.freshness",
        "core.specs",
        "core.asset_io",
    ),
    "Keys and names": ("core.keys", "core.names"),
    "Results and events": (
        "core.asset_events",
        "core.outputs",
        "core.failures",
        "core.events",
        "core.data_versions",
    ),
    "Metadata": ("core.metadata", "core.code_references"),
    "Ops, graphs and jobs": (
        "define.op",
        "define.graphs",
        "define.jobs",
        "define.job_definition",
        "define.reconstructing",
        "define.executors",
        "define.hooks",
        "core.retry",
    ),
    "Definitions": (
        "define.definitions",
        "define.loading",
        "define.repository",
        "define.lint",
        "define.validation",
        "define.load_code",
        "define.code_references",
        "define.file_paths",
        "core.deprecation",
        "core.selectors",
    ),
    "Resources": ("define.resources", "define.config", "define.loggers"),
    "IO managers": ("define.io_manager", "run.io_managers"),
    "Partitions": ("core.partitions", "core.policies", "define.config.partitioned"),
    "Selection": ("core.selection",),
    "Schedules and sensors": (
        "define.schedules",
        "define.partitioned_schedules",
        "define.sensors",
        "define.asset_sensors",
        "define.run_status_sensors",
        "define.email_sensors",
        "core.schedules",
        "core.ticks",
        "run.ticks",
    ),
    "Automation": (
        "define.automation_sensors",
        "core.automation",
        "core.auto_materialize",
        "plan.automation",
    ),
    "Contexts": ("define.context",),
    "Types": ("define.types", "define.type_definition"),
    "Running": ("run", "core.calendar.clock", "core.runs", "core.run_states", "define.asset_values"),
    "Instance": ("store", "core.pagination", "core.serialize"),
    "Pipes": ("pipes", "run.pipes"),
    "Components": ("components",),
    "Errors": ("core.errors", "core.problem"),
}
"""Title of a page -> the modules (or their beginnings) whose public names stand on it. Longest beginning wins."""

OTHER = "Other names"

BORROWED = {"treadle.define.types.Any": "`typing.Any`: a type that every value has."}
"""Names that are another library's."""


def area_of(module: str) -> str:
    """The page of a module's names."""
    inner = module.removeprefix("treadle.")
    best, length = OTHER, 0
    for area, beginnings in AREAS.items():
        for beginning in beginnings:
            if (inner == beginning or inner.startswith((f"{beginning}.", f"{beginning}_"))) and len(
                beginning
            ) > length:
                best, length = area, len(beginning)
    return best


def slug(title: str) -> str:
    """`Ops, graphs and jobs` -> `ops-graphs-and-jobs`."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def names_by_area() -> dict[str, list[tuple[str, str, list[str]]]]:
    """Page -> (name, module, other spellings), sorted by name. An alias stands at the name that it is another word for."""
    pages: dict[str, list[tuple[str, str, list[str]]]] = {}
    for module, names in MODULES.items():
        pairs = [_spelling(word) for word in names.split()]
        aliases: dict[str, list[str]] = {}
        own = [public for public, inner in pairs if not inner]
        for public, inner in pairs:
            if inner:
                aliases.setdefault(inner, []).append(public)
        for inner in aliases:
            if inner not in own:
                own.append(inner)
        pages.setdefault(area_of(module), []).extend((name, module, aliases.get(name, [])) for name in own)
    return {area: sorted(found) for area, found in pages.items()}


def _spelling(word: str) -> tuple[str, str]:
    """`Alias=Name` as (alias, name), `Name` and `Name=Name` as (name, "")."""
    public, _, inner = word.partition("=")
    return public, inner if inner != public else ""


def api_page(area: str, names: list[tuple[str, str, list[str]]]) -> str:
    """One page of the API reference."""
    lines = [f"# {area}", "", "All of these are names of `treadle`.", ""]
    for name, module, aliases in names:
        borrowed = BORROWED.get(f"{module}.{name}")
        lines += [f"## {name}", "", borrowed, ""] if borrowed else [f"::: {module}.{name}", ""]
        if aliases:
            lines += ["Also spelt " + ", ".join(f"`{alias}`" for alias in sorted(aliases)) + ".", ""]
    return "\n".join(lines)


def errors_page(has_page: set[str]) -> str:
    """The table of every error code."""
    lines = [
        "# Error codes",
        "",
        "Every error and every problem that `treadle check` tells has a stable code, shown in brackets after the severity.",
        "",
        "| code | severity | what it means |",
        "|---|---|---|",
    ]
    for code in sorted(CODES):
        told = f"[`{code}`]({code}.md)" if code in has_page else f"`{code}`"
        lines.append(f"| {told} | {CODES[code].severity} | {CODES[code].meaning} |")
    return "\n".join(lines) + "\n"


def generated_pages() -> dict[str, str]:
    """Path under docs/ -> Markdown."""
    has_page = {path.stem for path in (ROOT / "docs" / "errors").glob("*.md")}
    pages = {"errors/index.md": errors_page(has_page)}
    by_area = names_by_area()
    for area, names in by_area.items():
        pages[f"reference/{slug(area)}.md"] = api_page(area, names)
    listed = [area for area in (*AREAS, OTHER) if area in by_area]
    links = "\n".join(f"- [{area}]({slug(area)}.md)" for area in listed)
    pages["reference/index.md"] = f"# API reference\n\nEvery public name, by what it is for.\n\n{links}\n"
    return pages


def on_config(config: Any) -> Any:
    """Puts the generated pages, and every error's, into the navigation (an event of mkdocs)."""
    areas = names_by_area()
    reference = [{area: f"reference/{slug(area)}.md"} for area in (*AREAS, OTHER) if area in areas]
    added = {"Reference": reference, "Errors": [{code: f"errors/{code}.md"} for code in sorted(CODES)]}
    for section in config["nav"]:
        for title, pages in section.items():
            pages.extend(added.get(title, []))
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the generated pages (an event of mkdocs)."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - the tests read this file without mkdocs

    for path, text in generated_pages().items():
        files.append(File.generated(config, path, content=text))
    return files
