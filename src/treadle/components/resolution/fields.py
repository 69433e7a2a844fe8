"""The fields of a class, whatever kind of class it is, and how each is read from YAML."""

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import attrs
import pydantic
from pydantic_core import core_schema

from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.errors import ResolutionError
from treadle.components.resolution.resolver import Resolver
from treadle.components.resolution.templates import as_literal, is_template
from treadle.core.problem import Problem

MISSING: Final = inspect.Parameter.empty


@attrs.frozen
class FieldOf:
    """A field as its class declares it."""

    name: str
    annotation: Any
    default: Any = MISSING
    description: str | None = None


@attrs.frozen
class Reading:
    """How values of an annotation are read: what YAML holds, and what becomes of it."""

    model_type: Any
    resolve: Callable[[ResolutionContext, Any], Any]
    is_plain: bool = False
    """Nothing but templates to fill in."""
    resolver: Resolver | None = None


class TemplateOr:
    """Lets a template stand where another type is wanted."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_wrap_validator_function(
            lambda value, inner: value if is_template(value) else inner(value), handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {"anyOf": [handler(schema), {"type": "string", "pattern": r"\{\{.*\}\}"}]}

    def __repr__(self) -> str:
        return "TemplateOr"


def fields_of(cls: type) -> list[FieldOf]:
    """The fields of a pydantic model, a dataclass, or a class whose `__init__` is annotated.

    Raises:
        ResolutionError: an annotation is missing or its names are not known.
    """
    if issubclass(cls, pydantic.BaseModel):
        return _model_fields(cls)
    if dataclasses.is_dataclass(cls):
        hints = _hints(cls, cls)
        return [
            FieldOf(each.name, hints[each.name], _dataclass_default(each))
            for each in dataclasses.fields(cls)
            if each.init
        ]
    return _parameters(cls)


def _model_fields(cls: type[pydantic.BaseModel]) -> list[FieldOf]:
    found = []
    for name, info in cls.model_fields.items():
        annotation: Any = info.annotation
        for each in info.metadata:
            if isinstance(each, Resolver):
                annotation = Annotated[annotation, each]
        default = MISSING if info.is_required() else info.get_default(call_default_factory=False)
        found.append(FieldOf(info.alias or name, annotation, default, info.description))
    return found


def _dataclass_default(field: "dataclasses.Field[Any]") -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return MISSING if field.default_factory is dataclasses.MISSING else None


def _parameters(cls: type) -> list[FieldOf]:
    maker: Any = inspect.getattr_static(cls, "__init__")
    if maker is object.__init__:
        return []
    hints = _hints(maker, cls)
    found = []
    for parameter in list(inspect.signature(maker).parameters.values())[1:]:
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise ResolutionError.one(
                f"`{parameter.name}` of `{cls.__name__}` is positional-only, and attributes are given by name"
            )
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.name not in hints:
            raise ResolutionError.one(
                f"`{parameter.name}` of `{cls.__name__}` has no annotation, so it can not be read from YAML"
            )
        found.append(FieldOf(parameter.name, hints[parameter.name], parameter.default))
    return found


def _hints(annotated: Any, cls: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(annotated, include_extras=True)
    except NameError as error:
        raise ResolutionError.one(
            f"an annotation of `{cls.__name__}` names what is not there: {error}"
        ) from error


_Model = Callable[[type], "type[pydantic.BaseModel]"]
_READY: Final = {
    kind: f"Resolved{kind}"
    for kind in ("AssetKey", "AssetSpec", "AssetCheckSpec", "PartitionsDefinition", "BackfillPolicy")
}
"""Classes whose reading is written already: `ResolvedAssetKey` for an AssetKey."""
_PLAIN: Final = (str, int, float, bool, bytes, NoneType, Enum)


class Reader:
    """Finds how annotations are read.

    Args:
        is_resolvable: whether a class is read attribute by attribute.
        model_of: the pydantic model of such a class.
        resolve_model: makes an object of such a class.
    """

    def __init__(
        self,
        is_resolvable: Callable[[Any], bool],
        model_of: _Model,
        resolve_model: Callable[[type, ResolutionContext, Any], Any],
    ) -> None:
        self._is_resolvable = is_resolvable
        self._model_of = model_of
        self._resolve_model = resolve_model

    def reading(self, annotation: Any, what: str) -> Reading:
        """How values of an annotation are read.

        Args:
            annotation: of a field, or part of one.
            what: the field, for errors.

        Raises:
            ResolutionError: YAML can hold nothing of that type.
        """
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._annotated(arguments[0], arguments[1:], what)
        if self._is_resolvable(annotation):
            return self._of_class(annotation)
        if origin in (Union, UnionType):
            return self._union(arguments, annotation, what)
        if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
            return self._mapping(arguments, annotation, what)
        if _is_list(origin, arguments):
            return self._list(arguments[0], annotation, origin, what)
        return self._plain(annotation, what)

    def _annotated(self, inner: Any, extras: Sequence[Any], what: str) -> Reading:
        resolver = next((each for each in extras if isinstance(each, Resolver)), None)
        if resolver is None:
            return self.reading(inner, what)
        if resolver.is_default:
            read = self.reading(inner, what)
            nested = read.resolver.with_outer_resolver(resolver) if read.resolver else resolver
            return attrs.evolve(
                read, resolver=nested, model_type=resolver.model_field_type or read.model_type
            )
        wanted = resolver.model_field_type
        if wanted is None:
            try:
                wanted = self.reading(inner, what).model_type
            except ResolutionError:
                wanted = Any
        return Reading(_or_template(wanted), resolver.resolve, resolver=resolver)

    def _of_class(self, cls: type) -> Reading:
        model = self._model_of(cls)

        def resolve(context: ResolutionContext, value: Any) -> Any:
            if isinstance(value, model):
                return self._resolve_model(cls, context, value)
            return context.resolve_value(value)

        return Reading(_or_template(model), resolve)

    def _nested(self, annotation: Any, what: str) -> Reading:
        """How a part of an annotation is read."""
        inner = self.reading(annotation, what)
        if inner.resolver is not None and inner.resolver.resolves_from_parent_object:
            raise ResolutionError.one(
                f"{what}: `Resolver.from_model` makes a whole field, so it can not stand within another type",
                hint="write the resolver around the whole annotation",
            )
        return inner

    def _union(self, members: Sequence[Any], annotation: Any, what: str) -> Reading:
        readings = [self._nested(each, what) for each in members]
        if all(each.is_plain for each in readings):
            return self._plain(annotation, what)
        described = next((each.resolver for each in readings if each.resolver is not None), None)

        def resolve(context: ResolutionContext, value: Any) -> Any:
            if value is None or is_template(value):
                return context.resolve_value(value)
            fitting = [each for each in readings if _fits(value, each.model_type)]
            for each in fitting[:-1]:
                try:
                    return each.resolve(context, value)
                except (ResolutionError, TypeError, ValueError):
                    continue
            return fitting[-1].resolve(context, value) if fitting else context.resolve_value(value)

        types = tuple(each.model_type for each in readings)
        return Reading(_or_template(Union[types]), resolve, resolver=described and _shown(described))  # noqa: UP007

    def _list(self, item: Any, annotation: Any, origin: Any, what: str) -> Reading:
        inner = self._nested(item, what)
        if inner.is_plain:
            return self._plain(annotation, what)
        make: Any = origin if origin in (tuple, set, frozenset) else list

        def resolve(context: ResolutionContext, value: Any) -> Any:
            if not isinstance(value, list | tuple):
                return context.resolve_value(value)
            return make(_all(inner.resolve, [(context.at_path(at), one) for at, one in enumerate(value)]))

        return Reading(_or_template(types.GenericAlias(list, (inner.model_type,))), resolve)

    def _mapping(self, arguments: Sequence[Any], annotation: Any, what: str) -> Reading:
        inner = self._nested(arguments[1], what)
        if inner.is_plain:
            return self._plain(annotation, what)

        def resolve(context: ResolutionContext, value: Any) -> Any:
            if not isinstance(value, Mapping):
                return context.resolve_value(value)
            found = _all(inner.resolve, [(context.at_path(key), one) for key, one in value.items()])
            return dict(zip(value, found, strict=True))

        return Reading(_or_template(types.GenericAlias(dict, (arguments[0], inner.model_type))), resolve)

    def _plain(self, annotation: Any, what: str) -> Reading:
        if annotation is object or not _is_known(annotation):
            raise ResolutionError.one(
                f"{what}: `{_text(annotation)}` can not be read from YAML",
                hint=_how_to_read(annotation),
            )

        def resolve(context: ResolutionContext, value: Any) -> Any:
            resolved = context.resolve_value(value)
            return _fitting(resolved, annotation) if is_template(value) else resolved

        return Reading(_or_template(annotation), resolve, is_plain=True)


def _all(
    resolve: Callable[[ResolutionContext, Any], Any], items: Iterable[tuple[ResolutionContext, Any]]
) -> list[Any]:
    """What becomes of each item; all that is wrong in any is raised together."""
    found: list[Any] = []
    problems: list[Problem] = []
    for context, value in items:
        try:
            found.append(resolve(context, value))
        except ResolutionError as error:
            problems.extend(error.problems)
    if problems:
        raise ResolutionError.of(problems)
    return found


def _shown(resolver: Resolver) -> Resolver:
    """Only what a resolver says for the schema."""
    return Resolver.default(
        model_field_name=resolver.model_field_name,
        description=resolver.description,
        examples=resolver.examples,
        json_schema_extra=resolver.json_schema_extra,
        form_config=resolver.form_config,
    )


def _is_list(origin: Any, arguments: Sequence[Any]) -> bool:
    if not isinstance(origin, type) or not issubclass(origin, Collection | Iterable) or origin is Literal:
        return False
    if origin is tuple:
        return len(arguments) == 2 and arguments[1] is Ellipsis
    return len(arguments) == 1


def _or_template(annotation: Any) -> Any:
    if annotation is str or annotation is Any or _takes_text(annotation):
        return annotation
    return Annotated[annotation, TemplateOr()]


def _takes_text(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType) and str in get_args(annotation)


def _fits(value: Any, model_type: Any) -> bool:
    inner = get_args(model_type)[0] if get_origin(model_type) is Annotated else model_type
    origin = get_origin(inner)
    if inner is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(inner))
    if origin is Literal:
        return value in get_args(inner)
    kind = origin or inner
    if not isinstance(kind, type):
        return True
    if isinstance(value, list):
        return issubclass(kind, list | tuple | set | frozenset) or kind in (Sequence, Iterable, Collection)
    return isinstance(value, kind)


def _is_known(annotation: Any) -> bool:
    if annotation is Any or (isinstance(annotation, type) and issubclass(annotation, _PLAIN)):
        return True
    try:
        pydantic.TypeAdapter(annotation)
    except pydantic.errors.PydanticUserError:
        return False
    return True


def _fitting(value: Any, annotation: Any) -> Any:
    """What a template gave, as the field's type where it can be; text may spell a number."""
    try:
        adapter = pydantic.TypeAdapter(annotation)
    except pydantic.errors.PydanticUserError:
        return value
    for candidate in (value, as_literal(value)) if isinstance(value, str) else (value,):
        try:
            return adapter.validate_python(candidate)
        except pydantic.ValidationError:
            continue
    return value


def _how_to_read(annotation: Any) -> str:
    ready = _READY.get(_text(annotation))
    if ready is not None:
        return f"write `{ready}` instead"
    return "make it a Resolvable, or say how with Annotated[…, Resolver(function, model_field_type=…)]"


def _text(annotation: Any) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)
