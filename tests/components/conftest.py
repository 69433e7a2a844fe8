"""A project in a temporary folder, with component types of its own."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from treadle import Definitions, load_from_defs_folder

TYPES = '''
import treadle as dg
from dataclasses import dataclass
from collections.abc import Sequence
from typing import Annotated


class Column(dg.Model, dg.Resolvable):
    name: str
    type: str = "text"


class Table(dg.Component, dg.Model, dg.Resolvable):
    """A table."""

    table_name: str
    columns: list[Column] = []
    rows: int = 0

    @classmethod
    def get_additional_scope(cls):
        return {"shout": lambda text: text.upper()}

    @staticmethod
    @dg.template_var
    def suffix() -> str:
        return "v1"

    def build_defs(self, context):
        return dg.Definitions(
            assets=[dg.AssetSpec(self.table_name, metadata={"columns": [c.name for c in self.columns]})]
        )


@dataclass
class Script(dg.Component, dg.Resolvable):
    specs: Sequence[dg.ResolvedAssetSpec]
    count: Annotated[int, dg.Resolver(lambda context, value: int(value) * 2, model_field_type=str)] = 3

    def build_defs(self, context):
        @dg.multi_asset(specs=list(self.specs))
        def script():
            for spec in self.specs:
                yield dg.MaterializeResult(asset_key=spec.key)

        return dg.Definitions(assets=[script])


class Broken(dg.Component):
    def build_defs(self, context):
        raise ValueError("the API is away")


class Copy(dg.Component, dg.Model, dg.Resolvable):
    of: str

    def build_defs(self, context):
        other = context.load_component(self.of, expected_type=Table)
        return dg.Definitions(assets=[dg.AssetSpec(f"{other.table_name}_copy", deps=[other.table_name])])
'''


class ProjectFolder:
    """A project whose files a test writes."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        self.defs = root / "src" / name / "defs"

    def write(self, path: str, text: str) -> Path:
        """Write a file of the defs folder; PKG is the project's package."""
        file = self.defs / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n").replace("PKG", self.name), encoding="utf-8")
        return file

    def load(self) -> Definitions:
        return load_from_defs_folder(path_within_project=self.root)

    def keys(self) -> list[str]:
        return sorted(spec.key.to_user_string() for spec in self.load().resolve_all_asset_specs())


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ProjectFolder]:
    made = ProjectFolder(tmp_path / "shop", f"shop_{abs(hash(request.node.nodeid)) % 10**9}")
    made.defs.mkdir(parents=True)
    package = made.defs.parent
    for folder in (package, made.defs, package / "components"):
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    (package / "components" / "types.py").write_text(TYPES, encoding="utf-8")
    (package / "definitions.py").write_text(
        "from pathlib import Path\nimport treadle as dg\n\n\n@dg.definitions\ndef defs():\n"
        "    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)\n",
        encoding="utf-8",
    )
    (made.root / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\n\n[tool.dg.project]\nroot_module = "{made.name}"\n', encoding="utf-8"
    )
    path = list(sys.path)
    yield made
    sys.path[:] = path
