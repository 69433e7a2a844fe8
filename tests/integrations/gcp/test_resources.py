"""Clients of BigQuery and Cloud Storage, against emulators (S0-02…S0-04, S0-07)."""

import base64
import json
import os
from pathlib import Path

import pytest

import treadle as dg
from treadle.integrations.gcp import (
    BigQueryError,
    BigQueryResource,
    GCSResource,
    bigquery_resource,
    fetch_last_updated_timestamps,
    gcs_resource,
)

pytestmark = pytest.mark.services


def test_an_asset_runs_sql_and_the_rows_are_there_afterwards(google):
    """S0-02"""

    @dg.asset
    def small(bigquery: BigQueryResource) -> None:
        with bigquery.get_client() as client:
            client.create_dataset("first", exists_ok=True)
            client.query("create or replace table first.small as select 1 as n union all select 2").result()

    resource = BigQueryResource(project="p", location="EU")
    assert dg.materialize([small], resources={"bigquery": resource}).success
    with resource.get_client() as client:
        assert sorted(row["n"] for row in client.query("select n from first.small").result()) == [1, 2]
        assert (client.project, client.location) == ("p", "EU")
        assert list(
            fetch_last_updated_timestamps(client=client, dataset_id="p.first", table_ids=["small"])
        ) == ["small"]
        with pytest.raises(BigQueryError, match="`other`"):
            fetch_last_updated_timestamps(client=client, dataset_id="p.first", table_ids=["small", "other"])


def test_a_refused_query_fails_the_step_with_bigquerys_words(google):
    """S0-04"""

    @dg.asset
    def broken(bigquery: BigQueryResource) -> None:
        with bigquery.get_client() as client:
            client.query("select nope from nothing.there").result()

    result = dg.materialize(
        [broken], resources={"bigquery": BigQueryResource(project="p")}, raise_on_error=False
    )
    assert not result.success
    (event,) = [each for each in result.all_events if each.event_type_value == "STEP_FAILURE"]
    assert "nothing" in event.step_failure_data.error.to_string()


def test_credentials_are_in_the_environment_for_the_block_only(google, monkeypatch):
    """S0-03"""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    key = base64.b64encode(json.dumps({"type": "service_account", "secret": "s3cret"}).encode()).decode()
    resource = BigQueryResource(project="p", gcp_credentials=key)
    with resource.get_client():
        path = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
        assert json.loads(Path(path).read_text())["secret"] == "s3cret" and os.stat(path).st_mode & 0o077 == 0
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ and not os.path.exists(path)
    assert key not in repr(resource)


def test_bad_credentials_are_refused_and_not_shown(google):
    for text in ("not base64!", base64.b64encode(b"no json s3cret").decode()):
        with pytest.raises(dg.InvalidArgumentError, match="base64") as caught:
            with BigQueryResource(project="p", gcp_credentials=text).get_client():
                pass
        assert text not in str(caught.value)


def test_blobs_are_written_listed_read_and_deleted(google):
    """S0-07"""
    client = GCSResource(project="p").get_client()
    bucket = client.create_bucket("blobs")
    bucket.blob("a/b.txt").upload_from_string("text")
    assert [blob.name for blob in client.list_blobs("blobs", prefix="a/")] == ["a/b.txt"]
    assert bucket.blob("a/b.txt").download_as_bytes() == b"text"
    bucket.blob("a/b.txt").delete()
    assert list(client.list_blobs("blobs")) == []


def test_the_older_forms_give_clients(google):
    @dg.op(required_resource_keys={"bigquery", "gcs"})
    def both(context):
        return context.resources.bigquery.project, context.resources.gcs.project

    @dg.job(
        resource_defs={
            "bigquery": bigquery_resource.configured({"project": "p"}),
            "gcs": gcs_resource.configured({"project": "p"}),
        }
    )
    def clients():
        both()

    assert clients.execute_in_process().output_for_node("both") == ("p", "p")
