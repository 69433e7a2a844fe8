"""Run requests of a tick, made complete: the job is known, the partition exists, tags and config are filled in."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from treadle.core.errors import (
    InvalidSubsetError,
    InvariantViolationError,
    UnknownPartitionError,
    did_you_mean,
)
from treadle.core.keys import AssetKey
from treadle.core.names import IMPLICIT_JOB_NAME
from treadle.core.partitions.pending import WithRequests
from treadle.core.run_tags import PARTITION_TAG, partition_set_of
from treadle.core.schedules import RunRequest
from treadle.core.selection.writers import chosen_writers, writers_from_tags, writers_tag
from treadle.core.ticks import TickLine
from treadle.define.context.tick_context import TickContext
from treadle.define.partition_requests import names_partition, needs_partition, resolve_partition_request
from treadle.plan.unchanged import reasons_to_run
from treadle.run.config_versions import config_versions
from treadle.run.partition_tags import partition_from_tags

NO_JOB_HINT = (
    "give the decorator `job`, `job_name`, `jobs` or `target`, or the RunRequest an `asset_selection`"
)


@attrs.frozen(kw_only=True)
class RequestResolver:
    """Completes the run requests of one tick.

    Args:
        who: for messages, e.g. "sensor `files`".
        tags: added to every request.
        job_names: the jobs that the schedule or sensor may start; none: those that requests name.
        own_jobs: those of them that are known as objects.
        asset_selection: the assets that a sensor without a job may ask for.
        any_job: whether requests may name jobs that are not among `job_names`.
        now: the time that counts as now; None: the clock's.
        partition_requests: dynamic partitions that are added or deleted before the runs start.
    """

    who: str
    tags: dict[str, str]
    context: TickContext
    job_names: tuple[str, ...] = ()
    own_jobs: Sequence[Any] = ()
    asset_selection: Any = None
    any_job: bool = False
    now: datetime | None = None
    partition_requests: Sequence[Any] = ()
    left_out: list[str] = attrs.field(factory=list)
    """Why requests were dropped, for the tick's reason to skip."""

    def resolve(self, requests: Iterable[RunRequest]) -> list[RunRequest]:
        """The requests, complete, in order; those for stale assets only, of which none is stale, are left out.

        Raises:
            InvariantViolationError: no job, or one that cannot be started from here.
            InvalidSubsetError: an asset that is not defined, or not of the job.
            UnknownPartitionError: a partition that does not exist.
        """
        resolved = (self._resolve(request) for request in requests)
        return [request for each in resolved if (request := self._only_stale(each)) is not None]

    def _resolve(self, request: RunRequest) -> RunRequest:
        code = self.context.code
        if self.asset_selection is not None and code is not None and request.job_name is None:
            request = self._with_selected_assets(request, code)
        job_name = self._job_name(request)
        if code is not None:
            self._check_job_is_known(job_name, code)
            self._check_assets(request, job_name, code)
        if request.job_name is None and not self.job_names:
            request = request._replace(job_name=job_name)
        if request.partition_key is not None:
            request = self._with_partition(request, job_name)
        request = request._replace(tags={**request.tags, **self.tags})
        if code is not None:
            self._tell_of_missing_partition(request, job_name, code)
        return request

    def _tell_of_missing_partition(self, request: RunRequest, job_name: str, code: Any) -> None:
        """A line in the tick's log: such a run fails, but the request itself is one that the peer takes."""
        if request.partition_key is not None or request.asset_graph_subset is not None:
            return
        job = code.jobs.get(job_name)
        tags = {**getattr(job, "run_tags", {}), **request.tags}
        keys = request.asset_selection or getattr(job, "asset_keys", None) or ()
        if names_partition(tags) or not needs_partition(code.catalog, keys):
            return
        told = TickLine(
            logging.WARNING,
            f"{self.who} asks for a run of the job `{job_name}` without a partition, and all of its assets are "
            "partitioned: that run can not make them. Give the RunRequest a `partition_key`, or use "
            "`build_schedule_from_partitioned_job(job)`.",
        )
        if told not in self.context.log_lines:
            self.context.log_lines.append(told)

    def _only_stale(self, request: RunRequest) -> RunRequest | None:
        """The request for those of its assets that are out of date or below one that is; None where none is.

        Without definitions or an instance nothing is known of them: the request stays as it is.
        """
        code = self.context.code
        if not request.stale_assets_only or code is None or not self.context.has_instance:
            return request
        catalog = code.catalog
        job = code.jobs.get(request.job_name or self._job_name(request))
        keys: Iterable[AssetKey] = request.asset_selection or getattr(job, "asset_keys", None) or ()
        asked = [key for key in keys if catalog.assets[key].kind == "materializable"]
        chosen = writers_from_tags(request.tags)
        parts: list[tuple[AssetKey, str | None]] = []
        for key in asked:
            writers = [each.name for each in catalog.assets[key].writers]
            parts += [(key, name) for name in writers if name in chosen.get(key, writers)]
            parts += [] if writers else [(key, None)]
        partition = partition_from_tags(request.tags, request.partition_key)
        state: Any = self.context.instance
        versions = config_versions(code, asked, request.run_config, state, job_def=job, partition=partition)
        reasons = reasons_to_run(catalog, parts, state, partition, versions).assets
        stale = [part for part in parts if reasons[part].code != "unchanged"]
        if not stale:
            names = ", ".join(key.to_user_string() for key in asked[:5])
            more = f" and {len(asked) - 5} more" if len(asked) > 5 else ""
            self.left_out.append(f"Nothing is stale of what was asked for: {names}{more}" if names else "")
            return None
        wanted = {key for key, _ in stale}
        narrowed: dict[AssetKey, tuple[str, ...]] = {}
        for key in wanted:
            names_of = tuple(name for each, name in stale if each == key and name is not None)
            if len(names_of) < len(catalog.assets[key].writers):
                narrowed[key] = names_of
        return request._replace(
            asset_selection=[key for key in asked if key in wanted],
            tags={**request.tags, **writers_tag(narrowed)},
        )

    def _with_selected_assets(self, request: RunRequest, code: Any) -> RunRequest:
        chosen = self.asset_selection.resolve(code.catalog.selectable_graph)
        if request.asset_selection is None and request.asset_check_keys is None:
            keys = [key for key in code.catalog.assets if key in chosen]
            writers = writers_tag(chosen_writers(self.asset_selection, code.catalog.selectable_graph))
            tags = {**writers, **request.tags}
            return request._replace(job_name=IMPLICIT_JOB_NAME, asset_selection=keys, tags=tags)
        foreign = [key for key in request.asset_selection or () if key not in chosen]
        if foreign:
            name = foreign[0].to_user_string()
            raise InvalidSubsetError(
                f"{self.who} asks for the asset `{name}`, which is not in its `asset_selection`.",
                code="unknown-asset",
                hint=did_you_mean(name, (key.to_user_string() for key in chosen)),
            )
        return request._replace(job_name=IMPLICIT_JOB_NAME)

    def _job_name(self, request: RunRequest) -> str:
        asked = request.job_name
        if asked is not None:
            if (
                self.job_names
                and asked not in self.job_names
                and not self.any_job
                and asked != IMPLICIT_JOB_NAME
            ):
                raise InvariantViolationError(
                    f"{self.who} asks for a run of the job `{asked}`, which is none of its own: {self._listed()}.",
                    code="unknown-job",
                    hint=did_you_mean(asked, self.job_names),
                )
            return asked
        if len(self.job_names) == 1:
            return self.job_names[0]
        if self.job_names:
            raise InvariantViolationError(
                f"{self.who} has several jobs, and asks for a run without saying of which: {self._listed()}.",
                code="no-job",
                hint="give the RunRequest a `job_name`",
            )
        if request.asset_selection or request.asset_check_keys or request.asset_graph_subset is not None:
            return IMPLICIT_JOB_NAME
        raise InvariantViolationError(
            f"{self.who} asks for a run, and has no job.", code="no-job", hint=NO_JOB_HINT
        )

    def _listed(self) -> str:
        return ", ".join(f"`{name}`" for name in self.job_names)

    def _check_job_is_known(self, name: str, code: Any) -> None:
        if name in code.jobs or name == IMPLICIT_JOB_NAME or any(job.name == name for job in self.own_jobs):
            return
        raise InvariantViolationError(
            f"{self.who} asks for a run of the job `{name}`, which nobody defines.",
            code="unknown-job",
            hint=did_you_mean(name, code.jobs),
        )

    def _check_assets(self, request: RunRequest, job_name: str, code: Any) -> None:
        job = code.jobs.get(job_name)
        known = code.catalog.assets if job is None else getattr(job, "asset_keys", None)
        for key in request.asset_selection or ():
            if known is not None and key in known:
                continue
            name = key.to_user_string()
            if known is None or key in code.catalog.assets:
                message = f"{self.who} asks for the asset `{name}`, which the job `{job_name}` does not make."
            else:
                message = f"{self.who} asks for the asset `{name}`, which nobody defines."
            near = did_you_mean(name, (each.to_user_string() for each in known or ()))
            raise InvalidSubsetError(message, code="unknown-asset", hint=near)

    def _with_partition(self, request: RunRequest, job_name: str) -> RunRequest:
        code = self.context.code
        job = code.jobs.get(job_name) if code is not None else None
        if job is None:
            job = next((one for one in self.own_jobs if one.name == job_name), None)
        key = request.partition_key
        assert key is not None
        config = getattr(job, "config", None)
        definition = getattr(job, "partitions_def", None)
        if definition is None:
            definition = getattr(config, "partitions_def", None)
        if code is None and definition is None:
            # Nothing is known of the partitions here; the run is checked when it starts.
            tags = {PARTITION_TAG: key, **partition_set_of(job_name)}
            return request._replace(tags={**request.tags, **tags})
        keys: Iterable[AssetKey] = request.asset_selection or getattr(job, "asset_keys", None) or ()
        if code is not None and (definition is None or request.asset_selection):
            definition = self._definition_with(key, keys, code) or definition
        return resolve_partition_request(
            request,
            job_name,
            definition,
            config,
            dynamic_partitions_store=self._store(),
            current_time=self.now,
        )

    @property
    def reason_to_skip(self) -> str | None:
        """Why nothing is left of the requests, where some were dropped."""
        return "; ".join(dict.fromkeys(text for text in self.left_out if text)) or None

    def _definition_with(self, partition_key: str, keys: Iterable[AssetKey], code: Any) -> Any:
        """The partitions definition among those of some assets that has the key; any of them where none has."""
        found: list[Any] = []
        for key in keys:
            definition = code.catalog.partitions_def_of(key)
            if definition is not None and definition not in found:
                found.append(definition)
        for definition in found[:-1]:
            try:
                definition.validate_partition_key(
                    partition_key, current_time=self.now, dynamic_partitions_store=self._store()
                )
            except UnknownPartitionError:
                continue
            return definition
        return found[-1] if found else None

    def _store(self) -> Any:
        store = self.context.instance if self.context.has_instance else None
        return WithRequests(store, self.partition_requests) if self.partition_requests else store
