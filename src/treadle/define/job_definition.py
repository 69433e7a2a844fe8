"""`JobDefinition`: a job over assets and checks that are known, or a graph of ops as a job."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Self

from treadle.core.deprecation import deprecated
from treadle.core.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
    TreadleError,
    UnfitValueError,
    did_you_mean,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import definition_metadata
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.op_graph import OpGraph
from treadle.core.schedules import RunRequest
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.arguments import (
    check_hooks,
    check_mapping,
    check_resource_defs,
    check_retry_policy,
    check_sequence,
    placed_here,
    seconds_of,
)
from treadle.define.config.run_config import run_config_dict
from treadle.define.doors import open_door
from treadle.define.executors import executor_settings, multi_or_in_process_executor
from treadle.define.graphs.config_of_graphs import check_own_config, with_mapped_assets, with_mapped_config
from treadle.define.graphs.flatten import FlatGraph, flatten
from treadle.define.graphs.job_code import code_of_graph, refuse_missing_of_own, refuse_unfed_inputs
from treadle.define.job_questions import JobQuestions
from treadle.define.partition_requests import resolve_partition_request
from treadle.define.resources.definition import coerce_resource
from treadle.define.where import caller_where

if TYPE_CHECKING:
    from treadle.define.code import Code


class JobDefinition(JobQuestions):
    """A graph of ops as a job (`@job`, `to_job`), or a job over assets and checks that are known.

    Args:
        graph_def: the graph.
        resource_defs: key -> resource, or any object; they stand before the code location's.
        executor_def: the job's own executor; None means the code location's.
        logger_defs: loggers by name.
        name: the graph's where not given.
        config: run config (a dict or a RunConfig), a ConfigMapping, or a PartitionedConfig.
        description: for people.
        partitions_def: how its runs are partitioned.
        tags: of the job; also of its runs, unless `run_tags` is given.
        hook_defs: for every step.
        op_retry_policy: for steps that have none of their own.
        input_values: values of the graph's inputs.
        owners: persons and teams.
        op_selection: only these of its ops.
        timeout: seconds, or a timedelta, that a run may take.

    Raises:
        InvalidDefinitionError: an input of an op that nothing can give a value.
    """

    name: str
    own_executor: Any
    """The executor that the job itself names; None: the code location's."""
    partitions_def: Any
    asset_keys: tuple[AssetKey, ...] = ()
    check_keys: tuple[AssetCheckKey, ...] = ()
    selection: AssetSelection | None = None
    skip_unchanged: bool = False
    timeout: float | None
    """Seconds that a run may take."""

    def __init__(
        self,
        *,
        graph_def: Any,
        resource_defs: Mapping[str, Any] | None = None,
        executor_def: Any = None,
        logger_defs: Mapping[str, Any] | None = None,
        name: str | None = None,
        config: Any = None,
        description: str | None = None,
        partitions_def: Any = None,
        tags: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        hook_defs: AbstractSet[Any] | None = None,
        op_retry_policy: Any = None,
        _subset_selection_data: Any = None,
        asset_layer: Any = None,
        input_values: Mapping[str, Any] | None = None,
        _was_explicitly_provided_resources: bool | None = None,
        owners: Sequence[str] | None = None,
        _automation_condition: Any = None,
        op_selection: Sequence[str] | None = None,
        timeout: Any = None,
    ) -> None:
        self.where: str | None = (
            graph_def.where if graph_def is not None and graph_def.composition_fn else caller_where()
        )
        try:
            self._fill(graph_def, name, config, partitions_def)
            self.resource_overrides: Mapping[str, Any] = dict(check_resource_defs(resource_defs))
            self._check_resource_keys()
            self.own_executor = executor_def
            self.logger_defs: Mapping[str, Any] = dict(
                check_mapping("logger_defs", logger_defs, "a mapping of names to loggers")
            )
            self.description = description
            self.tags: Mapping[str, str] = check_run_tags(tags)
            self.run_tags: Mapping[str, str] = (
                self.tags if run_tags is None else check_run_tags(run_tags, "run_tags")
            )
            self.metadata: Mapping[str, Any] = dict(definition_metadata(metadata))
            self.hooks: frozenset[Any] = check_hooks("hooks", hook_defs)
            self.op_retry_policy = check_retry_policy(op_retry_policy)
            self.input_values: Mapping[str, Any] = dict(
                check_mapping("input_values", input_values, "a mapping of inputs to values")
            )
            self.owners: tuple[str, ...] = tuple(check_owners(owners))
            self.automation_condition = _automation_condition
            self.op_selection = (
                None
                if op_selection is None
                else tuple(check_sequence("op_selection", op_selection, "a list of texts"))
            )
            self.timeout = seconds_of(timeout)
            if graph_def is not None:
                self._take_name_of(graph_def.composition_fn)
                self._check_inputs()
                if self.resource_overrides:
                    refuse_missing_of_own(self)
        except TreadleError as error:
            error.where = error.where or self.where
            raise

    def _fill(self, graph_def: Any, name: str | None, config: Any, partitions_def: Any) -> None:
        self.own_graph = graph_def
        self.name = check_name(name or graph_def.name, "job") if graph_def is not None else str(name)
        self.config = config
        own = getattr(config, "partitions_def", None)
        if partitions_def is not None and own is not None and own != partitions_def:
            raise InvalidInvocationError(
                f"job `{self.name}` has partitions of its own and others in its config.",
                hint="leave `partitions_def` out: that of the config holds",
            )
        self.partitions_def = partitions_def if partitions_def is not None else own
        self._code: Code | None = None
        self._location: Code | None = None
        self._flat: FlatGraph | None = None

    def _check_resource_keys(self) -> None:
        for key in self.resource_overrides:
            if not (isinstance(key, str) and key.isidentifier()):
                raise UnfitValueError(
                    f"the resource key `{key}` of job `{self.name}` is no Python name, so `context.resources` cannot show it.",
                    hint="use letters, digits and underscores",
                )

    def _take_name_of(self, function: Any) -> None:
        if function is not None:
            self.__name__, self.__doc__ = function.__name__, function.__doc__

    def _check_inputs(self) -> None:
        self.check_input_values(self.input_values)
        refuse_unfed_inputs(self.name, self.flat)
        if self.run_config is not None:
            check_own_config(self.flat.ops, self.standard_config(self.run_config))

    def check_input_values(self, values: Mapping[str, Any]) -> None:
        """Refuse values of inputs that the job's graph lacks.

        Raises:
            InvalidDefinitionError: says the nearest.
        """
        known = self.own_graph.ins if self.own_graph is not None else {}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise InvalidDefinitionError(
                f"job `{self.name}` has no input `{unknown[0]}`.",
                code="unknown-input",
                hint=did_you_mean(unknown[0], known),
            )

    @classmethod
    def over_assets(
        cls,
        *,
        name: str,
        code: "Code",
        asset_keys: tuple[AssetKey, ...] = (),
        check_keys: tuple[AssetCheckKey, ...] = (),
        selection: AssetSelection | None = None,
        config: Any = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        run_tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        partitions_def: Any = None,
        executor_def: Any = None,
        hooks: frozenset[Any] = frozenset(),
        op_retry_policy: Any = None,
        owners: tuple[str, ...] = (),
        automation_condition: Any = None,
        timeout: float | None = None,
        skip_unchanged: bool = False,
        where: str | None = None,
    ) -> Self:
        """A job over assets and checks of `code`. What it is given was checked before."""
        job = object.__new__(cls)
        job._fill(None, name, config, partitions_def)
        job._code = job._location = code
        job.asset_keys, job.check_keys, job.selection = asset_keys, check_keys, selection
        job.description, job.metadata, job.where = description, metadata or {}, where
        job.tags = tags or {}
        job.run_tags = run_tags if run_tags is not None else job.tags
        job.own_executor, job.hooks, job.op_retry_policy = executor_def, hooks, op_retry_policy
        job.owners, job.automation_condition = owners, automation_condition
        job.timeout, job.skip_unchanged = timeout, skip_unchanged
        job.resource_overrides, job.logger_defs, job.input_values = {}, {}, {}
        job.op_selection = None
        return job

    def with_replaced(self, **changes: Any) -> Self:
        """A copy with some attributes changed."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.pop("_graph_of_assets", None)
        if self.own_graph is not None:
            copy._code = None
        copy.__dict__.update(changes)
        return copy

    # What it runs

    @property
    def is_of_ops(self) -> bool:
        """True for a graph of ops, False for a selection of assets."""
        return self.own_graph is not None

    @property
    def flat(self) -> FlatGraph:
        """Its graph as one level of ops."""
        if self._flat is None:
            self._flat = flatten(self.own_graph, self.partitions_def)
        return self._flat

    @property
    def op_graph(self) -> OpGraph | None:
        """The graph as a pure value; None for a job of assets."""
        return self.flat.graph if self.own_graph is not None else None

    @property
    def code(self) -> "Code":
        """The definitions that it runs: of a graph, its ops and the resources that they find."""
        if self._code is None:
            self._code = code_of_graph(self, self._location)
        return self._code

    def bound_to(self, location: "Code") -> Self:
        """A copy that belongs to a code location, whose resources its ops find."""
        return self.with_replaced(_location=location) if self.own_graph is not None else self

    @property
    def hook_defs(self) -> AbstractSet[Any]:
        """The job's hooks."""
        return self.hooks

    @property
    def resource_defs(self) -> Mapping[str, Any]:
        """The resources that its steps may use."""
        default = (
            {} if "io_manager" in self.code.resources else {"io_manager": open_door("default_io_manager")()}
        )
        own = {key: coerce_resource(given) for key, given in self.resource_overrides.items()}
        return {**default, **self.code.resources, **own}

    @property
    def named_executor(self) -> Any:
        """The executor that the job or else its code location names; None: a run takes the one that suits its plan."""
        location = self._location
        return self.own_executor or (location.executor if location is not None else None)

    @property
    def executor_def(self) -> Any:
        """The executor that the job or its code location names, else the one whose settings run config may give."""
        return self.named_executor or multi_or_in_process_executor

    @property
    def has_specified_executor(self) -> bool:
        """True where the job or its code location names an executor."""
        return self.named_executor is not None

    def _computations(self) -> dict[str, None]:
        if self.own_graph is not None:
            return dict.fromkeys(self.flat.ops)
        catalog = self.code.catalog
        makers = (catalog.assets[key].computation for key in self.asset_keys)
        checkers = (catalog.checks[key].computation for key in self.check_keys)
        return dict.fromkeys(name for name in (*makers, *checkers) if name is not None)

    # Config

    def executor_settings(self, execution: Mapping[str, Any]) -> Any:
        """What the `execution` part of run config sets, checked and completed."""
        return executor_settings(self.named_executor, execution)

    def config_target(self) -> tuple[Any, Iterable[str], Iterable[str]]:
        """What run config is about: its code, the computations that it runs, and the resources that they need."""
        computations = self.code.catalog.computations
        names: dict[str, None] = {}
        for name in self._computations():
            graph = computations[name].graph
            names.update(dict.fromkeys([name] if graph is None else graph.nodes_by_path))
        needed: set[str] = set()
        for name in names:
            computation = self.code.catalog.computations[name]
            needed |= computation.resource_keys
            stored = {output.io_manager_key for output in computation.outputs if output.stores_value}
            needed |= stored & set(self.code.resources)
        return self.code, names, sorted(needed)

    @property
    def run_config(self) -> Mapping[str, Any] | None:
        """Its own run config as a dictionary; None where it has none, or one for each partition."""
        if self.config is None or self.config_mapping is not None or self.partitioned_config is not None:
            return None
        return run_config_dict(self.config)

    @property
    def config_mapping(self) -> Any:
        """The config mapping, where config is one."""
        return self.config if hasattr(self.config, "config_fn") else None

    @property
    def partitioned_config(self) -> Any:
        """The partitioned config, where config is one."""
        return self.config if hasattr(self.config, "partitions_def") else None

    def standard_config(self, run_config: Any) -> Any:
        """Run config in terms of ops and resources, after the job's and its graphs' config mappings.

        Args:
            run_config: as given to the run; None where none was.
        """
        mapping = self.config_mapping if self.partitioned_config is None else None
        mapped = with_mapped_config(mapping, self.own_graph, run_config)
        return mapped if self.own_graph is not None else with_mapped_assets(self.code.mapped_graphs, mapped)

    # Running

    def execute_in_process(
        self,
        run_config: Any = None,
        instance: Any = None,
        partition_key: str | Mapping[str, str] | None = None,
        raise_on_error: bool = True,
        op_selection: Sequence[str] | None = None,
        asset_selection: Sequence[AssetKey] | None = None,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        resources: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run the job here and now.

        Args:
            run_config: a dictionary or a RunConfig.
            instance: where to remember the run; in memory where not given.
            partition_key: the partition to run; where the job's assets need several, a key of each by asset.
            raise_on_error: False: look at `result.success`.
            op_selection: run only these of its ops: `["load", "*train", "clean+"]`.
            asset_selection: run only these of its assets.
            input_values: values of the graph's inputs.
            resources: in place of resources of the same key.
        """
        return open_door("execute_in_process")(
            self,
            run_config=run_config,
            instance=instance,
            partition_key=partition_key,
            raise_on_error=raise_on_error,
            op_selection=op_selection,
            asset_selection=asset_selection,
            run_id=run_id,
            input_values=input_values,
            tags=tags,
            resources=resources,
        )

    @deprecated("write `RunRequest(partition_key=...)`")
    def run_request_for_partition(
        self,
        partition_key: str,
        run_key: str | None = None,
        tags: Mapping[str, str] | None = None,
        asset_selection: Sequence[AssetKey] | None = None,
        run_config: Any = None,
        current_time: Any = None,
        dynamic_partitions_store: Any = None,
    ) -> RunRequest:
        """A request to run this job for one partition, with the partition's tags and config.

        Args:
            current_time: the time that counts as now.
            dynamic_partitions_store: where dynamic keys are kept; usually an instance.

        Raises:
            UnknownPartitionError: there is no such partition.
            InvalidInvocationError: the job has no partitions.
        """
        request = RunRequest(
            run_key=run_key,
            run_config=run_config,
            tags=tags,
            job_name=self.name,
            asset_selection=asset_selection,
            partition_key=partition_key,
        )
        return self.resolve_partition_request(
            request, dynamic_partitions_store=dynamic_partitions_store, current_time=current_time
        )

    def resolve_partition_request(
        self,
        request: RunRequest,
        *,
        dynamic_partitions_store: Any = None,
        dynamic_partitions_requests: Sequence[Any] = (),
        current_time: Any = None,
    ) -> RunRequest:
        """A request for one partition, with the partition's tags and config. See `define.partition_requests`."""
        return resolve_partition_request(
            request,
            self.name,
            self.partitions_def,
            self.config,
            dynamic_partitions_store=dynamic_partitions_store,
            dynamic_partitions_requests=dynamic_partitions_requests,
            current_time=current_time,
        )

    def with_hooks(self, hook_defs: AbstractSet[Any]) -> Self:
        """A copy with these hooks too."""
        copied = self.with_replaced(hooks=self.hooks | placed_here(check_hooks, "hook_defs", hook_defs))
        if self.own_graph is not None and self.resource_overrides:
            refuse_missing_of_own(copied)
        return copied

    def with_top_level_resources(self, resource_defs: Mapping[str, Any]) -> Self:
        """A copy in which these resources stand in for those of the code location."""
        return self.with_replaced(resource_overrides={**resource_defs, **self.resource_overrides})

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        raise InvariantViolationError(
            f"job `{self.name}` was called like a function.",
            hint=f"run it with `{self.name}.execute_in_process()`; in a graph call a graph, not a job",
        )

    def __repr__(self) -> str:
        return f"JobDefinition({self.name!r})"
