"""Errors and codes: every code is registered, errors cross processes whole, names come with the nearest."""

import ast
import pickle
import re
from pathlib import Path

import pytest

import treadle as dg
from treadle.core import errors
from treadle.core.error_codes import CODES
from treadle.core.errors import TreadleError, did_you_mean, near_names, unknown_argument, wrong_type
from treadle.core.problem import Problem

SOURCE = Path(errors.__file__).parents[1]


# A plan's reasons have codes of their own.
NOT_ERRORS = {"Reason"}


def codes_in(path):
    """Every literal code that a module uses: `code="…"`, `default_code = "…"`, `Problem("…", …)`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        found = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") not in NOT_ERRORS:
            found = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            if getattr(node.func, "id", "") == "Problem":
                found += node.args[:1]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(target, "id", "") in ("default_code", "code") for target in targets):
                found = [node.value]
        for value in found:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def test_every_code_in_the_source_is_registered():
    used = {code: path.name for path in sorted(SOURCE.rglob("*.py")) for code in codes_in(path)}
    assert len(used) > 30
    assert {code: where for code, where in used.items() if code not in CODES} == {}


def test_codes_are_kebab_case_and_say_what_they_mean():
    for code, row in CODES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert row.meaning.endswith(".")
        assert row.severity in ("error", "warning", "info")
        assert re.fullmatch(r"[a-z-]+", row.page)


def test_the_codes_that_the_acceptance_list_fixes_are_there():
    fixed = ["unknown-dep", "undeclared-resource", "late-bound-closure"]
    assert [CODES[code].severity for code in fixed] == ["warning"] * 3
    advice = ["no-io-manager", "large-unpartitioned", "no-metadata"]
    assert [CODES[code].severity for code in advice] == ["info"] * 3


def classes(base):
    for cls in base.__subclasses__():
        yield cls
        yield from classes(cls)


def test_every_error_class_has_a_registered_code_and_stands_in_the_tree():
    own = [cls for cls in classes(TreadleError) if cls.__module__ == errors.__name__]
    assert [cls.__name__ for cls in own if cls.default_code not in CODES] == []
    assert [cls.__name__ for cls in own if cls.__name__ not in errors.__doc__] == []


def test_the_text_has_the_message_the_place_and_the_hint():
    error = TreadleError("no such asset", where="assets.py:3", hint="did you mean `a`?")
    assert str(error) == "no such asset\n  at assets.py:3\n  hint: did you mean `a`?"


def raised():
    try:
        try:
            1 / 0
        except ZeroDivisionError as cause:
            raise errors.StepExecutionError("step `a` failed", step_key="a", hint="look at it") from cause
    except errors.StepExecutionError as error:
        return error


def test_an_error_crosses_processes_with_its_attributes_and_its_cause():
    back = pickle.loads(pickle.dumps(raised()))
    assert type(back) is errors.StepExecutionError
    assert str(back) == "step `a` failed\n  hint: look at it"
    assert (back.step_key, back.code, back.args) == ("a", "step-failure", ("step `a` failed",))
    assert isinstance(back.__cause__, ZeroDivisionError)
    assert back.user_exception is back.__cause__


class Unpicklable(Exception):
    def __init__(self, one, two):
        super().__init__(one)
        self.handle = lambda: two


def test_a_cause_that_cannot_be_pickled_is_told_in_words():
    error = errors.UserCodeExecutionError("it failed")
    error.__cause__ = Unpicklable("out of cheese", 2)
    back = pickle.loads(pickle.dumps(error))
    assert isinstance(back.__cause__, errors.UnpicklableError)
    assert str(back.__cause__) == "Unpicklable: out of cheese"


@pytest.mark.parametrize(
    "error", [dg.Failure("why", {"rows": 3}, allow_retries=False), dg.RetryRequested(2, 1.5)]
)
def test_what_users_raise_crosses_processes(error):
    back = pickle.loads(pickle.dumps(error))
    assert vars(back) == vars(error)
    assert str(back) == str(error)


def test_failure_gives_metadata_its_kind_and_refuses_what_cannot_be_stored():
    failure = dg.Failure("empty file", metadata={"path": dg.MetadataValue.path("/in.csv")})
    assert failure.metadata["path"].value == "/in.csv"
    assert failure.description == str(failure) == "empty file"
    assert failure.allow_retries
    with pytest.raises(dg.DagsterInvalidMetadata, match="metadata `x`"):
        dg.Failure(metadata={"x": object()})


def test_what_users_raise_is_no_error_of_ours():
    """`except DagsterError` must not swallow them."""
    assert not issubclass(dg.Failure, dg.DagsterError)
    assert not issubclass(dg.RetryRequested, dg.DagsterError)
    assert not issubclass(dg.DagsterExecutionInterruptedError, Exception)


def test_a_missing_resource_is_an_attribute_error_too():
    with pytest.raises(AttributeError, match="no resource"):
        raise dg.DagsterUnknownResourceError("no resource `db`")


def test_did_you_mean():
    assert did_you_mean("taxi_trip", ["taxi_trips", "zones"]) == "did you mean `taxi_trips`?"
    assert did_you_mean("Orders", ["orders"]) == "did you mean `orders`?"
    assert did_you_mean("x", ["alpha", "beta"]) == "there are `alpha`, `beta`"
    assert did_you_mean("x", [f"name{n}" for n in range(50)]) is None
    assert did_you_mean("x", []) is None


def test_a_problem_takes_its_severity_from_its_code():
    """Seed 002: `Problem(code, message, asset_key, where, suggestion, severity)`."""
    problem = Problem(
        "unknown-dep", "nobody makes `taxi_trip`", dg.AssetKey("report"), "a.py:3", "taxi_trips"
    )
    assert problem.severity == "warning"
    assert str(problem) == "a.py:3: warning[unknown-dep] nobody makes `taxi_trip` (taxi_trips)"
    assert Problem("invalid-cron", "bad").severity == "error"
    assert Problem("invalid-cron", "bad", severity="info").severity == "info"


def test_a_misspelt_keyword_names_the_nearest_and_is_a_type_error():
    """S1-55."""
    error = unknown_argument("upsteam_asset", ["upstream_asset", "group_name"], "asset")
    assert isinstance(error, TypeError)
    assert str(error) == "asset takes no argument `upsteam_asset`\n  hint: did you mean `upstream_asset`?"
    with pytest.raises(TypeError, match="did you mean `group_name`"):
        dg.AssetSpec("a", group_nam="g")
    with pytest.raises(TypeError, match="did you mean `run_config`"):
        dg.RunRequest(run_confg={})


def test_a_wrong_type_is_shortened():
    message = str(wrong_type("deps", "a list of assets", "x" * 10_000))
    assert message.startswith("argument `deps` must be a list of assets, got 'xxx")
    assert len(message) < 300


@pytest.mark.parametrize(("name", "known"), [("zz", "a"), ("ac", "a"), ("b", "ab"), ("x", "xy")])
def test_one_letter_in_common_is_no_likeness(name, known):
    assert near_names(name, [known]) == []
    assert near_names("ab", ["ac", "abc"]) == ["abc"]
