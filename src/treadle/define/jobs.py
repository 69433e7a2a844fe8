"""Jobs of assets, as `define_asset_job` says them; `job_of_assets` has what they become."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

import msgspec

from treadle.core.deprecation import tell_caller
from treadle.core.errors import TreadleError, wrong_type
from treadle.core.metadata_entries import definition_metadata
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.schedules import RunRequest
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.unread import selection_or_unread
from treadle.define.arguments import check_hooks, check_retry_policy, seconds_of
from treadle.define.doors import open_door
from treadle.define.where import caller_where

if TYPE_CHECKING:
    from treadle.define.asset_graph import AssetGraph
    from treadle.define.code import Code
    from treadle.define.job_definition import JobDefinition


class UnresolvedAssetJobDefinition(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A job as `define_asset_job` made it: which assets is known once it stands in `Definitions`."""

    name: str
    selection: AssetSelection
    config: Any = None
    description: str | None = None
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)
    run_tags: Mapping[str, str] | None = None
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)
    partitions_def: Any = None
    executor_def: Any = None
    hooks: frozenset[Any] = frozenset()
    op_retry_policy: Any = None
    owners: tuple[str, ...] = ()
    automation_condition: Any = None
    timeout: float | None = None
    skip_unchanged: bool = False
    where: str | None = None

    def resolve(
        self,
        asset_graph: "Code | AssetGraph",
        default_executor_def: Any = None,
        resource_defs: Mapping[str, Any] | None = None,
    ) -> "JobDefinition":
        """The job over the assets of some definitions.

        Args:
            asset_graph: what `Definitions.resolve_asset_graph()` gives, or the resolved definitions themselves.
            default_executor_def: where neither the job nor the definitions name one.
            resource_defs: key -> resource, where the definitions have none of that key.

        Raises:
            InvalidSubsetError: the selection names an asset that is not there.
            InvalidArgumentError: something else in place of the graph.
        """
        code: Any = asset_graph if hasattr(asset_graph, "assets_defs") else getattr(asset_graph, "code", None)
        if code is None:
            raise wrong_type("asset_graph", "what `Definitions.resolve_asset_graph()` gives", asset_graph)
        job: JobDefinition = open_door("job_of_assets")(self, code)
        missing = {key: given for key, given in (resource_defs or {}).items() if key not in code.resources}
        if missing:
            job = job.with_top_level_resources(missing)
        if default_executor_def is not None and job.named_executor is None:
            job = job.with_replaced(own_executor=default_executor_def)
        return job

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
        resolved: RunRequest = open_door("resolve_partition_request")(
            request, self.name, definition, self.config
        )
        return resolved


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
        InvalidDefinitionError: a name, tag or selection that is refused. A selection whose text does not read is told
            when the definitions are loaded, with all else that is wrong.

    Example:
        >>> from treadle import define_asset_job
        >>> define_asset_job("nightly", selection="group:marts").name
        'nightly'
    """
    where = caller_where()
    if partitions_def is not None:
        tell_caller("`partitions_def` of define_asset_job is deprecated: leave it out, the assets have it.")
    try:
        chosen = AssetSelection.all() if selection is None else selection_or_unread(selection)
        return UnresolvedAssetJobDefinition(
            name=check_name(name, "job"),
            selection=chosen,
            config=config,
            description=description,
            tags=check_run_tags(tags),
            run_tags=None if run_tags is None else check_run_tags(run_tags, "run_tags"),
            metadata=dict(definition_metadata(metadata)),
            partitions_def=partitions_def,
            executor_def=executor_def,
            hooks=check_hooks("hooks", hooks),
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


def job_name_of(job: Any, argument: str = "job") -> str | None:
    """The name of a job given as an object, a name, or a function that returns one of these later."""
    if job is None or isinstance(job, str):
        return job
    name = getattr(job, "name", None)
    if isinstance(name, str):
        return name
    raise wrong_type(argument, "a job or its name", job)
