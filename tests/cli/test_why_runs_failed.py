"""A run that fails for a reason of its own, which is no step's, says it where it is run."""

import json

from tests.cli.conftest import Project

IN_MEMORY = """
import treadle as dg
@dg.asset
def a(): return 1
@dg.asset
def b(): return 2
defs = dg.Definitions([a, b], resources={"io_manager": dg.mem_io_manager})
"""
SLOW = """
import time
import treadle as dg
@dg.asset
def slow(): time.sleep(60)
defs = dg.Definitions([slow], jobs=[dg.define_asset_job("nightly", timeout=0.1)])
"""
BROKEN_RESOURCE = """
import treadle as dg
@dg.resource
def db(context): raise ValueError("no database")
@dg.asset(required_resource_keys={"db"})
def a(): return 1
defs = dg.Definitions([a], resources={"db": db})
"""


def test_values_in_memory_that_other_processes_can_not_read_are_told_with_what_to_do(
    project: Project,
) -> None:
    project.write("mem.py", IN_MEMORY)
    failed = project.treadle("materialize", "-f", "mem.py", "--select", "*")
    said, _, summary = failed.out.partition("FAILURE run")
    assert failed.code == 1
    assert summary
    assert "the run failed: UnmetExecutorRequirementsError: `io_manager` keeps values in the memory" in said
    assert said.count("hint: use an IO manager that stores") == 1


def test_a_machine_reads_why_a_run_failed(project: Project) -> None:
    project.write("mem.py", IN_MEMORY)
    told = json.loads(project.treadle("materialize", "-f", "mem.py", "--select", "*", "--json").out)
    assert told["status"] == "FAILURE"
    assert told["error"]["code"] == "executor-requirements"
    assert told["error"]["message"].startswith("UnmetExecutorRequirementsError: `io_manager`")
    assert told["error"]["hint"].startswith("use an IO manager that stores")


def test_a_run_that_took_too_long_says_so(project: Project) -> None:
    project.write("slow.py", SLOW)
    failed = project.treadle("job", "execute", "-j", "nightly", "-f", "slow.py")
    assert failed.code == 1
    assert "the run failed: TreadleError: The run took longer than its timeout of 0.1 s." in failed.out


def test_what_a_step_or_a_resource_has_told_is_not_told_again(project: Project) -> None:
    project.write("broken.py", "import treadle as dg\n@dg.asset\ndef a(): raise ValueError('no such luck')\n")
    project.write("db.py", BROKEN_RESOURCE)
    of_step = project.treadle("materialize", "-f", "broken.py", "-a", "a")
    of_resource = project.treadle("materialize", "-f", "db.py", "-a", "a")
    assert "the run failed" not in of_step.out + of_resource.out
    assert "error" not in json.loads(
        project.treadle("materialize", "-f", "broken.py", "-a", "a", "--json").out
    )
