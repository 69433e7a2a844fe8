"""Components that run something for assets and checks: a Python function, a script."""

import importlib
import shlex
import sys
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic

from treadle.components.component import Component
from treadle.components.load_context import ComponentLoadContext
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.definition_models import (
    OpSpec,
    ResolvedAssetCheckSpec,
    ResolvedAssetSpec,
)
from treadle.components.resolution.errors import ResolutionError
from treadle.components.resolution.resolvable import Model, Resolvable
from treadle.components.resolution.resolver import Resolver
from treadle.core.errors import InvalidDefinitionError, did_you_mean
from treadle.define.decorators.asset_check import multi_asset_check
from treadle.define.decorators.multi_asset import multi_asset
from treadle.define.definitions import Definitions
from treadle.pipes.subprocess_client import PipesSubprocessClient

if TYPE_CHECKING:
    from treadle.define.asset_definition import AssetsDefinition


class ExecutableComponent(Component, Model, Resolvable):
    """Assets and checks, and what runs for them."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    assets: list[ResolvedAssetSpec] | None = None
    checks: list[ResolvedAssetCheckSpec] | None = None

    @property
    @abstractmethod
    def op_spec(self) -> OpSpec:
        """What is said of the step."""

    @property
    def default_name(self) -> str:
        """The step's name where none is said."""
        return type(self).__name__

    @abstractmethod
    def compute_function(self, context: ComponentLoadContext) -> Callable[..., Any]:
        """What the step calls."""

    def build_underlying_assets_def(self, component_load_context: ComponentLoadContext) -> "AssetsDefinition":
        """The definition of the step.

        Raises:
            InvalidDefinitionError: there are neither assets nor checks.
        """
        if not self.assets and not self.checks:
            raise InvalidDefinitionError(
                f"a {type(self).__name__} needs `assets` or `checks`.", code="invalid-component"
            )
        spec = self.op_spec
        name = spec.name or self.default_name
        function = self.compute_function(component_load_context)
        if self.assets:
            return multi_asset(
                name=name,
                op_tags=spec.tags,
                description=spec.description,
                specs=self.assets,
                check_specs=self.checks,
                backfill_policy=spec.backfill_policy,
                pool=spec.pool,
            )(function)
        return multi_asset_check(
            name=name,
            op_tags=spec.tags,
            description=spec.description,
            specs=self.checks or [],
            pool=spec.pool,
        )(function)

    def build_defs(self, context: ComponentLoadContext) -> Definitions:
        """The step, as assets or as checks."""
        made = self.build_underlying_assets_def(component_load_context=context)
        return Definitions(assets=[made]) if self.assets else Definitions(asset_checks=[made])


def resolve_function(context: ResolutionContext, value: Any) -> Callable[..., Any]:
    """The function that a dotted name means; `.module.function` is looked for beside the YAML file.

    Raises:
        ResolutionError: there is none; says what was probably meant.
    """
    resolved = context.resolve_value(value)
    if callable(resolved):
        return resolved  # type: ignore[no-any-return]
    module_name, _, name = str(resolved).rpartition(".")
    module = _module_of(module_name, context)
    found = getattr(module, name, None)
    if not callable(found):
        known = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise ResolutionError.one(
            f"`{module.__name__}` has no function `{name}`",
            where=context.where,
            hint=did_you_mean(name, known),
        )
    return found  # type: ignore[no-any-return]


def _module_of(name: str, context: ResolutionContext) -> Any:
    if name.startswith(".") or not name:
        load_context = ComponentLoadContext.from_resolution_context(context)
        package = load_context.defs_relative_module_name(load_context.path)
        # beside the YAML file; code written for the peer says it from the folder above
        names = [f"{package}{name}" if name else package, f"{package.rpartition('.')[0]}{name}"]
    else:
        names = [name]
    for candidate in names:
        try:
            return importlib.import_module(candidate)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{candidate}.".startswith(f"{error.name}."):
                raise
    raise ResolutionError.one(f"there is no module `{names[0]}`", where=context.where)


ResolvedFunction = Annotated[
    Callable[..., Any],
    Resolver(
        resolve_function,
        model_field_type=str,
        description="A function: `package.module.name`, or `.module.name`.",
    ),
]


class FunctionSpec(OpSpec):
    """A function, and what is said of its step."""

    type: Literal["function"] = "function"
    fn: ResolvedFunction


class FunctionComponent(ExecutableComponent):
    """A Python function that makes assets or evaluates checks: it returns results, as under `@multi_asset`.

    Its parameters are those of `@multi_asset`: a context, resources and config.

    Example:
        >>> import treadle as dg
        >>> def update(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        ...     return dg.MaterializeResult(metadata={"rows": 3})
        >>> component = dg.FunctionComponent(execution=update, assets=[dg.AssetSpec("orders")])
        >>> dg.materialize(dg.build_defs_for_component(component).assets).success
        True
    """

    execution: FunctionSpec | ResolvedFunction

    @property
    def op_spec(self) -> OpSpec:
        """What is said of the step."""
        if isinstance(self.execution, FunctionSpec):
            return self.execution
        return OpSpec(name=getattr(self.execution, "__name__", None))

    @property
    def default_name(self) -> str:
        """The function's name."""
        return getattr(self.function, "__name__", "function")

    @property
    def function(self) -> Callable[..., Any]:
        """What is called."""
        return self.execution.fn if isinstance(self.execution, FunctionSpec) else self.execution

    def compute_function(self, context: ComponentLoadContext) -> Callable[..., Any]:
        """The function itself."""
        return self.function


class ScriptSpec(OpSpec):
    """A script, and what is said of its step."""

    type: Literal["script"] = "script"
    path: str
    args: list[str] | str | None = None


class _ScriptComponent(ExecutableComponent):
    execution: ScriptSpec

    @property
    def op_spec(self) -> OpSpec:
        """What is said of the step."""
        return self.execution

    @property
    def default_name(self) -> str:
        """The script's name."""
        return Path(self.execution.path).stem

    def command(self, script: Path) -> list[str]:
        """What is run."""
        raise NotImplementedError

    def compute_function(self, context: ComponentLoadContext) -> Callable[..., Any]:
        """Runs the script in its folder, and yields what it reports by the protocol of Pipes, if it knows that."""
        script = (context.path / self.execution.path).resolve()
        command = [*self.command(script), *arguments_of(self.execution.args)]

        def run(context: Any) -> Any:
            done = PipesSubprocessClient().run(context=context, command=command, cwd=str(script.parent))
            yield from done.get_results()

        return run


def arguments_of(args: Sequence[str] | str | None) -> list[str]:
    """Arguments of a script, as text for a shell or as a list."""
    return shlex.split(args) if isinstance(args, str) else [str(each) for each in args or ()]


class PythonScriptComponent(_ScriptComponent):
    """A Python script that makes assets or evaluates checks, run by this interpreter in a process of its own.

    In YAML: `execution: {path: update.py, args: [--full]}`, the path relative to the YAML file.
    """

    def command(self, script: Path) -> list[str]:
        """This interpreter and the script."""
        return [sys.executable, str(script)]


class UvRunComponent(_ScriptComponent):
    """A script with inline dependencies, run by `uv run` in an environment of its own."""

    def command(self, script: Path) -> list[str]:
        """`uv run` and the script."""
        return ["uv", "run", "--script", str(script)]
