"""What the options of commands that run something say: partition, config, tags, executor."""

import importlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

import attrs
import click

from treadle.cli.failing import fail
from treadle.cli.option_groups import with_group
from treadle.core.catalog import Catalog
from treadle.core.errors import UnknownPartitionError
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.named_keys import keys_by_name, partition_key_text
from treadle.define.job_definition import JobDefinition
from treadle.store.instance import Instance

_Command = TypeVar("_Command", bound=Callable[..., Any])
EXECUTORS = ("in-process", "processes", "threads", "asyncio")


@attrs.frozen(kw_only=True)
class RunOptions:
    """Config, tags and executor as they were given."""

    config_files: tuple[str, ...] = ()
    config_json: str | None = None
    tags: tuple[str, ...] = ()
    executor: str | None = None
    max_concurrent: int | None = None

    def run_config(self) -> dict[str, Any] | None:
        """The files' config, later ones over earlier ones, and `--config-json` over all; None where none is given."""
        if not self.config_files and self.config_json is None:
            return None
        # PyYAML is imported only where config is given.
        files = importlib.import_module("treadle.define.config.files")
        documents = [("--config-json", self.config_json)] if self.config_json is not None else []
        found: dict[str, Any] = files.config_from_files(self.config_files) if self.config_files else {}
        if documents:
            found = files.merged_documents([("--config", json.dumps(found)), *documents])
        return found

    def run_tags(self) -> dict[str, str]:
        """Tags from `key=value` texts or JSON objects."""
        found: dict[str, str] = {}
        for text in self.tags:
            if text.lstrip().startswith("{"):
                try:
                    found |= {str(key): str(value) for key, value in json.loads(text).items()}
                except ValueError as error:
                    fail(f"--tags: {error}.")
                continue
            for part in text.split(","):
                key, mark, value = part.partition("=")
                if not mark or not key.strip():
                    fail(f"--tags: `{part}` is not key=value.")
                found[key.strip()] = value.strip()
        return found


def config_options(command: _Command) -> _Command:
    """Adds config, tags and executor options, passed on as `options`."""
    declared = [
        click.option(
            "-c", "--config", "config_files", multiple=True, metavar="FILE", help="Run config; repeatable."
        ),
        click.option("--config-json", metavar="JSON", help="Run config as JSON."),
        click.option(
            "--tags", multiple=True, metavar="KEY=VALUE", help="Tags of the run; repeatable, or JSON."
        ),
        click.option(
            "--executor", type=click.Choice(EXECUTORS), help="How steps run; chosen to fit by default."
        ),
        click.option("--max-concurrent", type=click.IntRange(min=1), metavar="N", help="Steps side by side."),
    ]
    return with_group(command, "options", RunOptions, declared)


def partition_options(command: _Command) -> _Command:
    """Adds `--partition` and `--partition-range`."""
    command = click.option(
        "--partition-range", metavar="A...B", help="A range of partitions in one run, both ends included."
    )(command)
    return click.option(
        "--partition",
        metavar="KEY",
        help="The partition; `latest` is the last there is; `ASSET=KEY,ASSET=KEY` where several are needed.",
    )(command)


def partition_of(
    catalog: Catalog,
    keys: Iterable[AssetKey],
    instance: Instance,
    partition: str | None,
    partition_range: str | None,
) -> str | PartitionKeyRange | None:
    """The partition or range that a run is for. Ends the command where it can not be."""
    if partition is not None and partition_range is not None:
        fail("Give --partition or --partition-range, not both.")
    wanted = list(keys)
    definitions = [(key, catalog.partitions_def_of(key)) for key in wanted]
    partitioned = [(key, definition) for key, definition in definitions if definition is not None]
    if partition_range is not None:
        _refuse_range_of_single_partitions(catalog, [key for key, _ in partitioned])
        return read_range(partition_range)
    if partition is None:
        return None
    if not partitioned:
        fail("Nothing that was selected is partitioned.", hint="leave --partition out")
    space = partitioned[0][1].space(dynamic_partitions_store=instance)
    everything = space.all()
    if partition == "latest":
        if not everything:
            fail_without_partitions(f"`{partitioned[0][0].to_user_string()}`", partitioned[0][1])
        return str(everything.last_key)
    spaces = [space, *(each.space(dynamic_partitions_store=instance) for _, each in partitioned[1:])]
    if all(each.point(partition) is None for each in spaces):
        named = _keys_by_name(partition)
        if named is not None:
            return named
        _refuse_range(partition, spaces)
        error: UnknownPartitionError = space.unknown(partition)
        hints = [f"the latest is `{everything.last_key}`"] if everything else []
        hints += [error.hint] if error.hint else []
        fail(error.message, code=error.code, hint="\n".join(hints))
    return partition


