"""`Resolvable`: a class whose objects are made of YAML; `Model`: its usual base."""

import json
from collections.abc import Mapping
from typing import Any, Final, Self, cast

import attrs
import pydantic
import yaml

from treadle.components.form_config import ComponentFormConfig
from treadle.components.resolution.context import ResolutionContext
from treadle.components.resolution.errors import ResolutionError, problems_of
from treadle.components.resolution.fields import MISSING, FieldOf, Reader, Reading, fields_of
from treadle.components.resolution.positions import read_documents
from treadle.core.errors import TreadleError
from treadle.core.problem import Problem


class Model(pydantic.BaseModel):
    """A pydantic model that refuses unknown attributes; the usual base of what is `Resolvable`."""

    model_config = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class Resolvable:
    """A class whose objects can be made of YAML: a pydantic model, a dataclass, or one whose `__init__` is annotated.

    Text may hold templates (`{{ … }}`); a field may say with `Resolver` how it is made.

    Example:
        >>> from dataclasses import dataclass
        >>> from treadle import Resolvable
        >>> @dataclass
        ... class Table(Resolvable):
        ...     name: str
        ...     columns: list[str]
        >>> Table.resolve_from_yaml("{name: 'raw_{{ suffix }}', columns: [id]}", scope={"suffix": "orders"})
        Table(name='raw_orders', columns=['id'])
    """

    @classmethod
    def model(cls) -> type[pydantic.BaseModel]:
        """The pydantic model of what YAML may hold."""
        return model_of(cls)

    @classmethod
    def get_form_config(cls) -> ComponentFormConfig | None:
        """How a form shows objects of this class."""
        return None

    @classmethod
    def resolve_from_model(cls, context: ResolutionContext, model: pydantic.BaseModel) -> Self:
        """An object of validated attributes.

        Raises:
            ResolutionError: with all that is wrong.
        """
        return cast(Self, make(cls, resolve_fields(cls, context, model), context))

    @classmethod
    def resolve_from_dict(cls, dictionary: Mapping[str, Any]) -> Self:
        """An object of plain attributes."""
        return cls.resolve_from_yaml(yaml.safe_dump(dictionary))

    @classmethod
    def resolve_from_yaml(cls, yaml: str, *, scope: Mapping[str, Any] | None = None) -> Self:
        """An object of a YAML text.

        Args:
            yaml: the attributes.
            scope: further names for templates.

        Raises:
            pydantic.ValidationError: attributes of the wrong name or type.
            ResolutionError: a template or resolver that fails.
        """
        documents = read_documents(yaml, "<string>")
        document = documents[0] if documents else None
        attributes = cls.model().model_validate({} if document is None else document.value)
        context = ResolutionContext.default(None if document is None else document.positions)
        return cls.resolve_from_model(context.with_scope(**(scope or {})), attributes)


_MODEL: Final = "_treadle_attributes_model"
_READINGS: Final = "_treadle_readings"


def model_of(cls: type) -> type[pydantic.BaseModel]:
    """The pydantic model of what YAML may hold for a class; made once for each.

    Raises:
        ResolutionError: a field that YAML can not hold.
    """
    known = cls.__dict__.get(_MODEL)
    if known is not None:
        return cast("type[pydantic.BaseModel]", known)
    readings: dict[str, tuple[FieldOf, Reading]] = {}
    fields: dict[str, Any] = {}
    for field in fields_of(cls):
        reading = _reader.reading(field.annotation, f"`{field.name}` of `{cls.__name__}`")
        readings[field.name] = field, reading
        if reading.resolver is None or not reading.resolver.resolves_from_parent_object:
            fields[_name_in_model(field, reading)] = _model_field(field, reading)
        elif reading.resolver.model_field_name is not None:
            fields.setdefault(reading.resolver.model_field_name, _model_field(field, reading))
        else:  # made of the other attributes; it may be given as well, for its function to look at
            fields.setdefault(field.name, _model_field(attrs.evolve(field, default=_given(field)), reading))
    model: type[pydantic.BaseModel] = pydantic.create_model(
        f"{cls.__name__}Model" if issubclass(cls, Resolvable) else cls.__name__,
        __config__=pydantic.ConfigDict(
            extra="forbid",
            arbitrary_types_allowed=True,
            protected_namespaces=(),
            json_schema_extra={"title": cls.__name__, **_form_of(cls)},
        ),
        **fields,
    )
    setattr(cls, _MODEL, model)
    setattr(cls, _READINGS, readings)
    return model


