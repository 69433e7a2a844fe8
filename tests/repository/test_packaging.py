"""What is installed is pinned, hashed and complete: the constraint files and the wheel."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository.source_tree import PACKAGE, ROOT

PINS = {file.stem: file.read_text("utf-8") for file in sorted((ROOT / "constraints").glob("*.txt"))}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def entries(text: str) -> list[str]:
    """One pinned package with its hashes each."""
    return re.split(r"\n(?=[a-z0-9])", text)[1:]


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", PINS[name], flags=re.MULTILINE))


def required(*groups: str, extras: bool = True) -> list[Requirement]:
    project = PROJECT["project"]
    texts = list(project["dependencies"])
    if extras:
        texts += [text for extra in project["optional-dependencies"].values() for text in extra]
    texts += [text for group in groups for text in PROJECT["dependency-groups"][group]]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("name", PINS)
def test_every_pinned_package_has_a_hash(name: str) -> None:
    assert entries(PINS[name])
    without = [entry.splitlines()[0] for entry in entries(PINS[name]) if "--hash=sha256:" not in entry]
    assert without == []


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("dev", required("test", "lint")),
        (
            "demo",
            [*required(extras=False), *map(Requirement, PROJECT["project"]["optional-dependencies"]["demo"])],
        ),
        ("build", [*map(Requirement, PROJECT["dependency-groups"]["build"])]),
        ("services", [*map(Requirement, PROJECT["dependency-groups"]["services"])]),
    ],
)
def test_every_dependency_is_pinned_at_a_version_it_allows(
    name: str, requirements: list[Requirement]
) -> None:
    pins = pinned(name)
    wrong = [
        str(requirement)
        for requirement in requirements
        if not requirement.specifier.contains(
            pins.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]
    assert wrong == [], "`make lock` pins anew"


def test_packages_in_two_files_have_one_version() -> None:
    dev = pinned("dev")
    for name in ("build", "demo", "services"):
        other = {package: v for package, v in pinned(name).items() if dev.get(package, v) != v}
        assert other == {}, name


@pytest.mark.parametrize("name", ["demo", "dev"])
@pytest.mark.parametrize("package", ["duckdb", "numpy", "pandas", "pyarrow", "pydantic-core", "psutil"])
def test_compiled_packages_have_hashes_for_several_platforms(name: str, package: str) -> None:
    """One hash a file: x86-64 and ARM on Linux and macOS, three Pythons. A file with one platform has a handful."""
    (entry,) = [entry for entry in entries(PINS[name]) if entry.startswith(f"{package}==")]
    assert entry.count("--hash=") >= 8


def test_the_base_install_stays_small() -> None:
    assert len(PROJECT["project"]["dependencies"]) <= 15


def test_the_wheel_has_types_queries_and_pages_of_errors(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"treadle/py.typed", "treadle/__init__.pyi"}
    wanted |= {f"treadle/{path.relative_to(PACKAGE).as_posix()}" for path in PACKAGE.rglob("*.sql")}
    wanted |= {f"treadle/error_pages/{page.name}" for page in (ROOT / "docs" / "errors").glob("*.md")}
    assert wanted - inside == set()
    assert not [name for name in inside if name.startswith(("tests", "benchmarks", "examples"))]
