"""A step that forks and returns in both processes is still one step of one run (I6)."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import Output, asset
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


def fork_and_tell(exit_with: int | None = None) -> int:
    """Returns in both; in the parent once the child is gone, with how that ended."""
    child = os.fork()
    if child == 0:
        if exit_with is not None:
            sys.exit(exit_with)
        return -1
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@asset
def forks():
    # The child of each fork returns; only this process may go on.
    child = os.fork()
    if child == 0:
        return -1
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@asset
def exits_in_child():
    return fork_and_tell(exit_with=3)


@asset
def yields_in_both():
    yield Output(fork_and_tell())


@asset
async def returns_in_both():
    return fork_and_tell()


@asset(deps=[forks, exits_in_child, yields_in_both, returns_in_both])
def counted():
    with open(os.environ["TEST_FILE"], "a", encoding="utf-8") as file:
        file.write("once\n")


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_what_comes_after_a_fork_happens_once(
    how: str, instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "counted"
    monkeypatch.setenv("TEST_FILE", str(file))
    steps = [forks, exits_in_child, yields_in_both, returns_in_both, counted]
    result = run(steps, instance, how)
    assert result.success
    assert file.read_text(encoding="utf-8") == "once\n"
    found = [result.asset_value(made.key) for made in steps[:4]]
    assert found == [0, 3, 0, 0]
