"""B28: secrets that were read stand in nothing that is printed or stored about a run."""

import sqlite3

import pytest

from tests.cli.conftest import Project

LEAKING = """
import logging
import treadle as dg

class Database(dg.ConfigurableResource):
    url: str
    api_key: str

@dg.asset
def leaky(context, database: Database):
    context.log.info(f"connecting to {database.url} with {database.api_key}")
    context.log.warning("key %s", database.api_key, extra={"key_used": database.api_key})
    try:
        raise KeyError(database.api_key)
    except KeyError:
        context.log.exception("no such key")
    raise ConnectionError(f"cannot reach {database.url} with {database.api_key}")

@dg.asset(retry_policy=dg.RetryPolicy(max_retries=1))
def tried_again(database: Database):
    raise ValueError(database.api_key) from OSError(database.url)

@dg.asset
def plain_variable():
    raise RuntimeError(dg.EnvVar("CANARY_TOKEN").get_value())

defs = dg.Definitions(
    [leaky, tried_again, plain_variable],
    resources={"database": Database(url=dg.EnvVar("CANARY_URL"), api_key=dg.EnvVar("CANARY_KEY"))},
)
"""
CANARIES = ("canary-one", "canary-two", "canary-three")


@pytest.mark.parametrize("executor", ["in-process", "processes"])
def test_no_canary_is_in_the_logs_errors_or_store(
    project: Project, monkeypatch: pytest.MonkeyPatch, executor: str
) -> None:
    monkeypatch.setenv("CANARY_URL", "postgresql://ann:canary-one@db/sales")
    monkeypatch.setenv("CANARY_KEY", "canary-two")
    monkeypatch.setenv("CANARY_TOKEN", "canary-three")
    project.write("leaking.py", LEAKING)
    done = project.process("materialize", "-f", "leaking.py", "--select", "*", "--executor", executor)
    assert done.code == 1 and "***" in done.out
    emitted = [done.out, done.err]
    for command in (["logs", "latest"], ["logs", "latest", "--json"], ["runs", "latest"], ["config"]):
        told = project.treadle(*command)
        emitted += [told.out, told.err]
    with sqlite3.connect(project.folder / ".treadle" / "treadle.db") as connection:
        emitted += connection.iterdump()
        bodies = connection.execute("SELECT body FROM events UNION ALL SELECT error FROM runs").fetchall()
        emitted += [bytes(body).decode() for (body,) in bodies if body is not None]
    connection.close()
    found = {canary for canary in CANARIES for text in emitted if canary in text}
    assert not found
