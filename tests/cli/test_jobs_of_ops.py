"""`treadle job` with jobs of ops."""

import json

from tests.cli.conftest import Project

JOBS = """
import os
import treadle as dg

@dg.op(config_schema={"n": dg.Field(int, default_value=2)}, out=dg.DynamicOut())
def spread(context):
    for n in range(context.op_config["n"]):
        yield dg.DynamicOutput(n, mapping_key=f"k{n}")

@dg.op
def double(x):
    if os.path.exists("fail"):
        raise ValueError("not now")
    return 2 * x

@dg.op
def total(context, xs):
    context.log.info(f"the total is {sum(xs)}")
    return sum(xs)

@dg.job(description="Adds numbers up.")
def numbers():
    total(spread().map(double).collect())

@dg.op
def which(context):
    context.log.info(f"partition {context.partition_key}")

@dg.job(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
def parts():
    which()

defs = dg.Definitions(jobs=[numbers, parts])
"""


def test_jobs_of_ops_are_listed_and_shown(project: Project) -> None:
    project.write("defs.py", JOBS)
    listed = json.loads(project.treadle("job", "list", "-f", "defs.py", "--json").out)
    assert {entry["name"]: entry["ops"] for entry in listed} == {
        "numbers": ["spread", "double", "total"],
        "parts": ["which"],
    }
    shown = project.treadle("job", "show", "numbers", "-f", "defs.py")
    assert shown.code == 0
    assert "Adds numbers up." in shown.out
    assert "double[?]" in shown.out
    told = json.loads(project.treadle("job", "show", "-j", "numbers", "-f", "defs.py", "--json").out)
    assert [step["key"] for step in told["steps"]] == ["spread", "double[?]", "total"]


def test_a_job_of_ops_is_executed_with_config_and_selection(project: Project) -> None:
    project.write("defs.py", JOBS)
    project.write("run.yaml", "ops:\n  spread:\n    config:\n      n: 4\n")
    ran = project.treadle("job", "execute", "-f", "defs.py", "-j", "numbers", "-c", "run.yaml")
    assert ran.code == 0
    assert "the total is 12" in ran.out
    some = project.treadle("job", "execute", "-f", "defs.py", "-j", "numbers", "--op-selection", "spread")
    assert some.code == 0
    assert "total" not in some.out
    wrong = project.treadle("job", "execute", "-f", "defs.py", "-j", "numbers", "--op-selection", "sprad")
    assert wrong.code != 0
    assert "spread" in wrong.err


def test_a_partition_of_a_job_of_ops_is_run(project: Project) -> None:
    project.write("defs.py", JOBS)
    ran = project.treadle("job", "execute", "-f", "defs.py", "-j", "parts", "--partition", "latest")
    assert "partition b" in ran.out
    wrong = project.treadle("job", "execute", "-f", "defs.py", "-j", "parts", "--partition", "z")
    assert wrong.code != 0


def test_a_failed_job_of_ops_goes_on_from_its_failure(project: Project) -> None:
    project.write("defs.py", JOBS)
    flag = project.write("fail", "")
    failed = project.treadle(
        "job", "execute", "-f", "defs.py", "-j", "numbers", "--executor", "in-process", "--json"
    )
    assert failed.code != 0
    run_id = json.loads(failed.out)["run_id"]
    flag.unlink()
    again = project.treadle("materialize", "-f", "defs.py", "--from-failure", run_id)
    assert again.code == 0
    assert "spread started" not in again.out
    assert "the total is 2" in again.out


def test_a_job_is_named_by_its_variable(project: Project) -> None:
    project.write("defs.py", JOBS + "\nsmall = numbers\n")
    done = project.treadle("job", "execute", "-f", "defs.py", "-a", "small")
    assert done.code == 0
    assert "the total is 2" in done.out
    wrong = project.treadle("job", "execute", "-f", "defs.py", "-a", "nubmers")
    assert wrong.code == 2
    assert "nubmers" in wrong.err


def test_a_graph_or_repository_is_named_by_its_variable(project: Project) -> None:
    project.write(
        "two.py",
        JOBS.replace("defs = dg.Definitions(jobs=[numbers, parts])", "")
        + """
@dg.graph
def adding():
    total(spread().map(double).collect())

@dg.repository
def first():
    return [numbers]

@dg.repository
def second():
    return [parts]
""",
    )
    assert project.treadle("job", "execute", "-f", "two.py", "-a", "adding").code == 0
    assert project.treadle("job", "execute", "-f", "two.py", "-a", "first").code == 0
    listed = json.loads(project.treadle("job", "list", "-f", "two.py", "-a", "second", "--json").out)
    assert [entry["name"] for entry in listed] == ["parts"]
