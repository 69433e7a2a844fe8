"""The factory that keeps a table of BigQuery up to date from files in a bucket, and the bucket small."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.factories import AssetFactoryResponse
from treadle.integrations.gcp.bigquery import BigQueryResource
from treadle.integrations.gcp.gcs import GCSResource
from treadle.integrations.gcp.interval_config import (
    FORMATS,
    IntervalFile,
    IntervalGCSAsset,
    SourceMode,
    expired,
    files_of,
    newest,
)

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


def interval_gcs_import_asset(config: IntervalGCSAsset) -> AssetFactoryResponse:
    """An asset that loads new files of a bucket into BigQuery, and a sensor and a job that delete old ones.

    The asset loads each interval's files into `raw_dataset.table__YYYYMMDD` and from there into `clean_dataset.table`; which
    files are in is kept in `raw_dataset.table__files`, so that none is loaded twice. Its metadata tells `updated`,
    `files_loaded`, `latest_source_date` and `dagster/row_count`. The sensor `<name>_clean_up_sensor` is off until someone turns
    it on; it runs the job `<name>_clean_up_job` when files are older than `retention_days`. The newest files are never deleted.

    Example:
        >>> response = interval_gcs_import_asset(
        ...     IntervalGCSAsset(
        ...         key_prefix="gitcoin",
        ...         name="passport_scores",
        ...         project_id="my-project",
        ...         bucket_name="my-bucket",
        ...         path_base="passport",
        ...         file_match=r"(?P<interval_timestamp>\\d\\d\\d\\d-\\d\\d-\\d\\d)/scores.parquet",
        ...         destination_table="passport_scores",
        ...         raw_dataset_name="raw",
        ...         clean_dataset_name="gitcoin",
        ...         interval=Interval.Daily,
        ...         mode=SourceMode.Overwrite,
        ...         retention_days=10,
        ...         format="PARQUET",
        ...     )
        ... )
        >>> response.assets[0].key.to_user_string()
        'gitcoin/passport_scores'
    """
    arguments = dict(config.asset_kwargs)
    tags = {**config.tags, "environment": config.environment, **arguments.pop("tags", {})}
    arguments.setdefault("kinds", {"bigquery", "gcs"})

    @dg.asset(name=config.name, key_prefix=config.key_prefix, tags=tags, **arguments)
    def gcs_asset(
        context: dg.AssetExecutionContext, bigquery: BigQueryResource, gcs: GCSResource
    ) -> dg.MaterializeResult[Any]:
        files = _listed(config, gcs)
        with bigquery.get_client() as client:
            loaded, rows = _Import(config, client, context.log).load(files)
        metadata: dict[str, Any] = {"updated": bool(loaded), "files_loaded": len(loaded)}
        if files:
            metadata["latest_source_date"] = f"{files[-1].start:%Y-%m-%d}"
        if rows is not None:
            metadata["dagster/row_count"] = rows
        return dg.MaterializeResult(metadata=metadata)

    @dg.op(name=f"{config.name}_clean_up_op")
    def gcs_clean_up_op(context: dg.OpExecutionContext, gcs: GCSResource) -> None:
        bucket = gcs.get_client().bucket(config.bucket_name)
        for file in expired(_listed(config, gcs), config.retention_days, datetime.now(UTC)):
            # Another file may have taken its place since it was listed.
            bucket.blob(file.path).delete(if_generation_match=file.generation)
            context.log.info(f"deleted gs://{config.bucket_name}/{file.path}")

    @dg.job(name=f"{config.name}_clean_up_job")
    def gcs_clean_up_job() -> None:
        gcs_clean_up_op()

    @dg.asset_sensor(
        asset_key=gcs_asset.key,
        name=f"{config.name}_clean_up_sensor",
        job=gcs_clean_up_job,
        default_status=dg.DefaultSensorStatus.STOPPED,
    )
    def gcs_clean_up_sensor(
        context: dg.SensorEvaluationContext, gcs: GCSResource, asset_event: dg.EventLogEntry
    ) -> dg.RunRequest | dg.SkipReason:
        old = expired(_listed(config, gcs), config.retention_days, datetime.now(UTC))
        if not old:
            return dg.SkipReason(f"no file is older than {config.retention_days} days")
        return dg.RunRequest(run_key=f"{asset_event.run_id}/{asset_event.timestamp}")

    return AssetFactoryResponse([gcs_asset], [gcs_clean_up_sensor], [gcs_clean_up_job])


def _listed(config: IntervalGCSAsset, gcs: GCSResource) -> list[IntervalFile]:
    return files_of(config, gcs.get_client().list_blobs(config.bucket_name, prefix=config.folder))


class _Import:
    """One load. What is done when it is killed is done again by the next, and no row stands twice."""

    def __init__(self, config: IntervalGCSAsset, client: "Client", log: Any) -> None:
        self._config = config
        self._client = client
        self._log = log
        self._clean = config.table(config.clean_dataset_name)
        self._files = config.table(config.raw_dataset_name, "__files")
        self._loading = config.table(config.raw_dataset_name, "__loading")

    def load(self, files: list[IntervalFile]) -> tuple[list[IntervalFile], int | None]:
        """Load what is new.

        Returns:
            The files that were loaded, and the rows that the table has now.
        """
        if not files:
            self._log.info(f"no file in gs://{self._config.bucket_name}/{self._config.folder} matches")
            return [], None
        self._make_datasets()
        known = self._known_versions()
        if self._config.mode is SourceMode.Overwrite:
            loaded = newest(files)
            if known.issuperset(file.version for file in loaded):
                return [], self._rows()
            self._overwrite(loaded)
        else:
            paths = {version.partition("/")[2] for version in known}
            loaded = [file for file in files if file.path not in paths]
            for start in sorted({file.start for file in loaded}):
                self._append([file for file in loaded if file.start == start])
        return loaded, self._rows()

    def _make_datasets(self) -> None:
        for name in (self._config.raw_dataset_name, self._config.clean_dataset_name):
            self._client.create_dataset(f"{self._config.project_id}.{name}", exists_ok=True)
        self._client.query(f"CREATE TABLE IF NOT EXISTS `{self._files}` (version STRING)").result()

    def _known_versions(self) -> set[str]:
        rows: Iterable[Any] = self._client.query(f"SELECT version FROM `{self._files}`").result()
        return {row["version"] for row in rows}

    def _load_raw(self, files: list[IntervalFile]) -> str:
        """Load the files of one interval into its own table."""
        from google.cloud.bigquery import LoadJobConfig, WriteDisposition  # noqa: PLC0415 - an optional package

        raw = self._config.table(
            self._config.raw_dataset_name, f"__{self._config.interval.suffix_of(files[0].start)}"
        )
        uris = [f"gs://{self._config.bucket_name}/{file.path}" for file in files]
        self._log.info(
            f"loading {len(uris)} file(s) into {raw}: {', '.join(uris[:3])}{' …' * (len(uris) > 3)}"
        )
        settings = LoadJobConfig(
            source_format=FORMATS[self._config.format],
            write_disposition=WriteDisposition.WRITE_TRUNCATE,
            autodetect=True,
        )
        self._client.load_table_from_uri(uris, raw, job_config=settings).result()
        return raw

    def _overwrite(self, files: list[IntervalFile]) -> None:
        from google.cloud.bigquery import CopyJobConfig, WriteDisposition  # noqa: PLC0415 - an optional package

        raw = self._load_raw(files)
        settings = CopyJobConfig(write_disposition=WriteDisposition.WRITE_TRUNCATE)
        self._client.copy_table(raw, self._clean, job_config=settings).result()
        self._name_files(files)
        self._client.query(
            f"INSERT INTO `{self._files}` (version) SELECT version FROM `{self._loading}`"
        ).result()

    def _append(self, files: list[IntervalFile]) -> None:
        raw = self._load_raw(files)
        self._client.query(
            f"CREATE TABLE IF NOT EXISTS `{self._clean}` AS SELECT * FROM `{raw}` WHERE FALSE"
        ).result()
        self._name_files(files)
        columns = ", ".join(f"`{field.name}`" for field in self._client.get_table(raw).schema)
        # Rows and the names of their files come in together or not at all.
        self._client.query(
            "BEGIN TRANSACTION;\n"
            f"INSERT INTO `{self._clean}` ({columns}) SELECT {columns} FROM `{raw}`;\n"
            f"INSERT INTO `{self._files}` (version) SELECT version FROM `{self._loading}`;\n"
            "COMMIT TRANSACTION;"
        ).result()

    def _name_files(self, files: list[IntervalFile]) -> None:
        from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig  # noqa: PLC0415 - an optional package

        names = ArrayQueryParameter("versions", "STRING", [file.version for file in files])
        self._client.query(
            f"CREATE OR REPLACE TABLE `{self._loading}` AS SELECT version FROM UNNEST(@versions) AS version",
            job_config=QueryJobConfig(query_parameters=[names]),
        ).result()

    def _rows(self) -> int | None:
        rows = self._client.query(f"SELECT COUNT(*) AS number FROM `{self._clean}`").result()
        return int(next(iter(rows))["number"])