def _form_of(cls: type) -> dict[str, Any]:
    form = cls.get_form_config() if issubclass(cls, Resolvable) else None
    return {} if form is None else form.of_component()


def _name_in_model(field: FieldOf, reading: Reading) -> str:
    return (reading.resolver and reading.resolver.model_field_name) or field.name


def _model_field(field: FieldOf, reading: Reading) -> Any:
    resolver = reading.resolver
    extra: dict[str, Any] = dict((resolver and resolver.json_schema_extra) or {})
    if resolver is not None and resolver.form_config is not None:
        extra.update(resolver.form_config.of_field())
    default = ... if field.default is MISSING else _plain_default(field.default)
    return (
        reading.model_type if default is not None else reading.model_type | None,
        pydantic.Field(
            default=default,
            description=(resolver and resolver.description) or field.description,
            examples=resolver.examples if resolver else None,
            json_schema_extra=extra or None,
        ),
    )


def _given(field: FieldOf) -> Any:
    return None if field.default is MISSING else field.default


def _plain_default(default: Any) -> Any:
    """The default where JSON can show it; it is never resolved, so otherwise None stands for it."""
    try:
        json.dumps(default)
    except (TypeError, ValueError):
        return None
    return default


def resolve_fields(cls: type, context: ResolutionContext, model: pydantic.BaseModel) -> dict[str, Any]:
    """The arguments for a class, of its validated attributes. What was not given is left to the class.

    Raises:
        ResolutionError: with all that is wrong.
    """
    model_of(cls)
    arguments: dict[str, Any] = {}
    problems: list[Problem] = []
    readings: dict[str, tuple[FieldOf, Reading]] = cls.__dict__[_READINGS]
    for name, (field, reading) in readings.items():
        resolver, inner = reading.resolver, _name_in_model(field, reading)
        if field.default is not MISSING and inner not in model.model_fields_set:
            continue
        at = context.at_path(inner)
        try:
            if resolver is not None and resolver.resolves_from_parent_object:
                arguments[name] = resolver.fn(context, model)
            else:
                arguments[name] = reading.resolve(at, getattr(model, inner))
        except ResolutionError as error:
            problems.extend(error.problems)
        except Exception as error:  # noqa: BLE001 - resolvers are the user's functions
            problems.extend(_raised(error, at, name))
    if problems:
        raise ResolutionError.of(problems)
    return arguments


def _raised(error: Exception, context: ResolutionContext, name: str) -> Any:
    if isinstance(error, TreadleError):
        told = ResolutionError.one(
            f"`{name}`: {error.message}", code=error.code, where=context.where, hint=error.hint
        )
    else:
        told = ResolutionError.one(f"`{name}`: {type(error).__name__}: {error}", where=context.where)
    return told.problems


def make(cls: type, arguments: dict[str, Any], context: ResolutionContext) -> Any:
    """An object of a class; what the class refuses is told with its place."""
    try:
        return cls(**arguments)
    except pydantic.ValidationError as error:
        model = cls if issubclass(cls, pydantic.BaseModel) else None
        problems = problems_of(error, model, context.source_position_tree, context.path)
        raise ResolutionError.of(problems) from error


def _is_resolvable(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Resolvable | pydantic.BaseModel)


def _resolve_model(cls: type, context: ResolutionContext, model: Any) -> Any:
    if issubclass(cls, Resolvable):
        return cls.resolve_from_model(context, model)
    return make(cls, resolve_fields(cls, context, model), context)


def _model_of_class(cls: type) -> type[pydantic.BaseModel]:
    return cls.model() if issubclass(cls, Resolvable) else model_of(cls)


_reader: Final = Reader(_is_resolvable, _model_of_class, _resolve_model)
