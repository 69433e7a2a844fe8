"""Wrong arguments of one `Definitions`: all are told at once, each with the line of the `Definitions`."""

from pathlib import Path

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError
from treadle.define.load_code import load_code
from treadle.define.validation.errors import DefinitionsError, ErrorOfProblems


@dg.asset
def one() -> None: ...


def told(error: DefinitionsError) -> list[str]:
    """The arguments that the problems name."""
    return [problem.message.split("`")[1] for problem in error.problems]


def test_every_wrong_argument_is_told_with_the_line_of_the_definitions() -> None:
    line = test_every_wrong_argument_is_told_with_the_line_of_the_definitions.__code__.co_firstlineno + 3
    with pytest.raises(DefinitionsError) as caught:
        dg.Definitions(assets={"a": 1}, jobs=3, executor=7, resources={3: 4}, loggers={"x": 3}, metadata="no")
    error = caught.value
    assert told(error) == ["assets", "jobs", "resources", "executor", "loggers", "metadata"]
    assert {problem.where for problem in error.problems} == {f"{__file__}:{line}"}
    assert isinstance(error, InvalidArgumentError)
    assert isinstance(error, InvalidDefinitionError)
    assert error.code == "invalid-argument"
    assert all(f"{number}. " in str(error) for number in range(1, 7))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"assets": {"a": 1}}, "`assets` must be a list of assets"),
        ({"executor": 7}, "`executor` must be an executor"),
        ({"resources": {3: 4}}, "`resources` must be a mapping of names to resources, got 3"),
        ({"resources": [4]}, "`resources` must be a mapping, got"),
        ({"loggers": {"x": 3}}, "`loggers` must be a mapping of names to loggers"),
    ],
)
def test_one_alone_is_told_as_it_is(given, message) -> None:
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        dg.Definitions(**{"assets": [one], **given})
    assert not isinstance(caught.value, DefinitionsError)


def test_each_wrong_name_of_a_mapping_is_told() -> None:
    with pytest.raises(DefinitionsError) as caught:
        dg.Definitions(resources={3: 4, "fine": 5, 6: 7})
    assert ["got 3" in each.message or "got 6" in each.message for each in caught.value.problems] == [
        True,
        True,
    ]


def test_what_does_not_belong_in_a_list_is_told_beside_what_is_no_list() -> None:
    with pytest.raises(DefinitionsError) as caught:
        dg.Definitions(assets=[one, 5], sensors=["x"], jobs=[6], executor=7)
    assert told(caught.value) == ["executor", "assets", "sensors", "jobs"]


def test_what_only_follows_from_a_wrong_argument_is_not_told() -> None:
    @dg.asset(required_resource_keys={"lake"})
    def needs_lake() -> None: ...

    nightly = dg.ScheduleDefinition(job_name="nightly", cron_schedule="@daily")
    with pytest.raises(DefinitionsError) as caught:
        dg.Definitions(assets=[needs_lake], schedules=[nightly], resources=["lake"], jobs="nightly")
    assert told(caught.value) == ["jobs", "resources"]


def test_a_file_with_several_wrong_arguments_does_not_load_for_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "several_wrong.py"
    path.write_text("import treadle as dg\n\ndefs = dg.Definitions(assets={'a': 1}, jobs=3)\n")
    with pytest.raises(ErrorOfProblems) as caught:
        load_code(file=str(path))
    assert [(problem.where, problem.message.split("`")[1]) for problem in caught.value.problems] == [
        (f"{path}:3", "assets"),
        (f"{path}:3", "jobs"),
    ]
