"""The command line on PostgreSQL: the same words, several processes at once."""

import json

import pytest

from tests.cli.conftest import Project

pytestmark = pytest.mark.services


def test_runs_and_backfills_of_several_processes(project: Project, postgres_url: str) -> None:
    project.write("treadle.toml", f'compat = false\nstore_url = "{postgres_url}"\n')
    project.write(
        "letters.py",
        "import treadle as dg\n"
        "@dg.asset(partitions_def=dg.StaticPartitionsDefinition(list('abcdef')))\n"
        "def letters(context): return context.partition_key\n"
        "@dg.asset\ndef word(letters): return ''.join(sorted(letters.values()))\n",
    )
    done = project.process("backfill", "-f", "letters.py", "--select", "*", "--concurrency", "2")
    assert done.code == 0, done.out + done.err
    assert done.last_line.endswith("partitions: 7 materialized")
    made = json.loads(project.process("list", "-f", "letters.py", "--json").out)
    assert [each["state"] for each in made] == ["All materialized", "Fresh"]
    logs = project.process("logs", "latest").out
    assert "RUN_SUCCESS" in logs
