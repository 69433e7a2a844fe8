"""A home on a read-only disk: commands that only look go on, others say why they can not."""

import pytest

from tests.cli.conftest import Project
from tests.small_disks import MakeDisk


@pytest.fixture
def frozen(project: Project, make_disk: MakeDisk) -> Project:
    disk = make_disk(16)
    project.write("treadle.toml", f"compat = false\nhome = '{disk.folder / 'home'}'\n[pools]\napi = 1\n")
    project.write(
        "defs.py", "import treadle as dg\n@dg.asset\ndef orders(context): context.log.info('made it')\n"
    )
    assert project.process("materialize", "-f", "defs.py", "-a", "orders").code == 0
    disk.freeze()
    return project


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("list", "-f", "defs.py"), "orders"),
        (("show", "orders", "-f", "defs.py"), "orders"),
        (("why", "orders", "-f", "defs.py"), "orders"),
        (("plan", "-f", "defs.py", "-a", "orders"), "orders"),
        (("runs",), "Succeeded"),
        (("runs", "latest"), "Succeeded"),
        (("logs", "latest"), "made it"),
        (("backfill", "--list"), ""),
    ],
)
def test_what_happened_can_be_looked_at(frozen: Project, arguments: tuple[str, ...], shown: str) -> None:
    found = frozen.process(*arguments)
    assert found.code == 0, found
    assert shown in found.out
    assert found.err.count("can not be written") == 1
    assert "Error" not in found.err


def test_who_wants_to_write_is_told_that_it_can_not(frozen: Project) -> None:
    found = frozen.process("materialize", "-f", "defs.py", "-a", "orders")
    assert found.code != 0
    assert "can not be written" in found.err
