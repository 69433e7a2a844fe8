"""`Resolver`: how one field is made of what the YAML says."""

import inspect
import typing
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar

from pydantic.errors import PydanticSchemaGenerationError
from pydantic_core import core_schema

from treadle.components.form_config import ComponentFormConfig
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.errors import ResolutionError
from treadle.core.errors import InvalidArgumentError, TreadleError, wrong_type

_Kind = Literal["attribute", "model", "default", "union"]


class Resolver:
    """How a field is made of what the YAML says; written into the field's annotation.

    Args:
        fn: takes the `ResolutionContext` and the field's value as validated, gives what the object gets.
        model_field_name: the attribute's name in YAML, where it is another than the field's.
        model_field_type: what YAML must hold; by default what the annotation says.
        description: of the attribute, for the schema.
        examples: of the attribute, for the schema.
        inject_before_resolve: True: a template that gives an object, not text, is taken as it is, without `fn`.
        json_schema_extra: put into the attribute's schema.
        form_config: how a form shows the field.

    Example:
        >>> from typing import Annotated
        >>> from treadle import Model, Resolvable, Resolver
        >>> class Table(Model, Resolvable):
        ...     name: Annotated[str, Resolver(lambda context, value: value.upper())]
        >>> Table.resolve_from_yaml("name: orders").name
        'ORDERS'
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        model_field_name: str | None = None,
        model_field_type: type | UnionType | None = None,
        description: str | None = None,
        examples: list[Any] | None = None,
        inject_before_resolve: bool = True,
        json_schema_extra: dict[str, Any] | None = None,
        form_config: ComponentFormConfig | None = None,
    ) -> None:
        if not callable(fn):
            raise wrong_type("fn", "a function of a context and a value", fn)
        self.fn = fn
        self.model_field_name = model_field_name
        self.model_field_type: Any = model_field_type
        self.description = description
        self.examples = examples
        self.inject_before_resolve = inject_before_resolve
        self.json_schema_extra = json_schema_extra
        self.form_config = form_config
        self._kind: _Kind = "attribute"
        self._members: Sequence[tuple[Any, Resolver]] = ()
        _check_parameters(fn)

    @staticmethod
    def default(
        *,
        model_field_name: str | None = None,
        model_field_type: type | UnionType | None = None,
        description: str | None = None,
        examples: list[Any] | None = None,
        json_schema_extra: dict[str, Any] | None = None,
        form_config: ComponentFormConfig | None = None,
    ) -> "Resolver":
        """The resolver that a field has by itself, with another name, type or description."""
        made = Resolver(
            _filled_in,
            model_field_name=model_field_name,
            model_field_type=model_field_type,
            description=description,
            examples=examples,
            json_schema_extra=json_schema_extra,
            form_config=form_config,
        )
        made._kind = "default"
        return made

    @staticmethod
    def passthrough(description: str | None = None, examples: list[Any] | None = None) -> "Resolver":
        """Takes the value as it stands, templates unfilled."""
        return Resolver(
            _as_it_stands, description=description, examples=examples, inject_before_resolve=False
        )

    @staticmethod
    def from_model(fn: Callable[..., Any], **kwargs: Any) -> "Resolver":
        """A resolver whose function takes the context and the whole model, not one attribute."""
        made = Resolver(fn, **kwargs)
        made._kind = "model"
        return made

    @staticmethod
    def union(arg_resolver_pairs: Sequence[tuple[Any, "Resolver"]]) -> "Resolver":
        """The first of several resolvers that can take the value."""
        made = Resolver(_filled_in)
        made._kind = "union"
        made._members = list(arg_resolver_pairs)
        made.model_field_type = typing.Union[  # noqa: UP007 - made of a list
            tuple(resolver.model_field_type or kind for kind, resolver in made._members)
        ]
        return made

    @property
    def is_default(self) -> bool:
        """Whether it leaves the work to the annotation."""
        return self._kind == "default"

    @property
    def resolves_from_parent_object(self) -> bool:
        """Whether its function takes the whole model."""
        return self._kind == "model"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Lets a field of a pydantic model be of a class that pydantic knows nothing of."""
        try:
            return handler(source)
        except PydanticSchemaGenerationError:
            return core_schema.is_instance_schema(typing.get_origin(source) or source)

    def with_outer_resolver(self, outer: "Resolver") -> "Resolver":
        """This one, with what an outer annotation says of name and description."""
        made = Resolver(
            self.fn,
            model_field_name=outer.model_field_name or self.model_field_name,
            model_field_type=outer.model_field_type or self.model_field_type,
            description=outer.description or self.description,
            examples=outer.examples or self.examples,
            inject_before_resolve=self.inject_before_resolve,
            json_schema_extra={**(self.json_schema_extra or {}), **(outer.json_schema_extra or {})} or None,
            form_config=outer.form_config or self.form_config,
        )
        made._kind, made._members = self._kind, self._members
        return made

    def execute(self, context: ResolutionContext, model: Any, field_name: str) -> Any:
        """The field's value, made of a model.

        Args:
            context: at the model's path.
            model: the validated attributes.
            field_name: the field of the object.
        """
        if self.resolves_from_parent_object:
            return self.fn(context, model)
        name = self.model_field_name or field_name
        return self.resolve(context.at_path(name), getattr(model, name))

    def resolve(self, context: ResolutionContext, value: Any) -> Any:
        """What a value becomes, at the context's path."""
        if self.inject_before_resolve and isinstance(value, str):
            value = context.resolve_value(value)
            if not isinstance(value, str):
                return value
            context = context.with_filled_in(value)
        if self._kind == "union":
            return self._first_that_takes(context, value)
        return self.fn(context, value)

    def _first_that_takes(self, context: ResolutionContext, value: Any) -> Any:
        reasons = []
        for kind, resolver in self._members:
            taken = resolver.model_field_type or kind
            if isinstance(taken, type) and not isinstance(value, taken):
                continue
            try:
                return resolver.resolve(context, value)
            except (TreadleError, ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
                reasons.append(str(error))
        told = "; ".join(reasons) or f"got {type(value).__name__}"
        raise ResolutionError.one(f"none of the kinds that stand here fits: {told}", where=context.where)


def _filled_in(context: ResolutionContext, value: Any) -> Any:
    return context.resolve_value(value)


def _as_it_stands(context: ResolutionContext, value: Any) -> Any:
    return value


def _check_parameters(fn: Callable[..., Any]) -> None:
    try:
        inspect.signature(fn).bind(None, None)
    except ValueError:  # a builtin that does not tell its parameters
        return
    except TypeError as error:
        raise InvalidArgumentError(
            f"a resolver's function takes a context and a value; `{getattr(fn, '__name__', fn)}` does not: {error}"
        ) from error


_T = TypeVar("_T")

Injected = Annotated[_T, Resolver(_filled_in, model_field_type=str)]
"""A field that only a template can give: `Injected[MyClient]` reads `{{ client }}`."""
