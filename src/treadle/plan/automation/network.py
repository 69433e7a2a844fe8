"""The conditions of a catalog, compiled, with who reads what: made once for a catalog and a selection."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from treadle.core.automation import AutomationCondition
from treadle.core.automation_names import THROUGH_VIRTUAL
from treadle.core.catalog import Catalog
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.opaque import UserCode
from treadle.core.partitions.mapping import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    PartitionMapping,
    UpstreamPartitionsResult,
)
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping
from treadle.core.selection.asset_selection import AssetSelection
from treadle.plan.automation.conditions import Compiled, Compiler
from treadle.plan.automation.cursor import kind_of
from treadle.plan.automation.facts import Entity
from treadle.plan.automation.frame import WaitingForCode
from treadle.plan.automation.order import in_order, made_with
from treadle.plan.automation.scope import Link


class Network:
    """Everything about a catalog's conditions that does not change from tick to tick.

    Args:
        catalog: the definitions.
        selected: the assets and checks whose conditions are asked; None: all that have one.
        default_condition: of assets that have none.
    """

    def __init__(
        self,
        catalog: Catalog,
        selected: Iterable[Entity] | None = None,
        default_condition: AutomationCondition | None = None,
    ) -> None:
        self.catalog = catalog
        self.keys: list[Entity]
        self._ranks: list[int]
        self.keys, self._ranks = in_order(catalog)
        self.index_of: dict[Entity, int] = {key: index for index, key in enumerate(self.keys)}
        """Entities are numbered so that whatever one reads upstream has a lower number."""
        self._definitions = [self._find_definition(key) for key in self.keys]
        self.kinds: list[str] = [kind_of(definition) for definition in self._definitions]
        """How each entity is partitioned: what is remembered holds as long as that is the same."""
        chosen = None if selected is None else frozenset(selected)
        self.selected_entities = chosen
        self.default_condition = default_condition
        compiler = Compiler()
        self.conditions: dict[int, Compiled] = {}
        for index, key in enumerate(self.keys):
            if chosen is not None and key not in chosen:
                continue
            condition = self._condition(key) or (
                default_condition if isinstance(key, AssetKey) and self._is_made(key) else None
            )
            if condition is not None:
                self.conditions[index] = compiler.compile(condition)
        self._compiler = compiler
        self._links: dict[int, Sequence[Link]] = {}
        self._links_behind_virtual: dict[int, Sequence[Link]] = {}
        self._checks: dict[tuple[int, bool], Sequence[Link]] = {}
        self._other_links: dict[tuple[int, AssetKey], Link | None] = {}
        self._one_run: dict[int, dict[int, bool]] = {}
        self._below: dict[int, Mapping[Compiled, Sequence[str]]] = {}
        self.made_with: dict[int, Sequence[int]] = self._find_made_with()
        """Entity -> the assets with a condition that cannot be made without it; left out where there are none."""
        self._selected: dict[int, frozenset[int]] = {}
        self._kept: list[Any] = []
        self._find_readers()

    def _condition(self, key: Entity) -> AutomationCondition | None:
        node = self.catalog.checks[key] if isinstance(key, AssetCheckKey) else self.catalog.assets[key]
        found: AutomationCondition | None = node.spec.automation_condition
        return found

    def _is_made(self, key: AssetKey) -> bool:
        return self.catalog.assets[key].kind == "materializable"

    def _find_made_with(self) -> dict[int, Sequence[int]]:
        found: dict[int, list[int]] = {}
        for index in self.conditions:
            for other in made_with(self.catalog, self.keys[index]):
                found.setdefault(self.index_of[other], []).append(index)
        return {index: sorted(others) for index, others in found.items()}

    def _find_readers(self) -> None:
        self.readers: dict[int, list[int]] = {}
        """Entity -> the conditions that look at it, by the number of theirs."""
        self.crons: dict[tuple[str, str], list[int]] = {}
        self.always: list[int] = []
        """Conditions that are asked on every tick."""
        for index, compiled in self.conditions.items():
            for read in self._with_what_carries(self._read_by(compiled, index)):
                self.readers.setdefault(read, []).append(index)
            for cron in compiled.crons:
                self.crons.setdefault(cron, []).append(index)
            always = compiled.always
            if compiled.looks_below:
                for below in self.conditions_below(index):
                    always = always or below.always
                    for cron in below.crons:
                        self.crons.setdefault(cron, []).append(index)
            if always:
                self.always.append(index)

    def _with_what_carries(self, read: set[int]) -> set[int]:
        if not self.made_with:
            return read
        return read.union(*(self.made_with.get(index, ()) for index in read))

    def _read_by(self, compiled: Compiled, index: int) -> set[int]:
        found: set[int] = {index}
        for path in compiled.reach:
            self._walk(path, index, found)
        if compiled.looks_below:
            for below in self.conditions_below(index):
                found |= self._read_by(below, index)
        return found

    def _walk(self, path: Sequence[Any], index: int, found: set[int]) -> None:
        found.add(index)
        if not path:
            return
        step, rest = path[0], path[1:]
        if step == "deps":
            links = self.links_of(index)
        elif step == "deps behind virtual ones":
            links = self.links_behind_virtual(index)
        elif step == "checks":
            links = self.checks_of(index, False)
        else:
            other = self.link_to(index, step)
            links = [] if other is None else [other]
        for link in links:
            self._walk(rest, link.upstream, found)

    def comes_before(self, one: int, other: int) -> bool:
        """Whether what the first asks for is decided before the second is asked, on every tick."""
        return self._ranks[one] < self._ranks[other]

    def links_of(self, index: int) -> Sequence[Link]:
        """The entities upstream of one that the catalog has."""
        found = self._links.get(index)
        if found is None:
            found = self._links[index] = self._make_links(index)
        return found

    def chosen_links(self, index: int, condition: AutomationCondition) -> Sequence[Link]:
        """Those of them that a condition about upstream entities is asked of."""
        behind = condition.params.get(THROUGH_VIRTUAL)
        return self._chosen(self.links_behind_virtual(index) if behind else self.links_of(index), condition)

    def links_behind_virtual(self, index: int) -> Sequence[Link]:
        """The entities upstream of one, with what is upstream of each virtual asset in its place."""
        found = self._links_behind_virtual.get(index)
        if found is None:
            found = self._links_behind_virtual[index] = self._find_behind_virtual(index)
        return found

    def _find_behind_virtual(self, index: int) -> Sequence[Link]:
        found: dict[int, Link] = {}
        seen: set[int] = set()
        waiting = [*reversed(self.links_of(index))]
        while waiting:
            upstream = waiting.pop().upstream
            if upstream in seen:
                continue
            seen.add(upstream)
            key = self.keys[upstream]
            if isinstance(key, AssetKey) and self.catalog.assets[key].spec.is_virtual:
                waiting += reversed(self.links_of(upstream))
            elif isinstance(key, AssetKey) and (link := self.link_to(index, key)) is not None:
                found[upstream] = link
        return list(found.values())

    def chosen_checks(self, index: int, condition: AutomationCondition) -> Sequence[Link]:
        """The checks of an asset that a condition about checks is asked of."""
        checks = self.checks_of(index, bool(condition.params.get("blocking_only")))
        return self._chosen(checks, condition)

    def _chosen(self, links: Sequence[Link], condition: AutomationCondition) -> Sequence[Link]:
        allow, ignore = condition.params.get("allow"), condition.params.get("ignore")
        if allow is not None:
            kept = self.selected(allow)
            links = [link for link in links if link.upstream in kept]
        if ignore is not None:
            dropped = self.selected(ignore)
            links = [link for link in links if link.upstream not in dropped]
        return links

    def _make_links(self, index: int) -> Sequence[Link]:
        key = self.keys[index]
        links = []
        for parent, mapping in self._dependencies(key):
            upstream = self.index_of.get(parent)
            if upstream is not None:
                links.append(Link(upstream, self._mapping(mapping, upstream, index)))
        return links

    def _dependencies(self, key: Entity) -> Iterable[tuple[AssetKey, Any]]:
        if isinstance(key, AssetKey):
            return [(dep.asset_key, dep.partition_mapping) for dep in self.catalog.assets[key].spec.deps]
        spec = self.catalog.checks[key].spec
        found = {key.asset_key: None}
        for dep in spec.additional_deps or ():
            found.setdefault(dep.asset_key, dep.partition_mapping)
        return found.items()

    def _mapping(self, given: Any, upstream: int, downstream: int) -> PartitionMapping | None:
        """The mapping to use; None where members are the same on both sides, or all of them are needed."""
        above, below = self.definition_of(upstream), self.definition_of(downstream)
        if above is None:
            return None
        if isinstance(given, UserCode):
            return UnansweredMapping()
        mapping: PartitionMapping = given if given is not None else default_mapping(above, below)
        if below is None:
            return None if type(mapping) is AllPartitionMapping else mapping
        is_same = type(mapping) is IdentityPartitionMapping or mapping == _SAME_WINDOWS
        return None if is_same and above == below else mapping

    def definition_of(self, index: int) -> Any:
        """How an entity is partitioned, or None."""
        return self._definitions[index]

    def _find_definition(self, key: Entity) -> Any:
        if isinstance(key, AssetKey):
            return self.catalog.partitions_def_of(key)
        return getattr(self.catalog.checks[key].spec, "partitions_def", None)

    def is_whole(self, key: AssetKey) -> bool:
        """Whether an asset has no partitions."""
        return self.definition_of(self.index_of[key]) is None

    def checks_of(self, index: int, blocking_only: bool) -> Sequence[Link]:
        """The checks of an asset, as if they stood upstream of it."""
        found = self._checks.get((index, blocking_only))
        if found is None:
            key = self.keys[index]
            asset = key if isinstance(key, AssetKey) else key.asset_key
            checks = [
                self.index_of[check]
                for check in self.catalog.checks_of.get(asset, ())
                if not blocking_only or self.catalog.checks[check].spec.blocking
            ]
            found = [Link(check, self._mapping(None, check, index)) for check in checks]
            self._checks[index, blocking_only] = found
        return found

    def dependency(self, index: int, upstream: int) -> Link | None:
        """How an entity maps to one that it depends on; None where it does not."""
        return next((link for link in self.links_of(index) if link.upstream == upstream), None)

    def link_to(self, index: int, key: AssetKey) -> Link | None:
        """How any asset maps to an entity: as its dependency, if it is one, else by the default mapping."""
        place = (index, key)
        if place not in self._other_links:
            upstream = self.index_of.get(key)
            found = None
            if upstream is not None:
                found = self.dependency(index, upstream) or Link(
                    upstream, self._mapping(None, upstream, index)
                )
            self._other_links[place] = found
        return self._other_links[place]

    def have_one_run(self, upstream: int, downstream: int) -> bool:
        """Whether a run that makes an entity can make another one of the same partitions after it."""
        known = self._one_run.get(downstream)
        if known is None:
            links = self.links_of(downstream)
            known = self._one_run[downstream] = {
                link.upstream: self._stays(link, downstream) for link in links
            }
        found = known.get(upstream)
        if found is None:
            key = self.keys[upstream]
            link = self.link_to(downstream, key) if isinstance(key, AssetKey) else None
            found = known[upstream] = self._stays(link or Link(upstream, None), downstream)
        return found

    def _stays(self, link: Link, downstream: int) -> bool:
        above, below = self._definitions[link.upstream], self._definitions[downstream]
        if (above is not below and above != below) or not self.is_made(link.upstream):
            return False
        return link.mapping is None or type(link.mapping) in _STAYING

    def conditions_below(self, index: int) -> Mapping[Compiled, Sequence[str]]:
        """The distinct conditions of all assets downstream, but those that ask for theirs in turn; each with its assets."""
        found = self._below.get(index)
        if found is None:
            key = self.keys[index]
            distinct: dict[str, tuple[Compiled, list[str]]] = {}
            start = [key] if isinstance(key, AssetKey) else []
            seen, waiting = set(start), start
            while waiting:
                for child in self.catalog.children_of.get(waiting.pop(), ()):
                    if child in seen:
                        continue
                    seen.add(child)
                    waiting.append(child)
                    condition = self._condition(child)
                    if condition is not None:
                        compiled = self._compiler.compile(condition)
                        if not compiled.looks_below:
                            _, assets = distinct.setdefault(compiled.digest, (compiled, []))
                            assets.append(child.to_user_string())
            found = self._below[index] = {one: sorted(assets) for one, assets in distinct.values()}
        return found

    def selected(self, selection: Any) -> frozenset[int]:
        """The numbers of the assets of a selection, and of its checks."""
        found = self._selected.get(id(selection))
        if found is None:
            asked = AssetSelection.from_coercible(selection)
            graph = self.catalog.selectable_graph
            keys: set[Entity] = {*asked.resolve(graph, allow_missing=True)}
            if self.catalog.checks:
                keys |= asked.resolve_checks(graph)
            found = frozenset(self.index_of[key] for key in keys if key in self.index_of)
            self._selected[id(selection)] = found
            self._kept.append(selection)  # so that its identity is not given to another
        return found

    def code_version_of(self, index: int) -> str | None:
        """The code version of an asset."""
        key = self.keys[index]
        version: str | None = (
            self.catalog.assets[key].spec.code_version if isinstance(key, AssetKey) else None
        )
        return version

    def freshness_policy_of(self, index: int) -> Any:
        """The freshness policy of an asset, or None."""
        key = self.keys[index]
        return self.catalog.assets[key].spec.freshness_policy if isinstance(key, AssetKey) else None

    def is_made(self, index: int) -> bool:
        """Whether runs make it."""
        key = self.keys[index]
        return not isinstance(key, AssetKey) or self._is_made(key)


class UnansweredMapping(PartitionMapping):
    """A mapping of users' own, of which the catalog has only the question."""

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        raise WaitingForCode("a partition mapping")

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        raise WaitingForCode("a partition mapping")


_STAYING: Final = frozenset((IdentityPartitionMapping, TimeWindowPartitionMapping))
"""Mappings by which a downstream asset is made in the runs of its upstream, where both have the same partitions."""

_SAME_WINDOWS = TimeWindowPartitionMapping()
