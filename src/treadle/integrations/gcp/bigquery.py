"""`BigQueryResource`: clients of BigQuery."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

import treadle as dg
from treadle.integrations.gcp.credentials import (
    credentials_in_environment,
    emulator_credentials,
    missing_extra,
)

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


class BigQueryError(dg.TreadleError):
    """BigQuery did not do what was asked."""


class BigQueryResource(dg.ConfigurableResource[Any]):
    """Gives clients of BigQuery; each is closed when its `with` block ends.

    Args:
        project: the project of queries and of tables whose names have none; the credentials' own where not given.
        location: where datasets are made and queries run, e.g. `EU`.
        gcp_credentials: a JSON key in base64, for the time of the block; what the machine has where not given.

    Example:
        >>> import treadle as dg
        >>> @dg.asset
        ... def small_table(bigquery: BigQueryResource) -> None:
        ...     with bigquery.get_client() as client:
        ...         client.query("create table sales.small as select 1 as n").result()
    """

    project: str | None = None
    location: str | None = None
    gcp_credentials: str | None = Field(default=None, repr=False)

    @contextmanager
    def get_client(self) -> Iterator["Client"]:
        """A client, closed at the end of the block."""
        try:
            from google.cloud import bigquery  # noqa: PLC0415 - an optional package
        except ImportError as error:
            raise missing_extra(error) from error
        with credentials_in_environment(self.gcp_credentials):
            client = bigquery.Client(
                project=self.project,
                location=self.location,
                credentials=emulator_credentials("BIGQUERY_EMULATOR_HOST"),
            )
            try:
                yield client
            finally:
                client.close()  # type: ignore[no-untyped-call]


@dg.resource(
    config_schema={
        "project": dg.Field(dg.StringSource, is_required=False),
        "location": dg.Field(dg.StringSource, is_required=False),
        "gcp_credentials": dg.Field(dg.StringSource, is_required=False),
    }
)
def bigquery_resource(context: dg.InitResourceContext) -> Iterator["Client"]:
    """The older form: `context.resources.bigquery` is a client."""
    with BigQueryResource(**context.resource_config).get_client() as client:
        yield client


def fetch_last_updated_timestamps(
    *, client: "Client", dataset_id: str, table_ids: Sequence[str]
) -> Mapping[str, datetime]:
    """When tables of a dataset were last changed.

    Args:
        client: of BigQuery.
        dataset_id: with or without the project.
        table_ids: without the dataset.

    Returns:
        Table -> time, in UTC.

    Raises:
        BigQueryError: a table does not exist; names all that do not.
    """
    if not table_ids:
        raise BigQueryError("there is no table to look at.", code="invalid-argument")
    from google.api_core.exceptions import NotFound  # noqa: PLC0415 - an optional package

    found: dict[str, datetime] = {}
    missing: list[str] = []
    for table_id in table_ids:
        try:
            changed = client.get_table(f"{dataset_id}.{table_id}").modified
        except NotFound:
            missing.append(table_id)
        else:
            found[table_id] = changed.astimezone(UTC)
    if missing:
        raise BigQueryError(
            f"dataset `{dataset_id}` has no table " + ", ".join(f"`{each}`" for each in missing) + ".",
            code="not-found",
        )
    return found
