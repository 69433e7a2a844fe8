"""Values as text, pages, selectors and the older metadata entries (issue 4 §1)."""

import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle import (
    AssetKey,
    AssetMaterialization,
    AssetSpec,
    CodeLocationSelector,
    DagsterEventLogInvalidForRun,
    DailyPartitionsDefinition,
    InvalidArgumentError,
    JobSelector,
    MetadataEntry,
    MetadataValue,
    PaginatedResults,
    RepositorySelector,
    RunRequest,
    RunStatus,
    deprecation_warning,
    deserialize_value,
    serialize_value,
)

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


VALUES = [
    None,
    1,
    "a",
    (1, 2),
    {1, 2},
    {"a": [1]},
    AssetKey(["a", "b"]),
    RunStatus.SUCCESS,
    AssetMaterialization("a", metadata={"n": 1}),
    DailyPartitionsDefinition("2024-01-01"),
    RunRequest("k", tags={"a": "b"}),
    MetadataValue.md("x"),
    AssetSpec("a", deps=["b"]),
    JobSelector("here", job_name="nightly"),
    PaginatedResults([1], "c", True),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_the_same_after_its_text(value: object) -> None:
    text = serialize_value(value, indent=1)
    json.loads(text)
    assert deserialize_value(text) == value
    assert deserialize_value(text, type(value)) == value


@pytest.mark.parametrize("value", [object(), [object()], {"a": lambda: 1}])
def test_what_has_no_form_as_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match="no form"):
        serialize_value(value)


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="AssetKey, and int or str"):
        deserialize_value(serialize_value(AssetKey("a")), (int, str))
    with pytest.raises(InvalidArgumentError, match="no JSON"):
        deserialize_value("zork")
    with pytest.raises(InvalidArgumentError, match="text"):
        deserialize_value(3)  # type: ignore[arg-type]


@given(st.lists(st.integers()), st.integers(1, 5), st.booleans())
def test_pages_together_are_the_list(items: list[int], limit: int, ascending: bool) -> None:
    found: list[int] = []
    page = PaginatedResults.create_from_sequence(items, limit, ascending)
    found += page.results
    while page.has_more:
        assert len(page.results) == limit
        page = PaginatedResults.create_from_sequence(items, limit, ascending, page.cursor)
        found += page.results
    assert found == (items if ascending else items[::-1])


def test_selectors_name_what_they_select() -> None:
    assert CodeLocationSelector("here").to_repository_selector() == RepositorySelector(
        "here", "__repository__"
    )
    job = JobSelector("here", job_name="nightly")
    assert job.repository_selector == RepositorySelector("here", "__repository__")
    assert {job: 1}[JobSelector("here", "__repository__", "nightly")] == 1
    with pytest.raises(InvalidArgumentError, match="job_name"):
        JobSelector("here")


def test_an_entry_of_metadata_has_one_value() -> None:
    assert (
        MetadataEntry("rows", value=3).value
        == MetadataEntry("rows", entry_data=3).value
        == MetadataValue.int(3)
    )
    assert MetadataEntry("rows", "how many", value=3).description == "how many"
    for given_ in ({}, {"value": 1, "entry_data": 2}):
        with pytest.raises(InvalidArgumentError, match="value"):
            MetadataEntry("rows", **given_)


def test_a_deprecation_names_the_line_that_has_it() -> None:
    def deprecated() -> None:
        deprecation_warning("`deprecated`", "2.0", "Use another.")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        deprecated()
    assert [str(one.message) for one in caught] == [
        "`deprecated` is deprecated and goes away in 2.0. Use another."
    ]
    assert caught[0].category is DeprecationWarning
    assert caught[0].filename == __file__


def test_an_event_log_that_does_not_fit_names_its_run() -> None:
    error = DagsterEventLogInvalidForRun("abc")
    assert error.run_id == "abc"
    assert "abc" in str(error)
