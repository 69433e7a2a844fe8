"""`GCSResource`: clients of Google Cloud Storage."""

from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.integrations.gcp.credentials import emulator_credentials, missing_extra

if TYPE_CHECKING:
    from google.cloud.storage import Client


class GCSResource(dg.ConfigurableResource[Any]):
    """Gives clients of Cloud Storage.

    Args:
        project: whose buckets; the credentials' own where not given.

    Example:
        >>> import treadle as dg
        >>> @dg.asset
        ... def report(gcs: GCSResource) -> None:
        ...     gcs.get_client().bucket("reports").blob("today.txt").upload_from_string("fine")
    """

    project: str | None = None

    def get_client(self) -> "Client":
        """A client."""
        try:
            from google.cloud import storage  # noqa: PLC0415 - an optional package
        except ImportError as error:
            raise missing_extra(error) from error
        return storage.Client(project=self.project, credentials=emulator_credentials("STORAGE_EMULATOR_HOST"))


@dg.resource(config_schema={"project": dg.Field(dg.StringSource, is_required=False)})
def gcs_resource(context: dg.InitResourceContext) -> "Client":
    """The older form: `context.resources.gcs` is a client."""
    return GCSResource(**context.resource_config).get_client()
