"""What the catalog says of resources, and what can be wrong with them, without opening any."""

import enum
from collections.abc import Iterable, Mapping
from typing import Any

from treadle.core.catalog import ResourceNode
from treadle.core.errors import TreadleError, did_you_mean
from treadle.core.problem import Problem
from treadle.define.config.environment import EnvVar
from treadle.define.config.secrets import HIDDEN, looks_secret, redact
from treadle.define.resources.annotations import TreatAsResourceParam
from treadle.define.resources.definition import ResourceDefinition, ValueResource, coerce_resource
from treadle.define.resources.opening import opening_order

KINDS_BY_WORD = {
    "adls": "azure",
    "airbyte": "airbyte",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "dbt": "dbt",
    "deltalake": "deltalake",
    "dlt": "dlt",
    "duckdb": "duckdb",
    "fivetran": "fivetran",
    "gcs": "gcs",
    "iceberg": "iceberg",
    "mysql": "mysql",
    "postgres": "postgres",
    "redshift": "redshift",
    "s3": "s3",
    "slack": "slack",
    "sling": "sling",
    "snowflake": "snowflake",
    "spark": "spark",
}
"""Word in a class's name -> the kind of an asset that uses it."""


def kinds_of_resource(definition: ResourceDefinition) -> frozenset[str]:
    """The kinds that an asset without kinds of its own gets from a resource (S2-D11).

    A class says them itself with `treadle_kinds: ClassVar = ("duckdb",)`; otherwise its name, or a base
    class's, tells.
    """
    resource_class = class_of_resource(definition)
    said = getattr(resource_class, "treadle_kinds", None)
    if said is not None:
        return frozenset(said)
    for each in getattr(resource_class, "__mro__", ()):
        name = each.__name__.lower()
        found = frozenset(kind for word, kind in KINDS_BY_WORD.items() if word in name)
        if found:
            return found
    return frozenset()


def resource_node(
    key: str,
    definition: ResourceDefinition,
    definitions: Mapping[str, ResourceDefinition],
    used_by: Iterable[str] = (),
    where: str | None = None,
) -> ResourceNode:
    """A resource for the catalog: its class, its fields without secrets, what is nested in it.

    Args:
        key: its key.
        definition: the resource.
        definitions: all resources, to tell which nested ones have a key of their own.
        used_by: names of computations that use it.
        where: `file:line`.
    """
    keys = {id(each.source): name for name, each in definitions.items()}
    nested = {}
    for field, value in definition.nested.items():
        inner = coerce_resource(value)
        nested[field] = keys.get(id(inner.source)) or type_name_of(inner)
    nested |= {required: required for required in sorted(definition.required_resource_keys)}
    return ResourceNode(
        key=key,
        type_name=type_name_of(definition),
        kinds=kinds_of_resource(definition),
        config={name: shown_value(name, value) for name, value in definition.shown_config().items()},
        nested=nested,
        is_io_manager=definition.is_io_manager,
        used_by=tuple(used_by),
        where=where,
    )


def type_name_of(definition: ResourceDefinition) -> str:
    """The class of a resource, or the name of the function that makes it."""
    resource_class = class_of_resource(definition)
    return definition.function.name if resource_class is None else resource_class.__name__


def class_of_resource(definition: ResourceDefinition) -> Any:
    """The class of a resource that is an object; None for one that a function makes."""
    found = getattr(definition, "resource_class", None)
    if found is not None:
        return found
    value = getattr(definition, "value", None)
    return type(value) if isinstance(definition, ValueResource) or value is not None else None


def shown_value(name: str, value: Any) -> Any:
    """A field's value for people: variables by name, secrets hidden, anything odd as its type."""
    if isinstance(value, EnvVar):
        return f"{type(value).__name__}({value.env_var_name})"
    if isinstance(value, str) and looks_secret(name):
        return HIDDEN
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): shown_value(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown_value(name, item) for item in value]
    to_config = getattr(value, "to_config_value", None)
    return shown_value(name, to_config()) if to_config is not None else f"<{type(value).__name__}>"


def mismatch_with_annotation(definition: ResourceDefinition, annotation: Any) -> str | None:
    """What is wrong with giving this resource to a parameter with this annotation; None if nothing is.

    Only an instance of another resource class is refused (S2-D02b): what a function makes, a plain object
    or a mock
    may be anything.
    """
    given = getattr(definition, "resource_class", None)
    if given is None or not isinstance(annotation, type) or not hasattr(annotation, "model_fields"):
        return None
    if issubclass(given, annotation):
        return None
    return f"expected {annotation.__name__}, got {given.__name__}"


def resource_problems(
    definitions: Mapping[str, ResourceDefinition], needed: Mapping[str, Iterable[str]]
) -> list[Problem]:
    """Keys that nobody provides and resources that need each other in a circle, each once.

    Args:
        definitions: every resource, by key.
        needed: key -> names of those that need it.
    """
    problems: dict[str, Problem] = {}
    for key in sorted(set(needed) - set(definitions)):
        names = ", ".join(f"`{name}`" for name in sorted(needed[key])[:3])
        message = f"no resource `{key}` is provided" + (f"; it is needed by {names}" if names else "")
        hint = did_you_mean(key, definitions) or f'give it: `resources={{"{key}": …}}`'
        problems[message] = Problem(code="unknown-resource", message=message, suggestion=hint)
    for key in sorted(definitions):
        value = getattr(definitions[key], "value", None)
        if isinstance(value, type) and issubclass(value, TreatAsResourceParam):
            message = f"resource `{key}` is the class `{value.__name__}`, not an object of it"
            hint = f"write `{value.__name__}(…)`"
            problems[message] = Problem(code="wrong-resource-kind", message=message, suggestion=hint)
        try:
            opening_order(definitions, [key])
        except TreadleError as error:
            identity = " ".join(sorted(set(getattr(error, "path", ())))) or error.message
            problems.setdefault(
                identity, Problem(code=error.code, message=error.message, suggestion=error.hint)
            )
    return list(problems.values())
