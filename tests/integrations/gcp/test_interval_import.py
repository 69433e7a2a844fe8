"""Files of a bucket become a table, and old files go, against emulators (S0-17…S0-26)."""

import io
from datetime import UTC, datetime, timedelta

import pandas
import pytest

import treadle as dg
from treadle.factories import load_factories
from treadle.integrations.gcp import (
    BigQueryResource,
    GCSResource,
    Interval,
    IntervalGCSAsset,
    SourceMode,
    interval_gcs_import_asset,
)

pytestmark = pytest.mark.services


class Project:
    """A bucket, a dataset and a factory's asset, under names of their own."""

    def __init__(self, name, mode, format="CSV", **changes):
        self.name, self.format = name, format
        self.resources = {"bigquery": BigQueryResource(project="p"), "gcs": GCSResource(project="p")}
        self.client = GCSResource(project="p").get_client()
        self.bucket = self.client.create_bucket(name)
        self.config = IntervalGCSAsset(
            **{
                "key_prefix": "gitcoin",
                "name": name,
                "project_id": "p",
                "bucket_name": name,
                "path_base": "passport",
                "file_match": r"(?P<interval_timestamp>\d\d\d\d-\d\d-\d\d)/[a-z]+\.[a-z]+",
                "destination_table": "scores",
                "raw_dataset_name": f"{name}_raw",
                "clean_dataset_name": name,
                "interval": Interval.Daily,
                "mode": mode,
                "retention_days": 10,
                "format": format,
                **changes,
            }
        )
        self.response = interval_gcs_import_asset(self.config)
        self.instance = dg.Instance.ephemeral()

    def put(self, day, text, name="scores"):
        self.bucket.blob(f"passport/{day}/{name}.{self.format.lower()}").upload_from_string(text)

    def load(self):
        result = dg.materialize(self.response.assets, resources=self.resources, instance=self.instance)
        (event,) = result.get_asset_materialization_events()
        return {key: value.value for key, value in event.materialization.metadata.items()}

    def query(self, sql):
        with self.resources["bigquery"].get_client() as client:
            return sorted(tuple(row.values()) for row in client.query(sql).result())

    @property
    def rows(self):
        return self.query(f"select id, score from {self.name}.scores")

    @property
    def files(self):
        return sorted(blob.name for blob in self.client.list_blobs(self.name))


def csv(*rows):
    return "id,score\n" + "".join(f"{number},{score}\n" for number, score in rows)


def test_overwrite_loads_the_newest_file_once(google):
    """S0-17, S0-18"""
    project = Project("overwrite", SourceMode.Overwrite)
    assert project.load() == {"updated": False, "files_loaded": 0}
    project.put("2024-01-01", csv((1, 10)))
    project.put("2024-01-02", csv((1, 11), (2, 20)))
    first = project.load()
    assert first == {
        "updated": True,
        "files_loaded": 1,
        "latest_source_date": "2024-01-02",
        "dagster/row_count": 2,
    }
    assert project.rows == [(1, 11), (2, 20)]
    assert project.query("select count(*) from overwrite_raw.scores__20240102") == [(2,)]
    again = project.load()
    assert (again["updated"], again["files_loaded"]) == (False, 0) and project.rows == [(1, 11), (2, 20)]


def test_overwrite_takes_a_file_that_was_replaced(google):
    project = Project("replaced", SourceMode.Overwrite)
    project.put("2024-01-01", csv((1, 10)))
    project.load()
    project.put("2024-01-01", csv((1, 99)))
    assert project.load()["updated"] is True and project.rows == [(1, 99)]


def test_incremental_adds_only_files_that_were_not_seen(google):
    """S0-18"""
    project = Project("incremental", SourceMode.Incremental)
    project.put("2024-01-01", csv((1, 10)))
    project.put("2024-01-02", csv((2, 20)))
    assert project.load()["files_loaded"] == 2
    project.put("2024-01-03", csv((3, 30)), "one")
    project.put("2024-01-03", csv((4, 40)), "two")
    assert project.load()["files_loaded"] == 2
    assert project.load()["files_loaded"] == 0
    assert project.rows == [(1, 10), (2, 20), (3, 30), (4, 40)]


def test_a_load_that_broke_off_half_way_is_made_good_by_the_next(google, monkeypatch):
    project = Project("broken", SourceMode.Incremental)
    project.put("2024-01-01", csv((1, 10)))
    from treadle.integrations.gcp import interval_import

    def die(self, files):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(interval_import._Import, "_name_files", die)
        with pytest.raises(BaseException, match="KeyboardInterrupt"):
            project.load()
    assert project.load()["files_loaded"] == 1 and project.rows == [(1, 10)]


def test_json_is_loaded_with_its_types(google):
    """S0-19"""
    project = Project("json", SourceMode.Overwrite, "JSON")
    project.put("2024-01-01", '{"id": 1, "score": 1.5}\n{"id": 2, "score": 2.5}\n')
    project.load()
    assert project.rows == [(1, 1.5), (2, 2.5)]


def test_parquet_is_loaded_with_its_types(google):
    """S0-19. The emulator can not make a table from a Parquet file, so the table is there already."""
    from google.cloud import bigquery

    project = Project("parquet", SourceMode.Overwrite, "PARQUET")
    with project.resources["bigquery"].get_client() as client:
        client.create_dataset("parquet_raw", exists_ok=True)
        fields = [bigquery.SchemaField("id", "INT64"), bigquery.SchemaField("score", "FLOAT64")]
        client.create_table(bigquery.Table("p.parquet_raw.scores__20240101", schema=fields))
    file = io.BytesIO()
    pandas.DataFrame({"id": [1, 2], "score": [1.5, 2.5]}).to_parquet(file)
    project.put("2024-01-01", file.getvalue())
    project.load()
    assert project.rows == [(1, 1.5), (2, 2.5)]


def test_key_tags_and_further_arguments_reach_the_asset(google):
    """S0-20"""
    project = Project(
        "passing",
        SourceMode.Overwrite,
        tags={"team": "a"},
        asset_kwargs={"group_name": "g", "owners": ["team:x"], "description": "d"},
    )
    (definition,) = project.response.assets
    (spec,) = definition.specs
    assert spec.key.to_user_string() == "gitcoin/passing" and spec.group_name == "g"
    assert list(spec.owners) == ["team:x"] and spec.description == "d"
    assert spec.tags["team"] == "a" and spec.tags["environment"] == "production"


def test_the_clean_up_deletes_what_is_old_and_nothing_else(google):
    """S0-25, S0-26"""
    project = Project("cleaning", SourceMode.Overwrite)
    today = datetime.now(UTC)
    for age in (1, 9, 12, 40):
        project.put(f"{today - timedelta(days=age):%Y-%m-%d}", csv((1, 1)))
    project.bucket.blob("passport/readme.txt").upload_from_string("keep")
    defs = load_factories([project.response], resources=project.resources)
    assert defs.get_job_def("cleaning_clean_up_job").execute_in_process().success
    assert project.files == sorted(
        [
            "passport/readme.txt",
            *(f"passport/{today - timedelta(days=age):%Y-%m-%d}/scores.csv" for age in (1, 9)),
        ]
    )


def test_the_newest_files_stay_however_old_they_are(google):
    """S0-26"""
    project = Project("ancient", SourceMode.Overwrite)
    project.put("2020-01-01", csv((1, 1)))
    project.put("2020-01-02", csv((1, 1)))
    defs = load_factories([project.response], resources=project.resources)
    defs.get_job_def("ancient_clean_up_job").execute_in_process()
    assert project.files == ["passport/2020-01-02/scores.csv"]
