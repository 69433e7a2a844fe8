"""Components that run SQL for assets."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pydantic

from treadle.components.lib.executable import ExecutableComponent
from treadle.components.load_context import ComponentLoadContext
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.definition_models import OpSpec
from treadle.components.resolution.resolvable import Model, Resolvable
from treadle.components.resolution.resolver import Resolver
from treadle.components.resolution.templates import render
from treadle.core.asset_events import MaterializeResult


class SQLClient(ABC):
    """Something that runs SQL: usually a component of a connection."""

    @abstractmethod
    def connect_and_execute(self, sql: str) -> None:
        """Connect, and run one or more statements."""


class SqlComponent(ExecutableComponent):
    """SQL that makes assets. A subclass says which, by `get_sql_content`.

    Args:
        connection: what runs it; in YAML a template: `{{ context.load_component('warehouse') }}`.
        execution: what is said of the step.
    """

    connection: Annotated[
        SQLClient,
        Resolver(
            lambda context, value: context.resolve_value(value, as_type=SQLClient),
            model_field_type=str,
            description="What runs the SQL.",
        ),
    ]
    execution: OpSpec | None = None

    @abstractmethod
    def get_sql_content(self, context: Any, component_load_context: ComponentLoadContext) -> str:
        """The SQL to run."""

    @abstractmethod
    def get_unique_name(self) -> str:
        """The step's name where none is said."""

    @property
    def op_spec(self) -> OpSpec:
        """What is said of the step."""
        return self.execution or OpSpec()

    @property
    def default_name(self) -> str:
        """`get_unique_name`."""
        return self.get_unique_name()

    def execute(self, context: Any, component_load_context: ComponentLoadContext) -> None:
        """Run the SQL over the connection."""
        self.connection.connect_and_execute(self.get_sql_content(context, component_load_context))

    def compute_function(self, context: ComponentLoadContext) -> Callable[..., Any]:
        """Runs the SQL."""
        load_context, keys = context, [spec.key for spec in self.assets or ()]

        def run(context: Any) -> Any:
            self.execute(context, load_context)
            for key in keys:
                yield MaterializeResult(asset_key=key)

        return run


class SqlFile(Model, Resolvable):
    """SQL in a file; the path is relative to the YAML file."""

    path: str


def _template(context: ResolutionContext, value: Any) -> Any:
    """Left unfilled: it is filled with `sql_template_vars` when it runs."""
    if isinstance(value, SqlFile.model()):
        return SqlFile(path=str(context.resolve_source_relative_path(value.path)))  # type: ignore[attr-defined]
    return value


class TemplatedSqlComponent(SqlComponent):
    """SQL with templates, given in place or in a file, that makes assets.

    Args:
        sql_template: the SQL, or `SqlFile(path=…)`; with names of `sql_template_vars` in `{{ … }}`.
        sql_template_vars: those names' values.
    """

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    sql_template: Annotated[
        str | SqlFile,
        Resolver(
            _template,
            model_field_type=str | SqlFile.model(),
            inject_before_resolve=False,
            description="The SQL, or its file.",
        ),
    ]
    sql_template_vars: Mapping[str, Any] | None = None

    def get_sql_content(self, context: Any, component_load_context: ComponentLoadContext) -> str:
        """The SQL with the names filled in."""
        if isinstance(self.sql_template, SqlFile):
            text = (component_load_context.path / self.sql_template.path).read_text(encoding="utf-8")
        else:
            text = self.sql_template
        return str(render(text, self.sql_template_vars or {}))

    def get_unique_name(self) -> str:
        """A name made of the template."""
        template = self.sql_template.path if isinstance(self.sql_template, SqlFile) else self.sql_template
        return "sql_" + hashlib.sha256(template.encode()).hexdigest()[:8]