def _refuse_range(text: str, spaces: Iterable[Any]) -> None:
    """`A..B` and `A...B` are no key where both ends are: another option takes ranges."""
    found = re.fullmatch(r"(.+?)\.{2,3}(.+)", text)
    ends = found.groups() if found is not None else ()
    if ends and any(all(space.point(end) is not None for end in ends) for space in spaces):
        fail(
            f"--partition: `{text}` is a range, and one partition is meant.",
            code="unknown-partition",
            hint=f"--partition-range {'...'.join(ends)}",
        )


def _keys_by_name(text: str) -> str | None:
    """`daily=2024-01-15,stores=a`: a key by asset, as the run's tag has it; None where it is no such text."""
    if keys_by_name(text) is not None:
        return text
    found: dict[str, str] = {}
    for part in text.split(","):
        name, mark, key = part.partition("=")
        if not mark or not name.strip() or not key.strip():
            return None
        found[name.strip()] = key.strip()
    return partition_key_text(found)


def fail_without_partitions(what: str, definition: Any) -> NoReturn:
    """Stop: the asset or job has no partitions yet; says how to add some."""
    fail(
        f"{what} has no partitions yet.",
        code="unknown-partition",
        hint=definition.how_keys_are_added,
    )


def partition_of_job(
    job_def: JobDefinition, instance: Instance, partition: str | None, partition_range: str | None
) -> str | PartitionKeyRange | None:
    """The partition or range that a run of a job of ops is for. Ends the command where it can not be."""
    if partition is not None and partition_range is not None:
        fail("Give --partition or --partition-range, not both.")
    if partition_range is not None:
        return read_range(partition_range)
    if partition is None:
        return None
    if job_def.partitions_def is None:
        fail(f"Job `{job_def.name}` is not partitioned.", hint="leave --partition out")
    space = job_def.partitions_def.space(dynamic_partitions_store=instance)
    everything = space.all()
    if partition == "latest":
        if not everything:
            fail_without_partitions(f"Job `{job_def.name}`", job_def.partitions_def)
        return str(everything.last_key)
    if space.point(partition) is None:
        _refuse_range(partition, [space])
        error: UnknownPartitionError = space.unknown(partition)
        fail(error.message, code=error.code, hint=error.hint)
    return partition


def read_range(text: str) -> PartitionKeyRange:
    """`A...B` as a range."""
    first, mark, last = text.partition("...")
    if not mark or not first or not last:
        fail(f"--partition-range: `{text}` is not A...B.")
    if "..." in last:
        fail(
            f"--partition-range: `{text}` can be read in several ways, as keys in it hold three dots.",
            hint="with `treadle backfill`, give the ends apart: --from A --to B",
        )
    return PartitionKeyRange(first, last)


def made_one_by_one(catalog: Catalog, keys: Iterable[AssetKey]) -> list[AssetKey]:
    """The partitioned assets among these that do not say that they can make a range of partitions in one run."""
    found = []
    for key in keys:
        name = catalog.assets[key].computation
        if name is None or catalog.partitions_def_of(key) is None:
            continue
        policy = catalog.computations[name].backfill_policy
        if policy is None or policy.max_partitions_per_run is not None:
            found.append(key)
    return found


def _refuse_range_of_single_partitions(catalog: Catalog, keys: list[AssetKey]) -> None:
    for key in made_one_by_one(catalog, keys):
        fail(
            f"`{key.to_user_string()}` does not say that it can make a range of partitions in one run.",
            hint="give it `backfill_policy=BackfillPolicy.single_run()`, or make one run a partition with "
            "`treadle backfill --partition-range`",
        )
    if not keys:
        fail("Nothing that was selected is partitioned.", hint="leave --partition-range out")
