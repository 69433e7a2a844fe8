"""`AssetSelection`: an expression that says which assets and checks are meant, before they are known."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal

import msgspec

from treadle.core.deprecation import deprecated, deprecation_warning
from treadle.core.errors import (
    InvalidAssetSelectionError,
    InvalidDefinitionError,
    InvalidInvocationError,
    TreadleError,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.attributes import attribute_text, matching_keys
from treadle.core.selection.clauses import Clause
from treadle.core.selection.coercion import check_keys_of, key_of, keys_of, unique
from treadle.core.selection.expression import SelectionExpression
from treadle.core.selection.graph import AssetKeys, CheckKeys, SelectableGraph
from treadle.core.selection.narrowing import OPERATIONS, checks_of_assets, unknown_keys_error
from treadle.core.selection.parser import read_selection
from treadle.core.selection.quoting import SelectionText, quoted_pattern
from treadle.core.selection.walks import reach
from treadle.core.selection.writers import Part, Parts


class AssetSelection(SelectionExpression):
    """Some assets and checks, chosen by name, group, tag, kind, owner or place in the graph.

    Combine with `|` (either), `&` (both) and `-` (without). Nothing is looked up until `resolve`. Checks come
    along with their assets unless `without_checks` is said. A class of one's own overrides `resolve_inner`.

    Example:
        >>> str(AssetSelection.groups("marts").upstream() - AssetSelection.kind("s3"))
        '+group:"marts" and not kind:"s3"'
    """

    # More methods than a class of ours has otherwise: they are the peer's public names.
    __slots__ = ()

    @staticmethod
    def all(include_sources: bool = False) -> "AssetSelection":
        """Every asset that a run can make; with `include_sources` external ones too."""
        return Everything(include_sources)

    @staticmethod
    def all_asset_checks() -> "AssetSelection":
        """Every check and no asset."""
        return Checks(None)

    @staticmethod
    def assets(*assets_defs: Any) -> "AssetSelection":
        """These assets: names (`"raw/orders"`), keys, or the decorated functions themselves.

        Raises:
            InvalidInvocationError: an argument is none of these.
        """
        return Named(unique(key for named in assets_defs for key in keys_of(named)))

    @staticmethod
    def keys(*asset_keys: Any) -> "AssetSelection":
        """These assets, by key, name, or list of parts. Deprecated: `assets` takes the same."""
        deprecation_warning("`AssetSelection.keys`", "2.0", "Use `AssetSelection.assets` instead.")
        return Named(unique(map(key_of, asset_keys)))

    @staticmethod
    def checks(*assets_defs_or_check_keys: Any) -> "AssetSelection":
        """These checks and no asset: `@asset_check` functions or check keys."""
        return Checks(unique(key for named in assets_defs_or_check_keys for key in check_keys_of(named)))

    @staticmethod
    def checks_for_assets(*assets_defs: Any) -> "AssetSelection":
        """All checks of these assets, wherever they are defined, without the assets."""
        return ChecksOf(unique(key for named in assets_defs for key in keys_of(named)))

    @staticmethod
    def groups(*group_strs: str, include_sources: bool = False) -> "AssetSelection":
        """The assets of any of these groups."""
        names: Sequence[str | None] = group_strs or (None,)
        return _either([Matching("group", name, include_sources) for name in names])

    @staticmethod
    def key_prefixes(*key_prefixes: str | Sequence[str], include_sources: bool = False) -> "AssetSelection":
        """The assets whose key begins with any of these parts."""
        prefixes = tuple((given,) if isinstance(given, str) else tuple(given) for given in key_prefixes)
        return Matching("key_prefixes", prefixes, include_sources)

    @staticmethod
    def key_substring(key_substring: str, include_sources: bool = False) -> "AssetSelection":
        """The assets whose key, its parts joined by slashes, contains this text."""
        return Matching("key_substring", key_substring, include_sources)

    @staticmethod
    def tag(key: str, value: str, include_sources: bool = False) -> "AssetSelection":
        """The assets with this tag at this value; a tag without a value has the empty one."""
        return Matching("tag", (key, value), include_sources)

    @staticmethod
    def tag_string(string: str, include_sources: bool = False) -> "AssetSelection":
        """The assets with the tag that `key` or `key=value` says."""
        key, _, value = string.partition("=")
        if "=" in value:
            raise InvalidInvocationError(
                f"{string!r} has more than one `=`", hint="use AssetSelection.tag(key, value)"
            )
        return Matching("tag", (key, value), include_sources)

    @staticmethod
    def kind(kind: str | None, include_sources: bool = False) -> "AssetSelection":
        """The assets of this kind; None for those without any."""
        return Matching("kind", kind, include_sources)

    @staticmethod
    def owner(owner: str | None, include_sources: bool = False) -> "AssetSelection":
        """The assets of this owner; None for those without any."""
        return Matching("owner", owner, include_sources)

    @staticmethod
    def writer(asset: Any, *writers: str) -> "AssetSelection":
        """Of an asset that several functions write, what these write; their names must be known when it is resolved.

        Example:
            >>> str(AssetSelection.writer("orders", "shopify"))
            'writer:"orders/shopify"'
        """
        key = key_of(asset).to_user_string()
        return _either([Matching("writer", (f"{key}/{name}",)) for name in writers])

    @classmethod
    def from_string(cls, string: str, include_sources: bool = False) -> "AssetSelection":
        """Read the selection language.

        Raises:
            InvalidAssetSelectionError: it does not read; the message points at the character.

        Example:
            >>> AssetSelection.from_string('group:marts and not key:"tmp/*"') == (
            ...     AssetSelection.groups("marts") - AssetSelection.from_string('key:"tmp/*"')
            ... )
            True
        """
        return read_selection(string, _Builder(include_sources))

    @classmethod
    def from_coercible(cls, selection: Any) -> "AssetSelection":
        """What a `selection=` argument means: a selection, a text, or a list of texts, keys or definitions.

        Raises:
            InvalidDefinitionError: it is none of these.
            InvalidAssetSelectionError: a text does not read, or the list is empty.
        """
        if isinstance(selection, AssetSelection):
            return selection
        if isinstance(selection, str):
            return cls.from_string(selection)
        if isinstance(selection, AssetKey) or not isinstance(selection, Sequence | AbstractSet):
            selection = [selection]
        if not selection:
            raise InvalidAssetSelectionError(
                "an empty list selects nothing", hint='for all assets write selection="*"'
            )
        if all(isinstance(item, str) for item in selection):
            return _either([cls.from_string(item) for item in selection])
        try:
            return cls.assets(*selection)
        except TreadleError as error:
            raise InvalidDefinitionError(
                f"this is no selection of assets: {error.message}",
                hint='give an AssetSelection, a text such as "group:marts", or a list of assets',
            ) from error

    def upstream(self, depth: int | None = None, include_self: bool = True) -> "AssetSelection":
        """These assets and what they depend on, `depth` levels up; external assets are left out."""
        return self._walk("up", depth, include_self)

    def downstream(self, depth: int | None = None, include_self: bool = True) -> "AssetSelection":
        """These assets and what depends on them, `depth` levels down."""
        return self._walk("down", depth, include_self)

    def _walk(
        self, direction: Literal["up", "down"], depth: int | None, include_self: bool
    ) -> "AssetSelection":
        if depth is not None and depth < 0:
            raise InvalidInvocationError(
                f"a depth cannot be negative: {depth}", hint="leave it out for all levels"
            )
        reached = self if depth == 0 else Walk(direction, self, depth)
        return reached if include_self else reached - self

    def roots(self) -> "AssetSelection":
        """Those of these assets that depend on no other of them."""
        return Narrowed("roots", self)

    def sinks(self) -> "AssetSelection":
        """Those of these assets on which no other of them depends."""
        return Narrowed("sinks", self)

    @deprecated("write `AssetSelection.roots`")
    def sources(self) -> "AssetSelection":
        """The same as `roots`."""
        return self.roots()

    def materializable(self) -> "AssetSelection":
        """Those of these assets that a run can make."""
        return Narrowed("materializable", self)

    def upstream_source_assets(self) -> "AssetSelection":
        """The external assets that these depend on, at any distance."""
        return Narrowed("upstream_source_assets", self)

    def required_multi_asset_neighbors(self) -> "AssetSelection":
        """These assets and those that can only be made together with them."""
        return Narrowed("required_multi_asset_neighbors", self)

    def without_checks(self) -> "AssetSelection":
        """These assets and none of their checks."""
        return Narrowed("without_checks", self)

    def __or__(self, other: "AssetSelection") -> "AssetSelection":
        return _either([self, _selection(other, "|")])

    def __and__(self, other: "AssetSelection") -> "AssetSelection":
        operands = [self, _selection(other, "&")]
        return Both(
            tuple(part for one in operands for part in (one.operands if isinstance(one, Both) else [one]))
        )

    def __sub__(self, other: "AssetSelection") -> "AssetSelection":
        return Without(self, _selection(other, "-"))

    def to_serializable_asset_selection(self, asset_graph: Any) -> "AssetSelection":
        """Itself where it has a text form, else the assets and checks that it now means, by name."""
        try:
            self.to_selection_str()
        except NotImplementedError:
            checks = self.resolve_checks(asset_graph)
            return Named(tuple(sorted(self.resolve(asset_graph)))).without_checks() | Checks(
                tuple(sorted(checks))
            )
        return self


class Everything(AssetSelection, msgspec.Struct, frozen=True):
    """`*`."""

    include_sources: bool = False

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return graph.keys if self.include_sources else graph.materializable_keys

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        return SelectionText("*", "atom")


class Named(AssetSelection, msgspec.Struct, frozen=True):
    """Assets by key, each of which must exist."""

    asset_keys: tuple[AssetKey, ...]

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        wanted = frozenset(self.asset_keys)
        missing = wanted - graph.keys
        if missing and not allow_missing:
            raise unknown_keys_error("asset", missing, graph.keys)
        return wanted - missing

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        if not self.asset_keys:
            return SelectionText("not *", "not")
        words = [f"key:{quoted_pattern((key.to_user_string(),))}" for key in self.asset_keys]
        return SelectionText(" or ".join(words), "or" if len(words) > 1 else "atom")


class Matching(AssetSelection, msgspec.Struct, frozen=True):
    """Assets whose attribute has a value; `attributes.ATTRIBUTES` has what that means."""

    attribute: str
    value: Any
    include_sources: bool = False

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return matching_keys(graph, self.attribute, self.value, self.include_sources)

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        return SelectionText(attribute_text(self.attribute, self.value), "atom")


class Checks(AssetSelection, msgspec.Struct, frozen=True):
    """Checks by key, each of which must exist, or all (None); and no asset."""

    check_keys: tuple[AssetCheckKey, ...] | None

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return frozenset()

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        if self.check_keys is None:
            return graph.check_keys
        wanted = frozenset(self.check_keys)
        missing = wanted - graph.check_keys
        if missing and not allow_missing:
            raise unknown_keys_error("check", missing, graph.check_keys)
        return wanted - missing


class ChecksOf(AssetSelection, msgspec.Struct, frozen=True):
    """All checks of some assets, without the assets."""

    asset_keys: tuple[AssetKey, ...]

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return frozenset()

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        return checks_of_assets(graph, Named(self.asset_keys)._keys(graph, [], allow_missing))


class Walk(AssetSelection, msgspec.Struct, frozen=True):
    """A selection and what lies above or below it, to a depth; None means any."""

    direction: Literal["up", "down"]
    start: AssetSelection
    depth: int | None = None

    def _operands(self) -> Sequence[AssetSelection]:
        return (self.start,)

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        (start,) = operands
        if self.direction == "down":
            return reach(start, graph.children, self.depth)
        return start | (reach(start, graph.parents, self.depth) & graph.materializable_keys)

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        start = operands[0].bracketed_unless("atom")
        levels = "" if self.depth is None else str(self.depth)
        return SelectionText(f"{levels}+{start}" if self.direction == "up" else f"{start}+{levels}", "walk")


class Narrowed(AssetSelection, msgspec.Struct, frozen=True):
    """What one of the operations in `OPERATIONS` makes of a selection."""

    operation: str
    of: AssetSelection

    def _operands(self) -> Sequence[AssetSelection]:
        return (self.of,)

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return OPERATIONS[self.operation](graph, operands[0])

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        if self.operation == "without_checks":
            return frozenset()
        return AssetSelection._checks(self, graph, operands, allow_missing)

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        if self.operation not in ("roots", "sinks"):
            raise NotImplementedError(f"the selection language has no word for {self.operation}()")
        return SelectionText(f"{self.operation}({operands[0].text})", "atom")


class _Combined(AssetSelection, msgspec.Struct, frozen=True):
    operands: tuple[AssetSelection, ...]

    def _operands(self) -> Sequence[AssetSelection]:
        return self.operands

    def _operands_of_checks(self) -> Sequence[AssetSelection]:
        return self.operands


class Either(_Combined, frozen=True):
    """What any of the operands means."""

    def _join_parts(self, operands: list[Parts]) -> Parts | None:
        return frozenset[Part]().union(*operands)

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return frozenset[AssetKey]().union(*operands)

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        return frozenset[AssetCheckKey]().union(*operands)

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        return SelectionText(" or ".join(one.bracketed_unless("atom", "walk") for one in operands), "or")


class Both(_Combined, frozen=True):
    """What all of the operands mean."""

    def _join_parts(self, operands: list[Parts]) -> Parts | None:
        return frozenset(operands[0]).intersection(*operands[1:])

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return frozenset(operands[0]).intersection(*operands[1:])

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        return frozenset(operands[0]).intersection(*operands[1:])

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        return SelectionText(" and ".join(one.bracketed_unless("atom", "walk") for one in operands), "and")


class Without(AssetSelection, msgspec.Struct, frozen=True):
    """What the one means and the other does not."""

    kept: AssetSelection
    removed: AssetSelection

    def _join_parts(self, operands: list[Parts]) -> Parts | None:
        return operands[0] - operands[1]

    def _operands(self) -> Sequence[AssetSelection]:
        return (self.kept, self.removed)

    def _operands_of_checks(self) -> Sequence[AssetSelection]:
        return (self.kept, self.removed)

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        return operands[0] - operands[1]

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        return operands[0] - operands[1]

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        kept, removed = operands
        denied = "not " + removed.bracketed_unless("atom", "walk", "not")
        if isinstance(self.kept, Everything):
            return SelectionText(denied, "not")
        left = kept.bracketed_unless("atom", "walk", "and", "without")
        return SelectionText(f"{left} and {denied}", "without")


class _Builder(msgspec.Struct, frozen=True):
    """Makes selections of what the parser reads."""

    include_sources: bool

    def everything(self) -> AssetSelection:
        return Everything(self.include_sources)

    def clause(self, clause: Clause) -> AssetSelection:
        named = Named((key_of(clause.name),))
        if clause.above != 0 and clause.below != 0:
            return named.upstream(clause.above) | named.downstream(clause.below)
        return named.upstream(clause.above) if clause.above != 0 else named.downstream(clause.below)

    def attribute(self, name: str, value: Any) -> AssetSelection:
        return Matching(name, value, self.include_sources and name != "key")

    def either(self, left: AssetSelection, right: AssetSelection) -> AssetSelection:
        return left | right

    def both(self, left: AssetSelection, right: AssetSelection) -> AssetSelection:
        return left & right

    def without(self, left: AssetSelection, right: AssetSelection) -> AssetSelection:
        return left - right

    def above(self, selection: AssetSelection, depth: int | None) -> AssetSelection:
        return selection.upstream(depth)

    def below(self, selection: AssetSelection, depth: int | None) -> AssetSelection:
        return selection.downstream(depth)

    def function(self, name: str, selection: AssetSelection) -> AssetSelection:
        return Narrowed(name, selection)


def _either(selections: Sequence[AssetSelection]) -> AssetSelection:
    """One of several, alternatives within alternatives laid flat."""
    if len(selections) == 1:
        return selections[0]
    return Either(
        tuple(part for one in selections for part in (one.operands if isinstance(one, Either) else [one]))
    )


def _selection(operand: object, operator: str) -> AssetSelection:
    if isinstance(operand, AssetSelection):
        return operand
    raise InvalidInvocationError(
        f"`{operator}` joins two selections, not a selection and {operand!r}",
        hint="wrap it: AssetSelection.from_coercible(...)",
    )
