"""`materialize`, `materialize_to_memory` and `observe`: run assets here and now."""

import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.catalog import Catalog
from treadle.core.errors import InvariantViolationError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.named_keys import partition_key_text
from treadle.core.runs import Run
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.writers import chosen_writers, writers_from_tags, writers_tag
from treadle.define.build_catalog import build_code
from treadle.define.code import Code
from treadle.define.config.run_config import run_config_dict
from treadle.define.resources.definition import ResourceDefinition
from treadle.plan.build import plan_assets
from treadle.plan.partitions import bind
from treadle.run.config_versions import config_versions
from treadle.run.engine import RunOrder, execute
from treadle.run.ephemeral import EphemeralInstance
from treadle.run.io_managers.memory import InMemoryIOManager
from treadle.run.partition_tags import partition_from_tags, partition_tags
from treadle.run.results import RunResult
from treadle.run.run_limits import run_timeout
from treadle.store.instance import Instance

EPHEMERAL_JOB = "__ephemeral_asset_job__"


def materialize(
    assets: Sequence[Any],
    run_config: Any = None,
    instance: Instance | None = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | Mapping[str, str] | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    selection: Any = None,
    *,
    skip_unchanged: bool = False,
) -> RunResult:
    """Run assets and checks in this process, in order of their dependencies.

    Args:
        assets: assets, checks, specs, or lists of them.
        run_config: a dictionary or a RunConfig.
        instance: where to remember the run; in memory where not given.
        resources: key -> resource, or any object.
        partition_key: which partition, where assets are partitioned. Where no mapping leads from one's partitions to
            another's, a key of each by an asset that has it: `{"daily": "2024-01-15", "stores": "a"}`.
        raise_on_error: raise what the first failed step raised; False: look at `result.success`.
        tags: of the run. `dagster/asset_partition_range_start` and `_end` run a range of partitions.
        selection: run only these of the assets: a selection, its text, or a list of assets.
        skip_unchanged: leave out assets whose code version and inputs are as they were when they were last made.

    Raises:
        DefinitionsError: the assets can never run together.
        InvariantViolationError: the selection names only assets that cannot be made. One that names nothing is warned of.
        InvalidConfigError: the run config does not fit.
        UnknownPartitionError: there is no such partition.

    Example:
        >>> from treadle import asset
        >>> @asset
        ... def numbers():
        ...     return [1, 2, 3]
        >>> @asset
        ... def total(numbers):
        ...     return sum(numbers)
        >>> materialize([numbers, total]).asset_value("total")
        6
    """
    code = build_code(assets=assets, resources=resources)
    assets_wanted, checks = select_materializable(code.catalog, selection)
    return run_assets(
        code,
        assets_wanted,
        checks,
        job_name=EPHEMERAL_JOB,
        run_config=run_config,
        instance=instance,
        partition_key=partition_key,
        raise_on_error=raise_on_error,
        tags={**writers_of_selection(code.catalog, selection), **(tags or {})},
        skip_unchanged=skip_unchanged,
        is_subset=selection is not None,
        may_do_nothing=not (assets_wanted or checks) and _names_nothing(code.catalog, selection),
    )


def materialize_to_memory(
    assets: Sequence[Any],
    run_config: Any = None,
    instance: Instance | None = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | Mapping[str, str] | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    selection: Any = None,
) -> RunResult:
    """`materialize`, with every value kept in memory whatever IO managers the assets name. For tests.

    Raises:
        InvariantViolationError: an IO manager of the assets was given, or they bring one.
    """
    given = dict(resources or {})
    managers = _memory_for_every_key(assets)
    refused = sorted(key for key in managers if key in given and _is_io_manager(given[key]))
    refused += [key for one in _each(assets) for key in getattr(one, "resource_defs", ()) if key in managers]
    if refused:
        raise InvariantViolationError(
            f"materialize_to_memory keeps values in memory, and `{refused[0]}` is an IO manager.",
            hint="leave it out, or call `materialize`",
        )
    return materialize(
        assets,
        run_config,
        instance,
        {**managers, **given},
        partition_key,
        raise_on_error,
        tags,
        selection,
    )


def observe(
    assets: Sequence[Any],
    run_config: Any = None,
    instance: Instance | None = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | Mapping[str, str] | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    *,
    selection: Any = None,
) -> RunResult:
    """Look at observable source assets in this process. Args: as of `materialize`."""
    code = build_code(assets=assets, resources=resources)
    catalog = code.catalog
    keys = _selected(catalog, selection)
    wanted = [key for key in catalog.assets if key in keys and catalog.assets[key].kind == "observable"]
    return run_assets(
        code,
        wanted,
        (),
        job_name=EPHEMERAL_JOB,
        run_config=run_config,
        instance=instance,
        partition_key=partition_key,
        raise_on_error=raise_on_error,
        tags=tags,
        is_subset=selection is not None,
    )


