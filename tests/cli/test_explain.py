"""`treadle explain CODE` prints the page of an error code."""

import json

from tests.cli.conftest import Project
from treadle.cli.exit_codes import OK, USAGE
from treadle.core.error_codes import CODES


def test_the_page_of_a_code_is_printed(project: Project) -> None:
    done = project.treadle("explain", "unknown-dep")
    assert done.code == OK
    assert done.out.startswith("# unknown-dep\n") and "**What to do.**" in done.out


def test_a_code_may_be_pasted_with_its_brackets(project: Project) -> None:
    assert project.treadle("explain", "[unknown-dep]").out.startswith("# unknown-dep\n")


def test_an_unknown_code_is_refused_with_the_nearest(project: Project) -> None:
    done = project.treadle("explain", "unknown-deb")
    assert done.code == USAGE
    assert "did you mean `unknown-dep`" in done.err


def test_without_a_code_all_are_listed(project: Project) -> None:
    listed = json.loads(project.treadle("explain", "--json").out)
    assert [each["code"] for each in listed] == sorted(CODES)
    assert "unknown-dep" in project.treadle("explain").out


def test_every_code_has_its_page_as_json(project: Project) -> None:
    told = json.loads(project.treadle("explain", "disk-full", "--json").out)
    assert told["severity"] == "error" and told["page"].startswith("# disk-full\n")


def test_a_check_that_finds_something_names_the_page(project: Project) -> None:
    project.write("broken.py", "import treadle as dg\n\n\n@dg.asset(deps=['nobody'])\ndef orders(): ...\n")
    done = project.treadle("check", "-f", "broken.py")
    assert "`treadle explain unknown-dep` says more." in done.err
    assert "explain" not in done.out
