"""Which files of a bucket become which table, and the names under which they are found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import treadle as dg

FORMATS = {"PARQUET": "PARQUET", "CSV": "CSV", "JSON": "NEWLINE_DELIMITED_JSON"}
"""What `format` may be -> BigQuery's name of it."""

GROUP = "interval_timestamp"


class Interval(Enum):
    """How much time one set of files covers."""

    Hourly = 0
    Daily = 1
    Weekly = 2
    Monthly = 3

    def suffix_of(self, start: datetime) -> str:
        """What ends the name of the raw table: `20240131`, and the hour where files come hourly."""
        return f"{start:%Y%m%d%H}" if self is Interval.Hourly else f"{start:%Y%m%d}"


class SourceMode(Enum):
    """Incremental: new files are added to the table. Overwrite: the newest files are the table."""

    Incremental = 0
    Overwrite = 1


@dataclass(kw_only=True)
class BaseGCSAsset:
    """Files in a bucket that become a table of BigQuery.

    Args:
        key_prefix: the parts of the asset's key before the name.
        name: of the asset.
        project_id: the project of the tables.
        bucket_name: where the files are.
        path_base: the folder of the files, as text.
        file_match: a regular expression for the rest of the path; its group `interval_timestamp` is the time of the file.
        destination_table: without the dataset.
        raw_dataset_name: the dataset of the tables as they were loaded, one an interval.
        clean_dataset_name: the dataset of the finished table.
        format: `PARQUET`, `CSV` (with a header) or `JSON` (a line a row).
        asset_kwargs: more arguments for `@asset`.
        tags: of the asset.
        environment: kept as the tag `environment`.
    """

    key_prefix: str | Sequence[str] | None = None
    name: str
    project_id: str
    bucket_name: str
    path_base: str
    file_match: str
    destination_table: str
    raw_dataset_name: str
    clean_dataset_name: str
    format: str = "CSV"
    asset_kwargs: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    environment: str = "production"

    def __post_init__(self) -> None:
        """Refuse what can never work.

        Raises:
            InvalidArgumentError: an unknown format, a bad regular expression, or one without the group.
        """
        if self.format not in FORMATS:
            raise dg.InvalidArgumentError(
                f"`format` of `{self.name}` is {self.format!r}; it is one of {', '.join(FORMATS)}."
            )
        try:
            groups = re.compile(self.file_match).groupindex
        except re.error as error:
            raise dg.InvalidArgumentError(
                f"`file_match` of `{self.name}` is no regular expression: {error}."
            ) from error
        if GROUP not in groups:
            raise dg.InvalidArgumentError(
                f"`file_match` of `{self.name}` has no group `{GROUP}`.",
                hint=rf"e.g. (?P<{GROUP}>\d\d\d\d-\d\d-\d\d)/scores.parquet",
            )
        for argument in ("project_id", "raw_dataset_name", "clean_dataset_name", "destination_table"):
            if not re.fullmatch(r"[A-Za-z0-9_:.-]+", getattr(self, argument)):
                raise dg.InvalidArgumentError(
                    f"`{argument}` of `{self.name}` is {getattr(self, argument)!r}, which is no name of BigQuery's."
                )

    @property
    def folder(self) -> str:
        """The beginning that the paths of all files have."""
        base = self.path_base.strip("/")
        return f"{base}/" if base else ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a file's whole path has to match."""
        return re.compile(f"{re.escape(self.folder)}(?:{self.file_match})")


@dataclass(kw_only=True)
class IntervalGCSAsset(BaseGCSAsset):
    """Files that come once an interval.

    Args:
        interval: how often.
        mode: whether new files are added, or replace what was there.
        retention_days: how many days files are kept; the newest are kept always.
    """

    interval: Interval
    mode: SourceMode
    retention_days: int

    def __post_init__(self) -> None:
        """Refuse what can never work, and a retention of less than a day."""
        super().__post_init__()
        if self.retention_days < 1:
            raise dg.InvalidArgumentError(
                f"`retention_days` of `{self.name}` is {self.retention_days}; it is at least 1."
            )

    def table(self, dataset: str, suffix: str = "") -> str:
        """The whole name of a table."""
        return f"{self.project_id}.{dataset}.{self.destination_table}{suffix}"


@dataclass(frozen=True, order=True)
class IntervalFile:
    """A file of the bucket that matches."""

    start: datetime
    """From its path; UTC."""
    path: str
    generation: int

    @property
    def version(self) -> str:
        """Path and generation: another text when the file is replaced."""
        return f"{self.generation}/{self.path}"


def files_of(config: BaseGCSAsset, blobs: Any) -> list[IntervalFile]:
    """The files that match, by time and path. Files whose time can not be read do not match.

    Args:
        blobs: what the storage client lists.
    """
    pattern = config.pattern
    found = []
    for blob in blobs:
        match = pattern.fullmatch(blob.name)
        start = _time_of(match[GROUP]) if match else None
        if start is not None:
            found.append(IntervalFile(start, blob.name, int(blob.generation or 0)))
    return sorted(found)


def newest(files: Sequence[IntervalFile]) -> list[IntervalFile]:
    """The files of the last interval."""
    return [file for file in files if file.start == files[-1].start]


def expired(files: Sequence[IntervalFile], retention_days: int, now: datetime) -> list[IntervalFile]:
    """The files older than the retention, never one of the last interval."""
    limit = now - timedelta(days=retention_days)
    return [file for file in files if file.start < limit and file.start != files[-1].start]


def _time_of(text: str) -> datetime | None:
    if text.isdigit() and len(text) in (10, 13) and not text.startswith(("19", "20")):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    for layout in ("%Y-%m-%d-%H", "%Y%m%d%H", "%Y-%m", "%Y%m"):
        if len(text) == len(datetime(2000, 1, 1, tzinfo=UTC).strftime(layout)):
            try:
                return datetime.strptime(text, layout).replace(tzinfo=UTC)
            except ValueError:
                continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