def select_materializable(catalog: Catalog, selection: Any) -> tuple[list[AssetKey], list[AssetCheckKey]]:
    """The assets that can be made and the checks of a selection; all of them for None."""
    if selection is None:
        return [k for k, node in catalog.assets.items() if node.kind == "materializable"], list(
            catalog.checks
        )
    chosen = AssetSelection.from_coercible(selection)
    keys = chosen.resolve(catalog)
    checks = chosen.resolve_checks(catalog)
    runnable = [key for key in catalog.assets if key in keys and catalog.assets[key].computation is not None]
    return runnable, [key for key in catalog.checks if key in checks]


def _names_nothing(catalog: Catalog, selection: Any) -> bool:
    """Whether a selection is empty, which the caller is warned of; not one of assets that can not be made."""
    if selection is None or _selected(catalog, selection):
        return False
    warnings.warn("the selection names no asset and no check, so the run does nothing", stacklevel=3)
    return True


def writers_of_selection(catalog: Catalog, selection: Any) -> dict[str, str]:
    """The tag of a run that does only the writers which a selection means; nothing where it means all."""
    if selection is None:
        return {}
    return writers_tag(chosen_writers(AssetSelection.from_coercible(selection), catalog.selectable_graph))


def _selected(catalog: Catalog, selection: Any) -> AbstractSet[AssetKey]:
    if selection is None:
        return set(catalog.assets)
    return AssetSelection.from_coercible(selection).resolve(catalog)


def run_assets(
    code: Code,
    asset_keys: Sequence[AssetKey],
    check_keys: Sequence[AssetCheckKey],
    *,
    job_name: str,
    run_config: Any = None,
    instance: Instance | None = None,
    partition_key: str | Mapping[str, str] | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    skip_unchanged: bool = False,
    is_subset: bool = False,
    job_def: Any = None,
    hooks: Sequence[Any] = (),
    retry_policy: Any = None,
    timeout: float | None = None,
    run_id: str | None = None,
    input_values: Mapping[str, Any] | None = None,
    may_do_nothing: bool = False,
) -> RunResult:
    """Plan and run assets of `code` in this process. Args: as of `materialize` and of a job."""
    own_instance = instance is None
    kept: Instance = EphemeralInstance() if instance is None else instance
    all_tags = {key: str(value) for key, value in (tags or {}).items()}
    partition = partition_from_tags(all_tags, partition_key_text(partition_key))
    plan = plan_assets(
        code.catalog,
        asset_keys,
        check_keys,
        job_name=job_name,
        state=kept if skip_unchanged else None,
        skip_unchanged=skip_unchanged,
        partition=partition,
        writers=writers_from_tags(all_tags),
        config_versions=config_versions(
            code, asset_keys, run_config, kept, job_def=job_def, partition=partition
        )
        if skip_unchanged
        else None,
    )
    if not plan.steps and not plan.skipped and is_subset and not may_do_nothing:
        raise InvariantViolationError(
            "The selection has no asset or check that could run.", code="invalid-selection"
        )
    partitions = bind(code.catalog, plan, partition, None, kept)
    all_tags.update(partition_tags(partition, partitions, job_name))
    plain_config = run_config_dict(run_config) if run_config is not None else {}
    run = Run(
        run_id=run_id or str(uuid.uuid4()),
        job_name=job_name,
        tags=all_tags,
        run_config=plain_config,
        plan_id=None if own_instance else plan.plan_id,
        asset_selection=frozenset(asset_keys) if is_subset else None,
        check_selection=frozenset(check_keys) if is_subset else None,
    )
    finished = execute(
        RunOrder(
            code=code,
            plan=plan,
            run=run,
            instance=kept,
            partitions=partitions,
            run_config=run_config,
            job_def=job_def,
            hooks=hooks,
            retry_policy=retry_policy,
            timeout=run_timeout(all_tags, timeout),
            input_values=input_values or {},
            shows_log=True,
            is_new=run_id is None,
        )
    )
    result = RunResult(finished)
    if raise_on_error:
        result.raise_if_failed()
    return result.pass_signal_on()


def _is_io_manager(value: Any) -> bool:
    if isinstance(value, ResourceDefinition):
        return bool(value.is_io_manager)
    # Of the class, not of the object: a mock has every attribute.
    stores = hasattr(type(value), "handle_output") and hasattr(type(value), "load_input")
    return stores or hasattr(type(value), "create_io_manager")


def _memory_for_every_key(assets: Sequence[Any]) -> dict[str, Any]:
    shared = InMemoryIOManager()
    keys = {"io_manager"}
    for item in _each(assets):
        keys.update(node.io_manager_key for node in getattr(item, "outputs", ()) or ())
        key = getattr(item, "io_manager_key", None)
        if isinstance(key, str):
            keys.add(key)
    return dict.fromkeys(keys, shared)


def _each(assets: Iterable[Any]) -> Iterator[Any]:
    """Definitions in a list, and in the lists in it."""
    for item in assets:
        if isinstance(item, list | tuple | set):
            yield from _each(item)
        else:
            yield item
