"""Errors of events as code written for the peer reads them."""

import pytest

import treadle as dg
from treadle.core.events import ErrorInfo
from treadle.store.error_view import ErrorView


@dg.op
def broken() -> None:
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise ValueError("why") from error


@dg.op
def failing() -> None:
    raise dg.Failure("no rows", metadata={"rows": 0})


@dg.job
def two() -> None:
    broken()
    failing()


@pytest.fixture(scope="module")
def failures() -> dict[str, object]:
    result = two.execute_in_process(raise_on_error=False)
    return {
        str(event.step_key): event.event_specific_data
        for event in result.all_events
        if event.event_type_value == "STEP_FAILURE"
    }


def test_an_error_has_the_peers_class_names_and_the_last_line_of_its_traceback(
    failures: dict[str, object],
) -> None:
    error = failures["broken"].error  # type: ignore[attr-defined]
    assert (error.cls_name, error.class_name) == ("DagsterExecutionStepExecutionError", "StepExecutionError")
    cause = error.cause
    assert (cause.cls_name, cause.message) == ("ValueError", "ValueError: why\n")
    assert cause.cause.message == "ZeroDivisionError: division by zero\n"
    assert any("raise ValueError" in line for line in cause.stack)
    assert cause.cause.cause is None


def test_what_is_displayed_names_every_cause(failures: dict[str, object]) -> None:
    shown = failures["broken"].error_display_string  # type: ignore[attr-defined]
    assert "ValueError: why" in shown and "ZeroDivisionError" in shown


def test_a_failure_of_the_user_has_its_label_text_and_metadata(failures: dict[str, object]) -> None:
    data = failures["failing"]
    told = data.user_failure_data  # type: ignore[attr-defined]
    assert (told.label, told.description) == ("intentional-failure", "no rows")
    assert told.metadata["rows"].value == 0
    assert data.error.message == "Failure: no rows\n"  # type: ignore[attr-defined]


def test_errors_of_equal_content_are_equal() -> None:
    info = ErrorInfo(class_name="KeyError", message="'a'", stack="one\ntwo\n", code="x")
    assert ErrorView(info) == ErrorView(info) and hash(ErrorView(info)) == hash(ErrorView(info))
    assert ErrorView(info) != info
    assert (ErrorView(info).stack, ErrorView(info).code) == (["one\n", "two\n"], "x")
