"""Writing the files of a new component."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

import attrs
import pydantic
import yaml

from treadle.core.errors import InvalidDefinitionError, wrong_type

_Params = TypeVar("_Params")
_T = TypeVar("_T")
_SCAFFOLDER: Final = "__treadle_scaffolder__"


@attrs.frozen
class ScaffoldRequest(Generic[_Params]):
    """What a scaffolder is to write.

    Args:
        type_name: the component's dotted type.
        target_path: the folder to write to; it exists.
        scaffold_format: `yaml` or `python`.
        project_root: the project's folder.
        params: what the scaffolder asked for.
        append: True: put it behind what is there.
    """

    type_name: str
    target_path: Path
    scaffold_format: Literal["yaml", "python"]
    project_root: Path | None
    params: _Params
    append: bool = False


class NoParams(pydantic.BaseModel):
    """The parameters of a scaffolder that asks for none."""

    model_config = pydantic.ConfigDict(extra="forbid")


class Scaffolder(Generic[_Params]):
    """Writes the files of a new component; `@scaffold_with` gives it to a component class.

    Example:
        >>> import treadle as dg
        >>> class TableScaffolder(dg.Scaffolder):
        ...     def scaffold(self, request: dg.ScaffoldRequest) -> None:
        ...         dg.scaffold_component(request, {"name": request.target_path.name})
    """

    @classmethod
    def get_scaffold_params(cls) -> type[pydantic.BaseModel]:
        """The model of what it asks for."""
        return NoParams

    def scaffold(self, request: ScaffoldRequest[_Params]) -> None:
        """Write the files. By default one that names the type."""
        scaffold_component(request)


def scaffold_with(scaffolder_cls: type[Scaffolder[Any]]) -> Callable[[_T], _T]:
    """Give a class or function its scaffolder.

    Example:
        >>> import treadle as dg
        >>> @dg.scaffold_with(dg.Scaffolder)
        ... class Table(dg.Component):
        ...     def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        ...         return dg.Definitions()
    """
    if not (isinstance(scaffolder_cls, type) and issubclass(scaffolder_cls, Scaffolder)):
        raise wrong_type("scaffolder_cls", "a subclass of Scaffolder", scaffolder_cls)

    def marked(target: _T) -> _T:
        setattr(target, _SCAFFOLDER, scaffolder_cls)
        return target

    return marked


def has_scaffolder(target: Any) -> bool:
    """Whether a class or function was given a scaffolder."""
    return hasattr(target, _SCAFFOLDER)


def scaffolder_of(target: Any) -> Scaffolder[Any]:
    """The scaffolder of a component class; the plain one where it has none."""
    made: Scaffolder[Any] = getattr(target, _SCAFFOLDER, Scaffolder)()
    return made


RESOURCES_FILE: Final = """\
@dg.definitions
def resources() -> dg.Definitions:
    return dg.Definitions(resources={{}})
"""
"""What `scaffold defs resources` writes, below the import."""


class _ResourcesScaffolder(Scaffolder[NoParams]):
    """Writes a `resources.py`."""

    def scaffold(self, request: ScaffoldRequest[NoParams]) -> None:
        package = "dagster" if _is_alias_in_use() else "treadle"
        _write(request, "resources.py", f"import {package} as dg\n\n\n{RESOURCES_FILE.format()}")


@scaffold_with(_ResourcesScaffolder)
def resources() -> None:
    """Stands for a file of resources where files are scaffolded: `treadle scaffold defs resources resources.py`."""


def scaffold_component(
    request: ScaffoldRequest[Any], yaml_attributes: Mapping[str, Any] | None = None
) -> None:
    """Write a component: a `defs.yaml`, or a `component.py` where Python is asked for.

    Args:
        request: what and where.
        yaml_attributes: its attributes.
    """
    if request.scaffold_format == "python":
        _write(request, "component.py", _python(request.type_name))
        return
    content: dict[str, Any] = {"type": request.type_name}
    if yaml_attributes is not None:
        content["attributes"] = dict(yaml_attributes)
    separator = "---\n" if request.append else ""
    _write(request, "defs.yaml", separator + _yaml(content))


def scaffold(
    cls: Any,
    type_name: str,
    target: Path,
    project_root: Path,
    params: Mapping[str, Any] | None = None,
    scaffold_format: Literal["yaml", "python"] = "yaml",
) -> None:
    """Write a component of a class into a new folder.

    Raises:
        InvalidDefinitionError: parameters that its scaffolder does not take.
    """
    scaffolder = scaffolder_of(cls)
    wanted = scaffolder.get_scaffold_params()
    try:
        given = wanted.model_validate(dict(params or {}))
    except pydantic.ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise InvalidDefinitionError(
            f"the parameters do not fit {type_name}: {told}",
            code="invalid-argument",
            hint="it takes " + (", ".join(f"`{name}`" for name in wanted.model_fields) or "none"),
        ) from error
    target.mkdir(parents=True, exist_ok=True)
    scaffolder.scaffold(ScaffoldRequest(type_name, target, scaffold_format, project_root, given))


class _IndentedLists(yaml.SafeDumper):
    """Lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _yaml(content: Mapping[str, Any]) -> str:
    parts = [
        yaml.dump({name: value}, Dumper=_IndentedLists, sort_keys=False, allow_unicode=True)
        for name, value in content.items()
    ]
    return "\n".join(parts)


def _python(type_name: str) -> str:
    module, _, name = type_name.rpartition(".")
    own = module in ("dagster", "dagster.components", "treadle", "treadle.components")
    imports = "" if own else f"from {module} import {name}\n"
    shown = f"dg.{name}" if own else name
    package = "treadle" if module.partition(".")[0] == "treadle" or not _is_alias_in_use() else "dagster"
    return (
        f"import {package} as dg\n{imports}\n\n@dg.component_instance\n"
        f"def load(context: dg.ComponentLoadContext) -> {shown}: ...\n"
    )


def _is_alias_in_use() -> bool:
    return bool(importlib.import_module("treadle.compat").is_installed())


def _write(request: ScaffoldRequest[Any], name: str, text: str) -> None:
    path = request.target_path if request.target_path.suffix else request.target_path / name
    with path.open("a" if request.append else "w", encoding="utf-8") as file:
        file.write(text)
