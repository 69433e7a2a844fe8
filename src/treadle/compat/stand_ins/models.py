"""`dagster._model`, and names of types beside config classes and metadata."""

import inspect
from collections.abc import Mapping
from typing import Any

import pydantic

RawMetadataMapping = Mapping[str, Any]
ArbitraryMetadataMapping = Mapping[str, Any]
RawMetadataValue = Any


class DagsterModel(pydantic.BaseModel):
    """A pydantic model whose objects do not change and take no other fields."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


def safe_is_subclass(cls: Any, possible_parent: Any) -> bool:
    """As `issubclass`, False for what is no class."""
    return inspect.isclass(cls) and issubclass(cls, possible_parent)
