"""A project in a temporary folder, for tests of components."""

import inspect
import secrets
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import attrs
import yaml

from treadle.components.component import Component
from treadle.components.loading import (
    get_all_components_defs_within_project as get_all_components_defs_within_project,
)
from treadle.components.loading import get_component_defs_within_project as get_component_defs_within_project
from treadle.components.scaffolding import scaffold
from treadle.components.tree import ComponentTree
from treadle.define.definitions import Definitions


@attrs.frozen
class DefsFolderSandbox:
    """A project whose defs folder is empty at first.

    Args:
        project_root: the project's folder.
        defs_folder_path: its defs folder.
        project_name: its package.
    """

    project_root: Path
    defs_folder_path: Path
    project_name: str

    def scaffold_component(
        self,
        component_cls: Any,
        defs_path: Path | str | None = None,
        scaffold_params: dict[str, Any] | None = None,
        scaffold_format: Literal["yaml", "python"] = "yaml",
        defs_yaml_contents: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write a component with its scaffolder; gives its folder.

        Args:
            component_cls: its class.
            defs_path: where, relative to the defs folder; a name of its own by default.
            scaffold_params: for the scaffolder.
            scaffold_format: `yaml` or `python`.
            defs_yaml_contents: what its YAML file shall hold instead.
        """
        target = self.defs_folder_path / (defs_path or f"component_{secrets.token_hex(4)}")
        module = component_cls.__module__
        type_name = f"{module}.{component_cls.__qualname__}"
        scaffold(component_cls, type_name, target, self.project_root, scaffold_params, scaffold_format)
        if defs_yaml_contents is not None:
            self._write(target, defs_yaml_contents)
        return target

    @contextmanager
    def swap_defs_file(self, defs_path: Path, defs_yaml_contents: Mapping[str, Any] | None) -> Iterator[None]:
        """Another YAML file for a while, or none."""
        file = self.defs_folder_path / defs_path
        file = file / "defs.yaml" if file.is_dir() else file
        kept = file.read_text(encoding="utf-8") if file.exists() else None
        try:
            file.unlink(missing_ok=True)
            if defs_yaml_contents is not None:
                self._write(file.parent, defs_yaml_contents)
            yield
        finally:
            file.unlink(missing_ok=True)
            if kept is not None:
                file.write_text(kept, encoding="utf-8")

    @contextmanager
    def build_component_tree(self, code_location_name: str | None = None) -> Iterator[ComponentTree]:
        """The project's tree, freshly imported."""
        with self._importable():
            tree = ComponentTree.for_project(self.project_root)
            if code_location_name is not None:
                tree.code_location_name = code_location_name
            yield tree

    @contextmanager
    def load_component_and_build_defs(self, defs_path: Path | str) -> Iterator[tuple[Component, Definitions]]:
        """A component and its definitions."""
        with self.build_component_tree() as tree:
            component = tree.load_component(defs_path)
            yield component, tree.build_defs(defs_path)

    @contextmanager
    def build_all_defs(self) -> Iterator[Definitions]:
        """All definitions of the project."""
        with self.build_component_tree() as tree:
            yield tree.build_defs().with_replaced(component_tree=tree)

    @contextmanager
    def _importable(self) -> Iterator[None]:
        folder = str(self.project_root / "src")
        sys.path.insert(0, folder)
        self._forget()
        try:
            yield
        finally:
            sys.path.remove(folder)
            self._forget()

    def _forget(self) -> None:
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{self.project_name}.")]:
            del sys.modules[name]

    def _write(self, folder: Path, contents: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "defs.yaml").write_text(yaml.safe_dump(dict(contents), sort_keys=False), encoding="utf-8")


@contextmanager
def create_defs_folder_sandbox(*, project_name: str | None = None) -> Iterator[DefsFolderSandbox]:
    """A project in a temporary folder, gone afterwards.

    Args:
        project_name: its package; a name of its own by default.

    Example:
        >>> from treadle.components.testing import create_defs_folder_sandbox
        >>> with create_defs_folder_sandbox() as sandbox, sandbox.build_all_defs() as defs:
        ...     len(defs.resolve_all_asset_specs())
        0
    """
    name = project_name or f"sandbox_{secrets.token_hex(4)}"
    root = Path(tempfile.mkdtemp()).resolve()
    try:
        defs = root / "src" / name / "defs"
        defs.mkdir(parents=True)
        for package in (defs.parent, defs):
            (package / "__init__.py").touch()
        (root / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "0.1.0"\n\n[tool.dg]\ndirectory_type = "project"\n\n'
            f'[tool.dg.project]\nroot_module = "{name}"\n',
            encoding="utf-8",
        )
        yield DefsFolderSandbox(root, defs, name)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def copy_code_to_file(fn: Callable[..., Any], file_path: Path) -> None:
    """Write the body of a function to a file."""
    lines = inspect.getsource(fn).splitlines()
    start = next(at for at, line in enumerate(lines) if line.rstrip().endswith(":"))
    file_path.write_text(textwrap.dedent("\n".join(lines[start + 1 :])) + "\n", encoding="utf-8")
