"""Jobs of assets: what `define_asset_job` says, and what it becomes once the assets are known."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

import attrs

from treadle.core.errors import (
    InvariantViolationError,
    TreadleError,
    did_you_mean,
    wrong_type,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.schedules import RunRequest
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.arguments import check_retry_policy, check_sequence, seconds_of
from treadle.define.config.run_config import run_config_dict
from treadle.define.doors import open_door
from treadle.define.op import OpDefinition
from treadle.define.partition_requests import coerce_job_config, resolve_partition_request
from treadle.define.where import caller_where

if TYPE_CHECKING:
    from treadle.define.code import Code

IMPLICIT_JOB_NAME: Final = "__ASSET_JOB"
"""The job of all assets, which every code location has."""


@attrs.frozen(kw_only=True, eq=False)
class UnresolvedAssetJobDefinition:
    """A job as `define_asset_job` made it: which assets is known once it stands in `Definitions`."""

    name: str
    selection: AssetSelection
    config: Any = None
    description: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    run_tags: Mapping[str, str] | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict)
    partitions_def: Any = None
    executor_def: Any = None
    hooks: frozenset[Any] = frozenset()
    op_retry_policy: Any = None
    owners: tuple[str, ...] = ()
    automation_condition: Any = None
    timeout: float | None = None
    skip_unchanged: bool = False
    where: str | None = None

    def resolve(self, code: "Code") -> "JobDefinition":
        """The job over the assets of `code`.

        Raises:
            InvalidSubsetError: the selection names an asset that is not there.
        """
        graph = code.catalog.selectable_graph
        wanted = self.selection.resolve(graph)
        runnable = [
            key for key, node in code.catalog.assets.items() if key in wanted and node.computation is not None
        ]
        checks = self.selection.resolve_checks(graph)
        partitions_def = (
            self.partitions_def
            or getattr(self.config, "partitions_def", None)
            or common_partitions_def(code, runnable)
        )
        return JobDefinition(
            name=self.name,
            asset_keys=tuple(runnable),
            check_keys=tuple(key for key in code.catalog.checks if key in checks),
            selection=self.selection,
            code=code,
            config=coerce_job_config(self.config, partitions_def),
            description=self.description,
            tags=self.tags,
            run_tags=self.run_tags if self.run_tags is not None else self.tags,
            metadata=self.metadata,
            partitions_def=partitions_def,
            executor_def=self.executor_def,
            hooks=self.hooks,
            op_retry_policy=self.op_retry_policy,
            owners=self.owners,
            automation_condition=self.automation_condition,
            timeout=self.timeout,
            skip_unchanged=self.skip_unchanged,
            where=self.where,
        )

    def run_request_for_partition(
        self,
        partition_key: str,
        run_key: str | None = None,
        tags: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> RunRequest:
        """A request to run this job for one partition."""
        request = RunRequest(
            run_key=run_key, tags=tags, job_name=self.name, partition_key=partition_key, **kwargs
        )
        definition = self.partitions_def or getattr(self.config, "partitions_def", None)
        if definition is None:
            # Which partitions there are is known once the job stands in Definitions; the tick checks the key.
            return request
        return resolve_partition_request(request, self.name, definition, self.config)


@attrs.define(kw_only=True, eq=False)
class JobDefinition:
    """A job over assets and checks that are known: which, and how they are run."""

    name: str
    asset_keys: tuple[AssetKey, ...] = ()
    check_keys: tuple[AssetCheckKey, ...] = ()
    selection: AssetSelection | None = None
    code: "Code"
    """The definitions that the job belongs to."""
    config: Any = None
    description: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    run_tags: Mapping[str, str] = attrs.field(factory=dict)
    metadata: Mapping[str, Any] = attrs.field(factory=dict)
    partitions_def: Any = None
    executor_def: Any = None
    """The job's own executor; None means the code location's."""
    hooks: frozenset[Any] = frozenset()
    op_retry_policy: Any = None
    owners: tuple[str, ...] = ()
    automation_condition: Any = None
    timeout: float | None = None
    """Seconds that a run may take."""
    skip_unchanged: bool = False
    where: str | None = None
    resource_overrides: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def hook_defs(self) -> AbstractSet[Any]:
        """The job's hooks."""
        return self.hooks

    @property
    def resource_defs(self) -> Mapping[str, Any]:
        """The resources that its steps may use."""
        return {**self.code.resources, **self.resource_overrides}

    @property
    def loggers(self) -> Mapping[str, Any]:
        """The loggers of its code location."""
        return self.code.loggers

    @property
    def has_specified_executor(self) -> bool:
        """True where the job or its code location names an executor."""
        return self.executor_def is not None or self.code.executor is not None

    @property
    def has_specified_loggers(self) -> bool:
        """True where the code location names loggers."""
        return bool(self.code.loggers)

    @property
    def nodes(self) -> Sequence[OpDefinition]:
        """The ops that it runs, each once."""
        return [self.code.ops[name] for name in self._computations()]

    def has_node_named(self, name: str) -> bool:
        """Whether it runs an op of that name."""
        return name in self._computations()

    def node_named(self, name: str) -> OpDefinition:
        """The op of that name.

        Raises:
            InvariantViolationError: it runs none; says the nearest.
        """
        names = self._computations()
        if name not in names:
            raise InvariantViolationError(
                f"job `{self.name}` runs no op `{name}`.", hint=did_you_mean(name, names)
            )
        return self.code.ops[name]

    def _computations(self) -> dict[str, None]:
        catalog = self.code.catalog
        makers = (catalog.assets[key].computation for key in self.asset_keys)
        checkers = (catalog.checks[key].computation for key in self.check_keys)
        return dict.fromkeys(name for name in (*makers, *checkers) if name is not None)

    def config_target(self) -> tuple[Any, Iterable[str], Iterable[str]]:
        """What run config is about: its code, the computations that it runs, and the resources that they need."""
        names = self._computations()
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

    def execute_in_process(
        self,
        run_config: Any = None,
        instance: Any = None,
        partition_key: str | None = None,
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
            partition_key: the partition to run.
            raise_on_error: False: look at `result.success`.
            asset_selection: run only these of its assets.
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

    def with_hooks(self, hook_defs: AbstractSet[Any]) -> "JobDefinition":
        """A copy with these hooks too."""
        return attrs.evolve(self, hooks=self.hooks | frozenset(hook_defs))

    def with_top_level_resources(self, resource_defs: Mapping[str, Any]) -> "JobDefinition":
        """A copy in which these resources stand in for those of the code location."""
        return attrs.evolve(self, resource_overrides={**resource_defs, **self.resource_overrides})

    def __repr__(self) -> str:
        return f"JobDefinition({self.name!r})"


def define_asset_job(
    name: str,
    selection: Any = None,
    config: Any = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    run_tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    partitions_def: Any = None,
    executor_def: Any = None,
    hooks: AbstractSet[Any] | None = None,
    op_retry_policy: Any = None,
    owners: Sequence[str] | None = None,
    automation_condition: Any = None,
    *,
    timeout: Any = None,
    skip_unchanged: bool = False,
) -> UnresolvedAssetJobDefinition:
    """A job that makes a selection of assets.

    Args:
        name: of the job.
        selection: an AssetSelection, a text such as `group:marts`, or a list of assets; all assets where not given.
        config: run config: a dictionary, a RunConfig, or a function of the partition.
        tags: of the job; also of its runs, unless `run_tags` is given.
        executor_def: in place of the code location's.
        hooks: `@success_hook`s and `@failure_hook`s for every step.
        op_retry_policy: for steps that have none of their own.
        timeout: seconds, or a timedelta, that a run may take; its steps are ended as by their own `timeout`.
        skip_unchanged: True: leave out assets whose code and inputs did not change.

    Raises:
        InvalidDefinitionError: a name, tag or selection that is refused.

    Example:
        >>> from treadle import define_asset_job
        >>> define_asset_job("nightly", selection="group:marts").name
        'nightly'
    """
    where = caller_where()
    try:
        chosen = AssetSelection.all() if selection is None else AssetSelection.from_coercible(selection)
        check_sequence("hooks", hooks, "a set of hooks")
        return UnresolvedAssetJobDefinition(
            name=check_name(name, "job"),
            selection=chosen,
            config=config,
            description=description,
            tags=check_run_tags(tags),
            run_tags=None if run_tags is None else check_run_tags(run_tags, "run_tags"),
            metadata=dict(metadata or {}),
            partitions_def=partitions_def,
            executor_def=executor_def,
            hooks=frozenset(hooks or ()),
            op_retry_policy=check_retry_policy(op_retry_policy),
            owners=tuple(check_owners(owners)),
            automation_condition=automation_condition,
            timeout=seconds_of(timeout),
            skip_unchanged=skip_unchanged,
            where=where,
        )
    except TreadleError as error:
        error.where = error.where or where
        raise


def implicit_job(code: "Code") -> JobDefinition:
    """The job of everything that a run can make or check."""
    assets = [key for key, node in code.catalog.assets.items() if node.computation is not None]
    return JobDefinition(
        name=IMPLICIT_JOB_NAME,
        asset_keys=tuple(assets),
        check_keys=tuple(code.catalog.checks),
        code=code,
        partitions_def=common_partitions_def(code, assets),
    )


def common_partitions_def(code: "Code", keys: Iterable[AssetKey]) -> Any:
    """The one partitions definition that all partitioned assets among `keys` share, or None."""
    found: Any = None
    for key in keys:
        definition = code.catalog.partitions_def_of(key)
        if definition is None or definition is found:
            continue
        if found is not None and definition != found:
            return None
        found = definition
    return found


def job_name_of(job: Any, argument: str = "job") -> str | None:
    """The name of a job given as an object, a name, or a function that returns one of these later."""
    if job is None or isinstance(job, str):
        return job
    name = getattr(job, "name", None)
    if isinstance(name, str):
        return name
    raise wrong_type(argument, "a job or its name", job)
