"""An exception whose class misbehaves where it is looked at fails its step like any other, in every executor."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import RetryPolicy, asset
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.core.seen_errors import code_of, context_of, last_lines, plain_text, traceback_text
from treadle.store.instance import Instance


class EndsTheProcess(Exception):
    def __str__(self) -> str:
        sys.exit(0)


class Interrupts(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt


class BadCause(Exception):
    @property
    def __cause__(self) -> Any:  # type: ignore[override]
        raise ValueError("no cause")

    @property
    def code(self) -> Any:
        raise SystemExit(3)


class BadPickle(Exception):
    def __reduce__(self) -> Any:
        sys.exit(0)


KINDS = [EndsTheProcess, Interrupts, BadCause, BadPickle]


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


def broken_by(kind: type[Exception], **options: Any) -> Any:
    @asset(**options)
    def broken() -> None:
        raise kind("x")

    return broken


@asset
def other() -> int:
    return 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["in_process", "threads", "fork"])
def test_it_fails_its_step_and_the_others_go_on(how: str, kind: type[Exception], instance: Instance) -> None:
    result = run([broken_by(kind), other], instance, how)
    assert result.status is RunStatus.FAILURE
    assert list(result.get_failed_step_keys()) == ["broken"]
    (failure,) = [event for event in result.events if event.type is EventType.STEP_FAILURE]
    assert failure.data.error.cause.class_name == kind.__name__
    assert result.output_for_node("other") == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_it_is_tried_again_like_any_other(how: str, kind: type[Exception], instance: Instance) -> None:
    result = run([broken_by(kind, retry_policy=RetryPolicy(max_retries=1))], instance, how)
    kinds = [event.type for event in result.events]
    assert kinds.count(EventType.STEP_UP_FOR_RETRY) == kinds.count(EventType.STEP_FAILURE) == 1


def test_its_class_is_told_where_its_text_can_not_be_made() -> None:
    assert plain_text(EndsTheProcess()) == "<EndsTheProcess whose text could not be made: SystemExit>"
    error = BadCause("the text")
    assert (plain_text(error), code_of(error), context_of(error)) == ("the text", None, None)
    assert last_lines(error).endswith("BadCause: the text")
    assert "BadCause: the text" in traceback_text(error)
