"""Which files are meant, which is the newest, and which may go (S0-15, S0-16, S0-26). No service is needed."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle.factories import IntervalGCSAsset as from_factories
from treadle.integrations.gcp.interval_config import (
    Interval,
    IntervalFile,
    IntervalGCSAsset,
    SourceMode,
    expired,
    files_of,
    newest,
)

DAY = r"(?P<interval_timestamp>\d\d\d\d-\d\d-\d\d)/scores.parquet"


def config(**changes):
    arguments = {
        "key_prefix": "gitcoin",
        "name": "passport_scores",
        "project_id": "p",
        "bucket_name": "b",
        "path_base": "passport",
        "file_match": DAY,
        "destination_table": "passport_scores",
        "raw_dataset_name": "raw",
        "clean_dataset_name": "gitcoin",
        "interval": Interval.Daily,
        "mode": SourceMode.Overwrite,
        "retention_days": 10,
        "format": "PARQUET",
        **changes,
    }
    return IntervalGCSAsset(**{name: value for name, value in arguments.items() if value is not ...})


def blobs(*names):
    return [SimpleNamespace(name=name, generation=1) for name in names]


def test_the_class_is_one_of_the_factories():
    assert from_factories is IntervalGCSAsset


@pytest.mark.parametrize(
    "argument", ["name", "bucket_name", "file_match", "interval", "mode", "retention_days"]
)
def test_a_missing_argument_is_named(argument):
    """S0-15"""
    with pytest.raises(TypeError, match=argument):
        config(**{argument: ...})


def test_positional_arguments_are_refused():
    """S0-15"""
    with pytest.raises(TypeError):
        IntervalGCSAsset("gitcoin", "passport_scores")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": "XML"}, "XML"),
        ({"file_match": "("}, "no regular expression"),
        ({"file_match": "scores"}, "interval_timestamp"),
        ({"retention_days": 0}, "at least 1"),
        ({"destination_table": "a`; drop table b"}, "no name of BigQuery"),
        ({"raw_dataset_name": ""}, "no name of BigQuery"),
    ],
)
def test_what_can_never_work_is_refused(changes, told):
    with pytest.raises(dg.InvalidArgumentError, match=told):
        config(**changes)


def test_only_files_whose_whole_path_matches_are_meant():
    found = files_of(
        config(),
        blobs(
            "passport/2024-01-02/scores.parquet",
            "passport/2024-01-01/scores.parquet",
            "passport/2024-01-01/scores.parquet.tmp",
            "passport/old/2024-01-01/scores.parquet",
            "passportX2024-01-01/scores.parquet",
            "passport/2024-13-45/scores.parquet",
        ),
    )
    assert [file.path for file in found] == [
        "passport/2024-01-01/scores.parquet",
        "passport/2024-01-02/scores.parquet",
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        ("20240131", datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-01", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-31-07", datetime(2024, 1, 31, 7, tzinfo=UTC)),
        ("2024013107", datetime(2024, 1, 31, 7, tzinfo=UTC)),
        ("2024-01-31T07:00:00+02:00", datetime(2024, 1, 31, 5, tzinfo=UTC)),
        ("1706659200", datetime(2024, 1, 31, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_people_write_them(text, start):
    (file,) = files_of(config(file_match=r"(?P<interval_timestamp>[^/]+)"), blobs(f"passport/{text}"))
    assert file.start == start


days = st.lists(
    st.builds(
        lambda day, name: IntervalFile(
            datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day), f"{day}/{name}", 1
        ),
        st.integers(0, 60),
        st.sampled_from("abc"),
    ),
    unique=True,
    min_size=1,
).map(sorted)


@given(days, st.integers(1, 30), st.integers(0, 200))
def test_the_newest_never_goes_and_nothing_goes_that_is_younger_than_the_retention(files, retention, now):
    """S0-26"""
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=now)
    gone = expired(files, retention, at)
    assert not set(gone) & set(newest(files))
    assert all(file.start < at - timedelta(days=retention) for file in gone)
    kept = set(files) - set(gone) - set(newest(files))
    assert all(file.start >= at - timedelta(days=retention) for file in kept)
