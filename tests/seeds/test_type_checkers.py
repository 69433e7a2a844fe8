"""Type checkers accept the blocks with our types (S4-32). One file a block, with imports of the names that it uses."""

import ast
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import treadle as dg
from tests.seeds.blocks import DATA, ROOT, STAND_INS

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
PATHS = [
    ROOT / "src",
    ROOT / "distributions" / "treadle-dagster" / "src",
    STAND_INS,
    STAND_INS.parent / "stubs",
]
NOT_TYPED_BY_ANYBODY = {
    # what the blocks leave out, packages that are not installed, and functions that say no types
    "name-defined", "import-not-found", "import-untyped", "no-untyped-def", "no-untyped-call", "no-any-return",
}  # fmt: skip


ELSEWHERE = {
    "dg": "import dagster as dg",
    "pd": "import pandas as pd",
    "List": "from typing import List",
    "dataclass": "from dataclasses import dataclass",
    "field": "from dataclasses import field",
    "BaseModel": "from pydantic import BaseModel",
    "BaseGCSAsset": "from treadle.integrations.gcp import BaseGCSAsset",
    **{
        name: f"from oso_dagster.factories import {name}"
        for name in (
            "AssetFactoryResponse",
            "CacheableAssetFactoryResponse",
            "CacheableDagsterContext",
            "cacheable_asset_factory",
        )
    },
}
MISTAKES_OF_THE_BLOCKS = {
    "asset_tutorial_14": '"dict"',  # of what is not said
    "asset_tutorial_26": "DataFrameModel|Call expression not allowed|valid-type|misc",  # a type made by a call
    "asset_tutorial_42": "obscured|no-redef",  # both ways to spell it, one below the other
    "course_03": "must return|return",  # a body that is left to the reader
    "course_09": "efinitions",
    "patterns_07": "unknown import symbol",  # the page's other modules
    "custom_assets_02": "unbound|used-before-def|empty-body",  # a job used above its definition; no body
}
"""What checkers rightly say."""
WRONG = "wrong_call"
"""A file that they must refuse, so that silence about the others means something."""


def checked_file(block: Path, folder: Path) -> Path:
    """The block as a module of its own: with the imports that earlier blocks have; fragments stand in a function."""
    text = block.read_text("utf-8")
    if text.lstrip().startswith(("return ", "# definitions.py\n\nreturn ")):
        text = f"def fragment():\n{textwrap.indent(text, '    ')}"
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    made = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    made |= {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    made |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    imports = [
        f"from dagster import {name}" for name in sorted(((used - made) & set(dg.__all__)) - set(ELSEWHERE))
    ]
    imports += [line for name, line in ELSEWHERE.items() if name in used - made]
    file = folder / f"{block.parent.name}_{block.stem}.py"
    file.write_text("\n".join([*imports, text]))
    return file


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("folder") / "checked"  # a package: some blocks import from theirs
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / f"{WRONG}.py").write_text("import dagster as dg\n\ndg.AssetKey(path=3)\n")
    blocks = [checked_file(block, folder) for block in sorted(DATA.rglob("*.py"))]
    return [*blocks, folder / f"{WRONG}.py"]


def unexpected(said: dict[str, list[str]]) -> dict[str, list[str]]:
    assert said.pop(WRONG, []) != []
    found: dict[str, list[str]] = {}
    for name, lines in said.items():
        known = MISTAKES_OF_THE_BLOCKS.get(name, "$^")
        left = [line for line in lines if not re.search(known, line)]
        if left:
            found[name] = left
    return found


def test_mypy_accepts_the_blocks(files):
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    command += ["--config-file=", "--follow-imports", "silent"]
    command += [word for code in sorted(NOT_TYPED_BY_ANYBODY) for word in ("--disable-error-code", code)]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, PATHS))}
    done = subprocess.run(
        [*command, *map(str, files)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=files[0].parent.parent,
        check=False,
    )
    assert done.stderr == ""
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if ": error:" in line:
            said.setdefault(Path(line.partition(":")[0]).stem, []).append(line)
    left = unexpected(said)
    assert not left, json.dumps(left, indent=1)


def test_pyright_accepts_the_blocks(files):
    folder = files[0].parent
    settings = {
        "include": [str(folder)],
        "extraPaths": [str(path) for path in PATHS],
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
        "typeCheckingMode": "standard",
        "reportUndefinedVariable": False,
        "reportMissingImports": False,
        "reportMissingModuleSource": False,
        "reportAttributeAccessIssue": True,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "-p", str(folder)],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    said: dict[str, list[str]] = {}
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        if each["severity"] == "error":
            line = f"{each['range']['start']['line'] + 1}: {each['message']} [{each.get('rule')}]"
            said.setdefault(Path(each["file"]).stem, []).append(line)
    left = unexpected(said)
    assert not left, json.dumps(left, indent=1)
