"""`ResolutionContext`: what a value is resolved with: the names in scope and its place in the file."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pydantic

from treadle.components.resolution.errors import ResolutionError
from treadle.components.resolution.positions import SourcePosition, SourcePositionTree
from treadle.components.resolution.scopes import default_scope
from treadle.components.resolution.templates import is_template, render


@attrs.frozen
class ResolutionContext:
    """The names that templates may use, and where the value being resolved stands.

    Args:
        scope: names for templates.
        path: keys and indexes from the top of the document.
        source_position_tree: where the document's values stand.
        stash: what resolvers further up left for those below, by name.

    Example:
        >>> ResolutionContext.default().with_scope(table="orders").resolve_value("raw_{{ table }}")
        'raw_orders'
    """

    scope: Mapping[str, Any]
    path: Sequence[str | int] = ()
    source_position_tree: SourcePositionTree | None = None
    stash: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    _filled_in: str | None = attrs.field(default=None, repr=False)

    @staticmethod
    def default(source_position_tree: SourcePositionTree | None = None) -> "ResolutionContext":
        """The context that knows only the names every template has."""
        return ResolutionContext(default_scope(), source_position_tree=source_position_tree)

    def with_scope(self, **additional_scope: Any) -> "ResolutionContext":
        """The same with further names; they win."""
        return attrs.evolve(self, scope={**self.scope, **additional_scope})

    def with_stashed_value(self, key: str, value: Any) -> "ResolutionContext":
        """The same, with a value for resolvers further down."""
        return attrs.evolve(self, stash={**self.stash, key: value})

    def with_source_position_tree(self, source_position_tree: SourcePositionTree) -> "ResolutionContext":
        """The same for another document."""
        return attrs.evolve(self, source_position_tree=source_position_tree)

    def at_path(self, path_part: str | int) -> "ResolutionContext":
        """The same for a value inside."""
        return attrs.evolve(self, path=[*self.path, path_part])

    def with_filled_in(self, text: str) -> "ResolutionContext":
        """The same, knowing a text that a template gave: what stands in it is never a template itself."""
        return attrs.evolve(self, filled_in=text)

    @property
    def where(self) -> SourcePosition | None:
        """The place of the value, where its file is known."""
        return None if self.source_position_tree is None else self.source_position_tree.value_at(self.path)

    def resolve_value(self, val: Any, as_type: type | None = None) -> Any:
        """A value with its templates filled in, at any depth.

        Args:
            val: text, a number, a list, a mapping or a model of such.
            as_type: what the result must be.

        Raises:
            ResolutionError: a template that fails, or another type.
        """
        resolved = self._resolved(val)
        if as_type is not None and not isinstance(resolved, as_type):
            raise ResolutionError.one(
                f"{self._named()}expected {as_type.__name__}, got {type(resolved).__name__}", where=self.where
            )
        return resolved

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, str):
            if value is self._filled_in or not is_template(value):
                return value
            return render(value, self.scope, self.where)
        if isinstance(value, Mapping):
            return {self._resolved(key): self.at_path(key)._resolved(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.at_path(index)._resolved(inner) for index, inner in enumerate(value)]
        if isinstance(value, pydantic.BaseModel):
            return value.model_copy(
                update={
                    name: self.at_path(name)._resolved(getattr(value, name))
                    for name in value.model_fields_set
                }
            )
        return value

    def resolve_source_relative_path(self, value: str) -> Path:
        """A path that is relative to the folder of the YAML file; as it stands where it comes from no file."""
        if os.path.isabs(value):
            return Path(os.path.normpath(value))  # links stay: they may be how a deployment is laid out
        if self.source_position_tree is None:
            return Path(value)
        return (Path(self.source_position_tree.position.filename).parent / value).resolve()

    def _named(self) -> str:
        return f"`{'.'.join(str(part) for part in self.path)}`: " if self.path else ""
