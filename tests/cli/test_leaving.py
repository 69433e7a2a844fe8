"""The command line ends when its run has ended, whatever threads user code has left (T07)."""

from tests.cli.conftest import Project

DEFINITIONS = """
import atexit, threading, time
from concurrent.futures import ThreadPoolExecutor
import treadle as dg

@dg.asset
def made():
    atexit.register(lambda: open("at_exit", "w").close())
    {code}
"""
PATIENCE = 90


def materialize(project: Project, code: str) -> tuple[int, str, str]:
    project.write("defs.py", DEFINITIONS.format(code=code))
    process = project.start("materialize", "-f", "defs.py", "--select", "*", "--executor", "in-process")
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def test_a_thread_that_goes_on_does_not_keep_the_command(project: Project) -> None:
    code, out, err = materialize(
        project, "threading.Thread(target=time.sleep, args=(3600,), name='goes-on').start()"
    )
    assert code == 0
    assert "SUCCESS" in out
    assert "goes-on" in err
    assert (project.folder / "at_exit").exists()


def test_idle_threads_of_a_pool_end_by_themselves(project: Project) -> None:
    code, _, err = materialize(
        project, "global pool; pool = ThreadPoolExecutor(2); pool.submit(print).result()"
    )
    assert code == 0
    assert "Left behind" not in err
