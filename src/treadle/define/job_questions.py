"""What a job answers in the peer's words: its subsets, its partitions one by one, and what it requires."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, NamedTuple, Self

from treadle.core.errors import (
    InvalidInvocationError,
    InvalidSubsetError,
    InvariantViolationError,
    did_you_mean,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.define.doors import open_door


class AssetLayer(NamedTuple):
    """The assets of a job, under the peer's names."""

    executable_asset_keys: frozenset[AssetKey]
    """What its runs make or look at."""

    @property
    def selected_asset_keys(self) -> frozenset[AssetKey]:
        """The same."""
        return self.executable_asset_keys


class JobQuestions:
    """What `JobDefinition` tells besides running."""

    name: str
    partitions_def: Any
    op_selection: tuple[str, ...] | None
    asset_keys: tuple[AssetKey, ...]
    check_keys: tuple[AssetCheckKey, ...]
    is_subset: bool = False
    """True for what `get_subset` gave."""
    own_graph: Any
    """The graph of a job of ops; None for a job of assets."""
    code: Any
    hooks: frozenset[Any]
    logger_defs: Mapping[str, Any]
    tags: Mapping[str, str]
    run_tags: Mapping[str, str]
    op_retry_policy: Any
    where: str | None

    # What it runs

    @property
    def graph(self) -> Any:
        """Its graph; of a job of assets, that of their functions."""
        return self.own_graph if self.own_graph is not None else self._graph_of_assets

    @cached_property
    def _graph_of_assets(self) -> Any:
        parts = open_door("parts_of_run")(self.code.catalog, self.asset_keys, self.check_keys)
        return open_door("graph_of_assets")(self.name, parts, self.code.assets_defs, self.where)

    def _computations(self) -> Mapping[str, None]:
        """The computations that it runs."""
        raise NotImplementedError

    @property
    def graph_def(self) -> Any:
        """Its graph."""
        return self.graph

    @property
    def nodes(self) -> Sequence[Any]:
        """The nodes of its graph."""
        return list(self.graph.nodes)

    @property
    def nodes_in_topological_order(self) -> Sequence[Any]:
        """The nodes of its graph, each after those whose outputs it takes."""
        return list(self.graph.nodes_in_topological_order)

    @property
    def dependencies(self) -> Mapping[Any, Mapping[str, Any]]:
        """Node -> input -> where its value comes from."""
        found: Mapping[Any, Mapping[str, Any]] = self.graph.dependencies
        return found

    @property
    def top_level_node_defs(self) -> Sequence[Any]:
        """The ops and graphs that its nodes are of, each once."""
        return list(self.graph.node_defs)

    @property
    def all_node_defs(self) -> Sequence[Any]:
        """The ops and graphs that it runs, those inside of graphs too, each once."""
        inside = (one for node in self.top_level_node_defs for one in _with_inner(node))
        return list({id(one): one for one in inside}.values())

    def has_node_named(self, name: str) -> bool:
        """Whether its graph has a node of that name."""
        return bool(self.graph.has_node_named(name))

    def node_named(self, name: str) -> Any:
        """The node of that name.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        return self.graph.node_named(name)

    get_node_named = node_named

    def has_node(self, name: str) -> bool:
        """Whether it runs an op or graph of that name, at any level."""
        return any(one.name == name for one in self.all_node_defs)

    def node_def_named(self, name: str) -> Any:
        """An op or graph that it runs, at any level.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        known = {one.name: one for one in self.all_node_defs}
        if name not in known:
            raise InvariantViolationError(
                f"job `{self.name}` runs no op or graph `{name}`.", hint=did_you_mean(name, known)
            )
        return known[name]

    @property
    def asset_layer(self) -> AssetLayer:
        """The assets that it makes."""
        return AssetLayer(frozenset(self.asset_keys))

    @property
    def asset_selection(self) -> AbstractSet[AssetKey] | None:
        """The assets of a subset; None where it is the whole job."""
        return set(self.asset_keys) if self.is_subset and self.own_graph is None else None

    @property
    def asset_check_selection(self) -> AbstractSet[AssetCheckKey] | None:
        """The checks of a subset; None where it is the whole job."""
        return set(self.check_keys) if self.is_subset and self.own_graph is None else None

    # How it runs

    @property
    def loggers(self) -> Mapping[str, Any]:
        """Its loggers, and those of its code location; the console's where neither names any."""
        return self._named_loggers or {"console": open_door("console_logger")}

    @property
    def has_specified_loggers(self) -> bool:
        """True where the job or its code location names loggers."""
        return bool(self._named_loggers)

    @property
    def _named_loggers(self) -> Mapping[str, Any]:
        return {**self.code.loggers, **self.logger_defs}

    @property
    def has_separately_defined_run_tags(self) -> bool:
        """True where the tags of its runs are not those of the job."""
        return self.run_tags is not self.tags

    def with_logger_defs(self, logger_defs: Mapping[str, Any]) -> Self:
        """A copy with other loggers."""
        return self.with_replaced(logger_defs=dict(logger_defs))

    def with_executor_def(self, executor_def: Any) -> Self:
        """A copy with an executor of its own."""
        return self.with_replaced(own_executor=executor_def)

    def with_metadata(self, metadata: Mapping[str, Any]) -> Self:
        """A copy with other metadata."""
        return self.with_replaced(metadata=dict(metadata))

    def describe_target(self) -> str:
        """What it is, for messages."""
        return f"job '{self.name}'"

    # Parts of it

    def get_subset(
        self,
        *,
        op_selection: Iterable[str] | None = None,
        asset_selection: AbstractSet[AssetKey] | None = None,
        asset_check_selection: AbstractSet[AssetCheckKey] | None = None,
    ) -> Self:
        """The same job, which runs only some of its ops, or of its assets and checks; itself where nothing is chosen.

        Raises:
            InvalidSubsetError: an asset or check that it lacks; ops are looked up when it runs.
        """
        changes: dict[str, Any] = {}
        if op_selection is not None:
            changes["op_selection"] = tuple(op_selection)
        if asset_selection is not None or asset_check_selection is not None:
            keys = frozenset(asset_selection or ())
            self._refuse_foreign(keys, self.asset_keys, "asset")
            changes["asset_keys"] = tuple(key for key in self.asset_keys if key in keys)
            checks = asset_check_selection
            if checks is not None:
                self._refuse_foreign(checks, self.check_keys, "check")
            changes["check_keys"] = tuple(
                check
                for check in self.check_keys
                if (check.asset_key in keys if checks is None else check in checks)
            )
        return self.with_replaced(is_subset=True, **changes) if changes else self

    def with_replaced(self, **changes: Any) -> Self:
        """A copy with some attributes changed."""
        raise NotImplementedError

    def config_target(self) -> tuple[Any, Iterable[str], Iterable[str]]:
        """Its code, the computations that it runs, and the resources that they need."""
        raise NotImplementedError

    @property
    def partitioned_config(self) -> Any:
        """The partitioned config, where config is one."""
        raise NotImplementedError

    @property
    def is_asset_job(self) -> bool:
        """True for a selection of assets, False for a graph of ops."""
        return bool(self.asset_keys or self.check_keys)

    @property
    def required_resource_keys(self) -> set[str]:
        """The resources that its steps need; the IO manager always."""
        _, _, needed = self.config_target()
        return {"io_manager", *needed}

    def get_partition_keys(
        self, current_time: Any = None, dynamic_partitions_store: Any = None
    ) -> Sequence[str]:
        """The keys of its partitions, in order.

        Raises:
            InvalidInvocationError: it has none.
        """
        keys: Sequence[str] = self._partitions().get_partition_keys(current_time, dynamic_partitions_store)
        return keys

    def get_run_config_for_partition_key(self, partition_key: str) -> Mapping[str, Any]:
        """The run config that its partitioned config gives a partition; nothing where it has none."""
        config = self.partitioned_config
        found: Mapping[str, Any] = (
            {} if config is None else config.get_run_config_for_partition_key(partition_key)
        )
        return found

    def get_tags_for_partition_key(self, partition_key: str) -> Mapping[str, str]:
        """The tags of the run of a partition."""
        source = self.partitioned_config or self._partitions()
        given: Mapping[str, str] = source.get_tags_for_partition_key(partition_key)
        return {**given, "dagster/partition_set": f"{self.name}_partition_set"}

    def validate_partition_key(
        self, partition_key: str, selected_asset_keys: Any = None, context: Any = None
    ) -> None:
        """Refuse a key that is none of its partitions.

        Raises:
            UnknownPartitionError: there is no such partition.
        """
        self._partitions().space(None, context).of_keys([partition_key])

    def _partitions(self) -> Any:
        if self.partitions_def is None:
            raise InvalidInvocationError(f"Job `{self.name}` is not partitioned.")
        return self.partitions_def

    def _refuse_foreign(self, wanted: Iterable[Any], known: Sequence[Any], what: str) -> None:
        foreign = sorted(key.to_user_string() for key in set(wanted) - set(known))
        if foreign:
            raise InvalidSubsetError(
                f"Job `{self.name}` has no {what} `{foreign[0]}`.",
                code="unknown-asset" if what == "asset" else "unknown-check",
                hint=did_you_mean(foreign[0], [key.to_user_string() for key in known]),
            )


def _with_inner(definition: Any) -> Iterable[Any]:
    return definition.iterate_node_defs() if hasattr(definition, "iterate_node_defs") else (definition,)
