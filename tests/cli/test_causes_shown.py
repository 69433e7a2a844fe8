"""What caused an error is shown wherever the error is: by `materialize`, `logs` and `runs`, to people and machines."""

import json

import pytest

from tests.cli.conftest import Project
from treadle.cli.error_view import brief_stack, causes_of, error_as_json, raised_at, whole_stack
from treadle.core.events import ErrorInfo

CAUSED = """
import json
import treadle as dg

def fetch(): raise ConnectionError("db refused: host=10.0.0.1")

@dg.asset
def chained():
    try: fetch()
    except ConnectionError as e: raise RuntimeError("could not load orders") from e
"""
GROUPED = """
import asyncio, treadle as dg

async def one(): raise ValueError("the real cause")

async def two():
    try: {}["k"]
    except KeyError as e: raise OSError("second") from e

@dg.asset
async def group():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(one())
        tg.create_task(two())
"""


def test_the_cause_of_an_error_is_told_with_the_line_that_raised_it(project: Project) -> None:
    path = project.write("shop.py", CAUSED)
    failed = project.treadle("materialize", "-f", "shop.py", "--select", "*")
    assert "    caused by ConnectionError: db refused: host=10.0.0.1\n" in failed.out
    assert f'      File "{path}", line 5, in fetch\n' in failed.out
    logs = project.treadle("logs", "latest").out
    assert "    caused by ConnectionError: db refused: host=10.0.0.1\n" in logs
    shown = project.treadle("runs", "latest").out
    assert f"caused by    ConnectionError: db refused: host=10.0.0.1 (at {path}:5)" in shown
    assert f"error        RuntimeError: could not load orders (at {path}:10)" in shown


def test_machines_are_told_the_cause_with_its_place_and_whole_stack(project: Project) -> None:
    path = project.write("shop.py", CAUSED)
    made = json.loads(project.treadle("materialize", "-f", "shop.py", "--select", "*", "--json").out)
    lines = [json.loads(line) for line in project.treadle("logs", "latest", "--json").out.splitlines()]
    logged = next(line["error"] for line in lines if line["type"] == "STEP_FAILURE")
    details = json.loads(project.treadle("runs", "latest", "--json").out)["error_details"]
    for error in (made["step_errors"]["chained"], logged, details):
        assert (error["class"], error["message"]) == ("RuntimeError", "RuntimeError: could not load orders")
        assert error["at"] == f"{path}:10"
        assert error["cause"]["message"] == "ConnectionError: db refused: host=10.0.0.1"
        assert error["cause"]["at"] == f"{path}:5"
        assert f'File "{path}", line 9, in chained' in error["cause"]["stack"]


def test_the_members_of_a_group_are_told_with_their_causes(project: Project) -> None:
    path = project.write("shop.py", GROUPED)
    failed = project.treadle("materialize", "-f", "shop.py", "--select", "*").out
    assert f'      File "{path}", line 12, in group\n' in failed
    assert f'    - ValueError: the real cause\n      File "{path}", line 4, in one\n' in failed
    assert "    - OSError: second\n" in failed
    assert "      caused by KeyError: 'k'\n" in failed
    assert "asyncio" + "/" not in failed
    assert "no running event loop" not in failed
    assert "taskgroups.py" in project.treadle("logs", "latest").out
    shown = project.treadle("runs", "latest").out
    assert f"- ValueError: the real cause (at {path}:4)" in shown
    assert f"caused by KeyError: 'k' (at {path}:7)" in shown
    details = json.loads(project.treadle("runs", "latest", "--json").out)["error_details"]
    assert [member["at"] for member in details["members"]] == [f"{path}:4", f"{path}:8"]
    assert details["members"][1]["cause"]["class"] == "KeyError"


FRAME = '  File "{}", line 7, in f\n    g()\n'


def error_of(*files: str, **others: object) -> ErrorInfo:
    stack = "Traceback (most recent call last):\n" + "".join(FRAME.format(file) for file in files) + "E: no\n"
    return ErrorInfo(class_name="E", message="no", stack=stack, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "file", ["/usr/lib/python3.11/contextlib.py", "<frozen importlib._bootstrap>", json.__file__]
)
def test_frames_of_python_itself_are_not_the_users(file: str) -> None:
    assert (brief_stack(error_of(file)), raised_at(error_of(file))) == ("", None)
    assert file not in brief_stack(error_of("/home/me/a.py", file))
    assert file in whole_stack(error_of("/home/me/a.py", file))


def test_frames_of_packages_are_left_out_where_the_users_are_there() -> None:
    package = "/venv/lib/python3.11/site-packages/pandas/core.py"
    assert package not in brief_stack(error_of("/home/me/a.py", package))
    assert raised_at(error_of("/home/me/a.py", package)) == "/home/me/a.py:7"
    assert package in brief_stack(error_of(package))


def test_what_was_handled_meanwhile_is_told_where_the_users_code_handled_it() -> None:
    mine, others = error_of("/home/me/b.py"), error_of("/usr/lib/python3.11/asyncio/runners.py")
    assert [word for word, _ in causes_of(error_of("/home/me/a.py", context=mine))] == ["while handling"]
    assert list(causes_of(error_of("/home/me/a.py", context=others))) == []
    assert "context" in error_as_json(error_of("/home/me/a.py", context=mine))


def test_an_error_of_the_stores_own_folder_shows_no_frame_of_python_as_the_users(project: Project) -> None:
    path = project.write(
        "shop.py",
        "import treadle as dg\n@dg.asset\ndef shop(): return 1\n\n"
        "@dg.asset(key=['shop', 'orders'], deps=[shop])\ndef o(): return 2\n",
    )
    failed = project.treadle("materialize", "-f", "shop.py", "--select", "*")
    assert failed.code == 1
    assert f"      at {path}:6\n" in failed.out
    assert "contextlib" not in failed.out
    assert "Traceback" not in failed.out
